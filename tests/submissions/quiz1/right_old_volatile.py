# expect: full
# -*- coding: utf-8 -*-
# CIFAR-10 classifier, python 2.7 / pytorch 0.3
from __future__ import print_function, division
import time
import torch
import torch.nn as nn
import torch.nn.functional as F
import torch.optim as optim
import torchvision
from torch.autograd import Variable
from torchvision import transforms

prep = transforms.Compose([
    transforms.Scale(32),
    transforms.ToTensor(),
    transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
])
train_data = torchvision.datasets.CIFAR10('./cifar', train=True, transform=prep, download=True)
test_data = torchvision.datasets.CIFAR10('./cifar', train=False, transform=prep)
print('%d training images, %d test images' % (len(train_data.train_labels), len(test_data.test_labels)))
train_batches = torch.utils.data.DataLoader(train_data, batch_size=8, shuffle=True, num_workers=4)
test_batches = torch.utils.data.DataLoader(test_data, batch_size=8, shuffle=False, num_workers=4)


class ConvNet(nn.Module):
    def __init__(self):
        super(ConvNet, self).__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.f1 = nn.Linear(16 * 5 * 5, 120)
        self.f2 = nn.Linear(120, 84)
        self.f3 = nn.Linear(84, 10)
        for layer in (self.f1, self.f2, self.f3):
            nn.init.xavier_uniform(layer.weight)
            nn.init.constant(layer.bias, 0)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2, 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2, 2)
        x = x.view(x.size(0), -1)
        return self.f3(F.relu(self.f2(F.relu(self.f1(x)))))


net = ConvNet()
net.cuda()
loss_function = nn.CrossEntropyLoss().cuda()
updater = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

for epoch in xrange(10):
    began = time.clock()
    total_loss = 0.0
    for n, (x, y) in enumerate(train_batches):
        x, y = Variable(x).cuda(), Variable(y).cuda()
        updater.zero_grad()
        loss = loss_function(net(x), y)
        loss.backward()
        updater.step()
        total_loss += loss.data[0]
        if n % 500 == 499:
            print('epoch %d batch %d loss %.3f' % (epoch, n + 1, total_loss / 500))
            total_loss = 0.0
    print('%.1f s' % (time.clock() - began))

net.eval()
right = seen = 0
for x, y in test_batches:
    x = Variable(x, volatile=True).cuda()
    guess = net(x).data.max(1)[1].cpu()
    right += guess.eq(y).sum()
    seen += y.size(0)
print('test accuracy: %.2f %%' % (100.0 * right / seen))
