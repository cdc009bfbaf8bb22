"""Trusted training: replaying a student's steps, memorising one batch, choosing the device."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import torch


class Network(Protocol):
    """What replay and memorise need of a rebuilt network: a module-like callable with its leaves by name."""

    @property
    def weights(self) -> dict[str, torch.nn.Parameter]:
        """Parameters under the student's names."""

    @property
    def buffers_by_name(self) -> dict[str, torch.Tensor]:
        """Buffers (the running averages of batch norm) under the student's names."""

    def train(self, mode: bool = True) -> object:
        """Choose the graph of training (True) or of evaluation."""

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """Inputs (N, 3, 32, 32) to outputs (N, classes)."""
