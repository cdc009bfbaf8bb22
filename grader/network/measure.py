"""Counts over a canonical graph: parameters, multiply-accumulates, receptive field. Nothing here runs the network."""

from __future__ import annotations

import math

from grader.network.graph import Graph, Node


def count(shape: tuple[int, ...]) -> int:
    return math.prod(shape)


def parameters(graph: Graph) -> int:
    """Learnable numbers of the layers that take part in the output and that the optimizer can find: each once, however
    often it is used. What is registered and never used is no part of it; what is not registered is not found."""
    seen = {id(leaf): leaf for node in graph.nodes for leaf in node.leaves}
    return sum(count(leaf.shape) for leaf in seen.values() if leaf.role == "parameter" and leaf.registered)


def multiply_accumulates(graph: Graph) -> int:
    """For one sample: of the convolutions and fully connected layers, biases left out."""
    return sum(_work(node) for node in graph.nodes)


def _work(node: Node) -> int:
    attributes = node.attributes
    if node.op == "conv":
        per_output = attributes["in_channels"] // attributes["groups"] * math.prod(attributes["kernel_size"])
        return int(per_output * count(node.shape))
    if node.op == "linear":
        return int(attributes["in_features"] * count(node.shape))
    return 0


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
