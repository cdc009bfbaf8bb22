"""U-Net, 23 convolutional layers, 31,030,658 parameters.

Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image segmentation" (2015), figure 1 and
section 2. Lecture 002, slide "CNNs for detection, segmentation, etc.". No padding: 572 x 572 becomes 388 x 388.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (64, 128, 256, 512)
DEEPEST = 1024


def double(in_channels: int, out_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, out_channels, kernel_size=3),
        nn.ReLU(),
        nn.Conv2d(out_channels, out_channels, kernel_size=3),
        nn.ReLU(),
    )


def cropped(x: Tensor, like: Tensor) -> Tensor:
    """The middle of ``x``, as large as ``like``: the border pixels were lost in its convolutions."""
    top, left = (x.shape[2] - like.shape[2]) // 2, (x.shape[3] - like.shape[3]) // 2
    return x[:, :, top : top + like.shape[2], left : left + like.shape[3]]


class UNet(nn.Module):
    def __init__(self, in_channels: int = 1, classes: int = 2) -> None:
        super().__init__()
        first, *_ = WIDTHS
        self.down = nn.ModuleList(
            double(before, width) for before, width in zip((in_channels, *WIDTHS[:-1]), WIDTHS, strict=True)
        )
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.bottom = nn.Sequential(*double(WIDTHS[-1], DEEPEST), nn.Dropout(0.5))
        self.up_convs = nn.ModuleList(
            nn.ConvTranspose2d(2 * width, width, kernel_size=2, stride=2) for width in WIDTHS[::-1]
        )
        self.up = nn.ModuleList(double(2 * width, width) for width in WIDTHS[::-1])
        self.last = nn.Conv2d(first, classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:  # 1 x 572 x 572
        skips = []
        for convs in self.down:
            x = convs(x)  # 64 x 568 x 568, 128 x 280 x 280, 256 x 136 x 136, 512 x 64 x 64
            skips.append(x)
            x = self.pool(x)  # 64 x 284 x 284, 128 x 140 x 140, 256 x 68 x 68, 512 x 32 x 32
        x = self.bottom(x)  # 1024 x 28 x 28
        for up_conv, convs, skip in zip(self.up_convs, self.up, skips[::-1], strict=True):
            x = up_conv(x)  # 512 x 56 x 56, 256 x 104 x 104, 128 x 200 x 200, 64 x 392 x 392
            x = convs(torch.cat([cropped(skip, x), x], dim=1))  # 512 x 52 x 52, ..., 64 x 388 x 388
        x = self.last(x)  # 2 x 388 x 388
        return x


def unet() -> UNet:
    return UNet()
