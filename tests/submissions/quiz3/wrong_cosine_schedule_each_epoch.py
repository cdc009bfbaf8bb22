# expect: learning-rate-schedule
import torch
from torch import nn, optim
from torch.optim.lr_scheduler import CosineAnnealingLR
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class Residual(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, x):
        return torch.relu(self.module(x) + x)


def conv(a, b):
    return nn.Conv2d(a, b, 3, padding=1)


def branch():
    return nn.Sequential(conv(64, 256), nn.ReLU(), conv(256, 64))


def network():
    return nn.Sequential(
        conv(3, 64), nn.ReLU(),
        Residual(branch()), nn.MaxPool2d(2),
        Residual(branch()), nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(4096, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def main(epochs=30):
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
    train = DataLoader(datasets.CIFAR10("data", True, tf, download=True), 128, shuffle=True)
    test = DataLoader(datasets.CIFAR10("data", False, tf, download=True), 128)
    net, loss = network(), nn.CrossEntropyLoss()
    adam = optim.Adam(net.parameters(), lr=0.001)
    cosine = CosineAnnealingLR(adam, T_max=epochs)
    for epoch in range(epochs):
        net.train()
        for x, y in train:
            adam.zero_grad()
            loss(net(x), y).backward()
            adam.step()
        cosine.step()
        net.eval()
        with torch.no_grad():
            n = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
        print(epoch, cosine.get_last_lr(), n / len(test.dataset))


if __name__ == "__main__":
    main()
