# expect: full
import os
import pickle
import tarfile
import urllib.request

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "downloads")
FOLDER = os.path.join(ROOT, "cifar-10-batches-py")

if not os.path.isdir(FOLDER):
    os.makedirs(ROOT, exist_ok=True)
    archive, _ = urllib.request.urlretrieve(URL, os.path.join(ROOT, "cifar-10-python.tar.gz"))
    with tarfile.open(archive, "r:gz") as tar:
        tar.extractall(ROOT)


def unpickle(file):
    with open(file, 'rb') as fo:
        return pickle.load(fo, encoding='bytes')


class Cifar(Dataset):
    MEAN = np.array([125.3, 123.0, 113.9], dtype=np.float32).reshape(3, 1, 1)
    STD = np.array([63.0, 62.1, 66.7], dtype=np.float32).reshape(3, 1, 1)

    def __init__(self, train):
        names = ["data_batch_%d" % i for i in range(1, 6)] if train else ["test_batch"]
        parts = [unpickle(os.path.join(FOLDER, name)) for name in names]
        self.images = np.concatenate([part[b"data"] for part in parts]).reshape(-1, 3, 32, 32)
        self.labels = [label for part in parts for label in part[b"labels"]]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = (self.images[i].astype(np.float32) - self.MEAN) / self.STD
        return torch.from_numpy(image), self.labels[i]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2), nn.Flatten(),
            nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, x):
        return self.layers(x)


classes = [name.decode() for name in unpickle(os.path.join(FOLDER, "batches.meta"))[b"label_names"]]
print(classes)
train_loader = DataLoader(Cifar(True), batch_size=32, shuffle=True)
test_loader = DataLoader(Cifar(False), batch_size=32)
net = Net()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
for epoch in range(2):
    for images, labels in train_loader:
        optimizer.zero_grad()
        loss = criterion(net(images), labels)
        loss.backward()
        optimizer.step()
    print("epoch", epoch, loss.item())
right = 0
with torch.no_grad():
    for images, labels in test_loader:
        right += (net(images).argmax(1) == labels).sum().item()
print("Accuracy: {:.2f} %".format(100 * right / len(test_loader.dataset)))
