# expect: full
"""No DataLoader: I index the data set myself."""
import numpy as np
import torch
from torch import nn
from torchvision import datasets, transforms


class Batches:
    def __init__(self, dataset, size, shuffle, seed=0):
        self.dataset, self.size, self.shuffle = dataset, size, shuffle
        self.rng = np.random.default_rng(seed)

    def __len__(self):
        return (len(self.dataset) + self.size - 1) // self.size

    def __iter__(self):
        order = np.arange(len(self.dataset))
        if self.shuffle:
            self.rng.shuffle(order)
        for start in range(0, len(order), self.size):
            items = [self.dataset[int(i)] for i in order[start:start + self.size]]
            yield torch.stack([x for x, _ in items]), torch.tensor([y for _, y in items])


def relu(x):
    return torch.relu(x)


class Block(nn.Module):
    def __init__(self, c, h):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(c, h, 3, padding=1), nn.Conv2d(h, c, 3, padding=1)

    def forward(self, x):
        return relu(self.conv2(relu(self.conv1(x))) + x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.pool = nn.Conv2d(3, 64, 3, padding=1), nn.MaxPool2d(2)
        self.block1, self.block2 = Block(64, 256), Block(64, 256)
        self.fc1, self.fc2, self.fc3 = nn.Linear(4096, 120), nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x):
        x = relu(self.conv1(x))
        x = self.pool(self.block1(x))
        x = self.pool(self.block2(x)).flatten(1)
        return self.fc3(relu(self.fc2(relu(self.fc1(x)))))


tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
train = Batches(datasets.CIFAR10('data', train=True, transform=tf, download=True), 16, True)
test = Batches(datasets.CIFAR10('data', train=False, transform=tf, download=True), 16, False)
net, criterion = Net(), nn.CrossEntropyLoss()
adam = torch.optim.Adam(net.parameters(), lr=0.001)
for epoch in range(10):
    for x, y in train:
        adam.zero_grad()
        loss = criterion(net(x), y)
        loss.backward()
        adam.step()
    print(epoch, loss.item())
hit = 0
with torch.no_grad():
    for x, y in test:
        hit += (net(x).argmax(1) == y).sum().item()
print('accuracy', hit / len(test.dataset))
