"""GoogLeNet: 22 layers with weights, 6,998,552 parameters; 13,378,280 with the auxiliary classifiers of training.

Szegedy et al., "Going deeper with convolutions" (2015), figure 2, table 1 and section 5. Lecture 003, slide "Case
Study: GoogLeNet (2014)"; lecture 001, slides "Inception module". The 5 x 5 branches are 5 x 5 as in the paper.
torchvision's googlenet is another network: batch normalization, and 3 x 3 in place of 5 x 5.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj.
INCEPTIONS = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def convolution(in_channels: int, out_channels: int, size: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=size, stride=stride, padding=size // 2), nn.ReLU()
    )


def pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)


def normalization() -> nn.LocalResponseNorm:
    return nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)  # AlexNet's


class NaiveInception(nn.Module):
    """Figure 2a: the channels of the pool pass through, so that depth can only grow."""

    def __init__(self, in_channels: int, ones: int, threes: int, fives: int) -> None:
        super().__init__()
        self.branch1 = convolution(in_channels, ones, 1)
        self.branch2 = convolution(in_channels, threes, 3)
        self.branch3 = convolution(in_channels, fives, 5)
        self.branch4 = nn.MaxPool2d(kernel_size=3, stride=1, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class Inception(nn.Module):
    """Figure 2b: dimension reductions before the large convolutions and behind the pool."""

    def __init__(self, in_channels: int, widths: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        ones, reduce3, threes, reduce5, fives, projection = widths
        self.branch1 = convolution(in_channels, ones, 1)
        self.branch2 = nn.Sequential(convolution(in_channels, reduce3, 1), convolution(reduce3, threes, 3))
        self.branch3 = nn.Sequential(convolution(in_channels, reduce5, 1), convolution(reduce5, fives, 5))
        self.branch4 = nn.Sequential(
            nn.MaxPool2d(kernel_size=3, stride=1, padding=1), convolution(in_channels, projection, 1)
        )
        self.out_channels = ones + threes + fives + projection

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.branch1(x), self.branch2(x), self.branch3(x), self.branch4(x)], dim=1)


class AuxiliaryClassifier(nn.Module):
    """On 4a and 4d; its loss counts 0.3 in training, and it is thrown away at test time."""

    def __init__(self, in_channels: int, classes: int) -> None:
        super().__init__()
        self.average = nn.AvgPool2d(kernel_size=5, stride=3)
        self.reduce = convolution(in_channels, 128, 1)
        self.fc1 = nn.Sequential(nn.Linear(128 * 4 * 4, 1024), nn.ReLU(), nn.Dropout(0.7))
        self.fc2 = nn.Linear(1024, classes)

    def forward(self, x: Tensor) -> Tensor:  # 512 (528) x 14 x 14
        x = self.reduce(self.average(x))  # 128 x 4 x 4
        x = self.fc2(self.fc1(torch.flatten(x, start_dim=1)))  # 1000
        return x


class GoogLeNet(nn.Module):
    """With ``auxiliary`` forward gives three class scores in training: the main ones, those of 4a and those of 4d."""

    def __init__(self, classes: int = 1000, auxiliary: bool = False) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            convolution(3, 64, 7, stride=2), pool(), normalization(),
            convolution(64, 64, 1), convolution(64, 192, 3), normalization(), pool(),
        )  # fmt: skip
        self.inceptions = nn.ModuleDict()
        channels, widths = 192, {}
        for name, row in INCEPTIONS.items():
            made = Inception(channels, row)
            channels = widths[name] = made.out_channels
            self.inceptions[name] = made
        self.pool3, self.pool4 = pool(), pool()
        self.average = nn.AvgPool2d(kernel_size=7, stride=1)
        self.dropout = nn.Dropout(0.4)
        self.linear = nn.Linear(channels, classes)
        self.auxiliary = nn.ModuleDict(
            {name: AuxiliaryClassifier(widths[name], classes) for name in ("4a", "4d")} if auxiliary else {}
        )

    def forward(self, x: Tensor) -> Tensor | tuple[Tensor, ...]:  # 3 x 224 x 224
        x = self.stem(x)  # 64 x 112 x 112, 64 x 56 x 56, 192 x 56 x 56, 192 x 28 x 28
        early = []
        for name, inception in self.inceptions.items():
            x = inception(x)  # 256, 480 x 28 x 28; 512, 512, 512, 528, 832 x 14 x 14; 832, 1024 x 7 x 7
            if self.training and name in self.auxiliary:
                early.append(self.auxiliary[name](x))
            x = self.pool3(x) if name == "3b" else self.pool4(x) if name == "4e" else x
        x = torch.flatten(self.average(x), start_dim=1)  # 1024
        x = self.linear(self.dropout(x))  # 1000 class scores
        return (x, *early) if early else x


def googlenet(auxiliary: bool = False) -> GoogLeNet:
    return GoogLeNet(auxiliary=auxiliary)
