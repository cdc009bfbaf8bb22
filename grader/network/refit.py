"""Sizes that follow: what reaches each layer once something before it has changed, and what it must then expect.

The shapes here are the same arithmetic as torch's; a repaired network is run on the meta device after it, so that a
mistake here costs a suggestion and gives no wrong one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Shape = tuple[int, ...]
WINDOWS = frozenset({"max_pool", "avg_pool"})


class Impossible(Exception):
    """A network whose sizes do not fit together."""


def fitted(op: str, attributes: Mapping[str, Any], inputs: list[Shape], adapts: bool) -> tuple[dict[str, Any], Shape]:
    """(attributes with the input sizes that reach it, shape of its output), in canonical form. ``adapts``: a pool that
    was written by the size of its output."""
    made = dict(attributes)
    if op == "conv":
        return _convolution(made, inputs[0])
    if op in WINDOWS:
        return _pool(made, inputs[0], adapts)
    if op == "linear":
        made["in_features"] = sum(math.prod(shape) for shape in inputs)
        return made, (int(made["out_features"]),)
    if op in ("pointwise", "dropout", "batch_norm", "softmax", "log_softmax"):
        return made, inputs[0]
    if op == "add":
        if len(made["weights"]) != len(inputs) or any(shape != inputs[0] for shape in inputs):
            raise Impossible
        return made, inputs[0]
    raise Impossible  # what else a network may hold is no part of a handout, and must go


def leaf_shapes(op: str, attributes: Mapping[str, Any]) -> tuple[Shape, ...]:
    """The shapes of a layer's parameters."""
    if op == "conv":
        weight: Shape = (
            attributes["out_channels"],
            attributes["in_channels"] // attributes["groups"],
            *attributes["kernel_size"],
        )
    elif op == "linear":
        weight = (attributes["out_features"], attributes["in_features"])
    else:
        return ()
    return (weight, (weight[0],)) if attributes["bias"] else (weight,)


def _convolution(attributes: dict[str, Any], shape: Shape) -> tuple[dict[str, Any], Shape]:
    groups = attributes["groups"]
    if len(shape) != 3 or shape[0] % groups or attributes["out_channels"] % groups or len(attributes["padding"]) != 2:
        raise Impossible
    attributes["in_channels"] = shape[0]
    size = _window(attributes, shape)
    if attributes["kernel_size"] == [1, 1]:
        attributes["dilation"] = [1, 1]
    return attributes, (int(attributes["out_channels"]), *size)


def _pool(attributes: dict[str, Any], shape: Shape, adapts: bool) -> tuple[dict[str, Any], Shape]:
    if len(shape) != 3:
        raise Impossible
    if adapts:
        attributes["kernel_size"] = attributes["stride"] = list(shape[1:])
    size = _window(attributes, shape)
    stride, kernel = attributes["stride"], attributes["kernel_size"]
    attributes["stride"] = [kernel[axis] if size[axis] == 1 else stride[axis] for axis in (0, 1)]
    return attributes, (shape[0], *size)


def _window(attributes: Mapping[str, Any], shape: Shape) -> tuple[int, int]:
    if attributes.get("ceil_mode"):
        raise Impossible  # the handouts' pools round down
    sizes = []
    for axis in (0, 1):
        reach = attributes.get("dilation", [1, 1])[axis] * (attributes["kernel_size"][axis] - 1)
        free = shape[1 + axis] + 2 * attributes["padding"][axis] - reach - 1
        if free < 0:
            raise Impossible
        sizes.append(free // attributes["stride"][axis] + 1)
    return sizes[0], sizes[1]
