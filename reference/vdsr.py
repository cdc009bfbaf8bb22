"""VDSR: super-resolution by 20 convolutions that predict what the enlarged picture lacks; 665,921 parameters.

Kim, Lee and Lee, "Accurate image super-resolution using very deep convolutional networks" (2016), section 3.1.
Lecture 002, slide "VDSR (CVPR 2016)".
"""

from __future__ import annotations

from torch import Tensor, nn


class VDSR(nn.Module):
    def __init__(self, depth: int = 20, width: int = 64, channels: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, kernel_size=3, padding=1)
        self.middle = nn.ModuleList(nn.Conv2d(width, width, kernel_size=3, padding=1) for _ in range(depth - 2))
        self.last = nn.Conv2d(width, channels, kernel_size=3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # 1 x 41 x 41, enlarged
        residual = self.relu(self.first(x))  # 64 x 41 x 41
        for conv in self.middle:
            residual = self.relu(conv(residual))  # 64 x 41 x 41
        x = x + self.last(residual)  # 1 x 41 x 41
        return x


def vdsr() -> VDSR:
    return VDSR()
