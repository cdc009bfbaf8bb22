"""Stacked hourglass network for human pose: 8 hourglasses, 16 joints.

Newell, Yang and Deng, "Stacked hourglass networks for human pose estimation" (2016), figures 3 and 4, section 3.
Lecture 002, slide "CNNs for detection, segmentation, etc.". Every hourglass gives heat maps, and each has its loss.
"""

from __future__ import annotations

from torch import Tensor, nn


class Residual(nn.Module):
    """Figure 4, left: a bottleneck with its normalizations and ReLUs in front."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        half = out_channels // 2
        self.branch = nn.Sequential(
            nn.BatchNorm2d(in_channels), nn.ReLU(), nn.Conv2d(in_channels, half, kernel_size=1),
            nn.BatchNorm2d(half), nn.ReLU(), nn.Conv2d(half, half, kernel_size=3, padding=1),
            nn.BatchNorm2d(half), nn.ReLU(), nn.Conv2d(half, out_channels, kernel_size=1),
        )  # fmt: skip
        same = in_channels == out_channels
        self.skip = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.skip(x) + self.branch(x)
        return x


class Hourglass(nn.Module):
    """Figure 3: down to 4 x 4 and up again, with a branch at every size that is added on the way up."""

    def __init__(self, order: int, width: int) -> None:
        super().__init__()
        self.branch = Residual(width, width)
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.before = Residual(width, width)
        self.inner = Hourglass(order - 1, width) if order > 1 else Residual(width, width)
        self.after = Residual(width, width)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x: Tensor) -> Tensor:  # width x s x s
        down = self.after(self.inner(self.before(self.pool(x))))  # width x s/2 x s/2
        x = self.branch(x) + self.up(down)  # width x s x s
        return x


class StackedHourglass(nn.Module):
    def __init__(self, stacks: int = 8, width: int = 256, joints: int = 16) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3), nn.BatchNorm2d(64), nn.ReLU(),
            Residual(64, 128), nn.MaxPool2d(kernel_size=2, stride=2), Residual(128, 128), Residual(128, width),
        )  # fmt: skip
        self.hourglasses = nn.ModuleList(
            nn.Sequential(
                Hourglass(4, width), Residual(width, width),
                nn.Conv2d(width, width, kernel_size=1), nn.BatchNorm2d(width), nn.ReLU(),
            )
            for _ in range(stacks)
        )  # fmt: skip
        self.heat = nn.ModuleList(nn.Conv2d(width, joints, kernel_size=1) for _ in range(stacks))
        self.keep = nn.ModuleList(nn.Conv2d(width, width, kernel_size=1) for _ in range(stacks - 1))
        self.back = nn.ModuleList(nn.Conv2d(joints, width, kernel_size=1) for _ in range(stacks - 1))

    def forward(self, x: Tensor) -> list[Tensor]:  # 3 x 256 x 256
        x = self.stem(x)  # 256 x 64 x 64
        maps = []
        for number, hourglass in enumerate(self.hourglasses):
            y = hourglass(x)  # 256 x 64 x 64
            maps.append(self.heat[number](y))  # 16 x 64 x 64
            if number < len(self.keep):
                x = x + self.keep[number](y) + self.back[number](maps[-1])  # 256 x 64 x 64
        return maps


def hourglass(stacks: int = 8) -> StackedHourglass:
    return StackedHourglass(stacks)
