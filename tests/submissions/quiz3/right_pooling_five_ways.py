# expect: full
"""The same max-pool 2x2 in different ways, the same addition in different ways; only to learn the API."""
import functools
import operator

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as transforms


def pool_by_reshape(x):
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax(dim=(3, 5))


def pool_with_indices(x):
    values, where = F.max_pool2d(x, 2, return_indices=True)
    return values


class FirstBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.pad = nn.ZeroPad2d(1)
        self.conv1 = nn.Conv2d(64, 256, 3)
        self.conv2 = nn.Conv2d(256, 64, 3)

    def forward(self, x):
        y = self.conv1(self.pad(x))
        y = torch.maximum(y, torch.zeros((), device=y.device))
        y = self.conv2(F.pad(y, [1] * 4))
        return functools.reduce(operator.add, (x, y)).relu()


class SecondBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding='same')
        self.conv2 = nn.Conv2d(256, 64, 3, padding=(1, 1))
        self.ff = torch.ao.nn.quantized.FloatFunctional() if hasattr(torch, 'ao') else None

    def forward(self, x):
        y = self.conv2(torch.relu(self.conv1(x)))
        y = self.ff.add(y, x) if self.ff is not None else y + x
        return F.relu(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.one, self.two = FirstBlock(), SecondBlock()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        x = pool_by_reshape(self.one(x))
        x = pool_with_indices(self.two(x))
        x = torch.reshape(x, (x.shape[0], -1))
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 32, True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 32)
net, ce = Net(), nn.CrossEntropyLoss()
adam = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(5):
    for x, y in train:
        adam.zero_grad()
        ce(net(x), y).backward()
        adam.step()
    with torch.no_grad():
        hits = 0
        for x, y in test:
            hits += (net(x).max(1).indices == y).sum().item()
    print(f'epoch {epoch + 1}: test accuracy {hits / len(test.dataset):.4f}')
