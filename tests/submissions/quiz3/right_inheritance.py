# expect: full
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import transforms as tt
from torchvision.datasets import CIFAR10


def accuracy(outputs, labels):
    _, preds = torch.max(outputs, dim=1)
    return torch.tensor(torch.sum(preds == labels).item() / len(preds))


class ImageClassificationBase(nn.Module):
    def training_step(self, batch):
        images, labels = batch
        out = self(images)
        return F.cross_entropy(out, labels)

    def count_correct(self, batch):
        images, labels = batch
        return int((self(images).argmax(1) == labels).sum()), len(labels)


class ConvBase(nn.Module):
    """3x3 convolution that keeps the size."""

    def conv(self, a, b):
        return nn.Conv2d(a, b, kernel_size=3, stride=1, padding=1)


class Residual(ConvBase):
    def __init__(self, channels, hidden):
        super().__init__()
        self.up = self.conv(channels, hidden)
        self.down = self.conv(hidden, channels)

    def forward(self, x):
        return F.relu(self.down(F.relu(self.up(x))) + x)


class Cifar10ResNet(ImageClassificationBase, ConvBase):
    def __init__(self):
        super().__init__()
        self.stem = self.conv(3, 64)
        self.res1 = Residual(64, 256)
        self.res2 = Residual(64, 256)
        self.fc = nn.Sequential(nn.Flatten(), nn.Linear(4096, 120), nn.ReLU(),
                                nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))

    def forward(self, xb):
        out = F.relu(self.stem(xb))
        out = F.max_pool2d(self.res1(out), 2)
        out = F.max_pool2d(self.res2(out), 2)
        return self.fc(out)


@torch.no_grad()
def evaluate(model, loader):
    correct = total = 0
    for batch in loader:
        c, n = model.count_correct(batch)
        correct, total = correct + c, total + n
    return correct / total


def fit(epochs, lr, model, train_loader, val_loader, opt_func=torch.optim.Adam):
    history = []
    optimizer = opt_func(model.parameters(), lr)
    for epoch in range(epochs):
        for batch in train_loader:
            loss = model.training_step(batch)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        acc = evaluate(model, val_loader)
        print("Epoch [{}], test_acc: {:.4f}".format(epoch, acc))
        history.append(acc)
    return history


if __name__ == "__main__":
    tf = tt.Compose([tt.ToTensor(), tt.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))])
    train_dl = DataLoader(CIFAR10("./data", train=True, download=True, transform=tf), 100, shuffle=True)
    test_dl = DataLoader(CIFAR10("./data", train=False, download=True, transform=tf), 200)
    model = Cifar10ResNet()
    fit(10, 0.001, model, train_dl, test_dl)
