"""LeNet-5 for digits of 32 x 32: the network of 1998 (60,000 trainable parameters) and what is built in its name today.

LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition" (1998), section II.B and
table I. Lecture 001, slide "LeNet (1998)"; lecture 003, slide "Case Study: LeNet-5 (1998)"; lecture 004.
"""

from __future__ import annotations

import random

import torch
from torch import Tensor, nn

# Table I: the maps of S2 that each of the 16 maps of C3 reads.
C3_READS = (
    (0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5),
    (0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5),
    (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5),
    (0, 1, 2, 3, 4, 5),
)  # fmt: skip


class ScaledTanh(nn.Module):
    """Appendix A: 1.7159 tanh(2/3 a), which maps 1 to 1 and -1 to -1."""

    def forward(self, a: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(2 / 3 * a)


class SubSampling(nn.Module):
    """The sum of each 2 x 2 neighbourhood, times one coefficient a map, plus one bias a map."""

    def __init__(self, maps: int) -> None:
        super().__init__()
        self.coefficient = nn.Parameter(torch.ones(maps, 1, 1) / 4)
        self.bias = nn.Parameter(torch.zeros(maps, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        total = 4 * nn.functional.avg_pool2d(x, kernel_size=2, stride=2)
        return self.coefficient * total + self.bias


class PartialConvolution(nn.Module):
    """C3: every map is a convolution over a few maps of S2 alone. 60 kernels of 5 x 5 and 16 biases: 1,516."""

    def __init__(self) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Conv2d(len(reads), 1, kernel_size=5) for reads in C3_READS)

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([conv(x[:, reads]) for conv, reads in zip(self.maps, C3_READS, strict=True)], dim=1)


class RadialBasis(nn.Module):
    """y_i = sum over j of (x_j - w_ij)^2, w fixed at -1 and +1: the penalty of each class, the least one wins.

    The paper draws the codes by hand as characters of 7 x 12; here they are what it names as the other choice, chosen
    at random with equal probabilities.
    """

    codes: Tensor

    def __init__(self, in_features: int, classes: int) -> None:
        super().__init__()
        draw = random.Random(0)
        codes = [[draw.choice((-1.0, 1.0)) for _ in range(in_features)] for _ in range(classes)]
        self.register_buffer("codes", torch.tensor(codes))

    def forward(self, x: Tensor) -> Tensor:
        return ((x.unsqueeze(1) - self.codes) ** 2).sum(dim=2)


class LeNet5(nn.Module):
    """The network of 1998."""

    def __init__(self) -> None:
        super().__init__()
        self.squash = ScaledTanh()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)  # 156
        self.s2 = SubSampling(6)  # 12
        self.c3 = PartialConvolution()  # 1,516
        self.s4 = SubSampling(16)  # 32
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)  # 48,120
        self.f6 = nn.Linear(120, 84)  # 10,164
        self.output = RadialBasis(84, 10)

    def forward(self, x: Tensor) -> Tensor:  # 1 x 32 x 32
        x = self.squash(self.c1(x))  # 6 x 28 x 28
        x = self.squash(self.s2(x))  # 6 x 14 x 14
        x = self.squash(self.c3(x))  # 16 x 10 x 10
        x = self.squash(self.s4(x))  # 16 x 5 x 5
        x = self.squash(self.c5(x))  # 120 x 1 x 1
        x = torch.flatten(x, start_dim=1)  # 120
        x = self.squash(self.f6(x))  # 84
        x = self.output(x)  # 10 penalties
        return x


class ModernLeNet5(nn.Module):
    """The same sizes with ReLU, max-pools and dense connections, class scores at the end: 61,706 parameters.

    Lecture 004, slide "Variants"; the softmax is left to the cross-entropy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool = nn.MaxPool2d(kernel_size=2, stride=2)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # 1 x 32 x 32
        x = self.pool(self.relu(self.conv1(x)))  # 6 x 14 x 14
        x = self.pool(self.relu(self.conv2(x)))  # 16 x 5 x 5
        x = torch.flatten(x, start_dim=1)  # 400
        x = self.relu(self.fc1(x))  # 120
        x = self.relu(self.fc2(x))  # 84
        x = self.fc3(x)  # 10
        return x


def lenet5() -> LeNet5:
    return LeNet5()


def modern_lenet5() -> ModernLeNet5:
    return ModernLeNet5()
