"""Pre-activation ResNet (164 and 1001 layers) and Wide ResNet (WRN-16-8, WRN-28-10, WRN-16-4) for CIFAR-10.

He, Zhang, Ren and Sun, "Identity mappings in deep residual networks" (2016), figures 1b and 4e. Zagoruyko and
Komodakis, "Wide residual networks" (2016), table 1 and section 2; its blocks are pre-activation ones of two 3 x 3
convolutions. Lecture 000, table of errors on slide "DenseNet (2017)".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class PreActivation(nn.Module):
    """BN and ReLU in front of each convolution, nothing behind the sum. Where the size changes, the shortcut is a 1 x 1
    convolution of the activated input."""

    def __init__(self, in_channels: int, convolutions: list[nn.Conv2d], dropout: float = 0.0) -> None:
        super().__init__()
        out_channels = convolutions[-1].out_channels
        self.convs = nn.ModuleList(convolutions)
        self.bns = nn.ModuleList(nn.BatchNorm2d(conv.in_channels) for conv in convolutions)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout) if dropout else nn.Identity()
        stride = max(conv.stride[0] for conv in convolutions)
        self.projection: nn.Module | None = None
        if in_channels != out_channels or stride > 1:
            self.projection = nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.relu(self.bns[0](x))
        shortcut = x if self.projection is None else self.projection(y)
        y = self.convs[0](y)
        for bn, conv in zip(list(self.bns)[1:], list(self.convs)[1:], strict=True):
            y = conv(self.dropout(self.relu(bn(y))))
        x = shortcut + y
        return x


def bottleneck(in_channels: int, width: int, stride: int) -> list[nn.Conv2d]:
    return [
        nn.Conv2d(in_channels, width, kernel_size=1, stride=stride, bias=False),
        nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
        nn.Conv2d(width, 4 * width, kernel_size=1, bias=False),
    ]


def two_3x3(in_channels: int, width: int, stride: int) -> list[nn.Conv2d]:
    return [
        nn.Conv2d(in_channels, width, kernel_size=3, stride=stride, padding=1, bias=False),
        nn.Conv2d(width, width, kernel_size=3, padding=1, bias=False),
    ]


class PreActivationResNet(nn.Module):
    """Three stages of ``blocks`` blocks; ``widths`` are those of the convolutions inside."""

    def __init__(
        self, blocks: int, widths: tuple[int, int, int], wide: bool = False, dropout: float = 0.0, classes: int = 10
    ) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, kernel_size=3, padding=1, bias=False)
        make = two_3x3 if wide else bottleneck
        stages, channels = [], 16
        for number, width in enumerate(widths):
            stage = []
            for block in range(blocks):
                convolutions = make(channels, width, 2 if number > 0 and block == 0 else 1)
                stage.append(PreActivation(channels, convolutions, dropout))
                channels = convolutions[-1].out_channels
            stages.append(nn.Sequential(*stage))
        self.stage1, self.stage2, self.stage3 = stages
        self.end = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.conv1(x)  # 16 x 32 x 32
        x = self.stage1(x)  # 64 x 32 x 32 (wide: 16 k)
        x = self.stage2(x)  # 128 x 16 x 16 (32 k)
        x = self.stage3(x)  # 256 x 8 x 8 (64 k)
        x = self.fc(torch.flatten(self.end(x), start_dim=1))  # 10 class scores
        return x


def preact_resnet(depth: int = 164) -> PreActivationResNet:
    """9n + 2 layers."""
    return PreActivationResNet((depth - 2) // 9, (16, 32, 64))


def wide_resnet(depth: int = 28, k: int = 10, dropout: float = 0.0) -> PreActivationResNet:
    """WRN-depth-k: 6n + 4 layers, k times as wide."""
    return PreActivationResNet((depth - 4) // 6, (16 * k, 32 * k, 64 * k), wide=True, dropout=dropout)
