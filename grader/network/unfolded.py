"""Convolutions written as matrix products: the windows of a map as rows, times the kernels."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from grader.network.arguments import count
from grader.network.graph import Origin
from grader.network.values import Value, is_whole_leaf

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser

MOST_STRIDE = 4


def unfolded_convolution(normaliser: Normaliser, rows: Value, matrix: Value, origin: Origin) -> Value | None:
    """``rows`` (batch, places, window) times ``matrix`` (outputs, window): a convolution laid out as (batch, places,
    outputs). None where the rows are not the windows of a map."""
    if rows.index is None or len(rows.sources) != 1 or len(rows.shape) != 3 or matrix.leaf is None:
        return None
    shape = normaliser.builder.nodes[rows.sources[0]].shape
    outputs, window = matrix.shape
    if len(shape) != 3 or window != rows.shape[2] or not is_whole_leaf(normaliser.leaves[matrix.leaf], matrix):
        return None
    side = math.isqrt(window // shape[0]) if window % shape[0] == 0 else 0
    if side < 2 or side * side * shape[0] != window:
        return None
    found = _geometry(rows.index, (normaliser.batch, *shape), side)
    if found is None:
        return None
    stride, padding, size = found
    attributes = {
        "in_channels": shape[0],
        "out_channels": int(outputs),
        "kernel_size": [side, side],
        "stride": [stride, stride],
        "padding": [padding, padding],
        "dilation": [1, 1],
        "groups": 1,
        "bias": False,
    }
    leaf = normaliser.leaf_as(matrix.leaf, (int(outputs), shape[0], side, side))
    node = normaliser.node("conv", attributes, rows.sources, (int(outputs), *size), origin, (leaf,))
    index = torch.arange(normaliser.size(node)).reshape(normaliser.batch, int(outputs), count(size)).transpose(1, 2)
    return Value(shape=tuple(index.shape), sources=(node,), index=index.contiguous())


def _geometry(index: Tensor, shape: tuple[int, ...], side: int) -> tuple[int, int, tuple[int, int]] | None:
    """(stride, padding, size of the result) with which the rows are the windows of a map, side by side."""
    # Counted from 1, so that the zeros of a padding are told from the first element.
    whole = torch.arange(1, count(shape) + 1, dtype=torch.float64).reshape(shape)
    for stride in range(1, MOST_STRIDE + 1):
        for padding in range(side):
            size = tuple((one + 2 * padding - side) // stride + 1 for one in shape[2:])
            if min(size) < 1 or count(size) != index.shape[1]:
                continue
            windows = functional.unfold(whole, side, padding=padding, stride=stride).transpose(1, 2)
            if torch.equal(windows.long() - 1, index):
                return stride, padding, (size[0], size[1])
    return None
