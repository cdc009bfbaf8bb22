# expect: status=import-error @10
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor

from conv_block import ConvBlock


@dataclass
class Config:
    lr: float = 1e-2
    momentum: float = 0.9
    batch_size: int = 64
    epochs: int = 5
    root: str = "./data"


class MyVGG11(nn.Module):
    def __init__(self):
        super().__init__()
        self.stage1 = nn.Sequential(ConvBlock(3, 64), nn.MaxPool2d(2))
        self.stage2 = nn.Sequential(ConvBlock(64, 128), nn.MaxPool2d(2))
        self.stage3 = nn.Sequential(ConvBlock(128, 256), ConvBlock(256, 256), nn.MaxPool2d(2))
        self.stage4 = nn.Sequential(ConvBlock(256, 512), ConvBlock(512, 512), nn.MaxPool2d(2))
        self.stage5 = nn.Sequential(ConvBlock(512, 512), ConvBlock(512, 512), nn.MaxPool2d(2))
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(512, 10))

    def forward(self, x):
        for stage in (self.stage1, self.stage2, self.stage3, self.stage4, self.stage5):
            x = stage(x)
        return self.head(x)


class Trainer:
    def __init__(self, model, config):
        self.config = config
        self.device = "cuda:0" if torch.cuda.is_available() else "cpu"
        self.model = model.to(self.device)
        self.loss_fn = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=config.lr, momentum=config.momentum)
        tf = Compose([ToTensor(), Normalize((0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010))])
        self.train_data = DataLoader(CIFAR10(config.root, train=True, download=True, transform=tf),
                                     batch_size=config.batch_size, shuffle=True)
        self.test_data = DataLoader(CIFAR10(config.root, train=False, download=True, transform=tf),
                                    batch_size=config.batch_size)

    def train_one_epoch(self):
        self.model.train()
        for x, y in self.train_data:
            x, y = x.to(self.device), y.to(self.device)
            self.optimizer.zero_grad(set_to_none=True)
            loss = self.loss_fn(self.model(x), y)
            loss.backward()
            self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        hits, seen = 0, 0
        for x, y in self.test_data:
            x, y = x.to(self.device), y.to(self.device)
            hits += int((self.model(x).argmax(1) == y).sum())
            seen += len(y)
        return hits / seen

    def fit(self):
        for epoch in range(self.config.epochs):
            loss = self.train_one_epoch()
            print(f"[{epoch + 1}/{self.config.epochs}] loss={loss:.4f}")
        print(f"test acc: {self.evaluate():.4f}")


if __name__ == "__main__":
    Trainer(MyVGG11(), Config()).fit()
