"""Inception-ResNet-v1 and -v2.

Szegedy, Ioffe, Vanhoucke and Alemi, "Inception-v4, Inception-ResNet and the impact of residual connections on learning"
(2017), figures 10 to 19, table 1, section 3.3. Lecture 001, slide "Inception-v4: Resnet + Inception!". Figures 17 and
19 print 1154 and 2048 channels behind the linear 1 x 1 of v2, where the sum takes 1152 and 2144. The
published programs of v2 repeat the blocks 10, 20 and 10 times and have 55.8M parameters; figure 15 has 5, 10 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from reference.inception_v4 import Branches, chain, convolution, halving_pool, reduction_a, stem


@dataclass(frozen=True, kw_only=True)
class Version:
    """Widths of the branches of each module, and the channels that the residuals are added to."""

    channels: tuple[int, int, int]
    a: tuple[tuple[int, ...], ...]
    b: tuple[tuple[int, ...], ...]
    c: tuple[tuple[int, ...], ...]
    reduction_a: tuple[int, int, int, int]  # k, l, m, n
    reduction_b: tuple[tuple[int, ...], ...]


VERSIONS = {
    1: Version(
        channels=(256, 896, 1792),
        a=((32,), (32, 32), (32, 32, 32)),
        b=((128,), (128, 128, 128)),
        c=((192,), (192, 192, 192)),
        reduction_a=(192, 192, 256, 384),
        reduction_b=((256, 384), (256, 256), (256, 256, 256)),
    ),
    2: Version(
        channels=(384, 1152, 2144),
        a=((32,), (32, 32), (32, 48, 64)),
        b=((192,), (128, 160, 192)),
        c=((192,), (192, 224, 256)),
        reduction_a=(256, 256, 384, 384),
        reduction_b=((256, 384), (256, 288), (256, 288, 320)),
    ),
}
BLOCKS = (5, 10, 5)  # of A, B and C
KERNELS: dict[str, tuple[tuple[int | tuple[int, int], ...], ...]] = {
    "a": ((1,), (1, 3), (1, 3, 3)),
    "b": ((1,), (1, (1, 7), (7, 1))),
    "c": ((1,), (1, (1, 3), (3, 1))),
}


class ResidualInception(nn.Module):
    """relu(x + scale * linear 1 x 1 of the branches): the wider networks die without the scale (section 3.3)."""

    def __init__(self, channels: int, widths: tuple[tuple[int, ...], ...], kind: str, scale: float) -> None:
        super().__init__()
        self.branches = Branches(
            *(chain(channels, *zip(row, sizes, strict=True)) for row, sizes in zip(widths, KERNELS[kind], strict=True))
        )
        self.linear = nn.Conv2d(sum(row[-1] for row in widths), channels, kernel_size=1)
        self.scale = scale

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.scale * self.linear(self.branches(x)))


def small_stem() -> nn.Sequential:
    """Figure 14, of v1: 3 x 299 x 299 becomes 256 x 35 x 35."""
    return nn.Sequential(
        convolution(3, 32, 3, stride=2, same=False),  # 32 x 149 x 149
        convolution(32, 32, 3, same=False),  # 32 x 147 x 147
        convolution(32, 64, 3),  # 64 x 147 x 147
        halving_pool(),  # 64 x 73 x 73
        convolution(64, 80, 1),  # 80 x 73 x 73
        convolution(80, 192, 3, same=False),  # 192 x 71 x 71
        convolution(192, 256, 3, stride=2, same=False),  # 256 x 35 x 35
    )


def reduction_b(in_channels: int, widths: tuple[tuple[int, ...], ...]) -> Branches:
    """Figures 13 and 18."""
    branches = []
    for *before, last in widths:
        branches.append(
            nn.Sequential(
                chain(in_channels, *((width, 3 if place else 1) for place, width in enumerate(before))),
                convolution(before[-1], last, 3, stride=2, same=False),
            )
        )
    return Branches(halving_pool(), *branches)


class InceptionResNet(nn.Module):
    def __init__(self, version: int = 2, scale: float = 0.2, classes: int = 1000) -> None:
        super().__init__()
        spec = VERSIONS[version]
        first, second, third = spec.channels
        self.stem = small_stem() if version == 1 else stem()
        self.blocks_a = nn.Sequential(*(ResidualInception(first, spec.a, "a", scale) for _ in range(BLOCKS[0])))
        self.reduction_a = reduction_a(first, *spec.reduction_a)
        self.blocks_b = nn.Sequential(*(ResidualInception(second, spec.b, "b", scale) for _ in range(BLOCKS[1])))
        self.reduction_b = reduction_b(second, spec.reduction_b)
        self.blocks_c = nn.Sequential(*(ResidualInception(third, spec.c, "c", scale) for _ in range(BLOCKS[2])))
        self.end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2))
        self.fc = nn.Linear(third, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 299 x 299
        x = self.blocks_a(self.stem(x))  # 384 (v1: 256) x 35 x 35
        x = self.blocks_b(self.reduction_a(x))  # 1152 (896) x 17 x 17
        x = self.blocks_c(self.reduction_b(x))  # 2144 (1792) x 8 x 8
        x = self.fc(self.end(x))  # 1000 class scores
        return x


def inception_resnet(version: int = 2) -> InceptionResNet:
    return InceptionResNet(version)
