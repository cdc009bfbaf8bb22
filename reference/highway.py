"""Highway network of fully connected layers for MNIST: 10 layers of 50 units.

Srivastava, Greff and Schmidhuber, "Training very deep networks" (2015), equations 2 and 3, section 3.1. Lecture 000,
table of errors on slide "DenseNet (2017)".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Highway(nn.Module):
    """y = H(x) T(x) + x (1 - T(x)); the gate's bias starts low, so that x passes."""

    def __init__(self, width: int, gate_bias: float = -1.0) -> None:
        super().__init__()
        self.transform = nn.Linear(width, width)
        self.gate = nn.Linear(width, width)
        nn.init.constant_(self.gate.bias, gate_bias)

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.gate(x))
        return torch.relu(self.transform(x)) * gate + x * (1 - gate)


class HighwayNetwork(nn.Module):
    """The first layer is plain: it brings the picture to the width of the others."""

    def __init__(self, depth: int = 10, width: int = 50, in_features: int = 784, classes: int = 10) -> None:
        super().__init__()
        self.first = nn.Linear(in_features, width)
        self.layers = nn.Sequential(*(Highway(width) for _ in range(depth - 1)))
        self.last = nn.Linear(width, classes)

    def forward(self, x: Tensor) -> Tensor:  # 1 x 28 x 28
        x = torch.flatten(x, start_dim=1)  # 784
        x = torch.relu(self.first(x))  # 50
        x = self.layers(x)  # 50
        x = self.last(x)  # 10 class scores
        return x


def highway(depth: int = 10, width: int = 50) -> HighwayNetwork:
    return HighwayNetwork(depth, width)
