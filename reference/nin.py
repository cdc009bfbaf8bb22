"""Network in Network for CIFAR-10, 966,986 parameters.

Lin, Chen and Yan, "Network in network" (2014), section 4.2. Lecture 000, slides "Network In Network": the first block
is the slide's code, the others have the widths of the authors' published model.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def mlpconv(in_channels: int, widths: tuple[int, int, int], kernel_size: int) -> list[nn.Module]:
    """A convolution, and a perceptron of two layers at every position of its result."""
    first, second, third = widths
    return [
        nn.Conv2d(in_channels, first, kernel_size=kernel_size, stride=1, padding=kernel_size // 2),
        nn.ReLU(),
        nn.Conv2d(first, second, kernel_size=1, stride=1, padding=0),
        nn.ReLU(),
        nn.Conv2d(second, third, kernel_size=1, stride=1, padding=0),
        nn.ReLU(),
    ]


class NetworkInNetwork(nn.Module):
    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.block1 = nn.Sequential(
            *mlpconv(3, (192, 160, 96), 5), nn.MaxPool2d(kernel_size=3, stride=2, padding=1), nn.Dropout(0.5)
        )
        self.block2 = nn.Sequential(
            *mlpconv(96, (192, 192, 192), 5), nn.AvgPool2d(kernel_size=3, stride=2, padding=1), nn.Dropout(0.5)
        )
        self.block3 = nn.Sequential(*mlpconv(192, (192, 192, classes), 3))
        self.average = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.block1(x)  # 96 x 16 x 16
        x = self.block2(x)  # 192 x 8 x 8
        x = self.block3(x)  # 10 x 8 x 8
        x = self.average(x)  # 10 x 1 x 1: no fully connected layer
        return torch.flatten(x, start_dim=1)  # 10 class scores


def nin() -> NetworkInNetwork:
    return NetworkInNetwork()
