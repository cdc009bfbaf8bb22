"""All-CNN-C for CIFAR-10: no pool, no fully connected layer; 1,369,738 parameters.

Springenberg, Dosovitskiy, Brox and Riedmiller, "Striving for simplicity: the all convolutional net" (2015), tables 1
and 2. Lecture 000, table of errors on slide "DenseNet (2017)".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Output channels, kernel size, stride, padding. The pools of model C have become stride 2.
LAYERS = (
    (96, 3, 1, 1), (96, 3, 1, 1), (96, 3, 2, 1),
    (192, 3, 1, 1), (192, 3, 1, 1), (192, 3, 2, 1),
    (192, 3, 1, 0), (192, 1, 1, 0), (10, 1, 1, 0),
)  # fmt: skip


class AllCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Dropout(0.2)]
        channels = 3
        for width, size, stride, padding in LAYERS:
            layers += [nn.Conv2d(channels, width, kernel_size=size, stride=stride, padding=padding), nn.ReLU()]
            if stride == 2:
                layers.append(nn.Dropout(0.5))
            channels = width
        self.layers = nn.Sequential(*layers)
        self.average = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 32 x 32
        x = self.layers(x)  # 96 x 16 x 16, 192 x 8 x 8, 10 x 6 x 6
        return torch.flatten(self.average(x), start_dim=1)  # 10 class scores


def all_cnn() -> AllCNN:
    return AllCNN()
