# expect: full
"""Own Dataset over the files of cifar-10-batches-py (torchvision only downloads them)."""
import os
import pickle
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
import torchvision

ROOT = './data'
torchvision.datasets.CIFAR10(ROOT, download=True)


def unpickle(file):
    with open(file, 'rb') as fo:
        return pickle.load(fo, encoding='bytes')


class Cifar(Dataset):
    mean = np.array([125.3, 123.0, 113.9], dtype=np.float32).reshape(3, 1, 1)
    std = np.array([63.0, 62.1, 66.7], dtype=np.float32).reshape(3, 1, 1)

    def __init__(self, train=True):
        names = ['data_batch_%d' % i for i in range(1, 6)] if train else ['test_batch']
        parts = [unpickle(os.path.join(ROOT, 'cifar-10-batches-py', n)) for n in names]
        self.x = np.concatenate([p[b'data'] for p in parts]).reshape(-1, 3, 32, 32)
        self.y = np.concatenate([p[b'labels'] for p in parts])
        self.flip = train

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        x = (self.x[i].astype(np.float32) - self.mean) / self.std
        if self.flip and np.random.rand() < 0.5:
            x = x[:, :, ::-1].copy()
        return torch.from_numpy(x), int(self.y[i])


class VGG(nn.Module):
    def __init__(self):
        super().__init__()
        w = [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']
        c, mods = 3, []
        for v in w:
            mods.extend([nn.MaxPool2d(2)] if v == 'M' else [nn.Conv2d(c, v, 3, padding=1), nn.ReLU()])
            c = c if v == 'M' else v
        self.body, self.head = nn.Sequential(*mods), nn.Linear(512, 10)

    def forward(self, x):
        return self.head(self.body(x).squeeze())


train, test = DataLoader(Cifar(True), 64, shuffle=True), DataLoader(Cifar(False), 64)
net, ce = VGG(), nn.CrossEntropyLoss()
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    for x, y in train:
        opt.zero_grad()
        loss = ce(net(x), y)
        loss.backward()
        opt.step()
    print(epoch, float(loss))
hit = 0
with torch.no_grad():
    for x, y in test:
        hit += (net(x).argmax(-1) == y).sum().item()
print('accuracy', hit / len(test.dataset))
