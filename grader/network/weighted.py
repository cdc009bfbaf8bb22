"""Convolutions and fully connected layers, however they were spelled: conv2d, linear, addmm, matmul, einsum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

from grader.network.arguments import argument, count, is_activation, pair
from grader.network.graph import Origin
from grader.network.unfolded import unfolded_convolution
from grader.network.values import Value, is_whole_leaf

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser


def convolution(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.conv2d(x, w, b, stride, padding, dilation, groups); aten.convolution adds (transposed, output_padding)."""
    value, weight = arguments[0], arguments[1]
    bias = argument(arguments, keywords, 2, "bias", None)
    if (
        not is_activation(value)
        or len(value.shape) != 4
        or len(weight.shape) != 4
        or value.shape[0] != normaliser.batch
        or (bias is not None and not is_whole(normaliser, bias))
    ):
        return None
    owned = _owned(normaliser, weight)
    if owned is None:
        return None
    stride = pair(argument(arguments, keywords, 3, "stride", 1))
    padding = argument(arguments, keywords, 4, "padding", 0)
    dilation = pair(argument(arguments, keywords, 5, "dilation", 1))
    transposed = len(arguments) > 7 and bool(arguments[6])
    if transposed:
        return None
    groups = int(argument(arguments, keywords, 8 if len(arguments) > 8 else 6, "groups", 1))
    kernel = [int(one) for one in weight.shape[2:]]
    sides = sides_of(padding, kernel, dilation)
    if tuple(value.shape[2:]) == tuple(kernel) and not any(sides) and groups == 1 and not owned.computed:
        return _of_the_whole_map(normaliser, value, weight, bias, origin)
    source, extra = unpadded(normaliser, value, origin)
    sides = [one + two for one, two in zip(sides, extra, strict=True)]
    shape = normaliser.builder.nodes[source].shape
    size = [
        (shape[1 + axis] + sides[2 * axis] + sides[2 * axis + 1] - dilation[axis] * (kernel[axis] - 1) - 1)
        // stride[axis]
        + 1
        for axis in (0, 1)
    ]
    attributes = {
        "in_channels": int(weight.shape[1]) * groups,
        "out_channels": int(weight.shape[0]),
        "kernel_size": kernel,
        "stride": stride,
        "padding": _short(sides),
        "dilation": dilation if any(one > 1 for one in kernel) else [1, 1],
        "groups": groups,
        "bias": bias is not None,
        **owned.attributes,
    }
    leaves = [*owned.leaves, *([] if bias is None else [normaliser.leaf_as(bias.leaf, tuple(bias.shape))])]
    node = normaliser.node("conv", attributes, (source,), (int(weight.shape[0]), *size), origin, tuple(leaves))
    return normaliser.whole(node)


def is_whole(normaliser: Normaliser, value: Value) -> bool:
    return value.leaf is not None and is_whole_leaf(normaliser.leaves[value.leaf], value)


@dataclass(frozen=True)
class Owned:
    """The parameters that a layer's weight is made of: the weight itself, or what it is computed from."""

    leaves: tuple[int, ...]
    computed: bool = False

    @property
    def attributes(self) -> dict[str, Any]:
        return {"weights": "computed"} if self.computed else {}


def _owned(normaliser: Normaliser, weight: Value) -> Owned | None:
    """None where the weight depends on the image."""
    if is_whole(normaliser, weight) and weight.leaf is not None:
        return Owned((normaliser.leaf_as(weight.leaf, tuple(weight.shape)),))
    if weight.leaf is not None:
        return Owned((weight.leaf,), computed=True)
    pending, leaves = list(weight.sources), []
    while pending:
        node = pending.pop()
        if node == 0:
            return None
        found = normaliser.builder.nodes[node]
        pending.extend(found.inputs)
        leaves += [key for leaf in found.leaves for key, known in normaliser.leaves.items() if known is leaf]
    return Owned(tuple(sorted(set(leaves))), computed=True) if leaves else None


def _of_the_whole_map(
    normaliser: Normaliser, value: Value, weight: Value, bias: Value | None, origin: Origin
) -> Value | None:
    """A convolution whose kernel covers all that there is: a fully connected layer."""
    outputs, rows = int(weight.shape[0]), normaliser.batch
    index = torch.arange(count(value.shape)).reshape(value.shape) if value.index is None else value.index
    flat = normaliser.located(value.sources, index.reshape(rows, -1))
    matrix = Value(shape=(outputs, count(weight.shape[1:])), leaf=weight.leaf)
    made = _linear(normaliser, flat, (matrix, False), bias, origin)
    return None if made is None else normaliser.rows_of(made, (rows, outputs, 1, 1))


