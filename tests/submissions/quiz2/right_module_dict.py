# expect: full
"""VGG-A for 32x32 images, the layers live in a ModuleDict so I can print the feature maps by name."""
import os
import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision import transforms as T

SEED = 1234


def seed_everything(seed):
    random.seed(seed)
    np.random.seed(seed)
    os.environ["PYTHONHASHSEED"] = str(seed)
    torch.manual_seed(seed)
    torch.cuda.manual_seed_all(seed)
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False


class VGGA(nn.Module):
    stages = {"s1": (64,), "s2": (128,), "s3": (256, 256), "s4": (512, 512), "s5": (512, 512)}

    def __init__(self, classes=10):
        super().__init__()
        self.layers = nn.ModuleDict()
        self.act = nn.ModuleDict({"relu": nn.ReLU(inplace=True), "pool": nn.MaxPool2d(2)})
        previous = 3
        for stage, widths in self.stages.items():
            for j, w in enumerate(widths):
                self.layers[f"{stage}_{j}"] = nn.Conv2d(previous, w, kernel_size=(3, 3), padding=(1, 1))
                previous = w
        self.head = nn.Linear(previous, classes)

    def forward(self, x, return_maps=False):
        maps = {}
        for stage, widths in self.stages.items():
            for j in range(len(widths)):
                x = self.act["relu"](self.layers[f"{stage}_{j}"](x))
            x = self.act["pool"](x) if stage != "s5" else nn.functional.adaptive_avg_pool2d(x, 1)
            maps[stage] = x
        logits = self.head(torch.flatten(x, start_dim=1))
        return (logits, maps) if return_maps else logits


def loaders(batch_size):
    norm = T.Normalize(mean=[0.49139968, 0.48215841, 0.44653091], std=[0.24703223, 0.24348513, 0.26158784])
    train = datasets.CIFAR10("data", train=True, download=True, transform=T.Compose([
        T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), norm]))
    test = datasets.CIFAR10("data", train=False, download=True, transform=T.Compose([T.ToTensor(), norm]))
    return DataLoader(train, batch_size, shuffle=True, drop_last=True), DataLoader(test, 2 * batch_size)


@torch.no_grad()
def evaluate(model, loader, device):
    model.eval()
    hits, seen = 0, 0
    for images, targets in loader:
        images, targets = images.to(device), targets.to(device)
        hits += torch.eq(model(images).argmax(-1), targets).sum().item()
        seen += len(targets)
    return hits / seen


if __name__ == "__main__":
    seed_everything(SEED)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    train_loader, test_loader = loaders(128)
    model = VGGA().to(device)
    print(model)
    ce = nn.CrossEntropyLoss()
    sgd = torch.optim.SGD(model.parameters(), lr=1e-2, momentum=0.9)
    for epoch in range(1, 31):
        model.train()
        for images, targets in train_loader:
            images, targets = images.to(device), targets.to(device)
            loss = ce(model(images), targets)
            sgd.zero_grad()
            loss.backward()
            sgd.step()
        print(f"[{epoch:02d}] last loss {loss.item():.4f}  test acc {evaluate(model, test_loader, device):.2%}")
