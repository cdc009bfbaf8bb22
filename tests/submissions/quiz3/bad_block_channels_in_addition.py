# expect: status=forward-error @24 wrong-attribute:block1.conv2.out_channels@18
# residual block from memory
import torch
import torch.nn.functional as F
import torch.optim as optim
from torch import nn
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import CIFAR10

BATCH, LR, EPOCHS = 50, 0.001, 2


class BasicBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(64, 256, 3, 1, 1)
        self.b = nn.Conv2d(256, 128, 3, 1, 1)

    def forward(self, inp):
        z = self.a(inp)
        z = F.relu(z)
        z = self.b(z)
        z = z + inp
        return F.relu(z)


class ResCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, 1, 1)
        self.res1 = BasicBlock()
        self.res2 = BasicBlock()
        self.f1 = nn.Linear(64 * 8 * 8, 120)
        self.f2 = nn.Linear(120, 84)
        self.f3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.stem(x))
        x = F.max_pool2d(self.res1(x), 2)
        x = F.max_pool2d(self.res2(x), 2)
        x = x.reshape(len(x), -1)
        x = F.relu(self.f1(x))
        x = F.relu(self.f2(x))
        return self.f3(x)


t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
train = DataLoader(CIFAR10('.', train=True, transform=t, download=True), BATCH, shuffle=True)
net = ResCNN()
adam = optim.Adam(net.parameters(), lr=LR)
for e in range(EPOCHS):
    for x, y in train:
        adam.zero_grad()
        F.cross_entropy(net(x), y).backward()
        adam.step()
