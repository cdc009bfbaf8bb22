"""From an alignment to findings: what differs, where a student would edit it, and what follows from what."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from grader.network import words
from grader.network.align import FORCED, MERGES, POOLS, Alignment, differing
from grader.network.expected import Expected
from grader.network.graph import Graph, Node, Origin
from grader.records import Assignment, Evidence, Finding, LayerRow, Leaf, Where

ATTRIBUTE_ORDER = ("out_channels", "out_features", "kernel_size", "stride", "padding", "dilation", "groups", "bias")
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


def explain(sides: Sides) -> tuple[Finding, ...]:
    """All findings, charged and not, in the order of the network."""
    drafts = [*_pairs(sides), *_gaps(sides), *_wiring(sides), *_sharing(sides), *_registration(sides), *_unused(sides)]
    drafts = _moved(sides, drafts)
    drafts = _followers(sides, drafts)
    drafts = _written_once(drafts)
    order = {name: position for position, name in enumerate(sides.expected.layers)}
    return tuple(
        draft.finding for draft in sorted(drafts, key=lambda one: order.get(one.finding.layer or "", len(order)))
    )


def uncharged(draft: Draft, why: str) -> Draft:
    message = draft.finding.message if why in draft.finding.message else f"{draft.finding.message} {why}".strip()
    return dataclasses.replace(draft, finding=dataclasses.replace(draft.finding, charged=False, message=message))


# ---- aligned nodes that differ -----------------------------------------------------------------------------------


def _pairs(sides: Sides) -> Iterator[Draft]:
    for wanted, found in sides.alignment.pairs:
        if wanted and found:
            yield from _pair(sides, wanted, found)


def _pair(sides: Sides, wanted: int, found: int) -> Iterator[Draft]:
    expected, node = sides.wanted(wanted), sides.node(found)
    name = sides.layer(wanted)
    if expected.op == "pointwise" and (node.op != "pointwise" or expected.attributes != node.attributes):
        yield _wrong_activation(sides, wanted, found)
    elif expected.op in MERGES and node.op != expected.op:
        yield _draft(
            sides,
            (wanted, found),
            "wrong-skip",
            f"The block's input is joined by {words.name(node)}; expected it to be added.",
            f"Write {name.rpartition('.')[0] or 'the block'}'s output as relu(z + x): "
            "z from the second convolution, x the block's input.",
            call=True,
        )
    elif expected.op in POOLS and node.op != expected.op and node.op in POOLS:
        yield _draft(
            sides, (wanted, found), "wrong-attribute",
            f"{name} is {words.name(node)}; expected {words.name(expected)}.",
            f"Use {words.describe(expected)} here.", attribute=("kind", expected.op, node.op),
        )
    elif expected.op != node.op:
        yield _draft(
            sides,
            (wanted, found),
            "wrong-attribute",
            f"{name} is {words.name(node)}; expected {words.name(expected)}.",
            f"Make it {words.describe(expected)}.",
            attribute=("kind", expected.op, node.op),
        )
    else:
        yield from _attributes(sides, wanted, found)


def _attributes(sides: Sides, wanted: int, found: int) -> Iterator[Draft]:
    expected, node = sides.wanted(wanted), sides.node(found)
    names = differing(expected, node)
    if expected.op == "add":
        if names:
            weights = ", ".join(words.value(one) for one in node.attributes["weights"])
            yield _draft(
                sides,
                (wanted, found),
                "wrong-skip",
                f"The addition weighs its inputs by {weights}; expected a plain sum.",
                "Add the block's input as it is: out = out + x.",
                call=True,
            )
        return
    own = sorted(
        (name for name in names if name not in FORCED), key=lambda name: (*ATTRIBUTE_ORDER, name).index(name)
    )
    for position, name in enumerate([*own, *(one for one in names if one in FORCED)]):
        draft = _wrong_attribute(sides, wanted, found, name)
        if position and own:
            draft = uncharged(draft, f"(Charged with {words.attribute(own[0])}.)")
        yield draft


def _wrong_attribute(sides: Sides, wanted: int, found: int, attribute: str) -> Draft:
    expected, node = sides.wanted(wanted), sides.node(found)
    want, got = words.value(expected.attributes.get(attribute)), words.value(node.attributes.get(attribute))
    layer = sides.layer(wanted)
    return _draft(
        sides, (wanted, found), "wrong-attribute",
        f"{layer} has {words.attribute(attribute)} {got}; expected {want}.",
        f"Set {attribute}={want}: {words.describe(expected)}.", attribute=(attribute, want, got),
    )


def _wrong_activation(sides: Sides, wanted: int, found: int) -> Draft:
    node = sides.node(found)
    return _draft(
        sides, (wanted, found), "wrong-activation",
        f"{sides.layer(wanted)} is {words.name(node)}; expected {words.name(sides.wanted(wanted))}.",
        "Apply ReLU to every hidden layer.", attribute=("function", words.name(sides.wanted(wanted)), words.name(node)),
    )


def _draft(
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


# ---- what one side lacks -----------------------------------------------------------------------------------------


def _gaps(sides: Sides) -> Iterator[Draft]:
    before_wanted, before_found = 0, 0
    for wanted, found in sides.alignment.pairs:
        if found is None and wanted is not None:
            yield _missing(sides, wanted)
        elif wanted is None and found is not None:
            yield _extra(sides, found, before_wanted)
        before_wanted = before_wanted if wanted is None else wanted
        before_found = before_found if found is None else found


def _line_before(sides: Sides, wanted: int) -> int | None:
    """The student's node that computes what the missing one should have been applied to."""
    while wanted:
        wanted = max(sides.wanted(wanted).inputs, default=0)
        if wanted in sides.alignment.found_of:
            return sides.alignment.found_of[wanted] or None
    return None


