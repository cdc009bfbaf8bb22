"""What the watcher keeps: the iterations of a training loop, and the passes over data that they belong to."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from . import datasets


class Iteration:
    def __init__(self, session: Pass | None, labels: Any) -> None:
        self.session = session
        self.labels = labels
        self.images: Any = None  # as the loader gave them
        self.root: nn.Module | None = None
        self.weights: dict[str, torch.Tensor] | None = None
        self.inputs: Any = None
        self.outputs: Any = None
        self.output_gradient: Any = None
        self.generator: Any = None
        self.training_mode = True
        self.loss: float | None = None
        self.targets: Any = None
        self.events: list[dict[str, Any]] = []
        self.trains = False
        self.stepped = False
        self.repeats = False  # see Watcher.repeating


class Pass:
    """One iteration over a loader, from iter() to its end or to where the program left it."""

    by_hand = False  # see HandMade

    def __init__(self, loader: Any, split: str, where: Any, declared: int, nominal: int) -> None:
        self.loader = loader
        self.split = split
        self.where = where
        self.declared = declared
        self.nominal = nominal
        self.split_size = datasets.size_of_split(loader.dataset)
        self.allowance = 0
        self.after = False  # begun when the training steps were recorded already
        self.repeats = False  # see Watcher.repeating
        self.batches = 0
        self.complete = False
        self.trains = False
        self.samples = 0
        self.correct = 0
        self.forwards = 0
        self.with_grad = False
        self.training_mode = False
        self.root: Any = None
        self.printed: list[str] = []
        self.printed_where: list[Any] = []


class HandMade(Pass):
    """Batches in a row that came from no loader, of one split: known by their pictures."""

    by_hand = True

    def __init__(self, loaderless: Any, split: str, where: Any, declared: int, length: int) -> None:
        super().__init__(loaderless, split, where, declared, length)
        self.split_size = length
        self.seen: set[int] = set()
