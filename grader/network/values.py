"""Recorded tensors in terms of canonical nodes, and what can be asked of them without a graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from grader.errors import NetworkUnsupported
from grader.network import bounds
from grader.network.arguments import count
from grader.network.graph import Origin
from grader.records import Leaf

ZERO = -1  # in an index tensor: a constant zero, put there by padding
SELECTIONS = frozenset({"index", "index_select", "gather"})


@dataclass(frozen=True, kw_only=True)
class Value:
    """A recorded tensor in terms of canonical nodes.

    ``index`` None: exactly what the one node in ``sources`` gives. Otherwise element k of the tensor is element
    ``index[k]`` of the sources' outputs laid end to end. ``constant``: depends on no input; ``leaf``: a parameter,
    whose ``index`` then points into it.
    """

    shape: tuple[int, ...]
    sources: tuple[int, ...] = ()
    index: Tensor | None = None
    constant: Tensor | None = None
    leaf: int | None = None
    origin: Origin | None = None  # of the operation that laid it out


def chosen(name: str, arguments: list[Any]) -> list[Any]:
    """The arguments of a selection with its constant indices as the plain tensors that they are."""
    if name not in SELECTIONS:
        return arguments
    first, *rest = arguments
    return [first, *(_as_tensor(item) for item in rest)]


def _as_tensor(item: Any) -> Any:
    if isinstance(item, list):
        return [_as_tensor(part) for part in item]
    if not isinstance(item, Value):
        return item
    if item.constant is None or item.constant.is_floating_point():
        raise NotLayout  # which elements are chosen depends on the image
    return item.constant


class NotLayout(Exception):
    """A value that no index tensor can stand for."""


def values_in(items: list[Any]) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if isinstance(item, Value):
            found.append(item)
        elif isinstance(item, list):
            found.extend(values_in(item))
    return found


def strip(item: Any) -> Any:
    if isinstance(item, Value):
        return item.constant
    return [strip(part) for part in item] if isinstance(item, list) else item


def plain(item: Any) -> Any:
    if isinstance(item, Value):
        return (
            round(float(item.constant.reshape(-1)[0]), 6)
            if item.constant is not None and item.constant.numel() == 1
            else "tensor"
        )
    return [plain(part) for part in item] if isinstance(item, list) else item


def is_whole_leaf(leaf: Leaf, value: Value) -> bool:
    """All numbers of a parameter, each once, in whatever order and shape."""
    size = count(leaf.shape)
    if value.index is None:
        return count(value.shape) == size
    return value.index.numel() == size and bool(torch.equal(value.index.reshape(-1).sort()[0], torch.arange(size)))


def same_index(left: Value, right: Value) -> bool:
    if left.index is None or right.index is None:
        return left.index is right.index
    return bool(torch.equal(left.index, right.index))


def overlaps(
    shape: list[int], strides: list[int], offset: int, other_shape: list[int], other_strides: list[int],
    other_offset: int,
) -> Tensor:
    """For each element of the second tensor, which element of the first lies in its place in memory; -1: none."""
    bounds.check(tuple(shape))
    bounds.check(tuple(other_shape))
    ends = [
        begin + sum((size - 1) * stride for size, stride in zip(sizes, steps, strict=True))
        for sizes, steps, begin in ((shape, strides, offset), (other_shape, other_strides, other_offset))
    ]
    if min([offset, other_offset, *strides, *other_strides]) < 0:
        raise NetworkUnsupported("the recording places a tensor outside its memory")
    bounds.check((max(ends) + 1,))
    memory = torch.full((max(ends) + 1,), -1)
    memory.as_strided(shape, strides, offset).copy_(torch.arange(count(tuple(shape))).reshape(shape))
    return memory.as_strided(other_shape, other_strides, other_offset).clone()


def is_range(index: Tensor) -> bool:
    flat = index.reshape(-1)
    return bool(torch.equal(flat, torch.arange(len(flat))))
