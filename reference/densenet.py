"""DenseNet 121, 169, 201, 161 for ImageNet, and those for CIFAR-10.

Huang, Liu, van der Maaten and Weinberger, "Densely connected convolutional networks" (2017), tables 1 and 2, section 3.
Lecture 000, slides "DenseNet (2017)". torchvision's densenet is the same network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Table 1: growth rate, layers of each dense block.
IMAGENET = {
    121: (32, (6, 12, 24, 16)),
    169: (32, (6, 12, 32, 32)),
    201: (32, (6, 12, 48, 32)),
    161: (48, (6, 12, 36, 24)),
}
# Table 2: growth rate, depth, bottlenecks and compression.
CIFAR = ((12, 40, False), (12, 100, False), (24, 100, False), (12, 100, True), (24, 250, True), (40, 190, True))


def bn_relu_conv(in_channels: int, out_channels: int, size: int) -> list[nn.Module]:
    return [
        nn.BatchNorm2d(in_channels),
        nn.ReLU(),
        nn.Conv2d(in_channels, out_channels, kernel_size=size, padding=size // 2, bias=False),
    ]


class DenseLayer(nn.Module):
    """``growth`` new maps behind those it was given; with ``bottleneck`` through 4 x growth maps of 1 x 1."""

    def __init__(self, in_channels: int, growth: int, bottleneck: bool) -> None:
        super().__init__()
        layers = (
            [*bn_relu_conv(in_channels, 4 * growth, 1), *bn_relu_conv(4 * growth, growth, 3)]
            if bottleneck
            else bn_relu_conv(in_channels, growth, 3)
        )
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.layers(x)], dim=1)


class DenseNet(nn.Module):
    """``stem`` makes the first maps; a transition between two dense blocks keeps ``compression`` of the channels."""

    def __init__(
        self, stem: nn.Module, channels: int, growth: int, blocks: tuple[int, ...], *,
        bottleneck: bool = True, compression: float = 0.5, classes: int = 1000,
    ) -> None:  # fmt: skip
        super().__init__()
        self.stem = stem
        modules: list[nn.Module] = []
        for number, layers in enumerate(blocks):
            dense = []
            for _ in range(layers):
                dense.append(DenseLayer(channels, growth, bottleneck))
                channels += growth
            modules.append(nn.Sequential(*dense))
            if number < len(blocks) - 1:
                kept = int(channels * compression)
                transition = bn_relu_conv(channels, kept, 1)
                modules.append(nn.Sequential(*transition, nn.AvgPool2d(kernel_size=2, stride=2)))
                channels = kept
        self.blocks = nn.Sequential(*modules)
        self.end = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224 (CIFAR: 3 x 32 x 32)
        x = self.stem(x)  # 64 x 56 x 56 (16 x 32 x 32)
        x = self.blocks(x)  # of 121: 128 x 28 x 28, 256 x 14 x 14, 512 x 7 x 7, 1024 x 7 x 7
        x = torch.flatten(self.end(x), start_dim=1)  # 1024
        x = self.fc(x)  # 1000 class scores
        return x


def densenet(depth: int = 121) -> DenseNet:
    growth, blocks = IMAGENET[depth]
    stem = nn.Sequential(
        nn.Conv2d(3, 2 * growth, kernel_size=7, stride=2, padding=3, bias=False),
        nn.BatchNorm2d(2 * growth),
        nn.ReLU(),
        nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
    )
    return DenseNet(stem, 2 * growth, growth, blocks)


def densenet_cifar(growth: int = 12, depth: int = 40, bottleneck: bool = False) -> DenseNet:
    """Three blocks of (depth - 4) / 3 layers; a bottleneck counts as two (DenseNet-BC, with compression 1/2)."""
    layers = (depth - 4) // (6 if bottleneck else 3)
    first = 2 * growth if bottleneck else 16
    stem = nn.Conv2d(3, first, kernel_size=3, padding=1, bias=False)
    compression = 0.5 if bottleneck else 1.0
    return DenseNet(
        stem, first, growth, (layers, layers, layers), bottleneck=bottleneck, compression=compression, classes=10
    )
