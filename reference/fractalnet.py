"""FractalNet for CIFAR-10: 20 layers in the longest path and the classifier (C = 3 columns, B = 5 blocks).

Larsson, Maire and Shakhnarovich, "FractalNet: ultra-deep neural networks without residuals" (2017), figure 1 and
section 2. Lecture 000, table of errors on slide "DenseNet (2017)". The 38.6M parameters of that table are not what the
channels here give (64 to 512, 3 x 3, 2 x 2 in the last block): the paper does not say which it counts.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CHANNELS = (64, 128, 256, 512, 512)


def convolution(in_channels: int, out_channels: int, size: int) -> nn.Sequential:
    before, after = (size - 1) // 2, size // 2  # 2 x 2 reaches one pixel to the right and below
    return nn.Sequential(
        nn.ZeroPad2d((before, after, before, after)),
        nn.Conv2d(in_channels, out_channels, kernel_size=size, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(),
    )


class Fractal(nn.Module):
    """f1 is a convolution; f(C + 1) is f(C) after f(C), joined by the mean with one convolution. Gives the columns that
    its last join has not taken in yet.

    ``local_drop``: in training each input of a join is dropped with it, but never all of them.
    """

    def __init__(self, columns: int, in_channels: int, out_channels: int, size: int, local_drop: float = 0.0) -> None:
        super().__init__()
        self.single = convolution(in_channels, out_channels, size)
        self.pair = nn.ModuleList()
        if columns > 1:
            self.pair.append(Fractal(columns - 1, in_channels, out_channels, size, local_drop))
            self.pair.append(Fractal(columns - 1, out_channels, out_channels, size, local_drop))
        self.local_drop = local_drop

    def join(self, paths: list[Tensor]) -> Tensor:
        if self.training and self.local_drop and len(paths) > 1:
            kept = [path for path in paths if torch.rand(()) >= self.local_drop]
            paths = kept or [paths[int(torch.randint(len(paths), ()))]]
        return torch.stack(paths).mean(dim=0)

    def columns(self, x: Tensor) -> list[Tensor]:
        paths = [self.single(x)]
        if len(self.pair):
            first, second = self.pair
            assert isinstance(second, Fractal)
            paths += second.columns(first(x))
        return paths

    def forward(self, x: Tensor) -> Tensor:
        return self.join(self.columns(x))


class FractalNet(nn.Module):
    def __init__(self, columns: int = 3, local_drop: float = 0.0, classes: int = 10) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        channels = 3
        for number, width in enumerate(CHANNELS):
            size = 2 if number == len(CHANNELS) - 1 else 3
            blocks.append(Fractal(columns, channels, width, size, local_drop))
            blocks.append(nn.MaxPool2d(kernel_size=2, stride=2))
            channels = width
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(channels, classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.blocks(x)  # 64 x 16 x 16, 128 x 8 x 8, 256 x 4 x 4, 512 x 2 x 2, 512 x 1 x 1
        x = self.fc(torch.flatten(x, start_dim=1))  # 10 class scores
        return x


def fractalnet(columns: int = 3) -> FractalNet:
    return FractalNet(columns)
