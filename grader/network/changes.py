"""Edits that leave every layer in its place: attributes, kinds, weights of their own, and who reads whom."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from grader.network import words
from grader.network.align import FORCED, differing
from grader.network.bench import Bench
from grader.network.edits import Edit, Plan, joined
from grader.network.graph import Node

# ---- layers that stay: attributes, kind, weights of their own ----------------------------------------------------


def layers(plan: Plan) -> Iterator[Edit]:
    sides = plan.sides
    seen: set[tuple[int, ...]] = set()
    for wanted, found in sides.alignment.pairs:
        if not wanted or not found:
            continue
        expected, node = sides.wanted(wanted), sides.node(found)
        owner = tuple(id(leaf) for leaf in node.leaves)
        if owner and owner in seen:
            yield Edit(
                text="Construct a layer of its own for {}, in place of using another one twice",
                layers=(sides.layer(wanted),), where=plan.where(wanted, ("shared-layer",)), row=wanted,
                do=(lambda bench, key=found: bench.own(key),),  # type: ignore[misc]
            )
        seen.add(owner)
        if any(leaf.role == "parameter" and not leaf.registered for leaf in node.leaves):
            yield Edit(
                text="Register {} with the module, as an attribute or in nn.ModuleList",
                layers=(sides.layer(wanted),), where=sides.place(found), row=wanted,
                do=(lambda bench, key=found: bench.register(key),),  # type: ignore[misc]
            )
        yield from _changes(plan, expected, node, (wanted, found))


def _changes(plan: Plan, expected: Node, node: Node, pair: tuple[int, int]) -> Iterator[Edit]:
    sides, (wanted, found) = plan.sides, pair
    name = sides.layer(wanted)
    if (expected.op == "add" and differing(expected, node)) or expected.op != node.op or expected.kind != node.kind:
        before = max(expected.inputs, default=0)
        if expected.op == "pointwise" and before:
            name, text = sides.layer(before), f"After {{}} apply {words.name(expected)} instead of {words.name(node)}"
        elif expected.op == "add":
            text = "In {} add the block's input as it is: out + x"
        else:
            text = f"Use {words.name(expected)} for {{}}: {_code(expected, expected.attributes)}"
        where = sides.call(found) if expected.op == "add" else sides.place(found)
        yield Edit(
            text=text, layers=(name,), where=where, row=wanted, do=(lambda bench: bench.become(found, expected),)
        )
        return
    names = [one for one in expected.attributes if one in differing(expected, node) and one not in FORCED]
    if names:
        values = {one: expected.attributes[one] for one in names}
        yield Edit(
            text=f"In {{}} set {_code(expected, values)}", layers=(name,), where=sides.place(found), row=wanted,
            do=(lambda bench: bench.set(found, values),),
        )  # fmt: skip


def _code(node: Node, attributes: Any) -> str:
    """Attributes as they are written: kernel_size=5, padding=(2, 1). Those that are as torch has them go without."""
    usual = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1, "bias": True}
    whole = len(attributes) == len(node.attributes)
    said = [
        f"{key}={_value(item)}"
        for key, item in attributes.items()
        if key not in FORCED and not (whole and usual.get(key) == item and (node.op, key) != ("max_pool", "stride"))
    ]
    return joined(said)


def _value(item: Any) -> str:
    if isinstance(item, (list, tuple)):
        return str(item[0]) if len(set(item)) == 1 else f"({', '.join(str(one) for one in item)})"
    return str(item)


# ---- wiring, and the output --------------------------------------------------------------------------------------


def wiring(plan: Plan, bench: Bench) -> Iterator[Edit]:
    """Parts on the bench, after the changes of structure, that read others than the handout's."""
    sides = plan.sides
    back = {plan.key(wanted): wanted for wanted in range(len(sides.expected.layers))}
    for wanted in range(1, len(sides.expected.layers)):
        key = plan.key(wanted)
        inputs = tuple(plan.key(source) for source in sides.wanted(wanted).inputs)
        if key not in bench.parts or bench.parts[key].inputs == inputs:
            continue
        read = bench.parts[key].inputs
        if sorted(read) == sorted(inputs):
            yield Edit(text="", layers=(), where=None, row=wanted, do=(_ordering(key, inputs),))
            continue
        heard = [back.get(one) for one in read if one not in inputs]
        hoped = joined([plan.name(back[one]) for one in inputs if one not in read])
        instead = joined([plan.name(one) for one in heard if one is not None])
        text = f"Feed {{}} from {hoped}" + (f" instead of {instead}" if instead else "")
        where = plan.where(wanted, ("wrong-skip", "layer-order")) if key < 0 else sides.call(key)
        yield Edit(
            text=text, layers=(sides.layer(wanted),), where=where, row=wanted,
            do=(lambda bench, key=key, inputs=inputs: bench.feed(key, inputs),),  # type: ignore[misc]
        )


def _ordering(key: int, inputs: tuple[int, ...]) -> Callable[[Bench], None]:
    """A sum has no order: its terms in the handout's, and none fed otherwise."""

    def do(bench: Bench) -> None:
        if key in bench.parts and sorted(bench.parts[key].inputs) == sorted(inputs):
            bench.feed(key, inputs)

    return do


def output(plan: Plan, softmax: Node | None) -> Iterator[Edit]:
    """What stands between the last layer and one row of scores a picture."""
    graph, row = plan.sides.found, len(plan.sides.expected.layers)
    if softmax is not None:

        def without(bench: Bench) -> None:
            bench.softmax = False

        text = "Remove the softmax on the output"
        yield Edit(text=text, layers=(), where=softmax.origin.place, row=row, do=(without,))
    last = graph.nodes[graph.output]
    rows = any(node.op == "linear" and len(node.shape) > 1 for node in graph.nodes)
    if rows or graph.output_shape == ("N", *last.shape):
        return

    def reshaped(bench: Bench) -> None:
        bench.batched = True

    if graph.output_shape[:1] == ("N",) and math.prod(last.shape) == math.prod(
        one for one in graph.output_shape[1:] if isinstance(one, int)
    ):
        wanted = ", ".join(str(one) for one in plan.sides.expected.graph.output_shape)
        yield Edit(
            text=f"Return the class scores as ({wanted})", layers=(), where=last.origin.call, row=row, do=(reshaped,)
        )
