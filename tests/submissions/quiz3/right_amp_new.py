# expect: full
import argparse
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import v2


def get_args():
    p = argparse.ArgumentParser("quiz 3")
    p.add_argument("--epochs", default=20, type=int)
    p.add_argument("--batch-size", default=256, type=int)
    p.add_argument("--lr", default=1e-3, type=float)
    p.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True)
    p.add_argument("--workers", default=min(8, os.cpu_count() or 1), type=int)
    p.add_argument("--seed", default=7, type=int)
    return p.parse_args()


class PreparedBlock(nn.Module):
    def __init__(self, width: int = 64, hidden: int = 256) -> None:
        super().__init__()
        self.expand = nn.Conv2d(width, hidden, 3, padding=1)
        self.reduce = nn.Conv2d(hidden, width, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(torch.add(self.reduce(self.expand(x).relu()), x))


class Net(nn.Module):
    def __init__(self, num_classes: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 64, 3, padding=1)
        self.blocks = nn.ModuleList([PreparedBlock() for _ in range(2)])
        self.mlp = nn.Sequential()
        for i, (a, b) in enumerate([(4096, 120), (120, 84)]):
            self.mlp.add_module(f"fc{i + 1}", nn.Linear(a, b))
            self.mlp.add_module(f"act{i + 1}", nn.ReLU())
        self.mlp.add_module("out", nn.Linear(84, num_classes))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.stem(x))
        for block in self.blocks:
            x = F.max_pool2d(block(x), 2)
        return self.mlp(x.flatten(1))


def main(args):
    random.seed(args.seed), np.random.seed(args.seed), torch.manual_seed(args.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    base = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean=[0.4914, 0.4822, 0.4465], std=[0.2470, 0.2435, 0.2616])]
    augment = [v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()]
    kw = dict(batch_size=args.batch_size, num_workers=args.workers, pin_memory=device.type == "cuda")
    train = DataLoader(CIFAR10("data", True, v2.Compose(augment + base), download=True), shuffle=True, drop_last=True, **kw)
    test = DataLoader(CIFAR10("data", False, v2.Compose(base), download=True), **kw)

    model = Net().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
    use_amp = args.amp and device.type == "cuda"
    scaler = torch.amp.GradScaler("cuda", enabled=use_amp)

    for epoch in range(args.epochs):
        t0 = time.time()
        model.train()
        for x, y in train:
            x, y = x.to(device, non_blocking=True), y.to(device, non_blocking=True)
            with torch.autocast(device_type=device.type, dtype=torch.float16, enabled=use_amp):
                loss = F.cross_entropy(model(x), y)
            optimizer.zero_grad(set_to_none=True)
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        acc = evaluate(model, test, device, use_amp)
        print(f"epoch {epoch:3d} | loss {loss.item():.4f} | test acc {acc:.2%} | {time.time() - t0:.1f} s")


@torch.inference_mode()
def evaluate(model, loader, device, use_amp):
    model.eval()
    correct = torch.zeros((), dtype=torch.long, device=device)
    for x, y in loader:
        with torch.autocast(device_type=device.type, enabled=use_amp):
            out = model(x.to(device))
        correct += (out.argmax(1) == y.to(device)).sum()
    return correct.item() / len(loader.dataset)


if __name__ == "__main__":
    main(get_args())
