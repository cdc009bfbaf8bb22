"""Layers applied to the images of a batch one by one: each is that layer applied to the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.network.arguments import count
from grader.network.values import ZERO, Value

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser


def one_sample(normaliser: Normaliser, value: Any) -> tuple[int, Value] | None:
    """Of a value that is part of one image's: which image, and the same part of all of them."""
    if not isinstance(value, Value) or value.index is None or not value.sources or normaliser.batch < 2:
        return None
    index, steps, start, position = value.index, torch.zeros_like(value.index), 0, -1
    for source in value.sources:
        size = normaliser.size(source)
        inside = (index >= start) & (index < start + size)
        images = (index[inside] - start) // (size // normaliser.batch)
        if not len(images) or position not in (-1, int(images[0])) or not bool((images == images[0]).all()):
            return None
        position, start = int(images[0]), start + size
        steps[inside] = size // normaliser.batch
    if bool((index == ZERO).any()):
        return None
    alone = index.squeeze(0) if value.shape[0] == 1 and len(value.shape) in (2, 4) else index
    steps = steps.reshape(alone.shape)
    every = torch.stack([alone + (image - position) * steps for image in range(normaliser.batch)])
    return position, normaliser.located(value.sources, every)


def sample_of(normaliser: Normaliser, made: Value, position: int, like: Value) -> Value:
    """One image's part of a value, laid out as a batch of one where ``like`` is."""
    index = torch.arange(count(made.shape)).reshape(made.shape) if made.index is None else made.index
    single = like.shape[0] == 1 and len(like.shape) in (2, 4)
    return normaliser.located(made.sources, index[position : position + 1] if single else index[position])
