"""The layers: how each operation of ATen that mixes values becomes a node with the field's own attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from grader.network.additions import addition, reversed_subtraction, subtraction
from grader.network.arguments import Layer, argument, drops, fingerprint, is_activation
from grader.network.graph import Origin
from grader.network.pools import adaptive, avg_pool, max_pool, reduction
from grader.network.values import Value
from grader.network.weighted import added_product, convolution, einsum, fully_connected, product, zero_padding

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser

IDENTITIES = frozenset(
    "detach clone contiguous alias to _to_copy type_as lift_fresh lift_fresh_copy dropout feature_dropout "
    "alpha_dropout feature_alpha_dropout native_dropout resolve_conj resolve_neg".split()
)
LAYOUTS = frozenset(
    """
    view reshape flatten unflatten permute transpose t T mT numpy_T movedim swapaxes swapdims squeeze unsqueeze select
    slice narrow chunk split split_with_sizes tensor_split unbind stack cat concat expand expand_as broadcast_to repeat
    tile flip roll rot90 unfold pixel_shuffle pixel_unshuffle channel_shuffle index_select index diagonal view_as
    reshape_as _unsafe_view constant_pad_nd pad repeat_interleave gather ravel hstack vstack dstack column_stack
    im2col atleast_1d atleast_2d atleast_3d native_channel_shuffle copy
    """.split()
)


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
    value = arguments[0]
    if not is_activation(value) or len(value.sources) != 1 or not drops(arguments):
        return None
    source = value.sources[0]
    node = normaliser.node(
        "dropout", {"p": float(arguments[1])}, (source,), normaliser.builder.nodes[source].shape, origin
    )
    normaliser.inherit_sign(node)
    return Value(shape=value.shape, sources=(node,), index=value.index)


def prelu(normaliser: Normaliser, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
    """aten.prelu(x, slopes): an activation with parameters of its own."""
    value, slopes = arguments[:2]
    if not is_activation(value) or getattr(slopes, "leaf", None) is None or len(value.sources) != 1:
        return None
    source = value.sources[0]
    shape = normaliser.builder.nodes[source].shape
    node = normaliser.node("pointwise", {"function": "prelu"}, (source,), shape, origin, (slopes.leaf,))
    return Value(shape=value.shape, sources=(node,), index=value.index)


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
    padded = zero_padding(normaliser, value)
    if padded is not None:
        return normaliser.node("pad", {"sides": padded[1]}, (padded[0],), sample, origin)
    return normaliser.node("rearrange", {"order": fingerprint(value.index)}, value.sources, sample, origin)


# Layers that may be applied to the images one by one, with them as their first argument.
PER_SAMPLE = frozenset(
    "conv2d linear max_pool2d avg_pool2d adaptive_avg_pool2d adaptive_max_pool2d matmul mm dropout".split()
)
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
    "rsub": reversed_subtraction,
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
    "prelu": prelu,
    "softmax": softmax("softmax"),
    "_softmax": softmax("softmax"),
    "log_softmax": softmax("log_softmax"),
    "_log_softmax": softmax("log_softmax"),
}
