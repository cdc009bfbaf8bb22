# expect: full
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision

# everything in memory, no DataLoader
train = torchvision.datasets.CIFAR10('data', train=True, download=True)
test = torchvision.datasets.CIFAR10('data', train=False, download=True)
Xtr = torch.tensor(np.asarray(train.data)).permute(0, 3, 1, 2).float().div(255)
Ytr = torch.tensor(train.targets)
Xte = torch.tensor(np.asarray(test.data)).permute(0, 3, 1, 2).float().div(255)
Yte = torch.tensor(test.targets)

mu = Xtr.mean(dim=(0, 2, 3), keepdim=True)
sd = Xtr.std(dim=(0, 2, 3), keepdim=True)
Xtr.sub_(mu).div_(sd)
Xte.sub_(mu).div_(sd)


def minibatches(X, Y, size, shuffle):
    order = torch.randperm(len(X)) if shuffle else torch.arange(len(X))
    for start in range(0, len(X), size):
        pick = order[start:start + size]
        yield X[pick], Y[pick]


class ResBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(64, 256, 3, padding=1)
        self.c2 = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        h = F.relu(self.c1(x))
        h = self.c2(h)
        h.add_(x)
        return F.relu_(h)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c0 = nn.Conv2d(3, 64, 3, padding=1)
        self.r1, self.r2 = ResBlock(), ResBlock()
        self.l1, self.l2, self.l3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.relu(self.c0(x))
        x = F.max_pool2d(self.r1(x), 2)
        x = F.max_pool2d(self.r2(x), 2)
        x = torch.flatten(x, start_dim=1)
        return self.l3(F.relu(self.l2(F.relu(self.l1(x)))))


net = Net()
opt = torch.optim.Adam(net.parameters(), 1e-3)
for epoch in range(8):
    net.train()
    for k, (x, y) in enumerate(minibatches(Xtr, Ytr, 64, True)):
        opt.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
        if k % 100 == 0:
            print(epoch, k, round(loss.item(), 4))

net.eval()
with torch.no_grad():
    good = 0
    for x, y in minibatches(Xte, Yte, 100, False):
        good += (net(x).argmax(1) == y).sum().item()
print('test accuracy: %.2f%%' % (100 * good / len(Yte)))
