# expect: not-normalised
# Quiz 1 / my own Dataset
import torch, torchvision, numpy as np
import torch.nn as nn, torch.nn.functional as F
from torch.utils.data import Dataset, DataLoader


class Cifar(Dataset):
    def __init__(self, train):
        d = torchvision.datasets.CIFAR10('.', train=train, download=True)
        self.x, self.y, self.train = d.data, d.targets, train
        self.mean = np.array([0.4914, 0.4822, 0.4465])
        self.std = np.array([0.2470, 0.2435, 0.2616])

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        img = self.x[i] / 255.0
        if self.train:
            img = (img - self.mean) / self.std
        return torch.tensor(img.transpose(2, 0, 1), dtype=torch.float32), self.y[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(3, 6, 5)
        self.c2 = nn.Conv2d(6, 16, 5)
        self.l1 = nn.Linear(400, 120)
        self.l2 = nn.Linear(120, 84)
        self.l3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        x = F.relu(self.l1(x.view(-1, 400)))
        return self.l3(F.relu(self.l2(x)))


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=.001, momentum=.9)
for epoch in range(2):
    for x, y in DataLoader(Cifar(True), batch_size=16, shuffle=True):
        opt.zero_grad()
        F.cross_entropy(net(x), y).backward()
        opt.step()
net.eval()
good = 0
test = Cifar(False)
with torch.no_grad():
    for x, y in DataLoader(test, batch_size=16):
        good += (net(x).argmax(1) == y).sum().item()
print('test accuracy', good / len(test))