def _missing(sides: Sides, wanted: int) -> Draft:
    node, name = sides.wanted(wanted), sides.layer(wanted)
    previous = _line_before(sides, wanted)
    where = sides.call(previous) if previous is not None else _first_line(sides)
    site = (where, sides.node(previous).origin.site, sides.node(previous).op) if previous is not None else None
    after = sides.layer(max(node.inputs, default=0))
    if node.op == "pointwise":
        code, message = "missing-activation", f"There is no {words.name(node)} after {after}; expected one ({name})."
        hint = f"Apply ReLU to the output of {after} before it goes on."
    elif node.op == "add":
        where = next((sides.call(one) for one in _readers(sides, wanted)), where)
        code, message = "missing-skip", f"The block's input is not added to its output; expected {name} after {after}."
        hint = "Keep the block's input x and add it before the last ReLU: relu(out + x)."
    else:
        code, message = (
            "missing-layer",
            f"{name} ({words.describe(node)}) is missing" + (f" after {after}." if after else "."),
        )
        hint = f"Add {words.describe(node)}" + (f" after {after}." if after else " as the first layer.")
    finding = Finding(
        code=code, message=message, hint=hint, layer=name, expected=words.describe(node), found="nothing", where=where
    )
    return Draft(finding=finding, wanted=wanted, site=site)


def _readers(sides: Sides, wanted: int) -> Iterator[int]:
    """The student's nodes that stand where the handout reads the output of ``wanted``."""
    for reader in sides.expected.graph.consumers()[wanted]:
        if reader in sides.alignment.found_of:
            yield sides.alignment.found_of[reader]


def _first_line(sides: Sides) -> Where | None:
    return next((node.origin.call for node in sides.found.nodes[1:] if node.origin.call is not None), None)


def _extra(sides: Sides, found: int, after: int) -> Draft:
    node = sides.node(found)
    behind = sides.layer(after) if after else ""
    last = found == sides.found.output and sides.alignment.found_of.get(sides.expected.graph.output) is not None
    where, origin = sides.call(found), node.origin
    if node.op == "pointwise":
        layer = "output" if last else behind
        at = "on the output" if last else f"after {behind}" if behind else "on the input"
        code, message = "extra-activation", f"There is {words.name(node)} {at}; expected none."
        hint = "Return the class scores as they are: the loss applies the softmax." if last else "Remove it."
    else:
        where = origin.place
        layer = behind
        code, message = (
            "extra-layer",
            f"There is {words.name(node)} ({words.describe(node)}){f' after {behind}' if behind else ''} "
            "that the handout does not have.",
        )
        hint = "Remove it: the handout asks for exactly the layers of its table."
    finding = Finding(
        code=code,
        message=message,
        hint=hint,
        layer=layer or None,
        expected="nothing",
        found=words.describe(node),
        where=where,
    )
    return Draft(
        finding=finding,
        node=found,
        site=(where, origin.constructed_site if where == origin.constructed else origin.site),
    )


