"""Networks with what students put into theirs, to be recorded and rebuilt."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHAPE = (3, 8, 8)


def in_place() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(4, 4, 3, padding=1),
        nn.LeakyReLU(0.1, inplace=True),
        nn.Flatten(),
        nn.Linear(256, 10),
    )


def norm_and_dropout() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, bias=False),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout2d(0.25),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(72, 16),
        nn.BatchNorm1d(16),
        nn.Dropout(0.5),
        nn.Linear(16, 10),
    )


class Branches(nn.Module):
    """Splits channels, works on each part, and joins them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.left, self.right = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        left, right = torch.split(self.stem(x), 4, dim=1)
        joined = torch.cat([F.relu(self.left(left)), torch.tanh(self.right(right))], dim=1)
        return self.fc(joined.mean(dim=(2, 3)))


class Residual(nn.Module):
    """Adds in place, to what another branch still reads."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 3, 3, padding=1), nn.Conv2d(3, 3, 3, padding=1)
        self.fc = nn.Linear(192, 10)

    def forward(self, x: Tensor) -> Tensor:
        out = self.second(F.relu_(self.first(x)))
        out += x
        return self.fc(F.relu(out).view(x.size(0), -1))


class Twice(nn.Module):
    """One layer used three times, and a loop over a list."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(192, 192)
        self.outer = nn.ModuleList([nn.Linear(192, 20), nn.Linear(20, 10)])

    def forward(self, x: Tensor) -> Tensor:
        x = x.reshape(len(x), -1)
        for _ in range(3):
            x = torch.sigmoid(self.inner(x))
        for layer in self.outer:
            x = layer(x)
        return x


class OwnParameters(nn.Module):
    """No layers at all: matrices, a frozen scale, a buffer, a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.matrix = nn.Parameter(torch.randn(192, 10) / 14)
        self.shift = nn.Parameter(torch.zeros(10))
        self.scale = nn.Parameter(torch.full((10,), 2.0), requires_grad=False)
        self.register_buffer("offset", torch.linspace(0, 1, 10))
        self.constant = torch.arange(10.0)

    def forward(self, x: Tensor) -> Tensor:
        scores = x.flatten(1) @ self.matrix * self.scale + self.shift
        return scores + self.offset + 0.1 * self.constant


class Counting(nn.Module):
    """A buffer that every forward changes, and a branch on the mode."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(192, 10)
        self.register_buffer("seen", torch.zeros(10))

    def forward(self, x: Tensor) -> Tensor:
        scores = self.fc(x.flatten(1))
        if self.training:
            scores = scores * 2
        return scores + self.seen


class OfTheBatch(nn.Module):
    """Numbers that depend on the size of the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(96, 10)

    def forward(self, x: Tensor) -> Tensor:
        pairs = x.reshape(2 * x.shape[0], 96)
        return self.fc(pairs).view(x.shape[0], 2, 10).sum(1) / x.shape[0]


def frozen_features() -> nn.Module:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    for weight in network[0].parameters():
        weight.requires_grad_(False)
    return network


def up_and_down() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 6, 3, stride=2, padding=1, groups=3),
        nn.PReLU(),
        nn.ConvTranspose2d(6, 3, 2, stride=2),
        nn.GroupNorm(3, 3),
        nn.AdaptiveAvgPool2d((3, 3)),
        nn.ZeroPad2d(1),
        nn.Flatten(),
        nn.Linear(75, 10),
        nn.LogSoftmax(dim=1),
    )


class Written(nn.Module):
    """Writes into slices of a tensor that it made."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(256, 10)

    def forward(self, x: Tensor) -> Tensor:
        out = torch.zeros(x.shape[0], 4, 8, 8)
        out += self.conv(x)
        out[out < 0] = 0
        return self.fc(torch.flatten(out, 1))


NETWORKS: dict[str, Any] = {
    "in_place": in_place,
    "norm_and_dropout": norm_and_dropout,
    "branches": Branches,
    "residual": Residual,
    "twice": Twice,
    "own_parameters": OwnParameters,
    "counting": Counting,
    "of_the_batch": OfTheBatch,
    "frozen_features": frozen_features,
    "up_and_down": up_and_down,
    "written": Written,
    "lazy": lambda: nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10)),
    "bottleneck": lambda: nn.Sequential(
        nn.Conv2d(3, 2, 1), nn.ELU(inplace=True), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(32, 10)
    ),
    "layer_norm": lambda: nn.Sequential(
        nn.Flatten(), nn.LayerNorm(192), nn.Linear(192, 12), nn.GELU(), nn.Linear(12, 10)
    ),
}  # fmt: skip
