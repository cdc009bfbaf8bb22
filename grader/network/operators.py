"""The layers: how each operation of ATen that mixes values becomes a node with the field's own attributes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from grader.network.graph import Node, Origin

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser, Value

IDENTITIES = frozenset(
    "detach clone contiguous alias to _to_copy type_as lift_fresh lift_fresh_copy dropout feature_dropout "
    "alpha_dropout feature_alpha_dropout native_dropout".split()
)
RANDOM = frozenset("rand randn rand_like randn_like bernoulli".split())
PLACEMENT = frozenset("device layout pin_memory memory_format generator dtype non_blocking copy".split())
LAYOUTS = frozenset(
    """
    view reshape flatten unflatten permute transpose t T mT numpy_T movedim swapaxes swapdims squeeze unsqueeze select
    slice narrow chunk split split_with_sizes tensor_split unbind stack cat concat expand expand_as broadcast_to repeat
    tile flip roll rot90 unfold pixel_shuffle pixel_unshuffle channel_shuffle index_select index diagonal view_as
    reshape_as _unsafe_view constant_pad_nd pad repeat_interleave gather
    """.split()
)

Layer = Callable[["Normaliser", list[Any], dict[str, Any], Origin], "Value | None"]


def drops(arguments: list[Any]) -> bool:
    """A dropout that drops: (input, p, train)."""
    return bool(len(arguments) > 2 and arguments[2] and arguments[1])


def pair(item: Any) -> list[int]:
    """An attribute as [vertical, horizontal]."""
    if isinstance(item, int):
        return [item, item]
    numbers = [int(one) for one in item]
    return numbers * 2 if len(numbers) == 1 else numbers


def argument(arguments: list[Any], keywords: dict[str, Any], position: int, name: str, default: Any) -> Any:
    if name in keywords:
        return keywords[name]
    return arguments[position] if position < len(arguments) and arguments[position] is not None else default


def fingerprint(tensor: Tensor) -> str:
    plain = tensor.detach().double().reshape(-1).round(decimals=6) + 0.0
    return hashlib.sha256(plain.numpy().tobytes() + str(tuple(tensor.shape)).encode()).hexdigest()[:12]


def is_activation(value: Any) -> bool:
    """Depends on the network's input (a tensor made of nodes, not a parameter or a constant)."""
    return hasattr(value, "sources") and bool(value.sources)


# ---- convolution and fully connected ---------------------------------------------------------------------------


