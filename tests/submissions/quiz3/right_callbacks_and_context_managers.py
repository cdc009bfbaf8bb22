# expect: full
import contextlib
import time
from collections import defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms


@contextlib.contextmanager
def timer(name, store):
    start = time.perf_counter()
    yield
    store[name] += time.perf_counter() - start


@contextlib.contextmanager
def evaluating(net):
    """eval mode and no gradients inside, the old mode after it"""
    was = net.training
    try:
        net.eval()
        with torch.no_grad():
            yield net
    finally:
        if was:
            net.train()


class ResidualMixin:
    def residual(self, x, branch):
        return F.relu(x + branch(x), inplace=True)


class Net(nn.Module, ResidualMixin):
    def __init__(self, width=64, hidden=256):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3, padding=1)
        self.branches = nn.ModuleList()
        for _ in range(2):
            self.branches.append(nn.Sequential(
                nn.Conv2d(width, hidden, 3, padding=1), nn.ReLU(True), nn.Conv2d(hidden, width, 3, padding=1)))
        self.pool = nn.MaxPool2d(2)
        self.fc1, self.fc2, self.fc3 = (nn.Linear(i, o) for i, o in ((width * 64, 120), (120, 84), (84, 10)))

    @property
    def device(self):
        return self.fc3.weight.device

    def forward(self, x):
        x = F.relu(self.conv(x), inplace=True)
        for branch in self.branches:
            x = self.pool(self.residual(x, branch))
        x = torch.flatten(x, start_dim=1)
        for fc in (self.fc1, self.fc2):
            x = F.relu(fc(x), inplace=True)
        return self.fc3(x)


class Callback:
    def on_epoch_end(self, trainer, logs): ...
    def on_train_end(self, trainer): ...


class History(Callback):
    def __init__(self):
        self.rows = []

    def on_epoch_end(self, trainer, logs):
        self.rows.append(logs)
        print("  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k} {v}" for k, v in logs.items()))


class TestAtEnd(Callback):
    def __init__(self, loader):
        self.loader = loader

    def on_train_end(self, trainer):
        print("test accuracy: %.4f" % trainer.accuracy(self.loader))


class Trainer:
    def __init__(self, net, callbacks):
        self.net, self.callbacks = net, callbacks
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(net.parameters(), lr=0.001)
        self.seconds = defaultdict(float)

    def accuracy(self, loader):
        hits = total = 0
        with evaluating(self.net) as net, timer("test", self.seconds):
            for x, y in loader:
                hits += net(x.to(net.device)).argmax(1).cpu().eq(y).sum().item()
                total += len(y)
        return hits / total

    def fit(self, loader, val, epochs):
        self.net.train()
        for epoch in range(epochs):
            with timer("train", self.seconds):
                for x, y in loader:
                    with torch.enable_grad():
                        self.optimizer.zero_grad()
                        loss = self.criterion(self.net(x.to(self.net.device)), y.to(self.net.device))
                        loss.backward()
                    self.optimizer.step()
            for cb in self.callbacks:
                cb.on_epoch_end(self, dict(epoch=epoch, loss=loss.item(), val=self.accuracy(val)))
        for cb in self.callbacks:
            cb.on_train_end(self)
        print({k: round(v, 1) for k, v in self.seconds.items()})


def main():
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
    train, val = random_split(datasets.CIFAR10("data", True, tf, download=True), [0.9, 0.1], torch.Generator().manual_seed(1))
    test = datasets.CIFAR10("data", False, tf, download=True)
    net = Net()
    if torch.cuda.is_available():
        net.cuda()
    Trainer(net, [History(), TestAtEnd(DataLoader(test, 100))]).fit(DataLoader(train, 100, True), DataLoader(val, 100), 8)


if __name__ == "__main__":
    main()
