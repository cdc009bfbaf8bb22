"""Counts over a canonical graph: parameters, multiply-accumulates, receptive field. Nothing here runs the network."""

from __future__ import annotations

import math
from dataclasses import dataclass

from grader.network.graph import Graph, Node


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One node of a graph, counted for one sample."""

    index: int
    name: str  # the module that made it, "" for a function called in forward
    kind: str
    shape: tuple[int, ...]
    parameters: int  # its own: what an earlier layer brought is counted there
    shared: bool  # its parameters are used more than once
    multiply_accumulates: int
    activations: int  # numbers in its output
    field: tuple[int, int]  # vertically and horizontally


def count(shape: tuple[int, ...]) -> int:
    return math.prod(shape)


def parameters(graph: Graph) -> int:
    """Learnable numbers of the layers that take part in the output and that the optimizer can find: each once, however
    often it is used. What is registered and never used is no part of it; what is not registered is not found."""
    seen = {id(leaf): leaf for node in graph.nodes for leaf in node.leaves}
    return sum(count(leaf.shape) for leaf in seen.values() if leaf.role == "parameter" and leaf.registered)


def multiply_accumulates(graph: Graph) -> int:
    """For one sample: of the convolutions and fully connected layers, biases left out."""
    return sum(multiply_accumulates_of(node, graph) for node in graph.nodes)


def _work(node: Node) -> int:
    attributes = node.attributes
    if node.op == "conv":
        per_output = attributes["in_channels"] // attributes["groups"] * math.prod(attributes["kernel_size"])
        return int(per_output * count(node.shape))
    if node.op == "linear":
        return int(attributes["in_features"] * count(node.shape))
    return 0


def multiply_accumulates_of(node: Node, graph: Graph) -> int:
    """Of one node, biases left out. A transposed convolution works once for each pixel of its input."""
    if node.op != "conv_transpose":
        return _work(node)
    attributes = node.attributes
    per_input = attributes["out_channels"] // attributes["groups"] * math.prod(attributes["kernel_size"])
    return int(per_input * count(graph.nodes[node.inputs[0]].shape))


def connections(node: Node) -> int:
    """As LeCun counts them: a product of weight and input is one, and so is a bias that is added to an output."""
    return _work(node) + (count(node.shape) if node.attributes.get("bias") else 0)


def table(graph: Graph) -> list[Measured]:
    """Every node with its counts, in running order."""
    fields = receptive_field(graph)
    seen: set[int] = set()
    uses: dict[int, int] = {}
    for node in graph.nodes:
        for leaf in node.leaves:
            uses[id(leaf)] = uses.get(id(leaf), 0) + 1
    rows = []
    for index, node in enumerate(graph.nodes):
        own = {id(leaf): leaf for leaf in node.leaves if leaf.role == "parameter" and id(leaf) not in seen}
        seen |= own.keys()
        rows.append(
            Measured(
                index=index, name=node.origin.module, kind=node.kind, shape=node.shape,
                parameters=sum(count(leaf.shape) for leaf in own.values()),
                shared=any(uses[id(leaf)] > 1 for leaf in node.leaves),
                multiply_accumulates=multiply_accumulates_of(node, graph), activations=count(node.shape),
                field=fields[index],
            )
        )
    return rows


def receptive_field(graph: Graph) -> list[tuple[int, int]]:
    """For each node, how many pixels of the input, vertically and horizontally, one of its outputs sees (lecture 001,
    "Receptive field": r grows by (k - 1) times the product of the strides before). A fully connected layer sees all."""
    whole = graph.nodes[0].shape[1:]
    fields: list[tuple[int, int]] = []
    jumps: list[tuple[int, int]] = []
    for node in graph.nodes:
        fields.append(_largest([fields[source] for source in node.inputs]))
        jumps.append(_largest([jumps[source] for source in node.inputs]))
        if node.op in ("conv", "max_pool", "avg_pool"):
            fields[-1], jumps[-1] = _through_window(node, fields[-1], jumps[-1])
        elif node.op == "linear" and len(whole) == 2:
            fields[-1] = (whole[0], whole[1])
    return fields


def _largest(inner: list[tuple[int, int]]) -> tuple[int, int]:
    if not inner:
        return 1, 1
    return max(one[0] for one in inner), max(one[1] for one in inner)


def _through_window(
    node: Node, field: tuple[int, int], jump: tuple[int, int]
) -> tuple[tuple[int, int], tuple[int, int]]:
    kernel, stride = node.attributes["kernel_size"], node.attributes["stride"]
    dilation = node.attributes.get("dilation", [1, 1])
    grown = [field[axis] + dilation[axis] * (kernel[axis] - 1) * jump[axis] for axis in (0, 1)]
    return (grown[0], grown[1]), (jump[0] * stride[0], jump[1] * stride[1])
