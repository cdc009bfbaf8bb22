"""AlphaGo's policy network, 3,882,793 parameters with k = 192.

Silver et al., "Mastering the game of Go with deep neural networks and tree search" (2016), Methods, "Neural network
architecture". Lecture 003, slides "Case Study Bonus: DeepMind's AlphaGo".
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (128, 192, 256, 384)  # the k of the paper; the match version has 192


class PolicyNetwork(nn.Module):
    """``logits``: without the softmax, as a cross-entropy wants it."""

    def __init__(self, k: int = 192, logits: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(48, k, kernel_size=5, padding=2)  # 19 x 19 padded to 23 x 23
        self.hidden = nn.ModuleList(nn.Conv2d(k, k, kernel_size=3, padding=1) for _ in range(2, 13))  # layers 2 to 12
        self.last = nn.Conv2d(k, 1, kernel_size=1, bias=False)
        self.bias = nn.Parameter(torch.zeros(19 * 19))  # a different one for each position
        self.relu = nn.ReLU()
        self.logits = logits

    def forward(self, x: Tensor) -> Tensor:  # 48 x 19 x 19
        x = self.relu(self.conv1(x))  # k x 19 x 19
        for conv in self.hidden:
            x = self.relu(conv(x))  # k x 19 x 19
        x = torch.flatten(self.last(x), start_dim=1) + self.bias  # 361
        return x if self.logits else torch.softmax(x, dim=1)  # a probability for each point of the board


def alphago(k: int = 192, logits: bool = False) -> PolicyNetwork:
    return PolicyNetwork(k, logits)
