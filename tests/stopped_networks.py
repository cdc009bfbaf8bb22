"""Quiz 1's network as students leave it half done: each stops in forward. Runs where the student's program would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

SHAPE = (3, 32, 32)


class Lenet(nn.Module):
    """Right, but for what is changed."""

    def __init__(self, **changes: Callable[[], nn.Module]) -> None:
        super().__init__()
        layers: dict[str, Callable[[], nn.Module]] = {
            "conv1": lambda: nn.Conv2d(3, 6, 5),
            "conv2": lambda: nn.Conv2d(6, 16, 5),
            "fc1": lambda: nn.Linear(400, 120),
            "fc2": lambda: nn.Linear(120, 84),
            "fc3": lambda: nn.Linear(84, 10),
        }
        for name, make in (layers | changes).items():
            setattr(self, name, make())

    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)

    def classify(self, x: Tensor) -> Any:
        return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

    def forward(self, x: Tensor) -> Any:
        return self.classify(torch.flatten(self.features(x), 1))


class Unflattened(Lenet):
    def forward(self, x: Tensor) -> Any:
        return self.classify(self.features(x))


class BadView(Lenet):
    def forward(self, x: Tensor) -> Any:
        return self.classify(self.features(x).view(-1, 16 * 4 * 4))


class CutIntoRows(Lenet):
    def forward(self, x: Tensor) -> Any:
        return self.classify(self.features(x).view(-1, 16))


class PoolForgotten(Lenet):
    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        return F.relu(self.conv2(x))


class ReluForgotten(Lenet):
    def features(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(self.conv1(x), 2)
        return F.max_pool2d(F.relu(self.conv2(x)), 2)


class OneConvolutionMore(Lenet):
    def features(self, x: Tensor) -> Tensor:
        return F.relu(self.conv3(super().features(x)))


class Misspelled(Lenet):
    def classify(self, x: Tensor) -> Any:
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc_2(x))
        return self.fc3(x)


class NothingReturned(Lenet):
    def forward(self, x: Tensor) -> Any:
        self.classify(torch.flatten(self.features(x), 1))


class NothingWritten(Lenet):
    def forward(self, x: Tensor) -> Any:
        raise NotImplementedError("write the forward pass")


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "fc1_for_another_map": lambda: Lenet(fc1=lambda: nn.Linear(256, 120)),
    "conv2_kernel": lambda: Lenet(conv2=lambda: nn.Conv2d(6, 16, 3)),
    "conv1_channels": lambda: Lenet(conv1=lambda: nn.Conv2d(3, 8, 5)),
    "conv2_channels": lambda: Lenet(conv2=lambda: nn.Conv2d(8, 16, 5)),
    "one_channel": lambda: Lenet(conv1=lambda: nn.Conv2d(1, 6, 5)),
    "fc1_units": lambda: Lenet(fc1=lambda: nn.Linear(400, 100)),
    "no_bias_and_fc1": lambda: Lenet(
        conv1=lambda: nn.Conv2d(3, 6, 5, bias=False), fc1=lambda: nn.Linear(256, 120)
    ),
    "no_relu_and_fc1": lambda: ReluForgotten(fc1=lambda: nn.Linear(256, 120)),
    "no_relu_and_kernel": lambda: ReluForgotten(conv2=lambda: nn.Conv2d(6, 16, 3)),
    "unflattened": Unflattened,
    "bad_view": BadView,
    "cut_into_rows": CutIntoRows,
    "pool_forgotten": PoolForgotten,
    "one_convolution_more": lambda: OneConvolutionMore(conv3=lambda: nn.Conv2d(16, 16, 3)),
    "misspelled": Misspelled,
    "nothing_returned": NothingReturned,
    "nothing_written": NothingWritten,
}
