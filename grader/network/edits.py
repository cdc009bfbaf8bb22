"""From an alignment to edits: what must be done to the student's graph, each with its words, its line and its deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.network.align import FORCED, POOLS, differing
from grader.network.allowed import base_name
from grader.network.bench import Bench
from grader.network.drafts import Sides, line_before
from grader.records import Finding, Where

ADAPTIVE = {
    "adaptive_avg_pool2d": "avg_pool", "adaptive_max_pool2d": "max_pool", "mean": "avg_pool", "amax": "max_pool"
}  # fmt: skip
NEAR = 3  # rows of the table that a ReLU may have been moved by: ReLUs are alike


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One change. ``text`` has {} for the layers that it names; changes that differ in nothing else are one."""

    text: str
    layers: tuple[str, ...]
    where: Where | None
    row: int  # of the handout's table, for the order in which it is told
    do: tuple[Callable[[Bench], None], ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What stands where: the student's node of each of the handout's, moved ones among them."""

    sides: Sides
    findings: tuple[Finding, ...]
    moved: dict[int, int]  # handout's node -> student's node that stands elsewhere
    missing: tuple[int, ...]
    silent: tuple[int, ...]  # missing, but written: pools that have nothing to do on the map that reaches them now
    extra: tuple[int, ...]

    def key(self, wanted: int) -> int:
        """The key on the workbench of one of the handout's nodes."""
        known = self.sides.alignment.found_of.get(wanted, self.moved.get(wanted))
        return -wanted if known is None else known

    def name(self, wanted: int) -> str:
        return f"the output of {self.sides.layer(wanted)}" if wanted else "the network's input"

    def where(self, wanted: int, codes: tuple[str, ...]) -> Where | None:
        """Where the report names this difference; else where a student would write what is missing."""
        named = next(
            (one for one in self.findings if one.layer == self.sides.layer(wanted) and one.code in codes and one.where),
            None,
        )
        before = line_before(self.sides, wanted)
        return named.where if named else self.sides.call(before) if before is not None else None


def plan(sides: Sides, findings: tuple[Finding, ...]) -> Plan:
    pairs = sides.alignment.pairs
    idle = _idle_pools(sides)
    missing = [wanted for wanted, found in pairs if wanted and found is None]
    silent = tuple(one for one in missing if sides.wanted(one).op in idle and sides.wanted(one).shape[1:] == (1, 1))
    missing = [one for one in missing if one not in silent]
    extra = [found for wanted, found in pairs if found and wanted is None]
    spot, after = {}, 0
    for wanted, found in pairs:
        after = after if wanted is None else wanted
        if found is not None:
            spot[found] = after
    moved: dict[int, int] = {}
    for wanted in missing:
        twin = next((one for one in extra if _twins(sides, wanted, one, spot[one]) and one not in moved.values()), None)
        if twin is not None:
            moved[wanted] = twin
    return Plan(
        sides=sides,
        findings=findings,
        moved=moved,
        missing=tuple(one for one in missing if one not in moved),
        silent=silent,
        extra=tuple(one for one in extra if one not in moved.values()),
    )


def _twins(sides: Sides, wanted: int, found: int, spot: int) -> bool:
    expected, node = sides.wanted(wanted), sides.node(found)
    if expected.op != node.op or set(differing(expected, node)) - set(FORCED) or expected.op == "add":
        return False
    return expected.op != "pointwise" or abs(wanted - spot) <= NEAR


def adapting(sides: Sides) -> frozenset[int]:
    """Pools that say the size of their output: they follow by themselves when the map changes."""
    sites = _adaptive_sites(sides)
    return frozenset(
        index
        for index, node in enumerate(sides.found.nodes)
        if node.op in POOLS and node.shape[1:] == (1, 1) and (node.origin.where[:1], node.origin.site) in sites
    )


def _adaptive_sites(sides: Sides) -> dict[tuple[tuple[Where, ...], int], str]:
    """Where the student pools to one number a channel, whatever the map's size, and by which pool."""
    raw = sides.evidence.graphs.get("train")
    return {
        (node.where[:1], node.site): ADAPTIVE[base_name(node.op)]
        for node in (raw.nodes if raw is not None else ())
        if base_name(node.op) in ADAPTIVE
    }


def _idle_pools(sides: Sides) -> set[str]:
    """Of those, the ones that do nothing, since the map is one number a channel already."""
    busy = {(node.origin.where[:1], node.origin.site) for node in sides.found.nodes}
    return {op for site, op in _adaptive_sites(sides).items() if site not in busy}


def joined(items: list[str]) -> str:
    """ "a, b and c"."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)
