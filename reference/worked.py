"""The worked examples of the lectures that are no whole networks: stacks of filters, single layers, pop quizzes.

Lecture 001, slides "Receptive field", "Receptive field equivalence", "The power of small filters"; lecture 002, slide
"Neural network with images"; lecture 004, slide "Inception module".
"""

from __future__ import annotations

from torch import nn


def stack(size: int, number: int, channels: int = 8, padding: int = 0) -> nn.Sequential:
    """``number`` convolutions of size x size, C channels in and out, as the slides count them: without biases."""
    return nn.Sequential(
        *(nn.Conv2d(channels, channels, kernel_size=size, padding=padding, bias=False) for _ in range(number))
    )


def windows(*rows: tuple[int, int, int]) -> nn.Sequential:
    """Convolutions of one channel: size, stride, padding of each."""
    return nn.Sequential(
        *(nn.Conv2d(1, 1, kernel_size=size, stride=stride, padding=padding) for size, stride, padding in rows)
    )


def convolution_and_pool() -> nn.Sequential:
    """The picture of the effective receptive field: 7 // 2, 2 // 2 max-pool, 3 // 1."""
    return nn.Sequential(
        nn.Conv2d(1, 1, kernel_size=7, stride=2), nn.MaxPool2d(kernel_size=2, stride=2), nn.Conv2d(1, 1, kernel_size=3)
    )


def convolution(in_channels: int, out_channels: int, size: int, stride: int = 1, padding: int = 0) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, kernel_size=size, stride=stride, padding=padding)


def fully_connected(in_features: int, out_features: int, bias: bool = True) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(in_features, out_features, bias=bias))


def reduced(channels: int = 96, between: int = 32, out_channels: int = 32) -> nn.Sequential:
    """1 x 1 to fewer channels, then 3 x 3: the C, C0 and C1 of lecture 004."""
    return nn.Sequential(
        nn.Conv2d(channels, between, kernel_size=1, bias=False),
        nn.Conv2d(between, out_channels, kernel_size=3, padding=1, bias=False),
    )
