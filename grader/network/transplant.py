"""Equality decided by numbers: the student's weights are planted into the handout's network, and both are run.

Normalising knows the usual spellings. What it cannot read (an unfolded convolution, a loop over the images) may still
compute the handout's function: then both networks, with the same random weights, answer alike on random images of
several magnitudes, to the last digits of double precision. Where the parameters do not fit one to one, or an operation
cannot be rebuilt, nothing is said.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from grader.errors import NetworkUnsupported
from grader.network.build import Rebuilt
from grader.network.graph import Graph, Node, Origin, origin_of
from grader.records import Leaf, RawGraph

# Of the images: of size one; small, so that biases matter; so large that every clamp is reached.
MAGNITUDES = (1.0, 0.1, 1000.0)
TOLERANCE = {torch.float64: 1e-8, torch.float32: 2e-5}  # of the largest output
TAILS: dict[str, Callable[[Tensor], Tensor]] = {
    "logits": lambda scores: scores,
    "log_softmax": lambda scores: scores.log_softmax(-1),
    "softmax": lambda scores: scores.softmax(-1),
}
Weights = dict[int, list[Tensor]]  # node of the handout's graph -> its parameters


Planting = Mapping[tuple[int, int], Leaf]  # (node, position) of the handout's parameters -> the student's


def fits(raw: RawGraph, expected: Graph) -> bool:
    """Are there as many parameters of each size as the handout's network has?"""
    return _planting(raw, expected) is not None


def twin(rebuilt: Rebuilt, expected: Graph) -> Graph | None:
    """The handout's graph with the student's parameters and lines, if their network computes its function; else None.
    Behind it stands the softmax or log-softmax that theirs ends with."""
    planted = _planting(rebuilt.graphs["train"], expected)
    if planted is None:
        return None
    for dtype in (torch.float64, torch.float32):
        try:
            tail = _same_answers(rebuilt, expected, planted, dtype)
        except (NetworkUnsupported, RuntimeError, TypeError, ValueError, IndexError, KeyError):
            continue  # a conversion that the program asks for, say: then in its own precision
        return _own(expected, rebuilt.graphs["train"], planted, tail) if tail else None
    return None


# ---- which parameter is which ------------------------------------------------------------------------------------


def _planting(raw: RawGraph, expected: Graph) -> Planting | None:
    """(node, position) of each of the handout's parameters -> the student's, in the order of first use. None unless all
    fit one to one."""
    waiting = _parameters(raw)
    planted: dict[tuple[int, int], Leaf] = {}
    for index, node in enumerate(expected.nodes):
        for position, leaf in enumerate(node.leaves):
            fits = [one for one in waiting if math.prod(one.shape) == math.prod(leaf.shape)]
            if not fits:
                return None
            alike = [one for one in fits if sorted(one.shape) == sorted(leaf.shape)]
            planted[index, position] = (alike or fits)[0]
            waiting.remove(planted[index, position])
    return planted if not waiting else None


def _parameters(raw: RawGraph) -> list[Leaf]:
    found: dict[str, Leaf] = {}
    for node in raw.nodes:
        for value in _values([*node.arguments, *node.keywords.values()]):
            leaf = raw.leaves.get(value)
            if leaf is not None and leaf.role == "parameter":
                found.setdefault(leaf.name, leaf)
    return list(found.values())


def _values(items: Any) -> Iterator[int]:
    for item in items:
        if isinstance(item, dict) and "value" in item:
            yield item["value"]
        elif isinstance(item, list):
            yield from _values(item)


# ---- both networks, side by side ---------------------------------------------------------------------------------


def _same_answers(
    rebuilt: Rebuilt, expected: Graph, planted: Planting, dtype: torch.dtype
) -> str:
    """The tail behind which both answer alike; "" where there is none."""
    rebuilt.to_dtype(dtype)
    generator = torch.Generator().manual_seed(0)
    candidates = [(order, tail) for order in _orders(expected) for tail in TAILS]
    for magnitude in MAGNITUDES:
        _refill(rebuilt, generator)
        batch = rebuilt.graphs["train"].batch
        images = magnitude * torch.randn((batch, *expected.nodes[0].shape), generator=generator).to(dtype)
        answers = _answers(rebuilt, images)
        scores = {
            order: _forward(expected, _read(rebuilt, expected, planted, order), images)
            for order in dict.fromkeys(order for order, _ in candidates)
        }
        candidates = [
            (order, tail)
            for order, tail in candidates
            if all(_alike(one, TAILS[tail](scores[order]), dtype) for one in answers)
        ]
        if not candidates:
            return ""
    return candidates[0][1]


def _orders(expected: Graph) -> list[tuple[int, ...]]:
    """The orders in which a map may be flattened, where one of more than a pixel is."""
    maps = [expected.nodes[node.inputs[0]].shape for node in expected.nodes if node.op == "linear"]
    wide = any(len(shape) == 3 and math.prod(shape[1:]) > 1 for shape in maps)
    return list(itertools.permutations((1, 2, 3))) if wide else [(1, 2, 3)]


def _answers(rebuilt: Rebuilt, images: Tensor) -> list[Tensor]:
    """In training mode, which is what is compared; twice, since what drops or draws at random is not the function."""
    rebuilt.train()
    with torch.no_grad():
        return [rebuilt(images.clone()) for _ in range(2)]


