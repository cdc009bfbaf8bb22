"""Sums: of nodes with weights, however they were spelled, and of a layer and its bias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grader.network import pointwise
from grader.network.arguments import argument, count, is_activation
from grader.network.graph import Origin

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser, Value

SCALE_FREE = ("max_pool", "avg_pool", "dropout")  # f(c x) = c f(x) for every c > 0


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
    if len({normaliser.base(node)[0] for node in nodes}) < 2:
        return None  # (s + |s|) / 2 is a function of s, though s is a sum itself
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
    return [_unscaled(normaliser, node)]


def _unscaled(normaliser: Normaliser, node: int) -> tuple[int, float]:
    """A node as another one times a factor: c relu(x) is relu(x) weighed by c, and so is a pool of it."""
    found = normaliser.builder.nodes[node]
    if found.op == "pointwise":
        base, function = normaliser.base(node)
        values = function(pointwise.GRID).double()
        scale = pointwise.slope(values)
        if scale > 0 and abs(scale - 1) > 1e-6 and pointwise.is_homogeneous(values):
            plain = normaliser.apply(base, lambda x: function(x) / scale, normaliser.whole(node), found.origin)
            return plain.sources[0], scale
        multiple = _multiple_of_earlier(normaliser, base) if pointwise.is_homogeneous(values) else None
        if multiple is not None:
            plain = normaliser.apply(multiple[0], function, normaliser.whole(node), found.origin)
            return plain.sources[0], multiple[1]
    elif found.op in SCALE_FREE:
        inner, scale = _unscaled(normaliser, found.inputs[0])
        if scale != 1:
            made = normaliser.node(found.op, found.attributes, (inner,), found.shape, found.origin)
            normaliser.inherit_sign(made)
            return made, scale
    return node, 1.0


def _multiple_of_earlier(normaliser: Normaliser, node: int) -> tuple[int, float] | None:
    """The sum that was there before with the same terms, of which this one is a multiple, and the factor."""
    found = normaliser.builder.nodes[node]
    for earlier, other in enumerate(normaliser.builder.nodes[:node]):
        if found.op == other.op == "add" and found.inputs == other.inputs:
            pairs = zip(found.attributes["weights"], other.attributes["weights"], strict=True)
            factors = [one / two for one, two in pairs]
            if factors[0] > 0 and max(factors) - min(factors) < 1e-6:
                return earlier, factors[0]
    return None


def _biased(normaliser: Normaliser, value: Value, bias: Value, origin: Origin) -> Value | None:
    """A parameter added to every output of a layer that has no bias of its own: that layer's bias."""
    if value.index is not None or len(value.sources) != 1 or bias.leaf is None:
        return None
    node = normaliser.builder.nodes[value.sources[0]]
    channels = node.shape[0] if node.op == "conv" else node.shape[-1] if node.op == "linear" else -1
    wanted = {"conv": {(channels, 1, 1), (1, channels, 1, 1)}, "linear": {(channels,), (1, channels)}}.get(
        node.op, set()
    )
    if node.attributes.get("bias", True) or tuple(bias.shape) not in wanted or count(bias.shape) != channels:
        return None
    leaf_ids = tuple(key for leaf in node.leaves for key, known in normaliser.leaves.items() if known is leaf)
    made = normaliser.node(
        node.op, {**node.attributes, "bias": True}, node.inputs, node.shape, node.origin, (*leaf_ids, bias.leaf)
    )
    return normaliser.whole(made)
