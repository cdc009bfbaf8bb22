"""ResNet 18, 34, 50, 101, 152, and the plain 18 and 34 of the degradation experiment.

He, Zhang, Ren and Sun, "Deep residual learning for image recognition" (2016), figures 3 and 5, table 1. Lecture 000
and 003, table "layer name, output size, 18-layer, ..."; lecture 001, slides "ResNet". A bottleneck halves the picture
in its first 1 x 1 convolution, as in the paper (3.8 GFLOPs for 50 layers); torchvision's does it in the 3 x 3 (4.1
GFLOPs), which changes no parameter. The nets for CIFAR-10 are in resnet_cifar.py.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Table 1: how many blocks in conv2_x, conv3_x, conv4_x and conv5_x.
BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
WIDTHS = (64, 128, 256, 512)


class Basic(nn.Module):
    """Figure 5, left: two 3 x 3 convolutions. ``shortcut`` is None in a plain net."""

    expansion = 1

    def __init__(self, in_channels: int, width: int, stride: int, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        x = self.relu(y if self.shortcut is None else y + self.shortcut(x))
        return x


class Bottleneck(nn.Module):
    """Figure 5, right: 1 x 1 to reduce, 3 x 3, 1 x 1 to restore. ``stride_in_3x3``: torchvision's variant."""

    expansion = 4

    def __init__(
        self, in_channels: int, width: int, stride: int, shortcut: nn.Module | None, stride_in_3x3: bool = False
    ) -> None:
        super().__init__()
        first, second = (1, stride) if stride_in_3x3 else (stride, 1)
        self.conv1 = nn.Conv2d(in_channels, width, kernel_size=1, stride=first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, kernel_size=3, stride=second, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.relu = nn.ReLU()
        self.shortcut = shortcut

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        x = self.relu(y if self.shortcut is None else y + self.shortcut(x))
        return x


def shortcut_of(in_channels: int, out_channels: int, stride: int) -> nn.Module:
    """Option B: the identity, and a projection where the size changes."""
    if in_channels == out_channels and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(out_channels)
    )


class ResNet(nn.Module):
    def __init__(
        self, depth: int = 18, plain: bool = False, stride_in_3x3: bool = False, classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        expansion = Basic.expansion if depth < 50 else Bottleneck.expansion
        stages, channels = [], 64
        for number, (width, blocks) in enumerate(zip(WIDTHS, BLOCKS[depth], strict=True)):
            stage: list[nn.Module] = []
            for block in range(blocks):
                stride = 2 if number > 0 and block == 0 else 1
                shortcut = None if plain else shortcut_of(channels, expansion * width, stride)
                if depth < 50:
                    stage.append(Basic(channels, width, stride, shortcut))
                else:
                    stage.append(Bottleneck(channels, width, stride, shortcut, stride_in_3x3))
                channels = expansion * width
            stages.append(nn.Sequential(*stage))
        self.conv2_x, self.conv3_x, self.conv4_x, self.conv5_x = stages
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224
        x = self.relu(self.bn1(self.conv1(x)))  # 64 x 112 x 112
        x = self.pool(x)  # 64 x 56 x 56
        x = self.conv2_x(x)  # 64 (256 of bottlenecks) x 56 x 56
        x = self.conv3_x(x)  # 128 (512) x 28 x 28
        x = self.conv4_x(x)  # 256 (1024) x 14 x 14
        x = self.conv5_x(x)  # 512 (2048) x 7 x 7
        x = torch.flatten(self.average(x), start_dim=1)  # 512 (2048)
        x = self.fc(x)  # 1000 class scores
        return x


def resnet(depth: int = 18, stride_in_3x3: bool = False) -> ResNet:
    return ResNet(depth, stride_in_3x3=stride_in_3x3)


def plain(depth: int = 18) -> ResNet:
    """The same layers without shortcuts: 18 or 34."""
    return ResNet(depth, plain=True)
