"""Which of the loader's images the network was fed, whatever was done to them in between."""

from __future__ import annotations

from typing import Any

import torch

from .passes import Iteration


def first_images(inputs: tuple[Any, ...]) -> Any:
    """The batch among a network's arguments, or None."""
    return next((item for item in inputs if isinstance(item, torch.Tensor) and item.dim() >= 2), None)


def is_same_batch(fed: torch.Tensor, given: Any) -> bool:
    """Are these the loader's images, in its order? They may have been normalised since."""
    if given is None or fed.shape != given.shape:
        return False
    fed, given = standardised(fed), standardised(given)
    return bool(((fed * given).mean(1) > 0.98).all())


def standardised(images: torch.Tensor) -> torch.Tensor:
    flat = images.detach().reshape(len(images), -1).double()
    return (flat - flat.mean(1, keepdim=True)) / (flat.std(1, keepdim=True) + 1e-9)


def labels_as_fed(iteration: Iteration) -> Any:
    """The loader's labels in the order of the images that the network was fed (which may have been shuffled, and
    normalised since): each fed image is the loader's that it looks most like."""
    labels, fed, given = iteration.labels, iteration.inputs, iteration.images
    if labels is None or given is None or len(given) != len(labels) or fed.shape[0] > len(labels):
        return labels
    fed, given = standardised(fed), standardised(given)
    if fed.shape[1] != given.shape[1]:
        return labels
    likeness = fed @ given.T / fed.shape[1]
    if bool((likeness.diagonal() > 0.98).all()) or bool((likeness.amax(1) < 0.98).any()):
        return labels[: len(fed)] if len(fed) < len(labels) and bool((likeness.diagonal() > 0.98).all()) else labels
    return labels[likeness.argmax(1)]
