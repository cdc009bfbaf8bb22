"""Inception-v4, 42,679,816 parameters.

Szegedy, Ioffe, Vanhoucke and Alemi, "Inception-v4, Inception-ResNet and the impact of residual connections on learning"
(2017), figures 3 to 9. Lecture 001, slide "Combining Inception with Residual Connections (Inception V4)".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

Size = int | tuple[int, int]


def convolution(in_channels: int, out_channels: int, size: Size, stride: int = 1, same: bool = True) -> nn.Sequential:
    """Convolution, normalization, ReLU. Not ``same``: without padding, "V" in the figures."""
    height, width = (size, size) if isinstance(size, int) else size
    padding = (height // 2, width // 2) if same else (0, 0)
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=(height, width), stride=stride, padding=padding, bias=False),
        nn.BatchNorm2d(out_channels, eps=1e-3),
        nn.ReLU(),
    )


def chain(in_channels: int, *rows: tuple[int, Size]) -> nn.Sequential:
    """One convolution behind the other: output channels and size."""
    layers = []
    for out_channels, size in rows:
        layers.append(convolution(in_channels, out_channels, size))
        in_channels = out_channels
    return nn.Sequential(*layers)


class Branches(nn.Module):
    """Everything on the same input, one behind the other in the channels."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self.branches], dim=1)


def halving_pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel_size=3, stride=2)


def projected_average(in_channels: int, out_channels: int) -> nn.Sequential:
    average = nn.AvgPool2d(kernel_size=3, stride=1, padding=1, count_include_pad=False)
    return nn.Sequential(average, convolution(in_channels, out_channels, 1))


def stem() -> nn.Sequential:
    """Figure 3: 3 x 299 x 299 becomes 384 x 35 x 35."""
    return nn.Sequential(
        convolution(3, 32, 3, stride=2, same=False),  # 32 x 149 x 149
        convolution(32, 32, 3, same=False),  # 32 x 147 x 147
        convolution(32, 64, 3),  # 64 x 147 x 147
        Branches(halving_pool(), convolution(64, 96, 3, stride=2, same=False)),  # 160 x 73 x 73
        Branches(
            nn.Sequential(convolution(160, 64, 1), convolution(64, 96, 3, same=False)),
            nn.Sequential(chain(160, (64, 1), (64, (7, 1)), (64, (1, 7))), convolution(64, 96, 3, same=False)),
        ),  # 192 x 71 x 71
        Branches(convolution(192, 192, 3, stride=2, same=False), halving_pool()),  # 384 x 35 x 35
    )


def inception_a() -> Branches:
    """Figure 4."""
    return Branches(
        projected_average(384, 96),
        convolution(384, 96, 1),
        chain(384, (64, 1), (96, 3)),
        chain(384, (64, 1), (96, 3), (96, 3)),
    )


def reduction_a(in_channels: int, k: int, l: int, m: int, n: int) -> Branches:  # noqa: E741 - the paper's letters
    """Figure 7, table 1."""
    return Branches(
        halving_pool(),
        convolution(in_channels, n, 3, stride=2, same=False),
        nn.Sequential(chain(in_channels, (k, 1), (l, 3)), convolution(l, m, 3, stride=2, same=False)),
    )


def inception_b() -> Branches:
    """Figure 5."""
    return Branches(
        projected_average(1024, 128),
        convolution(1024, 384, 1),
        chain(1024, (192, 1), (224, (1, 7)), (256, (7, 1))),
        chain(1024, (192, 1), (192, (1, 7)), (224, (7, 1)), (224, (1, 7)), (256, (7, 1))),
    )


def reduction_b() -> Branches:
    """Figure 8."""
    return Branches(
        halving_pool(),
        nn.Sequential(convolution(1024, 192, 1), convolution(192, 192, 3, stride=2, same=False)),
        nn.Sequential(
            chain(1024, (256, 1), (256, (1, 7)), (320, (7, 1))), convolution(320, 320, 3, stride=2, same=False)
        ),
    )


def inception_c() -> Branches:
    """Figure 6."""
    return Branches(
        projected_average(1536, 256),
        convolution(1536, 256, 1),
        nn.Sequential(convolution(1536, 384, 1), Branches(chain(384, (256, (1, 3))), chain(384, (256, (3, 1))))),
        nn.Sequential(
            chain(1536, (384, 1), (448, (1, 3)), (512, (3, 1))),
            Branches(chain(512, (256, (3, 1))), chain(512, (256, (1, 3)))),
        ),
    )


class InceptionV4(nn.Module):
    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.stem = stem()
        self.inceptions_a = nn.Sequential(*(inception_a() for _ in range(4)))
        self.reduction_a = reduction_a(384, 192, 224, 256, 384)
        self.inceptions_b = nn.Sequential(*(inception_b() for _ in range(7)))
        self.reduction_b = reduction_b()
        self.inceptions_c = nn.Sequential(*(inception_c() for _ in range(3)))
        self.end = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2))
        self.fc = nn.Linear(1536, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 299 x 299
        x = self.stem(x)  # 384 x 35 x 35
        x = self.inceptions_a(x)  # 384 x 35 x 35
        x = self.reduction_a(x)  # 1024 x 17 x 17
        x = self.inceptions_b(x)  # 1024 x 17 x 17
        x = self.reduction_b(x)  # 1536 x 8 x 8
        x = self.inceptions_c(x)  # 1536 x 8 x 8
        x = self.fc(self.end(x))  # 1000 class scores
        return x


def inception_v4() -> InceptionV4:
    return InceptionV4()
