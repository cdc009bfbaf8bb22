import torch
from torch import nn


class Residual(nn.Module):
    """Adds its input to the output of a function."""

    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return torch.relu(self.fn(x) + x)
