"""Inception with batch normalization (BN-Inception).

Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing internal covariate shift"
(2015), figure 5. Lecture 003, slides "Case Study: GoogLeNet (2014)", "Batch normalisation". The 5 x 5 branch has
become two of 3 x 3. The figure's rows 4c and 4d add up to 608 channels where it states 576: the projection behind
their pool has 96 here, as the stated sizes need.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Figure 5: #1x1, #3x3 reduce, #3x3, #double 3x3 reduce, #double 3x3, pool, projection. Without 1x1 the stride is 2 and
# the pool passes through.
INCEPTIONS = {
    "3a": (64, 64, 64, 64, 96, "avg", 32),
    "3b": (64, 64, 96, 64, 96, "avg", 64),
    "3c": (0, 128, 160, 64, 96, "max", 0),
    "4a": (224, 64, 96, 96, 128, "avg", 128),
    "4b": (192, 96, 128, 96, 128, "avg", 128),
    "4c": (160, 128, 160, 128, 160, "avg", 96),
    "4d": (96, 128, 192, 160, 192, "avg", 96),
    "4e": (0, 128, 192, 192, 256, "max", 0),
    "5a": (352, 192, 320, 160, 224, "avg", 128),
    "5b": (352, 192, 320, 192, 224, "max", 128),
}


def convolution(in_channels: int, out_channels: int, size: int, stride: int = 1) -> nn.Sequential:
    """The bias is left out: the normalization subtracts it again, and its own beta takes the part (section 3.2)."""
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=size, stride=stride, padding=size // 2, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class Inception(nn.Module):
    def __init__(self, in_channels: int, row: tuple[int, int, int, int, int, str, int]) -> None:
        super().__init__()
        ones, reduce3, threes, reduce_double, doubles, kind, projection = row
        stride = 1 if ones else 2
        branches = [
            nn.Sequential(convolution(in_channels, reduce3, 1), convolution(reduce3, threes, 3, stride)),
            nn.Sequential(
                convolution(in_channels, reduce_double, 1),
                convolution(reduce_double, doubles, 3),
                convolution(doubles, doubles, 3, stride),
            ),
        ]
        pool = nn.AvgPool2d if kind == "avg" else nn.MaxPool2d
        passing: list[nn.Module] = [pool(kernel_size=3, stride=stride, padding=1)]
        if projection:
            passing.append(convolution(in_channels, projection, 1))
        first = [convolution(in_channels, ones, 1)] if ones else []
        self.branches = nn.ModuleList([*first, *branches, nn.Sequential(*passing)])
        self.out_channels = ones + threes + doubles + (projection or in_channels)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


class BNInception(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            convolution(3, 64, 7, stride=2),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
            convolution(64, 64, 1),
            convolution(64, 192, 3),
            nn.MaxPool2d(kernel_size=3, stride=2, padding=1),
        )
        self.inceptions = nn.ModuleDict()
        channels = 192
        for name, row in INCEPTIONS.items():
            made = Inception(channels, row)
            channels = made.out_channels
            self.inceptions[name] = made
        self.average = nn.AvgPool2d(kernel_size=7, stride=1)
        self.linear = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224
        x = self.stem(x)  # 64 x 112 x 112, 64 x 56 x 56, 192 x 56 x 56, 192 x 28 x 28
        for inception in self.inceptions.values():
            x = inception(x)  # 256, 320 x 28 x 28; 576 x 14 x 14, five times; 1024 x 7 x 7, three times
        x = torch.flatten(self.average(x), start_dim=1)  # 1024
        x = self.linear(x)  # 1000 class scores
        return x


def inception_bn() -> BNInception:
    return BNInception()
