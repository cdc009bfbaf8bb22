"""VGG: configurations A, A-LRN, B, C, D (VGG-16) and E (VGG-19).

Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition" (2015), tables 1 and 2.
Lecture 001, slide "VGG (2014)"; lecture 003, slide "Case Study: VGGNet (2014)"; lecture 000, slide "VGGNet".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Table 1, a column each: output channels of 3 x 3 convolutions; (channels, 1) is one of 1 x 1, "LRN" a normalization.
# Every group ends in a 2 x 2 max-pool.
Layer = int | tuple[int, int] | str
CONFIGURATIONS: dict[str, tuple[tuple[Layer, ...], ...]] = {
    "A": ((64,), (128,), (256, 256), (512, 512), (512, 512)),
    "A-LRN": ((64, "LRN"), (128,), (256, 256), (512, 512), (512, 512)),
    "B": ((64, 64), (128, 128), (256, 256), (512, 512), (512, 512)),
    "C": ((64, 64), (128, 128), (256, 256, (256, 1)), (512, 512, (512, 1)), (512, 512, (512, 1))),
    "D": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
    "E": ((64, 64), (128, 128), (256, 256, 256, 256), (512, 512, 512, 512), (512, 512, 512, 512)),
}


def group(in_channels: int, layers: tuple[Layer, ...]) -> tuple[list[nn.Module], int]:
    """The modules of one group, and how many channels leave it."""
    modules: list[nn.Module] = []
    for layer in layers:
        if isinstance(layer, str):
            modules.append(nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0))  # AlexNet's
            continue
        out_channels, size = layer if isinstance(layer, tuple) else (layer, 3)
        modules += [nn.Conv2d(in_channels, out_channels, kernel_size=size, padding=size // 2), nn.ReLU()]
        in_channels = out_channels
    return [*modules, nn.MaxPool2d(kernel_size=2, stride=2)], in_channels


class VGG(nn.Module):
    def __init__(self, configuration: str = "D", classes: int = 1000) -> None:
        super().__init__()
        modules: list[nn.Module] = []
        channels = 3
        for layers in CONFIGURATIONS[configuration]:
            made, channels = group(channels, layers)
            modules += made
        self.features = nn.Sequential(*modules)
        self.classifier = nn.Sequential(
            nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(0.5),
            nn.Linear(4096, classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224
        x = self.features(x)  # 64 x 112 x 112, 128 x 56 x 56, 256 x 28 x 28, 512 x 14 x 14, 512 x 7 x 7
        x = torch.flatten(x, start_dim=1)  # 25088
        x = self.classifier(x)  # 1000 class scores
        return x


def vgg(configuration: str = "D") -> VGG:
    return VGG(configuration)
