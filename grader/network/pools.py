"""Pools, and the reductions over windows that are pools by another name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from grader.network.additions import summed
from grader.network.arguments import Layer, argument, count, is_activation, pair
from grader.network.graph import Node, Origin
from grader.network.values import Value

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser


def max_pool(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.max_pool2d(x, kernel, stride, padding, dilation, ceil_mode)."""
    kernel = pair(arguments[1])
    stride = pair(argument(arguments, keywords, 2, "stride", kernel) or kernel)
    padding = pair(argument(arguments, keywords, 3, "padding", 0))
    dilation = pair(argument(arguments, keywords, 4, "dilation", 1))
    ceil = bool(argument(arguments, keywords, 5, "ceil_mode", False))
    return _pool(
        normaliser, arguments[0], ("max_pool", kernel, stride, padding), {"dilation": dilation, "ceil": ceil}, origin
    )


def avg_pool(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.avg_pool2d(x, kernel, stride, padding, ceil_mode, count_include_pad, divisor_override)."""
    kernel = pair(arguments[1])
    stride = pair(argument(arguments, keywords, 2, "stride", kernel) or kernel)
    padding = pair(argument(arguments, keywords, 3, "padding", 0))
    ceil = bool(argument(arguments, keywords, 4, "ceil_mode", False))
    if argument(arguments, keywords, 6, "divisor_override", None) not in (None, kernel[0] * kernel[1]):
        return None
    extra: dict[str, Any] = {"ceil": ceil}
    if any(padding) and not argument(arguments, keywords, 5, "count_include_pad", True):
        extra["count_include_pad"] = False
    return _pool(normaliser, arguments[0], ("avg_pool", kernel, stride, padding), extra, origin)


def adaptive(op: str) -> Layer:
    def layer(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
        value = arguments[0]
        if not is_activation(value) or len(value.shape) != 4 or value.shape[0] != normaliser.batch:
            return None
        wanted = arguments[1] if isinstance(arguments[1], list) else pair(arguments[1])
        size = [int(value.shape[2 + axis] if wanted[axis] is None else wanted[axis]) for axis in (0, 1)]
        if all(value.shape[2 + axis] % size[axis] == 0 for axis in (0, 1)):
            kernel = [value.shape[2 + axis] // size[axis] for axis in (0, 1)]
            return _pool(normaliser, value, (op, kernel, kernel, [0, 0]), {}, origin)
        source = normaliser.materialise(value, origin)
        shape = (normaliser.builder.nodes[source].shape[0], *size)
        node = normaliser.node(f"adaptive_{op}", {"output_size": size}, (source,), shape, origin)
        normaliser.inherit_sign(node)
        return normaliser.whole(node)

    return layer


def _pool(
    normaliser: Normaliser,
    value: Value,
    window: tuple[str, list[int], list[int], list[int]],
    extra: dict[str, Any],
    origin: Origin,
) -> Value | None:
    """A pool in canonical attributes: no stride where there is one window, no ceil_mode where it changes nothing, no
    node where it is the identity. Explicit zero padding is padding only where it can be (average, or values >= 0)."""
    op, kernel, stride, padding = window
    if not is_activation(value) or len(value.shape) != 4 or value.shape[0] != normaliser.batch:
        return None
    dilation = extra.get("dilation", [1, 1])
    source = normaliser.materialise(value, origin)
    shape = normaliser.builder.nodes[source].shape
    sizes = []
    for axis in (0, 1):
        span = shape[1 + axis] + 2 * padding[axis] - dilation[axis] * (kernel[axis] - 1) - 1
        size = span // stride[axis] + 1
        if extra.get("ceil") and span % stride[axis] and (size * stride[axis] < shape[1 + axis] + padding[axis]):
            size += 1
            kept_ceil = True
        else:
            kept_ceil = False
        sizes.append((size, kept_ceil))
    stride = [kernel[axis] if sizes[axis][0] == 1 else stride[axis] for axis in (0, 1)]
    if kernel == [1, 1] and stride == [1, 1] and padding == [0, 0]:
        return value
    before = normaliser.builder.nodes[source]
    if not any(padding) and _crosses(before, op, kernel, stride):
        # Rows first and columns then is one pool over both.
        kernel = [one * two for one, two in zip(kernel, before.attributes["kernel_size"], strict=True)]
        stride = [one * two for one, two in zip(stride, before.attributes["stride"], strict=True)]
        source = before.inputs[0]
    attributes: dict[str, Any] = {"kernel_size": kernel, "stride": stride, "padding": padding}
    if op == "max_pool":
        attributes["dilation"] = dilation
    if any(kept for _, kept in sizes):
        attributes["ceil_mode"] = True
    if "count_include_pad" in extra:
        attributes["count_include_pad"] = False
    node = normaliser.node(op, attributes, (source,), (shape[0], sizes[0][0], sizes[1][0]), origin)
    normaliser.inherit_sign(node)
    return normaliser.whole(node)


def _crosses(before: Node, op: str, kernel: list[int], stride: list[int]) -> bool:
    """Is the node before the same kind of pool along the other axis, each of them with windows side by side?"""
    other = before.attributes
    return (
        before.op == op
        and set(other) <= {"kernel_size", "stride", "padding", "dilation"}
        and not any(other["padding"])
        and other["kernel_size"] == other["stride"]
        and kernel == stride
        and all(1 in (one, two) for one, two in zip(kernel, other["kernel_size"], strict=True))
    )


def reduction(op: str) -> Layer:
    """amax, mean over dimensions: a pool where the reduced elements are the windows of one."""

    def layer(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
        value = arguments[0]
        dims = argument(arguments, keywords, 1, "dim", None)
        if not is_activation(value) or dims is None or hasattr(dims, "sources"):
            return None
        listed = [dims] if isinstance(dims, int) else list(dims)
        if not listed or not all(isinstance(one, int) for one in listed):
            return None
        axes = sorted(one % len(value.shape) for one in listed)
        keep = bool(argument(arguments, keywords, 2, "keepdim", False))
        if len(value.sources) > 1:
            return _summed_slices(normaliser, op, value, (axes, keep), origin)
        return _reduced(normaliser, op, value, (axes, keep), origin)

    return layer


def _summed_slices(
    normaliser: Normaliser, op: str, value: Value, how: tuple[list[int], bool], origin: Origin
) -> Value | None:
    """The sum or mean over a stack of tensors is their weighted addition."""
    axes, keep = how
    if op not in ("sum", "avg_pool") or len(axes) != 1 or keep or value.index is None or value.shape[axes[0]] > 64:
        return None
    count = value.shape[axes[0]]
    slices = [normaliser.located(value.sources, value.index.select(axes[0], position)) for position in range(count)]
    return summed(normaliser, [(one, 1.0 if op == "sum" else 1.0 / count) for one in slices], origin)


def _reduced(
    normaliser: Normaliser, op: str, value: Value, how: tuple[list[int], bool], origin: Origin
) -> Value | None:
    axes, keep = how
    source = value.sources[0]
    shape = normaliser.builder.nodes[source].shape
    index = torch.arange(count(value.shape)).reshape(value.shape) if value.index is None else value.index
    rest = [axis for axis in range(index.dim()) if axis not in axes]
    groups = index.permute(*rest, *axes).reshape(*[index.shape[axis] for axis in rest], -1).sort(-1)[0]
    if len(shape) != 3 or int(groups.min()) < 0 or groups.shape[-1] < 2:
        return _identity_reduction(normaliser, value, how) if groups.shape[-1] == 1 else None
    found = _windows(groups, normaliser.batch, shape)
    if found is None:
        return None
    kernel, stride, position = found
    pool = "avg_pool" if op == "sum" else op
    made = _pool(normaliser, normaliser.whole(source), (pool, kernel, stride, [0, 0]), {}, origin)
    if made is None:
        return None
    if op == "sum":
        size = groups.shape[-1]
        made = normaliser.apply(made.sources[0], lambda variable: variable * size, made, origin)
    order = position
    for axis in axes if keep else []:
        order = order.unsqueeze(axis)
    return normaliser.located(made.sources, order)


def _identity_reduction(normaliser: Normaliser, value: Value, how: tuple[list[int], bool]) -> Value:
    axes, keep = how
    index = torch.arange(count(value.shape)).reshape(value.shape) if value.index is None else value.index
    for axis in axes[::-1]:
        index = index if keep else index.squeeze(axis)
    return normaliser.located(value.sources, index)


def _windows(groups: Tensor, batch: int, shape: tuple[int, ...]) -> tuple[list[int], list[int], Tensor] | None:
    """(kernel, stride, which output element each group is) if the groups are the windows of a pool over (C, H, W)."""
    channels, height, width = shape
    rows, columns = (groups // width) % height, groups % width
    first = groups.reshape(-1, groups.shape[-1])[0]
    kernel = [
        int((first // width % height).max() - (first // width % height).min()) + 1,
        int((first % width).max() - (first % width).min()) + 1,
    ]
    if kernel[0] * kernel[1] != groups.shape[-1]:
        return None
    tops, lefts = torch.unique(rows.amin(-1)), torch.unique(columns.amin(-1))
    stride = [
        int(starts[1] - starts[0]) if len(starts) > 1 else size
        for starts, size in ((tops, kernel[0]), (lefts, kernel[1]))
    ]
    plane = torch.arange(batch * channels * height * width).reshape(batch, channels, height, width)
    windows = plane.unfold(2, kernel[0], stride[0]).unfold(3, kernel[1], stride[1])
    expected = windows.reshape(-1, kernel[0] * kernel[1]).sort(-1)[0]
    flat = groups.reshape(-1, groups.shape[-1])
    place = {int(one): position for position, one in enumerate(expected[:, 0])}
    if len(flat) != len(expected) or any(int(one) not in place for one in flat[:, 0]):
        return None
    position = torch.tensor([place[int(one)] for one in flat[:, 0]])
    if not torch.equal(expected[position], flat):
        return None
    return kernel, stride, position.reshape(groups.shape[:-1])
