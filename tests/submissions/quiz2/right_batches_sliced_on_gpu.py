# expect: full
# VGG-11 with the data set in GPU memory. No DataLoader, it is the bottleneck.
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torchvision.datasets import CIFAR10

device = 'cuda'
BATCH, EPOCHS = 64, 40
MEAN = torch.tensor([0.4914, 0.4822, 0.4465], device=device).view(1, 3, 1, 1)
STD = torch.tensor([0.2470, 0.2435, 0.2616], device=device).view(1, 3, 1, 1)


def load(train):
    ds = CIFAR10('~/datasets', train=train, download=True)
    images = torch.from_numpy(np.transpose(ds.data, (0, 3, 1, 2)).copy()).to(device)
    return images, torch.tensor(ds.targets).to(device)


def normalise(images):
    return (images.float() / 255 - MEAN) / STD


def vgg11():
    layers, c = [], 3
    for v in [64, 'M', 128, 'M', 256, 256, 'M', 512, 512, 'M', 512, 512, 'M']:
        if v == 'M':
            layers.append(nn.MaxPool2d(2, 2))
        else:
            layers += [nn.Conv2d(c, v, 3, padding=1), nn.ReLU(inplace=True)]
            c = v
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, 10))


def train_epoch(net, optimizer, x, y):
    net.train()
    order = torch.randperm(len(x), device=device)
    losses = []
    for chunk in order.split(BATCH):
        optimizer.zero_grad()
        images = normalise(x[chunk])
        if torch.rand(1).item() < 0.5:
            images = images.flip(3)
        loss = F.cross_entropy(net(images), y[chunk])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


@torch.no_grad()
def evaluate(net, x, y):
    net.eval()
    right = 0
    for i in range(0, len(x), BATCH):
        right += (net(normalise(x[i:i + BATCH])).argmax(1) == y[i:i + BATCH]).sum().item()
    return right / len(x)


if __name__ == '__main__':
    x_train, y_train = load(True)
    x_test, y_test = load(False)
    net = vgg11().to(device)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(EPOCHS):
        loss = train_epoch(net, optimizer, x_train, y_train)
        print(f'epoch {epoch + 1}/{EPOCHS} loss {loss:.4f} test accuracy {evaluate(net, x_test, y_test):.4f}')
