"""Networks that normalise their pictures themselves: numbers of each channel, before anything that learns.

``(x - self.mean) / self.std`` at the head of ``forward``, a Normalize layer in front, ``2 * x - 1``: the handout's
normalisation, at another place. It is taken off the graph, and the statistics of what the network was fed are
converted, so that the layers and the data are judged as if the loader had done it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from grader.errors import NetworkUnsupported
from grader.network import bounds
from grader.network.allowed import base_name
from grader.network.build import literal
from grader.network.graph import Builder, Graph, Node
from grader.records import Evidence, InputStatistics, RawGraph

AFFINE = frozenset({"sub", "rsub", "div", "mul", "add", "neg", "true_divide"})
SAME = frozenset({"to", "_to_copy", "clone", "contiguous", "detach", "lift_fresh", "alias"})
LAYOUTS = frozenset({"view", "reshape", "unsqueeze", "squeeze", "expand", "select", "slice"})  # of the constants

Scale = tuple[tuple[float, ...], tuple[float, ...]]  # factor and offset of each channel


def own_scale(raw: RawGraph, tensors: Mapping[str, Tensor], shape: tuple[int, ...]) -> Scale | None:
    """What the first operations do to each channel, where that is to scale and shift it by constants."""
    try:
        levels = [_head(raw, tensors, torch.full((raw.batch, *shape), level)) for level in (0.0, 0.5, 1.0)]
    except (NetworkUnsupported, RuntimeError, TypeError, ValueError):
        return None
    low, middle, high = levels
    if low is None or middle is None or high is None or low.shape != (raw.batch, *shape):
        return None
    flat = [one.double().flatten(2) for one in (low, middle, high)]
    even = all(bool(torch.allclose(one, one[:1, :, :1].expand_as(one), atol=1e-6)) for one in flat)
    if not even or not torch.allclose((flat[0] + flat[2]) / 2, flat[1], atol=1e-5):
        return None
    offset, factor = flat[0][0, :, 0], (flat[2] - flat[0])[0, :, 0]
    return tuple(factor.tolist()), tuple(offset.tolist())


def _head(raw: RawGraph, tensors: Mapping[str, Tensor], images: Tensor) -> Tensor | None:
    """The images behind the first operations that only scale and shift; None where there are none."""
    budget, found = bounds.Budget(), None
    values: dict[int, Tensor] = {raw.input: images}
    pictures = {raw.input}
    for value, leaf in raw.leaves.items():
        known = tensors.get(f"{raw.mode}/{value}")
        if leaf.role != "parameter" and known is not None:
            values[value] = known
    for node in raw.nodes:
        name = base_name(node.op)
        used = _values_in([*node.arguments, *node.keywords.values()])
        mixes = bool(used & pictures)
        allowed = AFFINE | SAME if mixes else AFFINE | SAME | LAYOUTS
        if name not in allowed or not used <= values.keys() or len(node.outputs) != 1:
            break
        if name in SAME:
            made = values[min(used)]
        else:
            arguments = [_settled(item, values) for item in node.arguments]
            keywords = {key: _settled(item, values) for key, item in node.keywords.items()}
            made = budget.run(node.op.replace("_.", "."), arguments, keywords)
        values[node.outputs[0]] = made
        if mixes:
            pictures.add(node.outputs[0])
            found = made if name in AFFINE or found is not None else None
    return found


def _values_in(items: list[Any]) -> set[int]:
    found: set[int] = set()
    for item in items:
        if isinstance(item, dict) and "value" in item:
            found.add(item["value"])
        elif isinstance(item, (list, tuple)):
            found |= _values_in(list(item))
    return found


def _settled(item: Any, values: Mapping[int, Tensor]) -> Any:
    return values[item["value"]] if isinstance(item, dict) and "value" in item else literal(item)


def without_scale(graph: Graph) -> Graph:
    """The graph without the constants and operations that scale and shift its input."""
    builder = Builder()
    position: dict[int, int] = {}
    constant = {index for index, node in enumerate(graph.nodes) if index and not node.inputs and not _learns(node)}
    for index, node in enumerate(graph.nodes):
        if index in constant:
            continue
        sources = [one for one in node.inputs if one not in constant]
        if index and _scales(node) and sources and all(position[one] == 0 for one in sources):
            position[index] = 0
            continue
        if len(sources) < len(node.inputs):  # constants that are used further on are the network's
            return graph
        moved = dataclasses.replace(node, inputs=tuple(position[one] for one in node.inputs))
        position[index] = builder.add(moved, tuple(id(leaf) for leaf in node.leaves))
    made = builder.finish(position[graph.output], graph.output_shape, graph.notes)
    return dataclasses.replace(made, dead=graph.dead)


def _scales(node: Node) -> bool:
    named = node.op == "operation" and node.attributes.get("operation") in AFFINE
    return (named or (node.op == "pointwise" and node.kind == "affine")) and not _learns(node)


def _learns(node: Node) -> bool:
    return any(leaf.role == "parameter" for leaf in node.leaves)


def as_seen(evidence: Evidence, shape: tuple[int, ...]) -> Evidence:
    """The evidence with the statistics of the pictures as they are behind the network's own normalisation."""
    scales: dict[str, Scale | None] = {}
    for mode, raw in evidence.graphs.items():
        scales[mode] = own_scale(raw, {**evidence.tensors, **_buffers(raw, evidence)}, shape)
    tested_as = "train" if any(one.split == "test" and one.training_mode for one in evidence.tests) else "eval"

    def converted(seen: InputStatistics) -> InputStatistics:
        return _converted(seen, scales.get(tested_as if seen.split == "test" else "train"))

    return dataclasses.replace(evidence, inputs=tuple(converted(one) for one in evidence.inputs))


def _buffers(raw: RawGraph, evidence: Evidence) -> dict[str, Tensor]:
    """A network's buffers are sent with its recording in training mode only."""
    train = evidence.graphs.get("train")
    values = {leaf.name: value for value, leaf in train.leaves.items()} if train is not None else {}
    named = {value: leaf.name for value, leaf in raw.leaves.items() if leaf.role == "buffer" and leaf.name in values}
    sent = {value: evidence.tensors.get(f"train/{values[name]}") for value, name in named.items()}
    return {f"{raw.mode}/{value}": tensor for value, tensor in sent.items() if tensor is not None}


def _converted(seen: InputStatistics, scale: Scale | None) -> InputStatistics:
    if scale is None or len(seen.mean) != len(scale[0]):
        return seen
    rows = list(zip(seen.minimum, seen.maximum, seen.mean, seen.deviation, *scale, strict=True))
    return dataclasses.replace(
        seen,
        minimum=tuple(min(low * a + b, high * a + b) for low, high, _, _, a, b in rows),
        maximum=tuple(max(low * a + b, high * a + b) for low, high, _, _, a, b in rows),
        mean=tuple(mean * a + b for _, _, mean, _, a, b in rows),
        deviation=tuple(abs(a) * deviation for _, _, _, deviation, a, _ in rows),
    )
