"""The canonical graph: a network without its spelling. Equal functions have equal graphs and equal hashes.

A node is an operation of the field's vocabulary (conv, linear, max_pool, avg_pool, pointwise, add, concat, batch_norm,
dropout, softmax, ...) with its attributes, the nodes it reads and the parameters it owns. Views, flattenings, copies
and names are gone; where the student wrote it is kept beside it and takes no part in equality.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.records import Leaf, RawNode, Where

WEIGHTED = frozenset({"conv", "conv_transpose", "linear", "batch_norm", "layer_norm", "prelu", "bilinear", "embedding"})
COMMUTATIVE = frozenset({"add", "product"})
TOLERABLE = {"batch_norm": "batch_norm", "dropout": "dropout"}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where an operation was written: the student's frames, innermost first, and the constructor of its module."""

    where: tuple[Where, ...] = ()
    module: str = ""
    constructed: Where | None = None
    site: int = 0
    constructed_site: int = 0

    @property
    def place(self) -> Where | None:
        """The line a student would edit: the layer's constructor, else the call."""
        return self.constructed or self.call

    @property
    def call(self) -> Where | None:
        return self.where[0] if self.where else None


def origin_of(raw: RawNode) -> Origin:
    return Origin(
        where=raw.where, module=raw.module, constructed=raw.constructed, site=raw.site,
        constructed_site=raw.constructed_site,
    )


@dataclass(frozen=True, kw_only=True)
class Node:
    op: str
    attributes: Mapping[str, Any]
    inputs: tuple[int, ...]  # indices into Graph.nodes
    shape: tuple[int, ...]  # of one sample
    leaves: tuple[Leaf, ...] = ()
    origin: Origin = field(default_factory=Origin)
    uses: int = 1  # how many nodes use the same parameters

    @property
    def kind(self) -> str:
        """The name of what it does: a pointwise operation is named by its function."""
        return str(self.attributes["function"]) if self.op == "pointwise" else self.op

    def signature(self) -> list[Any]:
        return [
            self.op,
            sorted((key, value) for key, value in self.attributes.items()),
            list(self.inputs),
            list(self.shape),
            # A matrix may be kept either way around; the attributes say which features it joins.
            [sorted(leaf.shape) if self.op == "linear" else list(leaf.shape) for leaf in self.leaves],
            self.uses,
        ]


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Nodes in topological order; node 0 is the input."""

    nodes: tuple[Node, ...]
    output: int
    output_shape: tuple[int | str, ...]
    notes: tuple[tuple[str, str, Where | None], ...] = ()  # (code, sentence, where)
    dead: tuple[Node, ...] = ()  # layers with weights that ran, and whose result nothing uses

    @property
    def hash(self) -> str:
        text = json.dumps([[node.signature() for node in self.nodes], self.output], separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def consumers(self) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {index: [] for index in range(len(self.nodes))}
        for index, node in enumerate(self.nodes):
            for source in node.inputs:
                found[source].append(index)
        return found


def to_json(graph: Graph) -> dict[str, Any]:
    """A graph as committed beside an assignment: no names, no lines."""
    return {
        "nodes": [
            {
                "op": node.op,
                "attributes": dict(node.attributes),
                "inputs": list(node.inputs),
                "shape": list(node.shape),
                "parameters": [list(leaf.shape) for leaf in node.leaves],
            }
            for node in graph.nodes
        ],
        "output": graph.output,
        "output_shape": list(graph.output_shape),
        "hash": graph.hash,
    }


def from_json(data: Mapping[str, Any]) -> Graph:
    return Graph(
        nodes=tuple(
            Node(
                op=node["op"],
                attributes=node["attributes"],
                inputs=tuple(node["inputs"]),
                shape=tuple(node["shape"]),
                leaves=tuple(_anonymous(tuple(shape)) for shape in node["parameters"]),
            )
            for node in data["nodes"]
        ),
        output=data["output"],
        output_shape=tuple(data["output_shape"]),
    )


def _anonymous(shape: tuple[int, ...]) -> Leaf:
    return Leaf(
        name="", role="parameter", shape=shape, dtype="float32", registered=True, requires_grad=True, where=None
    )


class Builder:
    """Collects nodes, each once: the same operation on the same nodes and parameters is the same node."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.known: dict[str, int] = {}

    def add(self, node: Node, leaf_ids: tuple[int, ...] = ()) -> int:
        key = json.dumps([node.signature(), leaf_ids])
        if key not in self.known:
            self.known[key] = len(self.nodes)
            self.nodes.append(node)
        return self.known[key]

    def finish(self, output: int, output_shape: tuple[int | str, ...], notes: tuple[Any, ...]) -> Graph:
        """Drop what the output does not need and number the rest in a canonical order."""
        order = _canonical_order(self.nodes, output)
        position = {old: new for new, old in enumerate(order)}
        owners: dict[int, int] = {}
        for old in order:
            for leaf in self.nodes[old].leaves:
                owners[id(leaf)] = owners.get(id(leaf), 0) + 1
        kept = []
        for old in order:
            node = self.nodes[old]
            attributes, inputs = _ordered(node, tuple(position[source] for source in node.inputs))
            kept.append(
                Node(
                    op=node.op,
                    attributes=attributes,
                    inputs=inputs,
                    shape=node.shape,
                    leaves=node.leaves,
                    origin=node.origin,
                    uses=max((owners[id(leaf)] for leaf in node.leaves), default=1),
                )
            )
        # A product whose bias was added later lives on in the layer made of both, with its weights.
        used = {id(leaf) for node in kept for leaf in node.leaves}
        dead = tuple(
            node
            for index, node in enumerate(self.nodes)
            if index not in position and any(id(leaf) not in used for leaf in node.leaves)
        )
        return Graph(nodes=tuple(kept), output=position[output], output_shape=output_shape, notes=notes, dead=dead)