def on_output(node: Node) -> Finding:
    """A softmax on the class scores."""
    return Finding(
        code="extra-activation", layer="output", expected="nothing", found=words.name(node), where=node.origin.place,
        message=f"There is {words.name(node)} on the output; expected none.",
        hint="Return the class scores as they are: cross-entropy applies the softmax itself.",
    )


def note(code: str, sentence: str, where: Where | None) -> Finding:
    """What normalising saw and what takes no part in equality."""
    return Finding(code=code, message=sentence[:1].upper() + sentence[1:] + ".", charged=False, where=where)


# ---- wiring, sharing, registration -------------------------------------------------------------------------------


def _wiring(sides: Sides) -> Iterator[Draft]:
    """Aligned nodes must read aligned nodes; extra and missing ones in between are passed over."""
    backwards = sides.alignment.expected_of
    for wanted, found in sides.alignment.pairs:
        if not wanted or not found:
            continue
        expected, node = sides.wanted(wanted), sides.node(found)
        want = sorted(
            _matched(sides.expected.graph, source, sides.alignment.found_of, back=False) for source in expected.inputs
        )
        got = sorted(backwards.get(_matched(sides.found, source, backwards, back=False), -1) for source in node.inputs)
        if want == got or (expected.op in MERGES and node.op != expected.op):
            continue
        wrong = [source for source in got if source not in want]
        right = [source for source in want if source not in got]
        heard, hoped = _list(sides, wrong), _list(sides, right)
        layer = sides.layer(wanted)
        message = f"{layer} reads {heard or 'something else'}; expected {hoped or 'only what the handout says'}."
        yield _draft(
            sides,
            (wanted, found),
            "wrong-skip",
            message,
            f"Feed {layer} from {hoped or 'the layer before it'}.",
            call=True,
        )


def _list(sides: Sides, nodes: list[int]) -> str:
    return " and ".join(
        f"the output of {sides.layer(one)}" if sides.layer(one) else "the network's input" for one in nodes if one >= 0
    )


def _matched(graph: Graph, index: int, known: dict[int, int], back: bool) -> int:
    """The nearest node at or above ``index`` that has a partner."""
    while index and index not in known:
        index = max(graph.nodes[index].inputs, default=0)
    return index


def _sharing(sides: Sides) -> Iterator[Draft]:
    seen: dict[int, int] = {}
    for wanted, found in sides.alignment.pairs:
        if found is None:
            continue
        for leaf in sides.node(found).leaves[:1]:
            first = seen.setdefault(id(leaf), found)
            if first != found and wanted:
                name, other = sides.layer(wanted), sides.alignment.expected_of.get(first)
                outer = sides.node(found).origin.where[-1] if sides.node(found).origin.where else None
                finding = Finding(
                    code="shared-layer", layer=name, where=outer,
                    message=f"{name} is the same layer as {sides.layer(other) if other else 'an earlier one'}: "
                    "its weights are used twice. Expected a layer of its own.",
                    hint="Construct a layer for each row of the handout's table.",
                )
                yield Draft(finding=finding, node=found, wanted=wanted, site=("shared", outer))


def _registration(sides: Sides) -> Iterator[Draft]:
    for wanted, found in sides.alignment.pairs:
        if not wanted or not found:
            continue
        if any(leaf.role == "parameter" and not leaf.registered for leaf in sides.node(found).leaves):
            name = sides.layer(wanted)
            yield _draft(
                sides,
                (wanted, found),
                "unregistered-layer",
                f"{name} runs, but the network does not know its weights (they are not in net.parameters()), "
                "so the optimizer cannot train them.",
                "Keep layers as attributes of the module or in nn.ModuleList / nn.Sequential, "
                "not in a plain list or dictionary.",
            )


