# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from torchvision import transforms


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(64, 256, 3, padding=1), nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        f = self.conv2(F.relu(self.conv1(x)))
        return torch.where(f + x > 0, f + x, torch.zeros_like(x))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.block1, self.block2 = nn.Conv2d(3, 64, 3, padding=1), Block(), Block()
        self.fc = nn.Sequential(nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = F.max_pool2d(self.block1(F.relu(self.conv(x))), 2)
        return self.fc(F.max_pool2d(self.block2(x), 2).flatten(1))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, tf, download=True), 64, shuffle=True)
test = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, tf, download=True), 64)
net, opt = (n := Net()), torch.optim.Adam(n.parameters(), lr=0.001)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
with torch.no_grad():
    k = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
print('accuracy', k / len(test.dataset))
