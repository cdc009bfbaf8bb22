# expect: full
"""LeNet with gradient checkpointing (saves memory, same gradients)."""
import argparse

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
from torch.utils.data import DataLoader
from torchvision.datasets import CIFAR10
from torchvision.transforms import Compose, Normalize, ToTensor


class CheckpointedLeNet(nn.Module):
    def __init__(self, use_checkpoint=True):
        super().__init__()
        self.use_checkpoint = use_checkpoint
        self.stage1 = nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.stage2 = nn.Sequential(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2, 2))
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)
        )

    def run(self, stage, x, reentrant):
        if self.use_checkpoint and self.training:
            return checkpoint(stage, x, use_reentrant=reentrant)
        return stage(x)

    def forward(self, x):
        x = self.run(self.stage1, x, False)
        x = self.run(self.stage2, x, True)
        return self.run(self.head, x, True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=4)
    args = parser.parse_args()
    transform = Compose([ToTensor(), Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    train = DataLoader(CIFAR10("data", True, transform, download=True), args.batch_size, shuffle=True)
    test = DataLoader(CIFAR10("data", False, transform, download=True), args.batch_size)
    net = CheckpointedLeNet()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.9)
    for epoch in range(args.epochs):
        net.train()
        for images, labels in train:
            optimizer.zero_grad()
            criterion(net(images), labels).backward()
            optimizer.step()
    net.eval()
    correct, total = 0, 0
    with torch.inference_mode():
        for images, labels in test:
            correct += (net(images).argmax(1) == labels).sum().item()
            total += labels.numel()
    print("Test accuracy: %.1f%%" % (100.0 * correct / total))


if __name__ == "__main__":
    main()