def _unused(sides: Sides) -> Iterator[Draft]:
    """Layers that were constructed and take no part in the output: a note, unless one of them is missing."""
    by_owner: dict[str, list[Leaf]] = {}
    for leaf in sides.evidence.unused:
        by_owner.setdefault(leaf.name.rpartition(".")[0], []).append(leaf)
    for owner, leaves in by_owner.items():
        finding = Finding(
            code="unused-layer", layer=None, charged=False, where=leaves[0].where, found=owner,
            message=f"self.{owner} is constructed and never used." if owner else "A parameter is never used.",
            hint="Remove it, or call it in forward if it was meant to be there.",
        )
        yield Draft(finding=finding, site=("unused", tuple(leaf.shape for leaf in leaves)))
    for node in sides.found.dead:
        finding = Finding(
            code="unused-layer", layer=None, charged=False, where=node.origin.call, found=words.describe(node),
            message=f"The result of {words.name(node)} ({words.describe(node)}) is computed and thrown away.",
            hint="Pass its result on, or remove it.",
        )
        yield Draft(finding=finding, site=("unused", tuple(leaf.shape for leaf in node.leaves)))


# ---- one cause, one charge ---------------------------------------------------------------------------------------


def _moved(sides: Sides, drafts: list[Draft]) -> list[Draft]:
    """A missing layer that stands elsewhere is one mistake: its order. A missing one that was built and not used is
    that: unused. ReLUs go with the layer that they follow."""
    result = _joined_otherwise(sides, list(drafts))
    drafts = [one for one in result if one.finding.charged and not _vanished(sides, one)]
    extras = [one for one in drafts if one.node is not None and one.finding.code in ("extra-layer", "extra-activation")]
    for missing in [
        one for one in drafts if one.wanted is not None and one.finding.code in ("missing-layer", "missing-activation")
    ]:
        assert missing.wanted is not None
        expected = sides.wanted(missing.wanted)
        twin = next((one for one in extras if one in result and _same_layer(expected, sides.node(one.node or 0))), None)
        if twin is not None and _near(sides, missing, twin):
            result[result.index(missing)] = _ordered(sides, missing, twin)
            result[result.index(twin)] = uncharged(twin, "(Charged as a matter of order.)")
            extras.remove(twin)
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
    wanted, previous = sides.wanted(draft.wanted), _line_before(sides, draft.wanted)
    return wanted.op in POOLS and previous is not None and wanted.shape[1:] == sides.node(previous).shape[1:] == (1, 1)


def _same_layer(expected: Node, found: Node) -> bool:
    return expected.op == found.op and all(
        expected.attributes.get(key) == found.attributes.get(key) for key in expected.attributes if key not in FORCED
    )


def _near(sides: Sides, missing: Draft, twin: Draft) -> bool:
    """Close enough to have been moved: within a few rows of the table."""
    if twin.finding.layer == "output":
        return False
    layers = sides.expected.layers
    other = layers.index(twin.finding.layer) if twin.finding.layer in layers else 0
    assert missing.wanted is not None
    return abs(missing.wanted - other) <= 3 or sides.wanted(missing.wanted).op != "pointwise"


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
        return any(
            one.finding.code == "extra-layer" and one.node in (before, *sides.node(before).inputs) for one in others
        )
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


def _written_once(drafts: list[Draft]) -> list[Draft]:
    """The same mistake from the same place in the code (a block used twice, a loop, a norm in a helper) is one."""
    seen: set[tuple[Any, ...]] = set()
    result = []
    for draft in drafts:
        finding = draft.finding
        if not finding.charged or draft.site is None:
            result.append(draft)
            continue
        key = (finding.code, finding.layer if finding.code == "missing-layer" else None, finding.attribute,
            finding.expected if finding.attribute else None,
            finding.found if finding.attribute else None,
            draft.site,
        )
        result.append(uncharged(draft, "(The same line, charged once.)") if key in seen else draft)
        seen.add(key)
    return result


# ---- the table ---------------------------------------------------------------------------------------------------


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
