# expect: full
from dataclasses import dataclass

import torch
import torch.nn as nn
import torchvision
from torch.utils.data import DataLoader
from torchvision import transforms


@dataclass
class Config:
    data_root: str = "./data"
    batch_size: int = 64
    epochs: int = 30
    lr: float = 0.001
    momentum: float = 0.9
    seed: int = 42


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.relu2 = nn.ReLU()
        self.pool2 = nn.MaxPool2d(2, 2)
        self.flatten = nn.Flatten()
        self.fc1 = nn.Linear(400, 120)
        self.relu3 = nn.ReLU()
        self.fc2 = nn.Linear(120, 84)
        self.relu4 = nn.ReLU()
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool1(self.relu1(self.conv1(x)))
        x = self.pool2(self.relu2(self.conv2(x)))
        x = self.flatten(x)
        x = self.relu3(self.fc1(x))
        x = self.relu4(self.fc2(x))
        return self.fc3(x)


class Trainer:
    def __init__(self, config):
        self.config = config
        torch.manual_seed(config.seed)
        self.device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
        self.model = LeNet().to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=config.lr, momentum=config.momentum)
        self.train_loader, self.test_loader = self.make_loaders()

    def make_loaders(self):
        transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
        root = self.config.data_root
        train = torchvision.datasets.CIFAR10(root, train=True, download=True, transform=transform)
        test = torchvision.datasets.CIFAR10(root, train=False, download=True, transform=transform)
        return (DataLoader(train, batch_size=self.config.batch_size, shuffle=True),
                DataLoader(test, batch_size=self.config.batch_size))

    def train_epoch(self):
        self.model.train()
        total = 0.0
        for images, labels in self.train_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            self.optimizer.zero_grad()
            loss = self.criterion(self.model(images), labels)
            loss.backward()
            self.optimizer.step()
            total += loss.item()
        return total / len(self.train_loader)

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        correct = total = 0
        for images, labels in self.test_loader:
            images, labels = images.to(self.device), labels.to(self.device)
            predictions = self.model(images).argmax(dim=1)
            correct += (predictions == labels).sum().item()
            total += labels.size(0)
        return correct / total

    def fit(self):
        for epoch in range(self.config.epochs):
            loss = self.train_epoch()
            print(f"epoch {epoch + 1}/{self.config.epochs}: loss {loss:.4f}, test accuracy {self.evaluate():.4f}")


if __name__ == "__main__":
    Trainer(Config()).fit()
