"""Findings in the making: the two graphs side by side, and what merging must know of a difference."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from grader.network.align import Alignment
from grader.network.expected import Expected
from grader.network.graph import Graph, Node
from grader.records import Assignment, Evidence, Finding, Where

CONTAINER = 3  # so many layers called from one line: a container calls them, and the constructor says more


@dataclass(frozen=True, kw_only=True)
class Sides:
    """The two graphs, aligned, and what else is known of the student's program."""

    expected: Expected
    found: Graph
    alignment: Alignment
    assignment: Assignment
    evidence: Evidence

    def layer(self, index: int) -> str:
        return self.expected.layers[index]

    def wanted(self, index: int) -> Node:
        return self.expected.graph.nodes[index]

    def node(self, index: int) -> Node:
        return self.found.nodes[index]

    def place(self, index: int) -> Where | None:
        return self.node(index).origin.place

    def call(self, index: int) -> Where | None:
        """The line of forward that computes a node; where one line calls many layers, the layer's constructor."""
        origin = self.node(index).origin
        if (
            origin.constructed is not None
            and sum(one.origin.call == origin.call for one in self.found.nodes if one.leaves) >= CONTAINER
        ):
            return origin.constructed
        return origin.call or origin.constructed


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A finding with what merging needs to know: the node it is about, and the place in the code that wrote it."""

    finding: Finding
    node: int | None = None  # of the student's graph
    wanted: int | None = None  # of the handout's
    site: tuple[Any, ...] | None = None


def uncharged(draft: Draft, why: str) -> Draft:
    message = draft.finding.message if why in draft.finding.message else f"{draft.finding.message} {why}".strip()
    return dataclasses.replace(draft, finding=dataclasses.replace(draft.finding, charged=False, message=message))


def draft_of(
    sides: Sides, pair: tuple[int, int], code: str, message: str, hint: str,
    attribute: tuple[str, str, str] | None = None, call: bool = False,
) -> Draft:
    wanted, found = pair
    origin = sides.node(found).origin
    where = sides.call(found) if call else sides.place(found)
    site = (where, origin.site if call or origin.constructed is None else origin.constructed_site)
    name, want, got = attribute or (None, None, None)
    finding = Finding(
        code=code,
        message=message,
        hint=hint,
        layer=sides.layer(wanted),
        attribute=name,
        expected=want,
        found=got,
        where=where,
    )
    return Draft(finding=finding, node=found, wanted=wanted, site=site)


def line_before(sides: Sides, wanted: int) -> int | None:
    """The student's node that computes what the missing one should have been applied to."""
    while wanted:
        wanted = max(sides.wanted(wanted).inputs, default=0)
        if wanted in sides.alignment.found_of:
            return sides.alignment.found_of[wanted] or None
    return None
