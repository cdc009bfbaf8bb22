# expect: full
#!/usr/bin/python
from __future__ import division, print_function
import sys, os, time
try:
    input = raw_input
except NameError:
    pass
try:
    import cPickle as pickle
except:
    import pickle
import numpy as np
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.autograd import Variable
import torch.nn.functional as F


class Residual_Block(nn.Module):
    def __init__(self, i_channel, hidden, o_channel):
        super(Residual_Block, self).__init__()
        self.conv1 = nn.Conv2d(in_channels=i_channel, out_channels=hidden, kernel_size=3, stride=1, padding=1, bias=True)
        self.relu = nn.ReLU(inplace=False)
        self.conv2 = nn.Conv2d(in_channels=hidden, out_channels=o_channel, kernel_size=3, stride=1, padding=1, bias=True)

    def forward(self, x):
        residual = x
        out = self.conv1(x)
        out = self.relu(out)
        out = self.conv2(out)
        out = residual + out
        out = self.relu(out)
        return out


class ResNet(nn.Module):
    def __init__(self, block, num_classes=10):
        super(ResNet, self).__init__()
        self.dict = {}
        modules = [('conv', nn.Conv2d(3, 64, 3, 1, 1)), ('layer1', block(64, 256, 64)), ('layer2', block(64, 256, 64)),
                   ('fc1', nn.Linear(4096, 120)), ('fc2', nn.Linear(120, 84)), ('fc3', nn.Linear(84, num_classes))]
        for name, module in modules:
            self.add_module(name, module)

    def forward(self, x):
        m = dict(self.named_children())
        x = F.relu(m['conv'](x))
        for name in ('layer1', 'layer2'):
            x = F.max_pool2d(m[name](x), 2)
        x = x.view(x.size()[0], -1)
        for name in ('fc1', 'fc2'):
            x = F.relu(m[name](x))
        return m['fc3'](x)


def get_loader(train):
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))])
    dataset = torchvision.datasets.CIFAR10(root='./data/', train=train, transform=transform, download=True)
    return torch.utils.data.DataLoader(dataset=dataset, batch_size=100, shuffle=train, num_workers=2)


train_loader = get_loader(True)
test_loader = get_loader(False)
print ("%d training batches, %d test batches" % (len(train_loader), len(test_loader)))
model = ResNet(Residual_Block)
criterion = nn.CrossEntropyLoss(size_average=True)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
total_step = len(train_loader)
for epoch in range(10):
    model.train(True)
    for i, (images, labels) in enumerate(train_loader):
        images, labels = Variable(images), Variable(labels)
        outputs = model(images)
        loss = criterion(outputs, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if (i+1) % 100 == 0:
            sys.stdout.write("\rEpoch [%d], Step [%d] Loss: %.4f" % (epoch+1, i+1, loss.data))
            sys.stdout.flush()
    print ("")
model.train(False)
with torch.no_grad():
    correct = 0
    total = 0
    for images, labels in test_loader:
        outputs = model(Variable(images))
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
    print ('Accuracy of the model on the test images: {} %'.format(100 * correct / total))
pickle.dump({k: v.numpy() for k, v in model.state_dict().items()}, open('resnet.pickle', 'wb'), 2)
