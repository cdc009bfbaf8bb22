"""Lays two canonical graphs side by side: Needleman-Wunsch along their topological orders.

A substitution inside a kind costs by the attributes that differ, between activations or pools a bit more, between a
convolution and a fully connected layer nearly a deletion and an insertion. The cheapest alignment is the explanation.
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.network.graph import Graph, Node

POOLS = frozenset({"max_pool", "avg_pool", "adaptive_avg_pool", "adaptive_max_pool"})
MERGES = frozenset({"add", "concat", "operation", "rearrange"})
ACTIVATIONS = ("prelu", "rrelu", "rrelu_with_noise", "glu")  # operations that are no function of one variable alone
# What a difference costs. Those in FORCED follow from another layer's choice and cost next to nothing.
FORCED = {"in_channels": 0.01, "in_features": 0.01, "features": 0.01}
WEIGHTS = {"out_channels": 0.3, "out_features": 0.3, "kernel_size": 0.25, "stride": 0.2, "padding": 0.15}
OTHER_ATTRIBUTE = 0.15
GAP = {"pointwise": 0.8, "dropout": 0.7, "batch_norm": 0.7, "softmax": 0.7, "log_softmax": 0.7}
LAYER_GAP = 1.0
LARGE = 10_000  # cells of the table
Nodes = tuple[Node, ...]
EXTRA_AT_THE_END = 1.5  # where forward broke off: rather a layer of the handout, with others missing before it


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """Pairs (expected node, found node) in order; None where one side has nothing. ``cost`` sums the differences."""

    pairs: tuple[tuple[int | None, int | None], ...]
    cost: float

    @property
    def found_of(self) -> dict[int, int]:
        return {one: other for one, other in self.pairs if one is not None and other is not None}

    @property
    def expected_of(self) -> dict[int, int]:
        return {other: one for one, other in self.pairs if one is not None and other is not None}


def gap(node: Node) -> float:
    return GAP.get(node.op, LAYER_GAP)


def differing(expected: Node, found: Node) -> list[str]:
    """Names of the attributes in which two nodes of one operation differ."""
    names = [*expected.attributes, *(name for name in found.attributes if name not in expected.attributes)]
    return [name for name in names if expected.attributes.get(name) != found.attributes.get(name)]


def substitution(expected: Node, found: Node) -> float:
    if expected.op == found.op:
        if expected.op == "pointwise":
            return 0.0 if expected.attributes == found.attributes else 0.5
        cost = sum(FORCED.get(name, WEIGHTS.get(name, OTHER_ATTRIBUTE)) for name in differing(expected, found))
        # Of equal neighbours the one of the same size is meant.
        return min(cost + (0.02 if expected.shape != found.shape else 0.0), 1.6)
    if expected.op in POOLS and found.op in POOLS:
        return 0.6 + (0.02 if expected.shape != found.shape else 0.0)
    if expected.op in MERGES and found.op in MERGES and len(found.inputs) > 1:
        return 0.8
    if expected.op == "pointwise" and found.attributes.get("operation") in ACTIVATIONS:
        return 0.5
    if {expected.op, found.op} == {"conv", "linear"}:
        return 1.9
    if "pointwise" in (expected.op, found.op) and {expected.op, found.op} & {"softmax", "log_softmax"}:
        return 0.9
    return gap(expected) + gap(found) + 0.1


def align(expected: Graph, found: Graph, whole: bool = True) -> Alignment:
    """The cheapest alignment of the two graphs, inputs left out. Not ``whole``: the found one is only as much of a
    graph as ran, and what would have come after it costs nothing and is in no pair."""
    left, right = expected.nodes[1:], found.nodes[1:]
    same = _equal_front(left, right) if whole and len(left) * len(right) > LARGE else 0
    if same:  # what is equal from the front on is aligned with itself, and need not be in the table
        rest = _align(left[same:], right[same:], whole)
        moved = [
            (one if one is None else one + same, other if other is None else other + same)
            for one, other in rest.pairs[1:]
        ]
        return Alignment(pairs=(*((index, index) for index in range(same + 1)), *moved), cost=rest.cost)
    return _align(left, right, whole)


def _equal_front(left: Nodes, right: Nodes) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if (one.op, one.shape, one.inputs) != (other.op, other.shape, other.inputs) or differing(one, other):
            break
        count += 1
    return count


def _align(left: Nodes, right: Nodes, whole: bool) -> Alignment:
    table = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    known: dict[tuple[int, int], float] = {}
    kinds: dict[str, int] = {}
    of_left, of_right = ([kinds.setdefault(_kind(node), len(kinds)) for node in side] for side in (left, right))

    def substituted(i: int, j: int) -> float:
        """Equal pairs of nodes cost the same: a large network has few kinds of layers."""
        key = (of_left[i], of_right[j])
        if key not in known:
            known[key] = substitution(left[i], right[j])
        return known[key]

    extra = [gap(node) for node in right]
    if not whole and extra:
        extra[-1] *= EXTRA_AT_THE_END
    for i in range(len(left) - 1, -1, -1):
        table[i][len(right)] = table[i + 1][len(right)] + gap(left[i]) if whole else 0.0
    for j in range(len(right) - 1, -1, -1):
        table[len(left)][j] = table[len(left)][j + 1] + extra[j]
    for i in range(len(left) - 1, -1, -1):
        for j in range(len(right) - 1, -1, -1):
            table[i][j] = min(
                table[i + 1][j + 1] + substituted(i, j),
                table[i + 1][j] + gap(left[i]),
                table[i][j + 1] + extra[j],
            )
    pairs: list[tuple[int | None, int | None]] = [(0, 0)]
    i = j = 0
    while (i < len(left) and whole) or j < len(right):
        if i < len(left) and j < len(right) and table[i][j] == table[i + 1][j + 1] + substituted(i, j):
            pairs.append((i + 1, j + 1))
            i, j = i + 1, j + 1
        elif i < len(left) and table[i][j] == table[i + 1][j] + gap(left[i]):
            pairs.append((i + 1, None))
            i += 1
        else:
            pairs.append((None, j + 1))
            j += 1
    return Alignment(pairs=tuple(pairs), cost=table[0][0])


def _kind(node: Node) -> str:
    """All of a node that its substitution looks at."""
    return repr((node.op, sorted(node.attributes.items(), key=lambda item: item[0]), node.shape, len(node.inputs) > 1))
