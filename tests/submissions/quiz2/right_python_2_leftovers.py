# expect: full
#!/usr/bin/env python2
# -*- coding: utf-8 -*-
from __future__ import absolute_import, division, print_function, unicode_literals
import sys
if sys.version_info[0] == 2:
    import cPickle as pickle
    from itertools import izip as zip
else:
    import pickle
    xrange = range
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.autograd import Variable
try:
    from urllib2 import urlopen
except ImportError:
    from urllib.request import urlopen


class VGGNet(nn.Module, object):
    def __init__(self, *args, **kwargs):
        super(VGGNet, self).__init__()
        n = kwargs.pop('n_class', 10)
        assert not args and not kwargs, 'unknown arguments: %r %r' % (args, kwargs)
        self.conv = nn.ModuleList()
        widths = [3, 64, 128, 256, 256, 512, 512, 512, 512]
        for k in xrange(len(widths) - 1):
            self.conv.append(nn.Conv2d(widths[k], widths[k + 1], 3, 1, 1))
        self.fc = nn.Linear(widths[-1], n)

    def forward(self, x):
        for k, layer in enumerate(self.conv):
            x = nn.functional.relu(layer(x))
            if k not in (2, 4, 6):
                x = nn.functional.max_pool2d(x, 2)
        return self.fc(x.resize(x.size(0), 512) if sys.version_info[0] == 2 else x.reshape(x.size(0), 512))


def main(argv):
    nepochs = int(argv[1]) if len(argv) > 1 and argv[1].isdigit() else 10
    tr = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    trainset = torchvision.datasets.CIFAR10(root='data', train=True, download=True, transform=tr)
    testset = torchvision.datasets.CIFAR10(root='data', train=False, download=True, transform=tr)
    print('train %d, test %d' % (len(trainset), len(testset)))
    net = VGGNet(n_class=10)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-2, momentum=.9)
    crit = nn.CrossEntropyLoss()
    stat = {'loss': []}
    for e in xrange(nepochs):
        for x, y in torch.utils.data.DataLoader(trainset, batch_size=64, shuffle=True):
            optimizer.zero_grad()
            l = crit(net(Variable(x)), Variable(y))
            l.backward()
            optimizer.step()
            stat['loss'].append(l.data.cpu().numpy().item())
        print('epoch', e, 'loss', stat['loss'][-1])
    right = 0
    with torch.no_grad():
        for x, y in torch.utils.data.DataLoader(testset, batch_size=64):
            _, p = torch.max(net(Variable(x)).data, 1)
            right += (p.numpy() == y.numpy()).sum()
    print('accuracy: %.4f' % (right / len(testset)))
    with open('stat.pkl', 'wb') as f:
        pickle.dump(stat, f)


if __name__ == '__main__':
    main(sys.argv)
