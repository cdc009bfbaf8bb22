"""Edits of structure: layers that are too much go, layers that stand elsewhere are moved, missing ones are put in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.network import words
from grader.network.bench import Bench, Part
from grader.network.drafts import Sides
from grader.network.edits import Edit, Plan, joined
from grader.network.graph import Graph, Node


def structure(plan: Plan) -> Iterator[Edit]:
    """What is too much goes, what stands elsewhere is moved, what is missing comes; in this order."""
    yield from _removals(plan)
    for wanted in sorted(plan.moved):
        yield _move(plan, wanted)
    yield from _insertions(plan)


def _groups(members: tuple[int, ...], graph: Graph) -> list[list[int]]:
    """Nodes that hang together."""
    groups: list[list[int]] = []
    for index in members:
        near = [one for one in groups if set(graph.nodes[index].inputs) & set(one)]
        joined = sorted({index, *(member for one in near for member in one)})
        groups = [one for one in groups if one not in near] + [joined]
    return groups


def _removals(plan: Plan) -> Iterator[Edit]:
    sides, partner = plan.sides, plan.sides.alignment.expected_of
    for group in _groups(plan.extra, sides.found):
        ahead = _above(sides, group[0])
        after = partner.get(ahead, 0)
        named = joined([words.name(sides.node(one)).removeprefix("a ").removeprefix("an ") for one in group])
        last = group[-1] == sides.found.output and sides.alignment.found_of.get(sides.expected.graph.output) is not None
        text = f"Remove the {named} " + ("on the output" if last else "after {}" if after else "before the first layer")
        yield Edit(
            text=text,
            layers=(sides.layer(after),) if after and not last else (),
            where=sides.place(group[0]) if sides.node(group[0]).leaves else sides.call(group[0]),
            row=after,
            do=tuple(_taking_out(one, _passed_on(plan, one)) for one in group[::-1]),
        )


def _above(sides: Sides, found: int) -> int:
    """The nearest node before it that the handout has, too."""
    while found and found not in sides.alignment.expected_of:
        found = max(sides.node(found).inputs, default=0)
    return found


def _passed_on(plan: Plan, found: int) -> int:
    """Of the inputs of a node that goes, the one that takes its place: what the handout feeds its readers from."""
    sides = plan.sides
    inputs = sides.node(found).inputs
    if len(inputs) < 2:
        return inputs[0] if inputs else 0
    below = found
    while below not in sides.alignment.expected_of and sides.found.consumers()[below]:
        below = sides.found.consumers()[below][0]
    wanted = sides.alignment.expected_of.get(below)
    hoped = {plan.key(one) for one in sides.wanted(wanted).inputs} if wanted else set()
    return next((one for one in inputs if _above(sides, one) in hoped), inputs[0])


def _taking_out(key: int, onto: int) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        source = onto
        while source not in bench.parts:  # that went before it
            source = bench.gone[source]
        bench.take_out(key, source)

    return do


def _putting_in(plan: Plan, wanted: int, part: Callable[[Bench], Part]) -> Callable[[Bench], None]:
    def do(bench: Bench) -> None:
        made = part(bench)
        inputs = tuple(_present(plan, bench, source) for source in plan.sides.wanted(wanted).inputs)
        bench.put_in(
            plan.key(wanted), Part(node=made.node, inputs=inputs, owner=made.owner), _readers(plan, bench, wanted)
        )

    return do


def _present(plan: Plan, bench: Bench, wanted: int) -> int:
    """The part for one of the handout's nodes, or the nearest before it."""
    while plan.key(wanted) not in bench.parts:
        wanted = max(plan.sides.wanted(wanted).inputs, default=0)
    return plan.key(wanted)


def _readers(plan: Plan, bench: Bench, wanted: int) -> list[int]:
    """The parts nearest behind one of the handout's nodes."""
    found: list[int] = []
    for reader in plan.sides.expected.graph.consumers()[wanted]:
        key = plan.key(reader)
        found += [key] if key in bench.parts else _readers(plan, bench, reader)
    return found


def _move(plan: Plan, wanted: int) -> Edit:
    sides, key = plan.sides, plan.key(wanted)
    after = max(sides.wanted(wanted).inputs, default=0)
    subject = "the ReLU ({})" if sides.wanted(wanted).op == "pointwise" else "{}"
    to = f"to after {sides.layer(after)}" if after else "to the beginning"

    def part(bench: Bench) -> Part:
        return bench.take_out(key, bench.parts[key].inputs[0])

    return Edit(
        text=f"Move {subject} {to}",
        layers=(sides.layer(wanted),),
        where=sides.call(key),
        row=wanted,
        do=(_putting_in(plan, wanted, part),),
    )


def _insertions(plan: Plan) -> Iterator[Edit]:
    sides = plan.sides
    for one in plan.silent:
        put = _putting_in(plan, one, _new(sides.wanted(one), one))
        yield Edit(text="", layers=(), where=None, row=one, do=(put,))
    for group in _groups(plan.missing, sides.expected.graph):
        first = sides.wanted(group[0])
        after = max(first.inputs, default=0)
        if first.op == "add" and len(group) == 1:
            text = "Add the block's input to the output of {}"
        else:
            listed = joined([_introduced(plan, one) for one in group])
            text = f"{'After {} add' if after else 'Begin with'} {listed}"
        codes = ("missing-layer", "missing-activation", "missing-skip", "unused-layer")
        yield Edit(
            text=text,
            layers=(sides.layer(after),) if after else (),
            where=plan.where(group[0], codes),
            row=group[0],
            do=tuple(_putting_in(plan, one, _new(sides.wanted(one), one)) for one in group),
        )


def _introduced(plan: Plan, wanted: int) -> str:
    sides, node = plan.sides, plan.sides.wanted(wanted)
    if any(one.code == "unused-layer" and one.layer == sides.layer(wanted) for one in plan.findings):
        return f"{sides.layer(wanted)}, which is constructed already,"
    if node.op == "pointwise":
        return words.name(node)
    if node.op == "add":
        return "the addition of the block's input"
    return f"{sides.layer(wanted)} ({words.describe(node)})"


def _new(node: Node, wanted: int) -> Callable[[Bench], Part]:
    return lambda bench: Part(node=node, inputs=(), owner=(-wanted,))
