# expect: missing-layer:block2.conv1 missing-layer:block2.conv2
from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
import torchvision
import torchvision.transforms as T


@dataclass
class Config:
    root: str = "./data"
    batch_size: int = 128
    learning_rate: float = 0.001
    epochs: int = 20
    channels: int = 64
    hidden: int = 256
    seed: int = 42


class ResBlock(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.expand = nn.Conv2d(cfg.channels, cfg.hidden, 3, 1, 1)
        self.squeeze = nn.Conv2d(cfg.hidden, cfg.channels, 3, 1, 1)

    def forward(self, x):
        return F.relu(x + self.squeeze(F.relu(self.expand(x))))


class Classifier(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.first = nn.Conv2d(3, cfg.channels, 3, 1, 1)
        self.res1 = ResBlock(cfg)
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(cfg.channels * 8 * 8, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, 10),
        )

    def forward(self, x):
        x = F.relu(self.first(x))
        x = F.max_pool2d(self.res1(x), 2)
        x = F.max_pool2d(x, 2)
        return self.head(x)


class Trainer:
    def __init__(self, cfg):
        self.cfg = cfg
        torch.manual_seed(cfg.seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = Classifier(cfg).to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=cfg.learning_rate)
        self.train_loader = self.loader(train=True)
        self.test_loader = self.loader(train=False)

    def loader(self, train):
        tf = T.Compose([T.ToTensor(), T.Normalize([0.5] * 3, [0.5] * 3)])
        ds = torchvision.datasets.CIFAR10(self.cfg.root, train=train, download=True, transform=tf)
        return torch.utils.data.DataLoader(ds, batch_size=self.cfg.batch_size, shuffle=train)

    def step(self, images, labels):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(images), labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def fit(self):
        for epoch in range(self.cfg.epochs):
            self.model.train()
            losses = []
            for images, labels in self.train_loader:
                losses.append(self.step(images.to(self.device), labels.to(self.device)))
            print(f"[{epoch + 1}/{self.cfg.epochs}] loss = {sum(losses) / len(losses):.4f}")

    def test(self):
        self.model.eval()
        hits, seen = 0, 0
        with torch.no_grad():
            for images, labels in self.test_loader:
                pred = self.model(images.to(self.device)).argmax(1).cpu()
                hits += int((pred == labels).sum())
                seen += len(labels)
        print(f"Test accuracy: {100.0 * hits / seen:.2f}%")


if __name__ == "__main__":
    trainer = Trainer(Config())
    trainer.fit()
    trainer.test()