def _ordered(node: Node, inputs: tuple[int, ...]) -> tuple[Mapping[str, Any], tuple[int, ...]]:
    """The inputs of a sum by their places in the graph, each with its weight: which was computed first is nothing."""
    weights = node.attributes.get("weights")
    if node.op not in COMMUTATIVE or (weights is not None and len(weights) != len(inputs)):
        return node.attributes, inputs
    order = sorted(range(len(inputs)), key=lambda place: inputs[place])
    sorted_inputs = tuple(inputs[place] for place in order)
    if weights is None:
        return node.attributes, sorted_inputs
    return {**node.attributes, "weights": [weights[place] for place in order]}, sorted_inputs


def _canonical_order(nodes: list[Node], output: int) -> list[int]:
    """Topological, independent of the order in which the program made them: branch after branch from the output up, so
    that a mistake in one moves no other. Of the inputs of a sum the deepest comes first, and of equals the content
    decides; where order means something, as in a concatenation, it is kept."""
    needed: set[int] = set()
    pending = [output]
    while pending:
        index = pending.pop()
        if index not in needed:
            needed.add(index)
            pending.extend(nodes[index].inputs)
    needed.add(0)
    content: dict[int, str] = {}
    depth: dict[int, int] = {}
    for index in sorted(needed):  # creation order is topological
        node = nodes[index]
        depth[index] = 1 + max((depth[source] for source in node.inputs), default=-1)
        inner = [content[source] for source in node.inputs]
        text = json.dumps([node.signature()[:2], node.signature()[3:5], inner])
        content[index] = hashlib.sha256(text.encode()).hexdigest()
    order, placed = [0], {0}
    pending = [output]
    while pending:
        index = pending[-1]
        node = nodes[index]
        sources = [one for one in node.inputs if one not in placed]
        if node.op in COMMUTATIVE:
            sources.sort(key=lambda one: (-depth[one], str(nodes[one].signature()[:2]), content[one]))
        if sources:
            pending.append(sources[0])
            continue
        pending.pop()
        if index not in placed:
            placed.add(index)
            order.append(index)
    return order
