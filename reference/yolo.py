"""YOLO v1: 24 convolutional layers and two fully connected ones, 271,703,550 parameters.

Redmon, Divvala, Girshick and Farhadi, "You only look once: unified, real-time object detection" (2016), figure 3 and
section 2.2. Lecture 002, slides "CNNs for detection, segmentation, etc.". S = 7, B = 2, C = 20: 7 x 7 x 30.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Figure 3: (kernel size, filters, stride), "pool" is 2 x 2 with stride 2.
Row = tuple[int, int, int] | str
LAYERS: tuple[Row, ...] = (
    (7, 64, 2), "pool",
    (3, 192, 1), "pool",
    (1, 128, 1), (3, 256, 1), (1, 256, 1), (3, 512, 1), "pool",
    *((1, 256, 1), (3, 512, 1)) * 4, (1, 512, 1), (3, 1024, 1), "pool",
    *((1, 512, 1), (3, 1024, 1)) * 2, (3, 1024, 1), (3, 1024, 2),
    (3, 1024, 1), (3, 1024, 1),
)  # fmt: skip


class YOLO(nn.Module):
    def __init__(self, cells: int = 7, boxes: int = 2, classes: int = 20) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for row in LAYERS:
            if isinstance(row, str):
                layers.append(nn.MaxPool2d(kernel_size=2, stride=2))
                continue
            size, filters, stride = row
            layers.append(nn.Conv2d(channels, filters, kernel_size=size, stride=stride, padding=size // 2))
            layers.append(nn.LeakyReLU(0.1))
            channels = filters
        self.convolutions = nn.Sequential(*layers)
        self.fc1 = nn.Linear(channels * cells * cells, 4096)
        self.fc2 = nn.Linear(4096, cells * cells * (5 * boxes + classes))
        self.leaky = nn.LeakyReLU(0.1)
        self.dropout = nn.Dropout(0.5)
        self.grid = (cells, cells, 5 * boxes + classes)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 448 x 448
        x = self.convolutions(x)  # 192 x 56 x 56 after two pools, 512 x 28 x 28, 1024 x 14 x 14, 1024 x 7 x 7
        x = torch.flatten(x, start_dim=1)  # 50176
        x = self.dropout(self.leaky(self.fc1(x)))  # 4096
        x = self.fc2(x)  # 1470: the last layer is linear
        return torch.unflatten(x, 1, self.grid)  # 7 x 7 x 30


def yolo() -> YOLO:
    return YOLO()