def _alike(found: Tensor, wanted: Tensor, dtype: torch.dtype) -> bool:
    if found.shape != wanted.shape or not bool(torch.isfinite(found).all()):
        return False
    return bool((found.to(dtype) - wanted).abs().max() <= TOLERANCE[dtype] * wanted.abs().max())


def _refill(rebuilt: Rebuilt, generator: torch.Generator) -> None:
    """Random weights that keep a signal's size from layer to layer, and biases that show."""
    with torch.no_grad():
        for weight in rebuilt.weights.values():
            fan_in = max(1, weight.numel() // max(1, min(weight.shape, default=1)))
            scale = math.sqrt(2 / fan_in) if weight.dim() > 1 and min(weight.shape) > 1 else 0.3
            weight.copy_(scale * torch.randn(weight.shape, generator=generator))


def _read(
    rebuilt: Rebuilt, expected: Graph, planted: Planting, order: tuple[int, ...]
) -> Weights:
    """The student's parameters in the handout's shapes. ``order``: how they flatten a map before a full connection."""
    weights: Weights = {}
    for (index, _), leaf in planted.items():
        node = expected.nodes[index]
        made = _shaped(rebuilt.weights[leaf.name].detach(), _shape(node, len(weights.get(index, []))))
        if node.op == "linear" and made.dim() == 2 and len(node.inputs) == 1:
            made = _reordered(made, expected.nodes[node.inputs[0]].shape, order)
        weights.setdefault(index, []).append(made)
    return weights


def _shape(node: Node, position: int) -> tuple[int, ...]:
    if node.op == "linear" and position == 0:
        return node.attributes["out_features"], node.attributes["in_features"]
    return node.leaves[position].shape


def _shaped(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """A parameter kept in another shape: the outputs first, or last."""
    if tuple(tensor.shape) == shape or len(shape) == 1 or tensor.shape[0] == shape[0]:
        return tensor.reshape(shape)
    return tensor.reshape(-1, shape[0]).t().reshape(shape)


def _reordered(weight: Tensor, shape: tuple[int, ...], order: tuple[int, ...]) -> Tensor:
    """The columns of a map that was flattened in another order of (channels, height, width)."""
    if len(shape) != 3 or math.prod(shape) != weight.shape[1]:
        return weight
    sizes = [shape[axis - 1] for axis in order]
    back = [order.index(axis) + 1 for axis in (1, 2, 3)]
    return weight.reshape(-1, *sizes).permute(0, *back).reshape(weight.shape)


def _forward(graph: Graph, weights: Weights, images: Tensor) -> Tensor:
    values = [images]
    for index, node in enumerate(graph.nodes[1:], 1):
        values.append(_run(node, weights.get(index, []), [values[source] for source in node.inputs]))
    return values[graph.output]


def _run(node: Node, weights: list[Tensor], inputs: list[Tensor]) -> Tensor:
    """One node of a handout's graph."""
    at = node.attributes
    value = inputs[0]
    if node.op == "conv":
        top, left, *rest = at["padding"]
        sides = (left, left, top, top) if not rest else (rest[0], rest[1], top, left)
        bias = weights[1] if at["bias"] else None
        padded = functional.pad(value, sides)
        return functional.conv2d(padded, weights[0], bias, at["stride"], 0, at["dilation"], at["groups"])
    if node.op == "linear":
        whole = len(inputs) > 1 or value.shape[-1] != at["in_features"]
        rows = torch.cat([one.flatten(1) for one in inputs], 1) if whole else value
        return functional.linear(rows, weights[0], weights[1] if at["bias"] else None)
    if node.op == "max_pool" and not at.get("ceil_mode"):
        return functional.max_pool2d(value, at["kernel_size"], at["stride"], at["padding"], at["dilation"])
    if node.op == "avg_pool" and not at.get("ceil_mode") and not any(at["padding"]):
        return functional.avg_pool2d(value, at["kernel_size"], at["stride"])
    if node.op == "pointwise" and at["function"] == "relu":
        return functional.relu(value)
    if node.op == "add":
        return torch.stack([factor * one for factor, one in zip(at["weights"], inputs, strict=True)]).sum(0)
    raise NetworkUnsupported(f"the handout's {node.op} is not run here")


# ---- the student's own copy of the handout's graph ---------------------------------------------------------------


def _own(expected: Graph, raw: RawGraph, planted: Planting, tail: str) -> Graph:
    nodes = []
    for index, node in enumerate(expected.nodes):
        leaves = tuple(
            dataclasses.replace(planted[index, position], shape=leaf.shape) for position, leaf in enumerate(node.leaves)
        )
        origin = _origin(raw, planted[index, 0].name) if leaves else Origin()
        nodes.append(dataclasses.replace(node, leaves=leaves, origin=origin))
    if tail == "logits":
        return dataclasses.replace(expected, nodes=tuple(nodes))
    shape = expected.nodes[expected.output].shape
    last = Node(
        op=tail, attributes={"dim": len(shape)}, inputs=(expected.output,), shape=shape, origin=origin_of(raw.nodes[-1])
    )
    return dataclasses.replace(expected, nodes=(*nodes, last), output=len(nodes))


def _origin(raw: RawGraph, name: str) -> Origin:
    """Where a parameter is used first."""
    for node in raw.nodes:
        leaves = [raw.leaves[one] for one in _values([*node.arguments, *node.keywords.values()]) if one in raw.leaves]
        if any(leaf.name == name for leaf in leaves):
            return origin_of(node)
    return Origin()
