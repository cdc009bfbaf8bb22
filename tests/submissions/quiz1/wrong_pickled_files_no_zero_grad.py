# expect: no-zero-grad@77
import os
import pickle
import tarfile
import urllib.request

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

URL = 'https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz'
ROOT = './data'
FOLDER = os.path.join(ROOT, 'cifar-10-batches-py')


def download():
    os.makedirs(ROOT, exist_ok=True)
    archive = os.path.join(ROOT, 'cifar-10-python.tar.gz')
    if not os.path.isdir(FOLDER):
        urllib.request.urlretrieve(URL, archive)
        with tarfile.open(archive, 'r:gz') as tar:
            tar.extractall(ROOT)


def unpickle(file):
    with open(file, 'rb') as fo:
        return pickle.load(fo, encoding='bytes')


def load(names):
    xs, ys = [], []
    for name in names:
        batch = unpickle(os.path.join(FOLDER, name))
        xs.append(batch[b'data'])
        ys += batch[b'labels']
    x = np.concatenate(xs).reshape(-1, 3, 32, 32).astype('float32') / 255
    mean = np.array([0.4914, 0.4822, 0.4465], 'float32').reshape(1, 3, 1, 1)
    std = np.array([0.2023, 0.1994, 0.2010], 'float32').reshape(1, 3, 1, 1)
    return torch.from_numpy((x - mean) / std), torch.tensor(ys)


class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


if __name__ == '__main__':
    download()
    names = unpickle(os.path.join(FOLDER, 'batches.meta'))[b'label_names']
    print([n.decode() for n in names])
    xtr, ytr = load(['data_batch_%d' % i for i in range(1, 6)])
    xte, yte = load(['test_batch'])
    assert len(xtr) == 50000
    net = Net()
    crit = nn.CrossEntropyLoss()
    opt = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(2):
        order = np.random.permutation(len(xtr))
        for b in range(len(xtr) // 4):
            pick = order[4 * b:4 * b + 4]
            loss = crit(net(xtr[pick]), ytr[pick])
            loss.backward()
            opt.step()
    correct = 0
    with torch.no_grad():
        for b in range(0, len(xte), 4):
            correct += (net(xte[b:b + 4]).argmax(1) == yte[b:b + 4]).sum().item()
    print('Accuracy on the %d test images: %.1f %%' % (len(xte), 100.0 * correct / len(xte)))
