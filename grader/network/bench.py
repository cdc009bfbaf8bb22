"""A student's graph on the workbench: layers can be set, put in, taken out, moved and fed otherwise, and what comes out
is a canonical graph again, its sizes fitted to what reaches them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from grader.network import refit
from grader.network.graph import Builder, Graph, Node
from grader.network.refit import Impossible, Shape
from grader.records import Leaf


@dataclass(frozen=True, kw_only=True)
class Part:
    """A node being worked on. Keys of student's nodes are their indices, of the handout's their negated ones."""

    node: Node
    inputs: tuple[int, ...]
    owner: tuple[int, ...] = ()  # which layer object; parts with the same are one layer
    adapts: bool = False  # a pool that was written by the size of its output

    def fed(self, old: int, new: int) -> Part:
        return dataclasses.replace(self, inputs=tuple(new if source == old else source for source in self.inputs))


class Bench:
    """The parts by key. Node 0 is the input."""

    def __init__(self, graph: Graph, adapting: frozenset[int]) -> None:
        self.parts = {
            index: Part(
                node=node,
                inputs=node.inputs,
                owner=tuple(id(leaf) for leaf in node.leaves) or (index,),
                adapts=index in adapting,
            )
            for index, node in enumerate(graph.nodes)
        }
        self.output = graph.output
        self.gone: dict[int, int] = {}  # what was taken out -> what took its place
        self.batched = True  # the output is one row of scores a picture
        self.softmax = False  # on the output

    def become(self, key: int, node: Node) -> None:
        """Another kind of layer in the same place."""
        part = self.parts[key]
        made = dataclasses.replace(node, inputs=(), origin=part.node.origin)
        self.parts[key] = dataclasses.replace(part, node=made, owner=(key,), adapts=False)

    def set(self, key: int, attributes: dict[str, Any]) -> None:
        part = self.parts[key]
        node = dataclasses.replace(part.node, attributes={**part.node.attributes, **attributes})
        adapts = part.adapts and not {"kernel_size", "stride"} & set(attributes)
        self.parts[key] = dataclasses.replace(part, node=node, adapts=adapts)

    def own(self, key: int) -> None:
        """A layer object of its own."""
        self.parts[key] = dataclasses.replace(self.parts[key], owner=(key,))

    def register(self, key: int) -> None:
        part = self.parts[key]
        leaves = tuple(dataclasses.replace(leaf, registered=True) for leaf in part.node.leaves)
        self.parts[key] = dataclasses.replace(part, node=dataclasses.replace(part.node, leaves=leaves))

    def take_out(self, key: int, onto: int) -> Part:
        """Without the part: who read it reads ``onto``."""
        part = self.parts.pop(key)
        self.gone[key] = onto
        self.parts = {one: other.fed(key, onto) for one, other in self.parts.items()}
        self.output = onto if self.output == key else self.output
        return part

    def put_in(self, key: int, part: Part, readers: list[int]) -> None:
        """Between what the part reads and ``readers``; without readers it is the output."""
        for reader in readers:
            old = next((one for one in self.parts[reader].inputs if one in part.inputs), None)
            if old is not None:
                self.parts[reader] = self.parts[reader].fed(old, key)
        self.parts[key] = part
        self.output = self.output if readers else key

    def feed(self, key: int, inputs: tuple[int, ...]) -> None:
        self.parts[key] = dataclasses.replace(self.parts[key], inputs=inputs)

    # ---- and back to a graph ------------------------------------------------------------------------------

    def order(self) -> list[int]:
        """The parts that the output needs, each after what it reads. Impossible where they go round in a circle."""
        done: list[int] = []
        state: dict[int, bool] = {}  # False: being visited
        pending = [(self.output, False)]
        while pending:
            key, left = pending.pop()
            if left:
                state[key] = True
                done.append(key)
            elif key not in self.parts or state.get(key) is False:
                raise Impossible
            elif key not in state:
                state[key] = False
                pending.append((key, True))
                pending.extend((source, False) for source in self.parts[key].inputs if state.get(source) is not True)
        return done if 0 in state else [0, *done]

    def nodes(self) -> dict[int, Node]:
        """Every needed part with its sizes fitted, inputs left as keys. Impossible where something does not fit."""
        shapes: dict[int, Shape] = {}
        layers: dict[tuple[int, ...], tuple[Leaf, ...]] = {}
        made: dict[int, Node] = {}
        for key in self.order():
            part = self.parts[key]
            node = part.node
            if key:
                attributes, shape = refit.fitted(
                    node.op, node.attributes, [shapes[one] for one in part.inputs], part.adapts
                )
                leaves = layers.setdefault(part.owner, _leaves(node, attributes))
                if tuple(leaf.shape for leaf in leaves) != refit.leaf_shapes(node.op, attributes):
                    raise Impossible  # one layer object cannot have two sizes
                node = dataclasses.replace(
                    node, attributes=attributes, shape=shape, leaves=leaves, inputs=part.inputs
                )
            shapes[key], made[key] = node.shape, node
        return made

    def graph(self) -> Graph:
        builder = Builder()
        place: dict[int, int] = {}
        for key, node in self.nodes().items():
            inputs = tuple(place[one] for one in node.inputs)
            place[key] = builder.add(
                dataclasses.replace(node, inputs=inputs), tuple(id(leaf) for leaf in node.leaves)
            )
        output = place[self.output]
        return builder.finish(output, ("N" if self.batched else "?", *builder.nodes[output].shape), ())


def _leaves(node: Node, attributes: dict[str, Any]) -> tuple[Leaf, ...]:
    """The layer's parameters at their new sizes: its own where it has as many, else new ones."""
    shapes = refit.leaf_shapes(node.op, attributes)
    known: tuple[Leaf | None, ...] = node.leaves if len(node.leaves) == len(shapes) else tuple(None for _ in shapes)
    return tuple(
        dataclasses.replace(leaf, shape=shape)
        if leaf is not None
        else Leaf(
            name=f"new{position}", role="parameter", shape=shape, dtype="float32", registered=True,
            requires_grad=True, where=None,
        )
        for position, (leaf, shape) in enumerate(zip(known, shapes, strict=True))
    )
