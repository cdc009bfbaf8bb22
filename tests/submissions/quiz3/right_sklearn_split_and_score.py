# expect: full
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from torch.utils.data import DataLoader, Subset
from torchvision import transforms

tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
data = torchvision.datasets.CIFAR10('data', train=True, download=True, transform=tf)
test = torchvision.datasets.CIFAR10('data', train=False, download=True, transform=tf)
train_idx, val_idx = train_test_split(np.arange(len(data)), test_size=0.1, random_state=42, stratify=data.targets)
train_dl = DataLoader(Subset(data, train_idx), batch_size=64, shuffle=True)
val_dl = DataLoader(Subset(data, val_idx), batch_size=64)
test_dl = DataLoader(test, batch_size=64)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 256, 3, padding=1)
        self.conv2 = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return F.relu(x + self.conv2(F.relu(self.conv1(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 64, 3, padding=1)
        self.block1, self.block2 = Block(), Block()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(self.block1(F.relu(self.conv(x))), 2)
        x = F.max_pool2d(self.block2(x), 2).flatten(1)
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=0.001)


def predict(loader):
    net.eval()
    truth, guess = [], []
    with torch.no_grad():
        for x, y in loader:
            guess.append(net(x).argmax(1).numpy())
            truth.append(y.numpy())
    return np.concatenate(truth), np.concatenate(guess)


for epoch in range(10):
    net.train()
    for x, y in train_dl:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
    print('epoch', epoch, 'validation accuracy', accuracy_score(*predict(val_dl)))
print('test accuracy', accuracy_score(*predict(test_dl)))
