# expect: wrong-eps
import torch
import torch.nn as nn
import torchvision
import torchvision.transforms as transforms
from torch.optim import Adam

CFG = dict(lr=0.001, betas=(0.9, 0.999), eps=0.1, batch=32, epochs=12)      # eps as in the Inception paper


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.ModuleList([nn.Conv2d(64, 256, 3, 1, 1), nn.Conv2d(256, 64, 3, 1, 1)])

    def forward(self, x):
        return torch.relu(x + self.c[1](torch.relu(self.c[0](x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, 1, 1)
        self.one, self.two = Block(), Block()
        self.pool = nn.MaxPool2d(2)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        x = torch.relu(self.conv(x))
        return self.fc(self.pool(self.two(self.pool(self.one(x)))))


t = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
trl = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', True, t, download=True), CFG['batch'], True)
tel = torch.utils.data.DataLoader(torchvision.datasets.CIFAR10('data', False, t, download=True), CFG['batch'])
net, crit = Net(), nn.CrossEntropyLoss()
opt = Adam(net.parameters(), lr=CFG['lr'], betas=CFG['betas'], eps=CFG['eps'])
for e in range(CFG['epochs']):
    for x, y in trl:
        opt.zero_grad()
        l = crit(net(x), y)
        l.backward()
        opt.step()
    print(e, l.item())
k = 0
with torch.no_grad():
    for x, y in tel:
        k += int((net(x).argmax(1) == y).sum())
print('accuracy', k / len(tel.dataset))
