"""One cause, one charge: which differences are one mistake, which follow from another, which one line makes twice."""

from __future__ import annotations

import dataclasses
from typing import Any

from grader.network import words
from grader.network.align import FORCED, MERGES, POOLS
from grader.network.drafts import Draft, Sides, line_before, uncharged
from grader.network.graph import Node, Origin
from grader.records import Where


def merge(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """The drafts with one charged for each mistake, and the rest shown as what they follow from."""
    return _written_once(sides, _followers(sides, _moved(sides, drafts)))


def _moved(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """A missing layer that stands elsewhere is one mistake: its order. A missing one that was built and not used is
    that: unused. ReLUs go with the layer that they follow."""
    result = _joined_otherwise(sides, list(drafts))
    drafts = [one for one in result if one.finding.charged]
    extras = [one for one in drafts if one.node is not None and one.finding.code in ("extra-layer", "extra-activation")]
    for missing in [
        one for one in drafts if one.wanted is not None and one.finding.code in ("missing-layer", "missing-activation")
    ]:
        assert missing.wanted is not None
        expected = sides.wanted(missing.wanted)
        twin = next((one for one in extras if one in result and _same_layer(expected, sides.node(one.node or 0))), None)
        vanished = _vanished(sides, missing)
        if twin is not None and _near(sides, missing, twin, only_rows=vanished):
            result[result.index(missing)] = _ordered(sides, missing, twin)
            result[result.index(twin)] = uncharged(twin, "(Charged as a matter of order.)")
            extras.remove(twin)
            continue
        if vanished:
            continue
        if expected.op in ("conv", "linear"):
            _claim_unused(sides, missing, expected, result)
    return result


def _joined_otherwise(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """A missing addition and a concatenation (or product) too much are one mistake: the wrong way to join."""
    for missing in [one for one in drafts if one.finding.code == "missing-skip"]:
        join = next(
            (one for one in drafts if one.finding.code == "extra-layer" and _joins(sides, one) and one.finding.charged),
            None,
        )
        if join is None or join.node is None:
            continue
        finding = dataclasses.replace(
            missing.finding,
            code="wrong-skip",
            where=join.finding.where,
            found=join.finding.found,
            message=f"The block's input is joined by {words.name(sides.node(join.node))}; expected it to be added.",
        )
        drafts[drafts.index(missing)] = dataclasses.replace(missing, finding=finding, site=join.site)
        drafts[drafts.index(join)] = uncharged(join, "(Charged as a wrong skip connection.)")
    return drafts


def _joins(sides: Sides, draft: Draft) -> bool:
    return draft.node is not None and sides.node(draft.node).op in MERGES and len(sides.node(draft.node).inputs) > 1


def _vanished(sides: Sides, draft: Draft) -> bool:
    """A pool to one number per channel that has nothing to do, because the map was that small already."""
    if draft.finding.code != "missing-layer" or draft.wanted is None:
        return False
    wanted, previous = sides.wanted(draft.wanted), line_before(sides, draft.wanted)
    return wanted.op in POOLS and previous is not None and wanted.shape[1:] == sides.node(previous).shape[1:] == (1, 1)


def _same_layer(expected: Node, found: Node) -> bool:
    return expected.op == found.op and all(
        expected.attributes.get(key) == found.attributes.get(key) for key in expected.attributes if key not in FORCED
    )


def _near(sides: Sides, missing: Draft, twin: Draft, only_rows: bool) -> bool:
    """Close enough to have been moved: within a few rows of the table; a layer with sizes from anywhere, unless
    ``only_rows``."""
    if twin.finding.layer == "output":
        return False
    layers = sides.expected.layers
    other = layers.index(twin.finding.layer) if twin.finding.layer in layers else 0
    assert missing.wanted is not None
    near = abs(missing.wanted - other) <= 3
    return near or (not only_rows and sides.wanted(missing.wanted).op != "pointwise")


def _ordered(sides: Sides, missing: Draft, twin: Draft) -> Draft:
    behind = f"after {twin.finding.layer}" if twin.finding.layer else "at the beginning"
    assert missing.wanted is not None
    after = sides.layer(max(sides.wanted(missing.wanted).inputs, default=0))
    finding = dataclasses.replace(
        missing.finding,
        code="layer-order",
        where=twin.finding.where,
        found=behind,
        expected=f"after {after}" if after else "first",
        message=f"{missing.finding.layer} stands {behind}; expected it {f'after {after}' if after else 'first'}.",
        hint=f"Move it to {f'after {after}' if after else 'the beginning'}.",
    )
    return dataclasses.replace(missing, finding=finding)


def _by_line(sides: Sides, missing: Draft, unused: Draft) -> str:
    """Of layers that are alike, the one that stands where the unused one does in the program."""
    assert missing.wanted is not None
    expected, where = sides.wanted(missing.wanted), unused.finding.where
    alike = [
        index
        for index, node in enumerate(sides.expected.graph.nodes)
        if node.op == expected.op and node.attributes == expected.attributes and abs(index - missing.wanted) <= 3
    ]
    known = sides.alignment.found_of
    places = [sides.node(known[index]).origin for index in alike if index in known]
    if where is None or len(places) != len(alike) - 1:
        return sides.layer(missing.wanted)
    return sides.layer(alike[sum(_earlier(one, where) for one in places)])


def _earlier(origin: Origin, where: Where) -> bool:
    """Does the layer stand before ``where``, comparing constructors with constructors and calls with calls?"""
    lines = [
        one
        for one in (origin.constructed, origin.call)
        if one is not None and (one.file, one.cell) == (where.file, where.cell)
    ]
    nearest = min(lines, key=lambda one: abs(one.line - where.line), default=None)
    return nearest is not None and nearest.line < where.line


def _claim_unused(sides: Sides, missing: Draft, expected: Node, drafts: list[Draft]) -> None:
    shapes = tuple(leaf.shape for leaf in expected.leaves)
    unused = next((one for one in drafts if one.site == ("unused", shapes) and one.finding.layer is None), None)
    if unused is None:
        return
    name = _by_line(sides, missing, unused)
    finding = dataclasses.replace(
        unused.finding,
        layer=name,
        charged=True,
        expected=missing.finding.expected,
        message=f"{name} is constructed, but its result takes no part in the output.",
    )
    drafts[drafts.index(unused)] = dataclasses.replace(unused, finding=finding, wanted=missing.wanted)
    drafts[drafts.index(missing)] = uncharged(missing, "(Charged as an unused layer.)")


def _followers(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """Differences that another difference forces."""
    result = []
    causes = [one for one in drafts if one.finding.charged and one.finding.attribute not in FORCED]
    for draft in drafts:
        why = _forced_by(sides, draft, causes) if draft.finding.charged else ""
        result.append(uncharged(draft, why) if why else draft)
    return result


def _forced_by(sides: Sides, draft: Draft, causes: list[Draft]) -> str:
    finding = draft.finding
    others = [one for one in causes if one is not draft and one.finding.layer]
    if finding.attribute in FORCED and others:
        return "(Follows from what comes before.)"
    if others and _vanished(sides, draft):
        return "(The map that reaches it is one number per channel already.)"
    if finding.code == "extra-layer" and _serves_a_wrong_skip(sides, draft, others):
        return "(Goes with the wrong skip connection.)"
    if finding.code == "extra-layer" and _joins(sides, draft) and _joins_an_extra(sides, draft, others):
        return "(Goes with the extra block.)"
    if finding.code == "missing-skip" and _whole_block_missing(sides, draft, others):
        return "(Goes with the block.)"
    if finding.code in ("missing-activation", "extra-activation", "layer-order") and _goes_with_its_layer(
        sides, draft, others
    ):
        return "(Goes with the layer before it.)"
    if draft.wanted is not None and draft.node is not None and finding.attribute in ("kernel_size", "stride"):
        wanted, found = sides.wanted(draft.wanted), sides.node(draft.node)
        if wanted.op in POOLS and wanted.shape[1:] == found.shape[1:] == (1, 1) and others:
            return "(Follows from the size of the map that reaches it.)"
    if (
        finding.attribute == "out_channels"
        and draft.wanted is not None
        and draft.node is not None
        and _bound_to_skip(sides, draft, others)
    ):
        return "(Follows from the channels of the block's input.)"
    if finding.code == "wrong-skip" and any(
        one.finding.code in ("layer-order", "unused-layer", "missing-skip") for one in others
    ):
        return "(Follows from the order of the layers.)" if _is_follow_wiring(draft) else ""
    return ""


def _serves_a_wrong_skip(sides: Sides, draft: Draft, others: list[Draft]) -> bool:
    """A layer without weights whose output goes nowhere but into an addition that reads from the wrong place."""
    if draft.node is None or sides.node(draft.node).leaves:
        return False
    readers = sides.found.consumers()[draft.node]
    wrong = {one.node for one in others if one.finding.code == "wrong-skip"}
    return bool(readers) and set(readers) <= wrong


def _joins_an_extra(sides: Sides, draft: Draft, others: list[Draft]) -> bool:
    """An addition that joins the output of a layer that is too much."""
    assert draft.node is not None
    extra = {one.node for one in others if one.finding.code == "extra-layer" and one.node is not None}
    sources = set(sides.node(draft.node).inputs)
    return bool(extra & (sources | {inner for source in sources for inner in sides.node(source).inputs}))


def _whole_block_missing(sides: Sides, draft: Draft, others: list[Draft]) -> bool:
    """An addition whose convolution is missing, too."""
    if draft.wanted is None:
        return False
    sources = {sides.layer(source) for source in sides.wanted(draft.wanted).inputs}
    return any(
        one.finding.code in ("missing-layer", "unused-layer") and one.finding.layer in sources for one in others
    )


def _is_follow_wiring(draft: Draft) -> bool:
    return " reads " in draft.finding.message


def _goes_with_its_layer(sides: Sides, draft: Draft, others: list[Draft]) -> bool:
    """The ReLU of a layer that is missing, or of one that is too much."""
    if draft.wanted is not None and draft.node is None:
        before = max(sides.wanted(draft.wanted).inputs, default=0)
        gone = ("missing-layer", "unused-layer")
        if any(one.finding.code in gone and one.wanted == before for one in others):
            return True
        # The addition before it is joined otherwise, or missing with its whole block.
        joined = any(one.finding.code == "wrong-skip" and one.wanted == before for one in others)
        return joined or any(
            one.finding.code == "missing-skip" and one.wanted == before and _whole_block_missing(sides, one, others)
            for one in others
        )
    if draft.node is not None and draft.wanted is None and draft.finding.layer != "output":
        before = max(sides.node(draft.node).inputs, default=0)
        around = (before, *sides.node(before).inputs, *sides.found.consumers()[draft.node])
        return any(one.finding.code == "extra-layer" and one.node in around for one in others)
    return False


def _bound_to_skip(sides: Sides, draft: Draft, others: list[Draft]) -> bool:
    """A block's last convolution must give as many channels as its input has."""
    assert draft.node is not None
    consumers = sides.found.consumers()
    node = draft.node
    while len(consumers[node]) == 1 and sides.node(consumers[node][0]).op in ("pointwise", "batch_norm", "dropout"):
        node = consumers[node][0]
    adds = [one for one in consumers[node] if sides.node(one).op == "add"]
    if not adds:
        return False
    skipped = [source for source in sides.node(adds[0]).inputs if source != node]
    return any(
        one.finding.attribute == "out_channels"
        and one.node is not None
        and one.node < draft.node
        and one.finding.found == draft.finding.found
        for one in others
    ) and bool(skipped)


def _written_once(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """The same mistake from the same place in the code (a block used twice, a loop, a norm in a helper) is one."""
    seen: set[tuple[Any, ...]] = set()
    result = []
    for draft in drafts:
        finding = draft.finding
        if not finding.charged or draft.site is None:
            result.append(draft)
            continue
        weighted = draft.node is not None and sides.node(draft.node).op in ("conv", "linear")
        key = (
            finding.code,
            finding.layer if finding.code == "missing-layer" else None,
            draft.node if finding.code == "extra-layer" and weighted else None,
            finding.attribute,
            finding.expected if finding.attribute else None,
            finding.found if finding.attribute else None,
            draft.site,
        )
        result.append(uncharged(draft, "(The same line, charged once.)") if key in seen else draft)
        seen.add(key)
    return result
