"""The shortest way from the student's network to the handout's: the edits of the alignment, those left out that are not
needed, tried on the graph before they are suggested.

Tried means: the edits are done, the sizes that follow are fitted, and the graph that comes out has the handout's hash
and runs on the meta device. Where it does not, nothing is suggested.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.network import changes, edits, recorded, structure
from grader.network.bench import Bench
from grader.network.drafts import Sides
from grader.network.edits import Edit, Plan
from grader.network.graph import Graph, Node
from grader.network.refit import Impossible
from grader.records import Finding, Repair, RepairStep, Where

MOST_STEPS = 12  # more is another network, and the handout's table says it better
SIZES = {"in_channels": "take {} channels", "in_features": "expect {} inputs"}


def suggest(ways: Sequence[Sides], findings: tuple[Finding, ...], softmax: Node | None) -> Repair | None:
    """The smallest set of changes that was found, if it gives one of the networks that earn full marks; else None.

    ``ways``: the student's network beside each of those, the nearest first.
    """
    try:
        found = [_repair(sides, findings, softmax) for sides in ways]
        best = min((one for one in found if one is not None), key=_length, default=None)
        return best[0] if best is not None and _runs(best[1]) else None
    except Exception:  # a suggestion less: what was found stands without it
        return None


def _length(found: tuple[Repair, Graph]) -> tuple[int, int]:
    """Steps; of equally many, rather those that move nothing."""
    steps = found[0].steps
    return len(steps), sum(step.text.startswith("Move") for step in steps)


def _repair(sides: Sides, findings: tuple[Finding, ...], softmax: Node | None) -> tuple[Repair, Graph] | None:
    """The needed edits in words, and what they give; None where that is not the handout's network."""
    plan = edits.plan(sides, findings)
    found = [*structure.structure(plan)]
    found += [*changes.wiring(plan, _changed(plan, found, softmax))]
    found += [*changes.layers(plan), *changes.output(plan, softmax)]
    if _tried(plan, found, softmax) is None:
        return None
    needed = _needed(plan, found, softmax)
    made = _tried(plan, needed, softmax)
    steps = _told(needed)
    if made is None or not 0 < len(steps) <= MOST_STEPS:
        return None
    consequences = _consequences(plan, _changed(plan, needed, softmax))
    return Repair(steps=steps, consequences=consequences, verified=True), made


def _changed(plan: Plan, chosen: Sequence[Edit], softmax: Node | None) -> Bench:
    """The student's graph with these edits done."""
    graph = plan.sides.found
    bench = Bench(graph, edits.adapting(plan.sides))
    bench.softmax = softmax is not None
    rows = any(node.op == "linear" and len(node.shape) > 1 for node in graph.nodes)
    bench.batched = rows or graph.output_shape == ("N", *graph.nodes[graph.output].shape)
    for edit in chosen:
        for do in edit.do:
            do(bench)
    return bench


def _tried(plan: Plan, chosen: Sequence[Edit], softmax: Node | None) -> Graph | None:
    """What these edits give, if it is the handout's network."""
    wanted = plan.sides.expected.graph
    try:
        bench = _changed(plan, chosen, softmax)
        made = bench.graph()
    except (Impossible, KeyError):
        return None
    known = all(leaf.registered for node in made.nodes for leaf in node.leaves if leaf.role == "parameter")
    same = made.hash == wanted.hash and made.output_shape == wanted.output_shape
    return made if same and known and not bench.softmax else None


def _runs(graph: Graph) -> bool:
    """Built as a torch module and run without memory, it answers in the shape that the handout asks for."""
    return recorded.answer_shape(graph) == graph.output_shape


def _needed(plan: Plan, found: list[Edit], softmax: Node | None) -> list[Edit]:
    """Without the edits that change nothing once the others are done."""
    kept = list(found)
    for edit in found:
        rest = [one for one in kept if one is not edit]
        if _tried(plan, rest, softmax) is not None:
            kept = rest
    return kept


def _told(chosen: list[Edit]) -> tuple[RepairStep, ...]:
    """Edits as steps, in the order of the network; what is changed alike at one line is one step."""
    steps: dict[tuple[object, ...], list[Edit]] = {}
    for edit in sorted(chosen, key=lambda one: one.row):
        if edit.text:
            alone = edit.where is None or not edit.layers
            steps.setdefault((edit.text, edit.where, edit.row if alone else None), []).append(edit)
    return tuple(
        RepairStep(
            text=f"{same[0].text.format(_listed(same))}.",
            layers=tuple(name for edit in same for name in edit.layers),
            where=same[0].where,
        )
        for same in steps.values()
    )


def _listed(same: list[Edit]) -> str:
    return edits.joined([name for edit in same for name in edit.layers])


def _consequences(plan: Plan, bench: Bench) -> tuple[RepairStep, ...]:
    """What the steps make other layers of the student's expect; of layers written in one line, once."""
    names: dict[tuple[str, Where | None], list[str]] = {}
    back = {plan.key(wanted): wanted for wanted in range(1, len(plan.sides.expected.layers))}
    for key, node in sorted(bench.nodes().items(), key=lambda one: back.get(one[0], 0)):
        before = plan.sides.node(max(key, 0))
        for attribute, phrase in SIZES.items():
            size = node.attributes.get(attribute)
            if key > 0 and before.op == node.op and size != before.attributes.get(attribute):
                said = (phrase.format(size), plan.sides.place(key))
                names.setdefault(said, []).append(plan.sides.layer(back[key]))
    return tuple(
        RepairStep(text=f"{edits.joined(layers)} {phrase}", layers=tuple(layers), where=where)
        for (phrase, where), layers in names.items()
    )
