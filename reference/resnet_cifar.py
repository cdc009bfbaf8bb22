"""ResNet for CIFAR-10 with 20, 32, 44, 56, 110 and 1202 layers, and with stochastic depth.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016), section 4.2 and table 6: 6n + 2 layers
on maps of 32, 16 and 8, shortcuts without parameters (option A). Huang, Sun, Liu, Sedra and Weinberger, "Deep networks
with stochastic depth" (2016), equations 2, 4 and 5. Lecture 003, slide "CIFAR-10 experiments"; lecture 000, table of
errors.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

DEPTHS = (20, 32, 44, 56, 110, 1202)
WIDTHS = (16, 32, 64)


class Block(nn.Module):
    """relu(shortcut + branch). ``survival`` below 1: in training the branch is left out of some batches altogether, in
    evaluation it is weighted with the share of batches that it took part in."""

    def __init__(self, in_channels: int, width: int, stride: int, survival: float = 1.0) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.stride, self.added, self.survival = stride, width - in_channels, survival

    def shortcut(self, x: Tensor) -> Tensor:
        """Option A: every second pixel, the new maps filled with zeros."""
        if self.stride == 1 and self.added == 0:
            return x
        return nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.added))

    def forward(self, x: Tensor) -> Tensor:
        if self.training and self.survival < 1 and torch.rand(()) > self.survival:
            x = self.relu(self.shortcut(x))
            return x
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if not self.training and self.survival < 1:
            y = self.survival * y
        x = self.relu(y + self.shortcut(x))
        return x


class CifarResNet(nn.Module):
    """``last_survival``: of the last block; the others lie on the line from 1 down to it."""

    def __init__(self, depth: int = 20, last_survival: float = 1.0, classes: int = 10) -> None:
        super().__init__()
        blocks = (depth - 2) // 6
        self.conv1 = nn.Conv2d(3, 16, kernel_size=3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        stages, channels, number = [], 16, 0
        for width in WIDTHS:
            stage = []
            for block in range(blocks):
                number += 1
                survival = 1 - number / (3 * blocks) * (1 - last_survival)
                stage.append(Block(channels, width, 2 if block == 0 and width > 16 else 1, survival))
                channels = width
            stages.append(nn.Sequential(*stage))
        self.stage1, self.stage2, self.stage3 = stages
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.relu(self.bn1(self.conv1(x)))  # 16 x 32 x 32
        x = self.stage1(x)  # 16 x 32 x 32
        x = self.stage2(x)  # 32 x 16 x 16
        x = self.stage3(x)  # 64 x 8 x 8
        x = torch.flatten(self.average(x), start_dim=1)  # 64
        x = self.fc(x)  # 10 class scores
        return x


def resnet_cifar(depth: int = 20) -> CifarResNet:
    return CifarResNet(depth)


def stochastic_depth(depth: int = 110) -> CifarResNet:
    return CifarResNet(depth, last_survival=0.5)
