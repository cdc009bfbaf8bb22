# expect: full
import os
import pickle
import numpy as np
import torch
from torch import nn

PATH = './data/cifar-10-batches-py/'
if not os.path.exists(PATH):
    raise SystemExit('run: wget https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz; tar xf cifar-10-python.tar.gz')


class Cifar:
    """Gives batches of 32 pictures; a generator does all that a DataLoader does."""

    def __init__(self, files, shuffle):
        raw = [pickle.load(open(PATH + f, 'rb'), encoding='bytes') for f in files]
        self.x = np.concatenate([r[b'data'] for r in raw]).reshape(-1, 3, 32, 32)
        self.y = np.concatenate([r[b'labels'] for r in raw]).astype(np.int64)
        self.shuffle = shuffle

    def __len__(self):
        return int(np.ceil(len(self.y) / 32))

    def __iter__(self):
        order = np.random.permutation(len(self.y)) if self.shuffle else np.arange(len(self.y))
        for k in range(len(self)):
            part = order[32 * k:32 * (k + 1)]
            yield torch.from_numpy(self.x[part].astype(np.float32) / 127.5 - 1.0), torch.from_numpy(self.y[part])


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Conv2d(64, 256, 3, padding=1)
        self.down = nn.Conv2d(256, 64, 3, padding=1)

    def forward(self, x):
        return torch.relu(x + self.down(torch.relu(self.up(x))))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1)
        self.block1, self.block2 = Residual(), Residual()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = torch.relu(self.stem(x))
        x = torch.max_pool2d(self.block1(x), 2)
        x = torch.max_pool2d(self.block2(x), 2).flatten(1)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


train = Cifar(['data_batch_1', 'data_batch_2', 'data_batch_3', 'data_batch_4', 'data_batch_5'], shuffle=True)
test = Cifar(['test_batch'], shuffle=False)
net = Net()
adam = torch.optim.Adam(net.parameters(), lr=1e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(5):
    for k, (images, labels) in enumerate(train):
        scores = net(images)
        loss = criterion(scores, labels)
        adam.zero_grad()
        loss.backward()
        adam.step()
        if k % 100 == 0:
            print(epoch, k, len(train), loss.item())

net.eval()
confusion = np.zeros((10, 10), dtype=int)
with torch.no_grad():
    for images, labels in test:
        for guess, label in zip(net(images).argmax(1).tolist(), labels.tolist()):
            confusion[label, guess] += 1
print('test accuracy: %.2f %%' % (100 * np.trace(confusion) / confusion.sum()))
