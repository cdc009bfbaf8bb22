"""A canonical graph written back as a recording, so that ``build`` runs it: what it answers is torch's word for it."""

from __future__ import annotations

import torch

from grader.errors import NetworkUnsupported
from grader.network import build
from grader.network.graph import Graph, Node
from grader.records import Leaf, RawGraph, RawNode

BATCH = 2


class Recording:
    """Values are numbered as they come: the input is 0, then parameters and results as the nodes need them."""

    def __init__(self, graph: Graph) -> None:
        self.leaves: dict[int, Leaf] = {}
        self.nodes: list[RawNode] = []
        self.values = [0]
        self.next = 1
        for node in graph.nodes[1:]:
            self.values.append(self.write(node, [self.values[source] for source in node.inputs]))
        self.raw = RawGraph(
            mode="train", batch=BATCH, symbolic_batch=True, input=0, leaves=self.leaves, nodes=tuple(self.nodes),
            output=self.values[graph.output], output_shape=None,
        )  # fmt: skip

    def number(self) -> int:
        self.next += 1
        return self.next - 1

    def run(self, op: str, *arguments: object) -> int:
        made = self.number()
        node = RawNode(
            op=op, arguments=arguments, keywords={}, outputs=(made,), shapes=(), where=(), module=""
        )
        self.nodes.append(node)
        return made

    def parameters(self, node: Node) -> list[dict[str, int] | None]:
        """References to the weight and the bias."""
        made: list[dict[str, int] | None] = []
        for leaf in node.leaves:
            value = self.number()
            self.leaves[value] = Leaf(
                name=f"parameter{value}", role="parameter", shape=leaf.shape, dtype="float32", registered=True,
                requires_grad=False, where=None,
            )  # fmt: skip
            made.append({"value": value})
        return [*made, None][:2]

    def write(self, node: Node, inputs: list[int]) -> int:
        a, x = node.attributes, {"value": inputs[0]}
        if node.op == "conv":
            rest = (a["stride"], a["padding"], a["dilation"], a["groups"])
            return self.run("aten.conv2d.default", x, *self.parameters(node), *rest)
        if node.op == "linear":
            flat = self.run("aten.flatten.using_ints", x, 1, -1)
            return self.run("aten.linear.default", {"value": flat}, *self.parameters(node))
        if node.op == "max_pool":
            sizes = (a["kernel_size"], a["stride"], a["padding"], a["dilation"])
            return self.run("aten.max_pool2d.default", x, *sizes)
        if node.op == "avg_pool":
            return self.run("aten.avg_pool2d.default", x, a["kernel_size"], a["stride"], a["padding"])
        if node.op == "add":
            total = inputs[0]
            for other in inputs[1:]:
                total = self.run("aten.add.Tensor", {"value": total}, {"value": other})
            return total
        if node.kind == "relu":
            return self.run("aten.relu.default", x)
        raise NetworkUnsupported(f"{node.kind} is no layer of a handout")


def answer_shape(graph: Graph) -> tuple[int | str, ...]:
    """The shape of what the network answers for a batch of pictures, on the meta device."""
    recording = Recording(graph).raw
    tensors = {
        f"train/{value}": torch.empty(leaf.shape, device="meta") for value, leaf in recording.leaves.items()
    }
    shape = graph.nodes[0].shape
    network = build.Rebuilt({"train": recording}, tensors)
    answer = network(torch.empty((BATCH, *shape), device="meta"))
    return ("N" if answer.shape[0] == BATCH else str(answer.shape[0]), *answer.shape[1:])
