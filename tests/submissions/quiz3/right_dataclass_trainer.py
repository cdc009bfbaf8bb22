# expect: full
from __future__ import annotations

import dataclasses
import logging
import pathlib
from typing import Callable, Iterator, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, transforms

logger = logging.getLogger("quiz3")


@dataclasses.dataclass(frozen=True)
class HParams:
    channels: int = 64
    hidden: int = 256
    fc: tuple[int, int] = (120, 84)
    lr: float = 1e-3
    batch: int = 64
    epochs: int = 12
    patience: int = 3
    checkpoint: pathlib.Path = pathlib.Path("checkpoints/best.pt")


class Metrics(NamedTuple):
    loss: float
    accuracy: float


class ResidualUnit(nn.Module):
    def __init__(self, channels: int, hidden: int, activation: Callable[[Tensor], Tensor] = torch.relu) -> None:
        super().__init__()
        self.up, self.down = nn.Conv2d(channels, hidden, 3, padding=1), nn.Conv2d(hidden, channels, 3, padding=1)
        self.activation = activation

    def forward(self, inputs: Tensor) -> Tensor:
        branch = self.down(self.activation(self.up(inputs)))
        return self.activation(inputs + branch)


class Classifier(nn.Module):
    def __init__(self, hp: HParams) -> None:
        super().__init__()
        self.features = nn.Sequential(*self.layers(hp))
        sizes = [hp.channels * 64, *hp.fc]
        hidden: list[nn.Module] = []
        for a, b in zip(sizes, sizes[1:]):
            hidden += [nn.Linear(a, b), nn.ReLU()]
        self.classifier = nn.Sequential(*hidden, nn.Linear(sizes[-1], 10))

    @staticmethod
    def layers(hp: HParams) -> Iterator[nn.Module]:
        yield nn.Conv2d(3, hp.channels, 3, padding=1)
        yield nn.ReLU()
        for _ in range(2):
            yield ResidualUnit(hp.channels, hp.hidden)
            yield nn.MaxPool2d(2)
        yield nn.Flatten()

    def forward(self, images: Tensor, *, return_features: bool = False):
        features = self.features(images)
        logits = self.classifier(features)
        return (logits, features) if return_features else logits


class Trainer:
    def __init__(self, hp: HParams) -> None:
        self.hp = hp
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = Classifier(hp).to(self.device)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=hp.lr)
        self.loss = nn.CrossEntropyLoss()
        self.best = 0.0

    def _run(self, loader: DataLoader, training: bool) -> Metrics:
        self.model.train(training)
        loss_sum, hits, count = 0.0, 0, 0
        for images, labels in loader:
            images, labels = images.to(self.device), labels.to(self.device)
            logits = self.model(images)
            loss = self.loss(logits, labels)
            if training:
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            loss_sum += float(loss) * len(images)
            hits += int((logits.argmax(1) == labels).sum())
            count += len(images)
        return Metrics(loss_sum / count, hits / count)

    def fit(self, train: DataLoader, val: DataLoader) -> None:
        bad_epochs = 0
        for epoch in range(self.hp.epochs):
            t = self._run(train, training=True)
            with torch.no_grad():
                v = self._run(val, training=False)
            print(f"epoch {epoch} train loss {t.loss:.3f} val acc {v.accuracy:.3f}")
            if v.accuracy > self.best:
                self.best, bad_epochs = v.accuracy, 0
                self.hp.checkpoint.parent.mkdir(parents=True, exist_ok=True)
                torch.save({"model": self.model.state_dict(), "epoch": epoch}, self.hp.checkpoint)
            else:
                bad_epochs += 1
                if bad_epochs >= self.hp.patience:
                    print("early stopping")
                    break

    def test(self, loader: DataLoader) -> Metrics:
        if self.hp.checkpoint.exists():
            state = torch.load(self.hp.checkpoint, map_location=self.device, weights_only=True)
            self.model.load_state_dict(state["model"])
        with torch.no_grad():
            return self._run(loader, training=False)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    hp = HParams()
    tf = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.4914, 0.4822, 0.4465), (0.247, 0.243, 0.261))])
    whole = datasets.CIFAR10("data", train=True, transform=tf, download=True)
    test = datasets.CIFAR10("data", train=False, transform=tf, download=True)
    train, val = Subset(whole, range(45000)), Subset(whole, range(45000, 50000))
    trainer = Trainer(hp)
    trainer.fit(DataLoader(train, hp.batch, shuffle=True), DataLoader(val, hp.batch))
    result = trainer.test(DataLoader(test, hp.batch))
    print(f"test loss {result.loss:.4f}, test accuracy {result.accuracy:.4f}")


if __name__ == "__main__":
    main()
