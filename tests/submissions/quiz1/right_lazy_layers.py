# expect: full
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms


class LeNet(nn.Module):
    """d2l style: the input sizes are found out at the first call."""

    def __init__(self, num_classes=10):
        super().__init__()
        self.net = nn.Sequential(
            nn.LazyConv2d(6, kernel_size=5), nn.ReLU(),
            nn.MaxPool2d(kernel_size=2, stride=2),
            nn.LazyConv2d(16, kernel_size=5), nn.ReLU(),
            nn.AdaptiveMaxPool2d((5, 5)),
            nn.Flatten(),
            nn.LazyLinear(120), nn.ReLU(),
            nn.LazyLinear(84), nn.ReLU(),
            nn.LazyLinear(num_classes),
        )

    def forward(self, X):
        return self.net(X)


def accuracy(net, data_iter):
    net.eval()
    hits, number = 0.0, 0
    with torch.no_grad():
        for X, y in data_iter:
            hits += float((net(X).argmax(axis=1) == y).type(y.dtype).sum())
            number += y.numel()
    return hits / number


def train(net, train_iter, test_iter, num_epochs, lr):
    net(torch.randn(1, 3, 32, 32))   # materialise the lazy layers
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)
    loss = nn.CrossEntropyLoss()
    for epoch in range(num_epochs):
        net.train()
        for X, y in train_iter:
            optimizer.zero_grad()
            l = loss(net(X), y)
            l.backward()
            optimizer.step()
        print(f'epoch {epoch + 1}, test acc {accuracy(net, test_iter):.3f}')


transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
train_iter = DataLoader(datasets.CIFAR10('../data', train=True, transform=transform, download=True),
                        batch_size=64, shuffle=True)
test_iter = DataLoader(datasets.CIFAR10('../data', train=False, transform=transform, download=True), batch_size=64)
train(LeNet(), train_iter, test_iter, num_epochs=10, lr=0.001)