def sides_of(padding: Any, kernel: list[int], dilation: list[int]) -> list[int]:
    """[top, bottom, left, right] of a padding given as numbers, "same" or "valid"."""
    if padding == "valid":
        return [0, 0, 0, 0]
    if padding == "same":
        totals = [dilation[axis] * (kernel[axis] - 1) for axis in (0, 1)]
        return [totals[0] // 2, totals[0] - totals[0] // 2, totals[1] // 2, totals[1] - totals[1] // 2]
    vertical, horizontal = pair(padding)
    return [vertical, vertical, horizontal, horizontal]


def _short(sides: list[int]) -> list[int]:
    top, bottom, left, right = sides
    return [top, left] if (top, left) == (bottom, right) else sides


def unpadded(normaliser: Normaliser, value: Value, origin: Origin) -> tuple[int, list[int]]:
    """The node under an explicit zero padding, and its [top, bottom, left, right]; no padding: zeros."""
    return zero_padding(normaliser, value) or (normaliser.materialise(value, origin), [0, 0, 0, 0])


def zero_padding(normaliser: Normaliser, value: Value) -> tuple[int, list[int]] | None:
    """(node, [top, bottom, left, right]) if the value is that node with zeros around it, else None."""
    if value.index is None or len(value.sources) != 1 or len(value.shape) != 4:
        return None
    node = normaliser.builder.nodes[value.sources[0]]
    if len(node.shape) != 3 or value.shape[1] != node.shape[0]:
        return None
    inside = (value.index[0, 0] >= 0).nonzero()
    if not len(inside):
        return None
    top, left = (int(one) for one in inside[0])
    bottom, right = value.shape[2] - node.shape[1] - top, value.shape[3] - node.shape[2] - left
    if bottom < 0 or right < 0 or not any((top, bottom, left, right)):
        return None
    whole = torch.arange(value.shape[0] * count(node.shape)).reshape(value.shape[0], *node.shape)
    padded = torch.nn.functional.pad(whole, (left, right, top, bottom), value=-1)
    return (value.sources[0], [top, bottom, left, right]) if torch.equal(padded, value.index) else None


def fully_connected(
    normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin
) -> Value | None:
    """aten.linear(x, w, b): every feature of a sample, in whatever order, into out_features."""
    value, weight = arguments[0], arguments[1]
    bias = argument(arguments, keywords, 2, "bias", None)
    if not is_activation(value):
        return None
    return _linear(normaliser, value, (weight, False), bias, origin)


def added_product(
    normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin
) -> Value | None:
    """aten.addmm(b, x, w.t())."""
    bias, value, weight = arguments[:3]
    scaled = any(argument([], keywords, 0, name, 1) != 1 for name in ("alpha", "beta"))
    if (
        scaled
        or not is_activation(value)
        or getattr(weight, "leaf", None) is None
        or getattr(bias, "leaf", None) is None
    ):
        return None
    return _linear(normaliser, value, (weight, True), bias, origin)


def product(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.mm(x, w), aten.matmul(x, w): a fully connected layer without bias (added later, see ``addition``)."""
    value, weight = arguments[:2]
    if is_activation(value) and getattr(weight, "leaf", None) is not None:
        return _linear(normaliser, value, (weight, True), None, origin)
    if is_activation(weight) and getattr(value, "leaf", None) is not None and len(weight.shape) == 3:
        return _rows_product(normaliser, weight, value, ("nkp", "nop"), origin)
    if is_activation(weight) and getattr(value, "leaf", None) is not None and len(weight.shape) == 2:
        return _transposed_product(normaliser, value, weight, origin)
    return None


def _transposed_product(normaliser: Normaliser, weight: Value, value: Value, origin: Origin) -> Value | None:
    """w @ x.t(): the columns are the samples."""
    if value.index is None:
        return None
    turned = normaliser.located(value.sources, value.index.t())
    made = _linear(normaliser, turned, (weight, False), None, origin)
    if made is None:
        return None
    index = torch.arange(count(made.shape)).reshape(made.shape).t()
    return Value(shape=tuple(index.shape), sources=made.sources, index=index)


def _rows_product(
    normaliser: Normaliser, value: Value, matrix: Value, axes: tuple[str, str], origin: Origin
) -> Value | None:
    """A product of (outputs, features) with three axes: n the batch, k the features, p the places; o in the result."""
    if value.index is None or len(matrix.shape) != 2:
        return None
    index = value.index.permute([axes[0].index(axis) for axis in "npk"])
    made = unfolded_convolution(normaliser, normaliser.located(value.sources, index), matrix, origin)
    if made is None or made.index is None:
        return None
    return normaliser.located(made.sources, made.index.permute(["npo".index(axis) for axis in axes[1]]))


def einsum(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """A contraction over the features of a (batch, features) input with a two-dimensional weight."""
    equation, operands = arguments[0].replace(" ", ""), arguments[1]
    left, _, result = equation.partition("->")
    terms = left.split(",")
    if len(terms) != 2 or len(operands) != 2:
        return None
    if is_activation(operands[1]):
        terms, operands = terms[::-1], operands[::-1]
    value, weight = operands
    if not is_activation(value) or getattr(weight, "leaf", None) is None:
        return None
    shared = set(terms[0]) & set(terms[1])
    if len(terms[0]) == len(result) == 3 and len(terms[1]) == 2 and len(shared) == 1:
        return _rows_einsum(normaliser, (value, weight), (*terms, result), origin)
    if any(len(term) != 2 for term in (*terms, result)):
        return None
    if len(shared) != 1 or terms[0][1] not in shared or result != terms[0][0] + (set(terms[1]) - shared).pop():
        return None
    return _linear(normaliser, value, (weight, terms[1][0] in shared), None, origin)


def _rows_einsum(
    normaliser: Normaliser, operands: tuple[Value, Value], terms: tuple[str, str, str], origin: Origin
) -> Value | None:
    value, weight = operands
    features = (set(terms[0]) & set(terms[1])).pop()
    outputs = (set(terms[1]) - {features}).pop()
    kept = set(terms[0]) - {features}
    if set(terms[2]) != kept | {outputs} or terms[1][1] != features:
        return None
    # The batch is the longest-lived axis: it stands first in both.
    names = {features: "k", outputs: "o", terms[2][0]: "n"}
    renamed = ["".join(names.get(axis, "p") for axis in term) for term in (terms[0], terms[2])]
    if sorted(renamed[0]) != list("knp"):
        return None
    return _rows_product(normaliser, value, weight, (renamed[0], renamed[1]), origin)


def _linear(
    normaliser: Normaliser, value: Value, weight: tuple[Value, bool], bias: Value | None, origin: Origin
) -> Value | None:
    """``weight``: the parameter, and whether its first dimension is the input's."""
    matrix, inputs_first = weight
    if (
        len(matrix.shape) != 2
        or len(value.shape) < 2
        or (bias is not None and (bias.leaf is None or len(bias.shape) != 1))
    ):
        return None
    if bias is None and len(value.shape) == 3 and not inputs_first:
        made = unfolded_convolution(normaliser, value, matrix, origin)
        if made is not None:
            return made
    owned = _owned(normaliser, matrix)
    if owned is None or (bias is not None and not is_whole(normaliser, bias)):
        return None
    if value.index is not None and len(value.shape) > 2 and count(value.shape[:-1]) == normaliser.batch:
        single = normaliser.located(value.sources, value.index.reshape(normaliser.batch, -1))
        made = _linear(normaliser, single, weight, bias, origin)
        return made and normaliser.rows_of(made, (*value.shape[:-1], made.shape[-1]))
    outputs, features = matrix.shape[::-1] if inputs_first else matrix.shape
    attributes = {"in_features": int(features), "out_features": int(outputs), "bias": bias is not None}
    attributes |= owned.attributes
    rows = value.shape[0] // normaliser.batch
    if rows * normaliser.batch != value.shape[0]:
        return None
    sources, shape = _features(normaliser, value, origin)
    leaves = list(owned.leaves)
    if not owned.computed and matrix.leaf is not None:
        turned = sorted(normaliser.leaves[matrix.leaf].shape) == sorted((int(outputs), int(features)))
        leaves = [matrix.leaf if turned else normaliser.leaf_as(matrix.leaf, (int(outputs), int(features)))]
    if bias is not None and bias.leaf is not None:
        leaves.append(normaliser.leaf_as(bias.leaf, (int(outputs),)))
    sample = (*((rows,) if rows != 1 else ()), *shape, int(outputs))
    made = normaliser.whole(normaliser.node("linear", attributes, sources, sample, origin, tuple(leaves)))
    if rows == 1:
        return made
    # A view(-1, features) that does not fit: the images are cut into several rows each.
    return normaliser.rows_of(made, (*value.shape[:-1], int(outputs)))


def _features(normaliser: Normaliser, value: Value, origin: Origin) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(nodes, leading dimensions of a sample) that a fully connected layer reads. A flattening of all that a sample
    has, in whatever order, is no node of its own."""
    if value.index is not None and value.shape[0] != normaliser.batch and normaliser.is_whole(value):
        # More rows than images: told by the output's shape, and not by a reshape here.
        return value.sources, tuple(value.shape[1:-1])
    if value.index is None or len(value.shape) != 2 or value.shape[0] != normaliser.batch or value.shape[1] == 0:
        return (normaliser.materialise(value, origin),), tuple(value.shape[1:-1])
    sizes = [normaliser.size(source) for source in value.sources]
    per_sample = [size // normaliser.batch for size in sizes]
    if sum(per_sample) != value.shape[1]:
        return (normaliser.materialise(value, origin),), ()
    expected, start = [], 0
    for size, part in zip(sizes, per_sample, strict=True):
        expected.append(torch.arange(start, start + size).reshape(normaliser.batch, part))
        start += size
    if torch.equal(value.index.sort(1)[0], torch.cat(expected, 1).sort(1)[0]):
        return tuple(sorted(value.sources)), ()
    return (normaliser.materialise(value, origin),), ()
