# expect: full
# I wanted to understand what nn.Conv2d and nn.Linear really do, so here are the weights by hand.
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor


def conv_weights(c_in, c_out, k):
    bound = 1 / math.sqrt(c_in * k * k)
    w = nn.Parameter(torch.empty(c_out, c_in, k, k).uniform_(-bound, bound))
    b = nn.Parameter(torch.empty(c_out).uniform_(-bound, bound))
    return w, b


def linear_weights(n_in, n_out):
    bound = 1 / math.sqrt(n_in)
    w = nn.Parameter(torch.empty(n_out, n_in).uniform_(-bound, bound))
    b = nn.Parameter(torch.zeros(n_out))
    return w, b


class HandMade(nn.Module):
    def __init__(self):
        super().__init__()
        self.w0, self.b0 = conv_weights(3, 64, 3)
        self.w1a, self.b1a = conv_weights(64, 256, 3)
        self.w1b, self.b1b = conv_weights(256, 64, 3)
        self.w2a, self.b2a = conv_weights(64, 256, 3)
        self.w2b, self.b2b = conv_weights(256, 64, 3)
        self.v1, self.c1 = linear_weights(64 * 8 * 8, 120)
        self.v2, self.c2 = linear_weights(120, 84)
        self.v3, self.c3 = linear_weights(84, 10)

    def forward(self, x):
        x = F.conv2d(x, self.w0, self.b0, padding=1).relu()
        h = F.conv2d(x, self.w1a, self.b1a, padding=1).relu()
        x = (x + F.conv2d(h, self.w1b, self.b1b, padding=1)).relu()
        x = F.max_pool2d(x, 2, 2)
        h = F.conv2d(x, self.w2a, self.b2a, padding=1).relu()
        x = (x + F.conv2d(h, self.w2b, self.b2b, padding=1)).relu()
        x = F.max_pool2d(x, 2, 2)
        x = x.flatten(start_dim=1)
        x = F.linear(x, self.v1, self.c1).relu()
        x = F.linear(x, self.v2, self.c2).relu()
        return F.linear(x, self.v3, self.c3)


transform = Compose([ToTensor(), Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(
    CIFAR10("./data", train=True, download=True, transform=transform), batch_size=50, shuffle=True)
test = torch.utils.data.DataLoader(
    CIFAR10("./data", train=False, download=True, transform=transform), batch_size=50)

net = HandMade()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)

for epoch in range(3):
    for i, (images, labels) in enumerate(train):
        loss = F.cross_entropy(net(images), labels)
        net.zero_grad()
        loss.backward()
        optimizer.step()
        if i % 200 == 0:
            print("epoch", epoch, "batch", i, "loss", loss.item())

correct = total = 0
with torch.no_grad():
    for images, labels in test:
        guess = torch.argmax(net(images), dim=1)
        correct += int((guess == labels).sum())
        total += labels.shape[0]
print("accuracy on the test set: {:.1%}".format(correct / total))
