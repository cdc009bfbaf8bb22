# expect: full
from dataclasses import dataclass, field, asdict
from enum import Enum
from pathlib import Path
from typing import List, Tuple, Union
import json
import logging

import torch
import torch.nn as nn
import torchvision
from torchvision import transforms

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger(__name__)


class Op(Enum):
    POOL = "pool"


@dataclass
class ModelConfig:
    plan: List[Union[int, Op]] = field(default_factory=lambda: [
        64, Op.POOL, 128, Op.POOL, 256, 256, Op.POOL, 512, 512, Op.POOL, 512, 512, Op.POOL])
    kernel: int = 3
    classes: int = 10


@dataclass
class TrainConfig:
    lr: float = 0.01
    momentum: float = 0.9
    batch: int = 64
    epochs: int = 20
    mean: Tuple[float, ...] = (0.4914, 0.4822, 0.4465)
    std: Tuple[float, ...] = (0.2023, 0.1994, 0.2010)
    out: Path = Path("runs") / "vgg11"


@dataclass
class Config:
    model: ModelConfig = field(default_factory=ModelConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


def build(cfg: ModelConfig) -> nn.Module:
    net, c = nn.Sequential(), 3
    for position, step in enumerate(cfg.plan):
        if step is Op.POOL:
            net.add_module(f"{position}_pool", nn.MaxPool2d(2))
        else:
            net.add_module(f"{position}_conv", nn.Conv2d(c, step, cfg.kernel, padding=cfg.kernel // 2))
            net.add_module(f"{position}_relu", nn.ReLU())
            c = step
    net.add_module("flatten", nn.Flatten())
    net.add_module("linear", nn.Linear(c, cfg.classes))
    return net


class Experiment:
    def __init__(self, cfg: Config):
        self.cfg = cfg
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.model = build(cfg.model).to(self.device)
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=cfg.train.lr, momentum=cfg.train.momentum)
        t = transforms.Compose([transforms.ToTensor(), transforms.Normalize(cfg.train.mean, cfg.train.std)])
        self.data = {
            part: torch.utils.data.DataLoader(
                torchvision.datasets.CIFAR10("data", train=part == "train", download=True, transform=t),
                batch_size=cfg.train.batch, shuffle=part == "train")
            for part in ("train", "test")
        }

    def fit(self):
        for epoch in range(self.cfg.train.epochs):
            self.model.train()
            for step, batch in enumerate(self.data["train"]):
                loss = self.train_step(*(t.to(self.device) for t in batch))
                if step % 200 == 0:
                    log.info("epoch %d step %d loss %.4f", epoch, step, loss)
            log.info("epoch %d test accuracy %.4f", epoch, self.score())

    def train_step(self, x, y):
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def score(self):
        self.model.eval()
        correct = torch.tensor(0, device=self.device)
        for x, y in self.data["test"]:
            correct += (self.model(x.to(self.device)).argmax(1) == y.to(self.device)).sum()
        return correct.item() / len(self.data["test"].dataset)


if __name__ == "__main__":
    config = Config()
    config.train.out.mkdir(parents=True, exist_ok=True)
    (config.train.out / "config.json").write_text(json.dumps(asdict(config.train), default=str, indent=2))
    experiment = Experiment(config)
    experiment.fit()
    torch.save(experiment.model.state_dict(), config.train.out / "last.pt")
    log.info("done; final accuracy %.4f", experiment.score())
    print("final accuracy", experiment.score())
