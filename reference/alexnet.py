"""AlexNet: the lectures' simplified tower (62,378,344 parameters) and the network on two GPUs (60,965,224).

Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural networks" (2012), section 3.
One tower: lecture 000 and 003, slide "Full (simplified) AlexNet architecture"; two GPUs: lecture 004, table of layers.
The lectures list the normalization behind the pool, the paper has it before (section 3.5): ``norm_first``.
torchvision's alexnet is another network: Krizhevsky, "One weird trick" (2014), 64-192-384-256-256 maps, no
normalization, 61,100,840 parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def normalization() -> nn.LocalResponseNorm:
    """k = 2, n = 5, alpha = 1e-4, beta = 0.75. The paper sums over the n maps, torch takes their mean: alpha * n."""
    return nn.LocalResponseNorm(size=5, alpha=5e-4, beta=0.75, k=2.0)


class AlexNet(nn.Module):
    """``gpus`` = 2: conv2, conv4 and conv5 read only the maps that lie on their own GPU."""

    def __init__(self, gpus: int = 1, norm_first: bool = False, classes: int = 1000) -> None:
        super().__init__()
        self.norm_first = norm_first
        self.conv1 = nn.Conv2d(3, 96, kernel_size=11, stride=4)
        self.conv2 = nn.Conv2d(96, 256, kernel_size=5, padding=2, groups=gpus)
        self.conv3 = nn.Conv2d(256, 384, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, kernel_size=3, padding=1, groups=gpus)
        self.conv5 = nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=gpus)
        self.fc6 = nn.Linear(256 * 6 * 6, 4096)
        self.fc7 = nn.Linear(4096, 4096)
        self.fc8 = nn.Linear(4096, classes)
        self.relu = nn.ReLU()
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2)
        self.norm = normalization()
        self.dropout = nn.Dropout(0.5)

    def pool_and_norm(self, x: Tensor) -> Tensor:
        x = self.pool(self.norm(x)) if self.norm_first else self.norm(self.pool(x))
        return x

    def forward(self, x: Tensor) -> Tensor:  # 3 x 227 x 227
        x = self.relu(self.conv1(x))  # 96 x 55 x 55
        x = self.pool_and_norm(x)  # 96 x 27 x 27
        x = self.relu(self.conv2(x))  # 256 x 27 x 27
        x = self.pool_and_norm(x)  # 256 x 13 x 13
        x = self.relu(self.conv3(x))  # 384 x 13 x 13
        x = self.relu(self.conv4(x))  # 384 x 13 x 13
        x = self.relu(self.conv5(x))  # 256 x 13 x 13
        x = self.pool(x)  # 256 x 6 x 6
        x = torch.flatten(x, start_dim=1)  # 9216
        x = self.dropout(self.relu(self.fc6(x)))  # 4096
        x = self.dropout(self.relu(self.fc7(x)))  # 4096
        x = self.fc8(x)  # 1000 class scores
        return x


def alexnet() -> AlexNet:
    """The lectures' table."""
    return AlexNet()


def alexnet_two_gpus() -> AlexNet:
    """The paper's network."""
    return AlexNet(gpus=2, norm_first=True)
