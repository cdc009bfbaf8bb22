"""ZFNet: AlexNet with a finer first layer, 62,357,608 parameters, and the lecture's wider one.

Zeiler and Fergus, "Visualizing and understanding convolutional networks" (2014), figure 3. Lecture 004, slide
"ZFNet (2013)": "CONV3, 4, 5: instead of 384, 384, 256 filters use 512, 1024, 512", which is the paper's enlarged model
(table 2, "(b)"), and not the one of figure 3.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

# Filters of conv3, conv4 and conv5.
WIDTHS = {"paper": (384, 384, 256), "slide": (512, 1024, 512)}


class ZFNet(nn.Module):
    def __init__(self, widths: str = "paper", classes: int = 1000) -> None:
        super().__init__()
        third, fourth, fifth = WIDTHS[widths]
        self.conv1 = nn.Conv2d(3, 96, kernel_size=7, stride=2, padding=1)
        self.conv2 = nn.Conv2d(96, 256, kernel_size=5, stride=2)
        self.conv3 = nn.Conv2d(256, third, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(third, fourth, kernel_size=3, padding=1)
        self.conv5 = nn.Conv2d(fourth, fifth, kernel_size=3, padding=1)
        self.fc6 = nn.Linear(fifth * 6 * 6, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, classes)
        self.relu = nn.ReLU()
        self.padded_pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2)
        self.norm = nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)  # AlexNet's
        self.dropout = nn.Dropout(0.5)

    def forward(self, x: Tensor) -> Tensor:  # 3 x 224 x 224
        x = self.relu(self.conv1(x))  # 96 x 110 x 110
        x = self.norm(self.padded_pool(x))  # 96 x 55 x 55
        x = self.relu(self.conv2(x))  # 256 x 26 x 26
        x = self.norm(self.padded_pool(x))  # 256 x 13 x 13
        x = self.relu(self.conv3(x))  # 384 x 13 x 13
        x = self.relu(self.conv4(x))  # 384 x 13 x 13
        x = self.relu(self.conv5(x))  # 256 x 13 x 13
        x = self.pool(x)  # 256 x 6 x 6
        x = torch.flatten(x, start_dim=1)  # 9216
        x = self.dropout(self.relu(self.fc6(x)))  # 4096
        x = self.dropout(self.relu(self.fc7(x)))  # 4096
        x = self.fc8(x)  # 1000 class scores
        return x


def zfnet(widths: str = "paper") -> ZFNet:
    return ZFNet(widths)