def convolution(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.conv2d(x, w, b, stride, padding, dilation, groups); aten.convolution adds (transposed, output_padding)."""
    value, weight = arguments[0], arguments[1]
    bias = argument(arguments, keywords, 2, "bias", None)
    if (
        not is_activation(value)
        or getattr(weight, "leaf", None) is None
        or len(value.shape) != 4
        or len(weight.shape) != 4
        or value.shape[0] != normaliser.batch
    ):
        return None
    if weight.index is not None or (bias is not None and (bias.leaf is None or bias.index is not None)):
        return None
    stride = pair(argument(arguments, keywords, 3, "stride", 1))
    padding = argument(arguments, keywords, 4, "padding", 0)
    dilation = pair(argument(arguments, keywords, 5, "dilation", 1))
    transposed = len(arguments) > 7 and bool(arguments[6])
    if transposed:
        return None
    groups = int(argument(arguments, keywords, 8 if len(arguments) > 8 else 6, "groups", 1))
    kernel = [int(one) for one in weight.shape[2:]]
    sides = _sides(padding, kernel, dilation)
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
    }
    leaves = (weight.leaf,) if bias is None else (weight.leaf, bias.leaf)
    node = normaliser.node("conv", attributes, (source,), (int(weight.shape[0]), *size), origin, leaves)
    return normaliser.whole(node)


def _sides(padding: Any, kernel: list[int], dilation: list[int]) -> list[int]:
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
    if value.index is not None and len(value.sources) == 1 and len(value.shape) == 4:
        node = normaliser.builder.nodes[value.sources[0]]
        inside = (value.index[0, 0] >= 0).nonzero() if len(node.shape) == 3 else torch.empty(0, 2)
        if len(inside) and value.shape[1] == node.shape[0]:
            top, left = (int(one) for one in inside[0])
            bottom, right = value.shape[2] - node.shape[1] - top, value.shape[3] - node.shape[2] - left
            if bottom >= 0 and right >= 0:
                whole = torch.arange(value.shape[0] * _product(node.shape)).reshape(value.shape[0], *node.shape)
                padded = torch.nn.functional.pad(whole, (left, right, top, bottom), value=-1)
                if torch.equal(padded, value.index):
                    return value.sources[0], [top, bottom, left, right]
    return normaliser.materialise(value, origin), [0, 0, 0, 0]


def fully_connected(
    normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin
) -> Value | None:
    """aten.linear(x, w, b): every feature of a sample, in whatever order, into out_features."""
    value, weight = arguments[0], arguments[1]
    bias = argument(arguments, keywords, 2, "bias", None)
    if not is_activation(value) or getattr(weight, "leaf", None) is None:
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
    if is_activation(weight) and getattr(value, "leaf", None) is not None and len(weight.shape) == 2:
        return _transposed_product(normaliser, value, weight, origin)
    return None


def _transposed_product(normaliser: Normaliser, weight: Value, value: Value, origin: Origin) -> Value | None:
    """w @ x.t(): the columns are the samples."""
    from grader.network.normalise import Value as Made

    if value.index is None:
        return None
    turned = normaliser.located(value.sources, value.index.t())
    made = _linear(normaliser, turned, (weight, False), None, origin)
    if made is None:
        return None
    index = torch.arange(_product(made.shape)).reshape(made.shape).t()
    return Made(shape=tuple(index.shape), sources=made.sources, index=index)


def einsum(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """A contraction over the features of a (batch, features) input with a two-dimensional weight."""
    equation, operands = arguments[0].replace(" ", ""), arguments[1]
    left, _, result = equation.partition("->")
    terms = left.split(",")
    if len(terms) != 2 or len(operands) != 2 or any(len(term) != 2 for term in (*terms, result)):
        return None
    if is_activation(operands[1]):
        terms, operands = terms[::-1], operands[::-1]
    value, weight = operands
    if not is_activation(value) or getattr(weight, "leaf", None) is None:
        return None
    shared = set(terms[0]) & set(terms[1])
    if len(shared) != 1 or terms[0][1] not in shared or result != terms[0][0] + (set(terms[1]) - shared).pop():
        return None
    return _linear(normaliser, value, (weight, terms[1][0] in shared), None, origin)


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
    outputs, features = matrix.shape[::-1] if inputs_first else matrix.shape
    attributes = {"in_features": int(features), "out_features": int(outputs), "bias": bias is not None}
    rows = value.shape[0] // normaliser.batch
    if rows * normaliser.batch != value.shape[0]:
        return None
    sources, shape = _features(normaliser, value, origin)
    leaves = (matrix.leaf,) if bias is None else (matrix.leaf, bias.leaf)
    assert matrix.leaf is not None
    sample = (*((rows,) if rows != 1 else ()), *shape, int(outputs))
    kept = tuple(one for one in leaves if one is not None)
    made = normaliser.whole(normaliser.node("linear", attributes, sources, sample, origin, kept))
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


# ---- additions -------------------------------------------------------------------------------------------------


def addition(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.add(x, y, alpha), and sub: a sum of nodes with weights, or a bias."""
    left, right = arguments[0], arguments[1]
    alpha = float(argument(arguments, keywords, 2, "alpha", 1))
    if is_activation(left) and getattr(right, "leaf", None) is not None:
        return _biased(normaliser, left, right, origin) if alpha == 1 else None
    if is_activation(right) and getattr(left, "leaf", None) is not None:
        return _biased(normaliser, right, left, origin) if alpha == 1 else None
    if not is_activation(left) or not is_activation(right) or left.shape != right.shape:
        return None
    return summed(normaliser, [(left, 1.0), (right, alpha)], origin)


def subtraction(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    left, right = arguments[0], arguments[1]
    if not is_activation(left) or not is_activation(right) or left.shape != right.shape:
        return None
    return summed(normaliser, [(left, 1.0), (right, -float(argument(arguments, keywords, 2, "alpha", 1)))], origin)


def summed(normaliser: Normaliser, terms: list[tuple[Value, float]], origin: Origin) -> Value | None:
    """A weighted sum of at least two different nodes. None where it is a function of one (``pointwise`` has those)."""
    from grader.network.normalise import Value as Made
    from grader.network.normalise import same_index

    first = terms[0][0]
    if all(same_index(value, first) and len(value.sources) == 1 for value, _ in terms):
        nodes, index, shape = [value.sources[0] for value, _ in terms], first.index, None
    else:
        nodes, index = [normaliser.materialise(value, origin) for value, _ in terms], None
        shape = tuple(first.shape[1:])
    weights: dict[int, float] = {}
    for node, (_, weight) in zip(nodes, terms, strict=True):
        for source, factor in _terms_of(normaliser, node):
            weights[source] = weights.get(source, 0.0) + factor * weight
    weights = {source: weight for source, weight in weights.items() if abs(weight) > 1e-9}
    if len({normaliser.base(source)[0] for source in weights}) < 2:
        return None
    ordered = sorted(weights)
    attributes = {"weights": [round(weights[source], 6) for source in ordered]}
    node = normaliser.node(
        "add", attributes, tuple(ordered), shape or normaliser.builder.nodes[ordered[0]].shape, origin
    )
    return Made(shape=first.shape, sources=(node,), index=index)


def _terms_of(normaliser: Normaliser, node: int) -> list[tuple[int, float]]:
    """A node as a weighted sum: an addition by its terms, a multiple of a node by its factor."""
    found = normaliser.builder.nodes[node]
    if found.op == "add":
        return list(zip(found.inputs, found.attributes["weights"], strict=True))
    if found.op == "pointwise" and found.attributes["function"] == "affine" and found.attributes["offset"] == 0:
        return [(found.inputs[0], float(found.attributes["scale"]))]
    return [(node, 1.0)]


def _biased(normaliser: Normaliser, value: Value, bias: Value, origin: Origin) -> Value | None:
    """A parameter added to every output of a layer that has no bias of its own: that layer's bias."""
    if value.index is not None or len(value.sources) != 1 or bias.leaf is None:
        return None
    node = normaliser.builder.nodes[value.sources[0]]
    channels = node.shape[0] if node.op == "conv" else node.shape[-1] if node.op == "linear" else -1
    wanted = {"conv": {(channels, 1, 1), (1, channels, 1, 1)}, "linear": {(channels,), (1, channels)}}.get(
        node.op, set()
    )
    if node.attributes.get("bias", True) or tuple(bias.shape) not in wanted or _product(bias.shape) != channels:
        return None
    leaf_ids = tuple(key for leaf in node.leaves for key, known in normaliser.leaves.items() if known is leaf)
    made = normaliser.node(
        node.op, {**node.attributes, "bias": True}, node.inputs, node.shape, node.origin, (*leaf_ids, bias.leaf)
    )
    return normaliser.whole(made)


# ---- pooling and reductions ------------------------------------------------------------------------------------


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
    if op == "sum":
        return None
    source = value.sources[0]
    shape = normaliser.builder.nodes[source].shape
    index = torch.arange(_product(value.shape)).reshape(value.shape) if value.index is None else value.index
    rest = [axis for axis in range(index.dim()) if axis not in axes]
    groups = index.permute(*rest, *axes).reshape(*[index.shape[axis] for axis in rest], -1).sort(-1)[0]
    if len(shape) != 3 or int(groups.min()) < 0 or groups.shape[-1] < 2:
        return _identity_reduction(normaliser, value, how) if groups.shape[-1] == 1 else None
    found = _windows(groups, normaliser.batch, shape)
    if found is None:
        return None
    kernel, stride, position = found
    made = _pool(normaliser, normaliser.whole(source), (op, kernel, stride, [0, 0]), {}, origin)
    if made is None:
        return None
    order = position
    for axis in axes if keep else []:
        order = order.unsqueeze(axis)
    return normaliser.located(made.sources, order)


def _identity_reduction(normaliser: Normaliser, value: Value, how: tuple[list[int], bool]) -> Value:
    axes, keep = how
    index = torch.arange(_product(value.shape)).reshape(value.shape) if value.index is None else value.index
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


# ---- the rest --------------------------------------------------------------------------------------------------


def batch_norm(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.batch_norm(x, weight, bias, mean, var, training, momentum, eps, ...)."""
    value = arguments[0]
    if not is_activation(value) or value.shape[0] != normaliser.batch:
        return None
    source = normaliser.materialise(value, origin)
    shape = normaliser.builder.nodes[source].shape
    leaves = tuple(one.leaf for one in arguments[1:3] if getattr(one, "leaf", None) is not None)
    attributes = {
        "features": int(shape[0]),
        "affine": bool(leaves),
        "eps": float(arguments[7]),
        "momentum": float(arguments[6]),
    }
    node = normaliser.node("batch_norm", attributes, (source,), shape, origin, leaves)
    return normaliser.whole(node)


def dropout(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.dropout(x, p, train), while it drops."""
    from grader.network.normalise import Value as Made

    value = arguments[0]
    if not is_activation(value) or len(value.sources) != 1 or not drops(arguments):
        return None
    source = value.sources[0]
    node = normaliser.node(
        "dropout", {"p": float(arguments[1])}, (source,), normaliser.builder.nodes[source].shape, origin
    )
    normaliser.inherit_sign(node)
    return Made(shape=value.shape, sources=(node,), index=value.index)


def softmax(op: str) -> Layer:
    def layer(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
        value = arguments[0]
        if not is_activation(value) or value.shape[0] != normaliser.batch:
            return None
        source = normaliser.materialise(value, origin)
        shape = normaliser.builder.nodes[source].shape
        dim = int(argument(arguments, keywords, 1, "dim", -1)) % len(value.shape)
        node = normaliser.node(op, {"dim": dim}, (source,), shape, origin)
        normaliser.nonnegative |= {node} if op == "softmax" else set()
        return normaliser.whole(node)

    return layer


def rearranged(normaliser: Normaliser, value: Value, origin: Origin) -> int:
    """A node for a layout that nothing absorbed: concat, reshape, pad, or a rearrangement known by its hash."""
    assert value.index is not None
    sample = tuple(value.shape[1:]) if value.shape and value.shape[0] == normaliser.batch else tuple(value.shape)
    nodes = [normaliser.builder.nodes[source] for source in value.sources]
    if len(nodes) == 1 and torch.equal(value.index.reshape(-1), torch.arange(normaliser.size(value.sources[0]))):
        return normaliser.node("reshape", {"size": list(value.shape[1:])}, value.sources, sample, origin)
    wholes, start = [], 0
    for source, node in zip(value.sources, nodes, strict=True):
        wholes.append(torch.arange(start, start + normaliser.size(source)).reshape(normaliser.batch, *node.shape))
        start += normaliser.size(source)
    if len(nodes) > 1 and all(len(node.shape) == len(sample) for node in nodes):
        for axis in range(1, len(value.shape)):
            sizes_fit = all(
                one.shape[:axis] == wholes[0].shape[:axis] and one.shape[axis + 1 :] == wholes[0].shape[axis + 1 :]
                for one in wholes
            )
            if sizes_fit and torch.equal(torch.cat(wholes, axis), value.index):
                return normaliser.node("concat", {"dim": axis}, value.sources, sample, origin)
    if len(nodes) == 1:
        source, sides = _padded(normaliser, value)
        if any(sides):
            return normaliser.node("pad", {"sides": sides}, (source,), sample, origin)
    return normaliser.node("rearrange", {"order": fingerprint(value.index)}, value.sources, sample, origin)


def _padded(normaliser: Normaliser, value: Value) -> tuple[int, list[int]]:
    """Zero padding in height and width that no convolution took up: (node, [top, bottom, left, right])."""
    if value.index is not None and bool((value.index < 0).any()) and len(value.shape) == 4:

        class Refuse(Exception):
            pass

        try:
            return unpadded(_Only(normaliser, Refuse), value, Origin())  # type: ignore[arg-type]
        except Refuse:
            pass
    return value.sources[0], [0, 0, 0, 0]


class _Only:
    """A normaliser that refuses to make nodes: ``unpadded`` is asked, and may not fall back to a rearrangement."""

    def __init__(self, normaliser: Normaliser, refusal: type[Exception]) -> None:
        self.builder = normaliser.builder
        self.refusal = refusal

    def materialise(self, value: Value, origin: Origin) -> int:
        raise self.refusal


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for one in shape:
        total *= int(one)
    return total


def node_kind(node: Node) -> str:
    return node.kind


LAYERS: dict[str, Layer] = {
    "conv2d": convolution,
    "convolution": convolution,
    "_convolution": convolution,
    "linear": fully_connected,
    "addmm": added_product,
    "mm": product,
    "matmul": product,
    "einsum": einsum,
    "add": addition,
    "sub": subtraction,
    "subtract": subtraction,
    "max_pool2d": max_pool,
    "max_pool2d_with_indices": max_pool,
    "avg_pool2d": avg_pool,
    "adaptive_avg_pool2d": adaptive("avg_pool"),
    "_adaptive_avg_pool2d": adaptive("avg_pool"),
    "adaptive_max_pool2d": adaptive("max_pool"),
    "amax": reduction("max_pool"),
    "max": reduction("max_pool"),
    "mean": reduction("avg_pool"),
    "sum": reduction("sum"),
    "batch_norm": batch_norm,
    "native_batch_norm": batch_norm,
    "_native_batch_norm_legit": batch_norm,
    "dropout": dropout,
    "feature_dropout": dropout,
    "native_dropout": dropout,
    "softmax": softmax("softmax"),
    "_softmax": softmax("softmax"),
    "log_softmax": softmax("log_softmax"),
    "_log_softmax": softmax("log_softmax"),
}
