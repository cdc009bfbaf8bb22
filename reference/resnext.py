"""ResNeXt-50 (32 x 4d), 25,028,904 parameters, ResNeXt-101 (32 x 4d) and (64 x 4d).

Xie, Girshick, Dollár, Tu and He, "Aggregated residual transformations for deep neural networks" (2017), table 1 and
figure 3c. Lecture 002, slide "CNNs for classification". torchvision's resnext is the same network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Depth, cardinality, width of a path: blocks of conv2 to conv5.
BLOCKS = {50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}


class Block(nn.Module):
    """Figure 3c: ``cardinality`` paths as one grouped convolution. The stride is in the 3 x 3."""

    def __init__(self, in_channels: int, inner: int, out_channels: int, stride: int, cardinality: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, inner, kernel_size=1, bias=False)
        self.bn1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(
            inner, inner, kernel_size=3, stride=stride, padding=1, groups=cardinality, bias=False
        )
        self.bn2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, out_channels, kernel_size=1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()
        self.shortcut: nn.Module = nn.Identity()
        if in_channels != out_channels or stride != 1:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False),
                nn.BatchNorm2d(out_channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        x = self.relu(y + self.shortcut(x))
        return x


class ResNeXt(nn.Module):
    def __init__(self, depth: int = 50, cardinality: int = 32, path_width: int = 4, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(64),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        stages, channels, inner, out_channels = [], 64, cardinality * path_width, 256
        for number, blocks in enumerate(BLOCKS[depth]):
            stage = []
            for block in range(blocks):
                stride = 2 if number > 0 and block == 0 else 1
                stage.append(Block(channels, inner, out_channels, stride, cardinality))
                channels = out_channels
            stages.append(nn.Sequential(*stage))
            inner, out_channels = 2 * inner, 2 * out_channels
        self.conv2, self.conv3, self.conv4, self.conv5 = stages
        self.average = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224
        x = self.stem(x)  # 64 x 56 x 56
        x = self.conv2(x)  # 256 x 56 x 56
        x = self.conv3(x)  # 512 x 28 x 28
        x = self.conv4(x)  # 1024 x 14 x 14
        x = self.conv5(x)  # 2048 x 7 x 7
        x = self.fc(torch.flatten(self.average(x), start_dim=1))  # 1000 class scores
        return x


def resnext(depth: int = 50, cardinality: int = 32, path_width: int = 4) -> ResNeXt:
    return ResNeXt(depth, cardinality, path_width)
