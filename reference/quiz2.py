"""Quiz 2: VGG-11 for CIFAR-10, 9,225,610 parameters.

Recipe: J. Jo, "Convolutional Neural Networks" (lecture 000), slide "Quiz2. Training VGG-11 on CIFAR-10". Convolutions:
configuration A of Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015),
table 1 (lecture 001, slide "VGG (2014)"), all 3 x 3 with padding 1. For 32 x 32 images the quiz slide replaces the
classifier behind them by one layer, 512 -> 10.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

Batches = DataLoader[tuple[Tensor, Tensor]]


# The convolutions of configuration A, by their output channels. Each group ends in a 2 x 2 pool.
CONFIGURATION_A = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def convolutions(in_channels: int, widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for out_channels in widths:
        layers += [nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1), nn.ReLU()]
        in_channels = out_channels
    return layers


class VGG11(nn.Module):
    """The slide strikes out the last max-pool, yet its FC layer takes 512 features from a 512 x 2 x 2 map: which
    parameter-free pool makes 512 x 1 x 1 of it is free, and so is the side of an average that the ReLU stands on."""

    def __init__(self, *, last_pool: Literal["max", "average"] = "max", relu_after_last_pool: bool = False) -> None:
        super().__init__()
        group1, group2, group3, group4, group5 = CONFIGURATION_A
        self.group1 = nn.Sequential(*convolutions(3, group1), nn.MaxPool2d(kernel_size=2, stride=2))
        self.group2 = nn.Sequential(*convolutions(64, group2), nn.MaxPool2d(kernel_size=2, stride=2))
        self.group3 = nn.Sequential(*convolutions(128, group3), nn.MaxPool2d(kernel_size=2, stride=2))
        self.group4 = nn.Sequential(*convolutions(256, group4), nn.MaxPool2d(kernel_size=2, stride=2))
        pools = {"max": nn.MaxPool2d(kernel_size=2, stride=2), "average": nn.AvgPool2d(kernel_size=2, stride=2)}
        *layers, relu = convolutions(512, group5)
        tail = [pools[last_pool], relu] if relu_after_last_pool else [relu, pools[last_pool]]
        self.group5 = nn.Sequential(*layers, *tail)
        self.fc = nn.Linear(512, 10)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.group1(x)  # 64 x 16 x 16
        x = self.group2(x)  # 128 x 8 x 8
        x = self.group3(x)  # 256 x 4 x 4
        x = self.group4(x)  # 512 x 2 x 2
        x = self.group5(x)  # 512 x 1 x 1
        x = torch.flatten(x, start_dim=1)  # 512
        x = self.fc(x)  # 10 class scores: cross-entropy brings the softmax
        return x


def load_data(batch_size: int = 64) -> tuple[Batches, Batches]:
    """The training set (50,000 images) and the test set (10,000), every channel mapped from [0, 1] to [-1, 1]."""
    normalise = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))]
    )
    train_set = datasets.CIFAR10("data", train=True, download=True, transform=normalise)
    test_set = datasets.CIFAR10("data", train=False, download=True, transform=normalise)
    return DataLoader(train_set, batch_size=batch_size, shuffle=True), DataLoader(test_set, batch_size=batch_size)


def loss_function() -> nn.Module:
    return nn.CrossEntropyLoss()


def optimizer(network: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)


def train(
    network: nn.Module, loader: Batches, optimizer: torch.optim.Optimizer, loss_function: nn.Module, epochs: int
) -> None:
    network.train()
    for epoch in range(epochs):
        total = 0.0
        for images, labels in loader:
            optimizer.zero_grad()
            loss = loss_function(network(images.to(DEVICE)), labels.to(DEVICE))
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: mean training loss {total / len(loader):.3f}")


@torch.no_grad()
def test(network: nn.Module, loader: Batches) -> float:
    """The fraction of the loader's images whose highest score is that of their label."""
    network.eval()
    correct = seen = 0
    for images, labels in loader:
        predicted = network(images.to(DEVICE)).argmax(dim=1).cpu()
        correct += int((predicted == labels).sum())
        seen += len(labels)
    return correct / seen


def main() -> None:
    train_loader, test_loader = load_data()
    network = VGG11().to(DEVICE)
    train(network, train_loader, optimizer(network), loss_function(), epochs=20)
    print(f"accuracy on the test set: {100 * test(network, test_loader):.2f} %")


if __name__ == "__main__":
    main()
