"""python train.py"""
import json
from pathlib import Path

import torch
from torch.utils.data import DataLoader
from torchvision import transforms
from torchvision.datasets import CIFAR10

from nets import vgg_from_plan

HERE = Path(__file__).parent
CONFIG = json.loads((HERE / "config.json").read_text())


def loader(train):
    transform = transforms.Compose([
        transforms.ToTensor(),
        transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)),
    ])
    data = CIFAR10(str(HERE / "data"), train=train, download=True, transform=transform)
    return DataLoader(data, batch_size=CONFIG["batch_size"], shuffle=train)


def correct_answers(model, batches):
    with torch.no_grad():
        return sum(int((model(x).argmax(dim=1) == y).sum()) for x, y in batches)


def main():
    model = vgg_from_plan(CONFIG["layers"])
    criterion = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=CONFIG["lr"], momentum=CONFIG["momentum"])
    train_batches, test_batches = loader(True), loader(False)
    for epoch in range(1, CONFIG["epochs"] + 1):
        for x, y in train_batches:
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch:2d}  loss {loss.item():.4f}")
    print(f"test accuracy {correct_answers(model, test_batches) / 10_000:.4f}")


if __name__ == "__main__":
    main()
