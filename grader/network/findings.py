"""From an alignment to findings: what differs, where a student would edit it, and what follows from what."""

from __future__ import annotations

from grader.network import causes, differences, words
from grader.network.drafts import Sides
from grader.records import Finding, LayerRow


def explain(sides: Sides) -> tuple[Finding, ...]:
    """All findings, charged and not, in the order of the network."""
    drafts = causes.merge(sides, differences.drafts(sides))
    order = {name: position for position, name in enumerate(sides.expected.layers)}
    return tuple(
        draft.finding for draft in sorted(drafts, key=lambda one: order.get(one.finding.layer or "", len(order)))
    )


def rows(sides: Sides, findings: tuple[Finding, ...]) -> tuple[LayerRow, ...]:
    """The handout's rows beside what was found."""
    partner = {sides.layer(wanted): found for wanted, found in sides.alignment.pairs if wanted}
    wanted_of = {name: index for index, name in enumerate(sides.expected.layers)}
    made = []
    for layer in sides.assignment.layers:
        found = partner.get(layer.name)
        charged = [
            one for one in findings if one.layer == layer.name and one.charged and not one.code.startswith("extra-")
        ]
        quiet = [
            one
            for one in findings
            if one.layer == layer.name and not one.charged and not one.code.startswith(("extra-", "unused-"))
        ]
        made.append(
            LayerRow(
                layer=layer.name,
                title=layer.title,
                expected=words.describe(sides.wanted(wanted_of[layer.name])),
                found=words.describe(sides.node(found)) if found else "—",
                verdict="fail" if charged else "skip" if quiet else "pass",
                where=sides.place(found) if found else None,
            )
        )
    return tuple(made)
