"""Quiz 1: a LeNet for CIFAR-10, 62,006 parameters.

Network and recipe: J. Jo, "Convolutional Neural Networks" (lecture 000), slide "Quiz1. Training a CNN classifier on
CIFAR-10". The shape of the network is LeNet-5's (LeCun et al., "Gradient-based learning applied to document
recognition", 1998; lecture 001, slide "LeNet (1998)"), with three input channels, max-pooling and ReLU.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")

Batches = DataLoader[tuple[Tensor, Tensor]]


class LeNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, kernel_size=5)
        self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool2 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = torch.relu(self.conv1(x))  # 6 x 28 x 28
        x = self.pool1(x)  # 6 x 14 x 14
        x = torch.relu(self.conv2(x))  # 16 x 10 x 10
        x = self.pool2(x)  # 16 x 5 x 5
        x = torch.flatten(x, start_dim=1)  # 400
        x = torch.relu(self.fc1(x))  # 120
        x = torch.relu(self.fc2(x))  # 84
        x = self.fc3(x)  # 10 class scores: cross-entropy brings the softmax
        return x


def load_data(batch_size: int = 4) -> tuple[Batches, Batches]:
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
    return torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)


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
    network = LeNet().to(DEVICE)
    train(network, train_loader, optimizer(network), loss_function(), epochs=2)
    print(f"accuracy on the test set: {100 * test(network, test_loader):.2f} %")


if __name__ == "__main__":
    main()
