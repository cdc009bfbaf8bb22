"""CARN: super-resolution with cascading residual blocks, 1,591,939 parameters for the factors 2, 3 and 4 together.

Ahn, Kang and Sohn, "Fast, accurate, and lightweight super-resolution with cascading residual network" (2018), figures 2
and 3, table 2 (1,592K). Lecture 002, slide "CARN (Ahn et al. ECCV 2018)". The mean of the pictures' colours, which the
authors' program subtracts first, is left out: it is no part of the network.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def fuse(parts: int) -> nn.Sequential:
    """A 1 x 1 convolution of everything that came so far."""
    return nn.Sequential(nn.Conv2d(64 * parts, 64, kernel_size=1), nn.ReLU())


class Residual(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(64, 64, kernel_size=3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(x + self.conv2(self.relu(self.conv1(x))))
        return x


class Cascade(nn.Module):
    """Three units in a row; each is fused with the input and with the units before it."""

    def __init__(self, units: list[nn.Module]) -> None:
        super().__init__()
        self.units = nn.ModuleList(units)
        self.fusions = nn.ModuleList(fuse(parts) for parts in (2, 3, 4))

    def forward(self, x: Tensor) -> Tensor:
        seen, out = [x], x
        for unit, fusion in zip(self.units, self.fusions, strict=True):
            seen.append(unit(out))
            out = fusion(torch.cat(seen, dim=1))
        return out


def upsampling(factor: int) -> nn.Sequential:
    steps = {2: (2,), 3: (3,), 4: (2, 2)}[factor]
    layers: list[nn.Module] = []
    for step in steps:
        layers += [nn.Conv2d(64, 64 * step**2, kernel_size=3, padding=1), nn.ReLU(), nn.PixelShuffle(step)]
    return nn.Sequential(*layers)


class CARN(nn.Module):
    """``factors``: one way out for each; forward takes the first where none is named."""

    def __init__(self, factors: tuple[int, ...] = (2, 3, 4)) -> None:
        super().__init__()
        self.entry = nn.Conv2d(3, 64, kernel_size=3, padding=1)
        self.body = Cascade([Cascade([Residual(), Residual(), Residual()]) for _ in range(3)])
        self.upsample = nn.ModuleDict({str(factor): upsampling(factor) for factor in factors})
        self.exit = nn.Conv2d(64, 3, kernel_size=3, padding=1)

    def forward(self, x: Tensor, factor: int | None = None) -> Tensor:  # 3 x h x w
        name = str(factor) if factor else next(iter(self.upsample))
        x = self.body(self.entry(x))  # 64 x h x w
        x = self.upsample[name](x)  # 64 x factor h x factor w
        x = self.exit(x)  # 3 x factor h x factor w
        return x


def carn(factors: tuple[int, ...] = (2, 3, 4)) -> CARN:
    return CARN(factors)
