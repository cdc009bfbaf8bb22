"""Two canonical graphs side by side, whoever wrote them: rows of layers, and each difference on both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.network import compare, words
from grader.network.align import FORCED, Alignment, align, differing
from grader.network.expected import Expected
from grader.network.graph import Graph, Node
from grader.records import SideRow, Where

NONE = "—"


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """The two graphs aligned, with the handout's names where the handout has such a layer."""

    a: Graph
    b: Graph
    handout: Expected
    alignment: Alignment
    names: dict[int, str] = field(default_factory=dict)  # of a's nodes

    @property
    def b_names(self) -> dict[int, str]:
        return _names(self.b, self.handout)

    def name(self, a: int | None, b: int | None) -> str:
        known = self.names.get(a, "") if a is not None else ""
        if not known and b is not None:
            known = self.b_names.get(b, "")
        node = self.a.nodes[a] if a is not None else self.b.nodes[b or 0]
        return known or words.name(node).removeprefix("a ").removeprefix("an ")


def body(graph: Graph) -> Graph:
    """The graph without a log-softmax at its end: that is a part of cross-entropy."""
    tail, inner, _ = compare.without_tail(graph)
    return inner if tail == "log_softmax" else graph


def pairing(a: Graph, b: Graph, handout: Expected) -> Pairing:
    return Pairing(a=a, b=b, handout=handout, alignment=align(a, b), names=_names(a, handout))


def _names(graph: Graph, handout: Expected) -> dict[int, str]:
    return {found: handout.layers[wanted] for found, wanted in align(handout.graph, graph).expected_of.items()}


def layers(pair: Pairing) -> tuple[SideRow, ...]:
    """Every layer of either side."""
    rows = []
    for a, b in pair.alignment.pairs:
        if not (a or b):
            continue
        one, other = _node(pair.a, a), _node(pair.b, b)
        rows.append(
            SideRow(
                about=pair.name(a, b),
                a=words.describe(one) if one else NONE,
                b=words.describe(other) if other else NONE,
                a_where=one.origin.place if one else None,
                b_where=other.origin.place if other else None,
                same=one is not None and other is not None and not _differ(pair, a or 0, b or 0),
            )
        )
    return tuple(rows)


def differences(pair: Pairing) -> tuple[SideRow, ...]:
    """Each difference once; sizes that follow from others are told only where nothing else differs."""
    found = [one for a, b in pair.alignment.pairs if a or b for one in _of(pair, a, b)]
    found += _outputs(pair)
    forced = tuple(f".{attribute}" for attribute in FORCED)
    chosen = [one for one in found if not one.about.endswith(forced)]
    return tuple(chosen or found)


def _node(graph: Graph, index: int | None) -> Node | None:
    return None if index is None else graph.nodes[index]


def _differ(pair: Pairing, a: int, b: int) -> bool:
    return any(True for _ in _of(pair, a, b))


def _of(pair: Pairing, a: int | None, b: int | None) -> Iterator[SideRow]:
    one, other = _node(pair.a, a), _node(pair.b, b)
    name = pair.name(a, b)
    if one is None or other is None or one.op != other.op:
        said = [words.describe(node) if node else NONE for node in (one, other)]
        yield _row(name, (said[0], _call(one)), (said[1], _call(other)))
        return
    keys = differing(one, other)
    if keys and one.op == "pointwise":
        yield _row(name, (words.describe(one), one.origin.place), (words.describe(other), other.origin.place))
        keys = []
    for key in keys:
        said = [words.value(node.attributes.get(key)) for node in (one, other)]
        yield _row(f"{name}.{key}", (said[0], one.origin.place), (said[1], other.origin.place))
    inputs = _inputs(pair, a or 0, b or 0)
    if inputs[0] != inputs[1]:
        yield _row(f"{name} reads", (inputs[0], one.origin.call), (inputs[1], other.origin.call))
    weights = [_weights(pair, graph, index or 0) for graph, index in ((pair.a, a), (pair.b, b))]
    if weights[0] != weights[1]:
        yield _row(f"{name}'s weights", (weights[0], one.origin.call), (weights[1], other.origin.call))


def _row(about: str, a: tuple[str, Where | None], b: tuple[str, Where | None]) -> SideRow:
    return SideRow(about=about, a=a[0], b=b[0], a_where=a[1], b_where=b[1], same=False)


def _call(node: Node | None) -> Where | None:
    """A layer's constructor, a function's call."""
    return None if node is None else node.origin.place


def _inputs(pair: Pairing, a: int, b: int) -> tuple[str, str]:
    """What the two nodes read, by the names of layers that both sides have."""
    partner = pair.alignment.expected_of
    from_a = sorted(_shared(pair.a, source, set(pair.alignment.found_of)) for source in pair.a.nodes[a].inputs)
    from_b = sorted(
        partner.get(_shared(pair.b, source, set(partner)), 0) for source in pair.b.nodes[b].inputs
    )
    return _list(pair, from_a), _list(pair, from_b)


def _shared(graph: Graph, index: int, known: set[int]) -> int:
    while index and index not in known:
        index = max(graph.nodes[index].inputs, default=0)
    return index


def _list(pair: Pairing, nodes: list[int]) -> str:
    names = [pair.name(one, None) if one else "the network's input" for one in nodes]
    return " and ".join(names)


def _weights(pair: Pairing, graph: Graph, index: int) -> str:
    """Whose weights a layer uses, and whether the optimizer can find them."""
    node = graph.nodes[index]
    names = pair.names if graph is pair.a else pair.b_names
    first = next((one for one in range(index) if _same_layer(graph.nodes[one], node)), None)
    said = "its own" if first is None else f"those of {names.get(first, 'an earlier layer')}"
    hidden = any(leaf.role == "parameter" and not leaf.registered for leaf in node.leaves)
    return f"{said}, not registered" if hidden else said


def _same_layer(one: Node, other: Node) -> bool:
    return bool(one.leaves and other.leaves) and one.leaves[0] is other.leaves[0]


def _outputs(pair: Pairing) -> list[SideRow]:
    shapes = [f"({', '.join(str(one) for one in graph.output_shape)})" for graph in (pair.a, pair.b)]
    places = [graph.nodes[graph.output].origin.call for graph in (pair.a, pair.b)]
    return [_row("output shape", (shapes[0], places[0]), (shapes[1], places[1]))] if shapes[0] != shapes[1] else []
