"""What differs between two aligned graphs, each difference a draft of a finding, with the line a student would edit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from grader.network import words
from grader.network.align import FORCED, MERGES, POOLS, differing
from grader.network.drafts import Draft, Sides, draft_of, line_before, uncharged
from grader.network.graph import Graph, Node
from grader.records import Finding, Leaf, Where


def drafts(sides: Sides) -> list[Draft]:
    """All differences, before it is asked which follow from which."""
    return [*_pairs(sides), *_gaps(sides), *_wiring(sides), *_sharing(sides), *_registration(sides), *_unused(sides)]


ATTRIBUTE_ORDER = ("out_channels", "out_features", "kernel_size", "stride", "padding", "dilation", "groups", "bias")


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
        yield draft_of(
            sides,
            (wanted, found),
            "wrong-skip",
            f"The block's input is joined by {words.name(node)}; expected it to be added.",
            f"Write {name.rpartition('.')[0] or 'the block'}'s output as torch.relu(z + x): "
            "z from the second convolution, x the block's input.",
            call=True,
        )
    elif (expected.op in POOLS and node.op != expected.op and node.op in POOLS) or expected.op != node.op:
        yield draft_of(
            sides, (wanted, found), "wrong-attribute",
            f"{name} is {words.name(node)}; expected {words.name(expected)}.",
            f"Use {words.code(expected)} here.", attribute=("kind", expected.op, node.op),
        )
    else:
        yield from _attributes(sides, wanted, found)


def _attributes(sides: Sides, wanted: int, found: int) -> Iterator[Draft]:
    expected, node = sides.wanted(wanted), sides.node(found)
    names = differing(expected, node)
    if expected.op == "add":
        if names:
            weights = ", ".join(words.value(one) for one in node.attributes["weights"])
            yield draft_of(
                sides,
                (wanted, found),
                "wrong-skip",
                f"The addition multiplies its inputs by {weights}; expected a plain sum.",
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
            draft = uncharged(draft, f"It is charged with the {words.attribute(own[0])}.")
        yield draft


def _wrong_attribute(sides: Sides, wanted: int, found: int, attribute: str) -> Draft:
    expected, node = sides.wanted(wanted), sides.node(found)
    want, got = words.value(expected.attributes.get(attribute)), words.value(node.attributes.get(attribute))
    layer = sides.layer(wanted)
    if attribute == "weights":
        return draft_of(
            sides, (wanted, found), "wrong-attribute",
            f"The weights of {layer} are computed from other parameters; expected weights that are learned themselves.",
            "Remove the parametrization (weight norm, spectral norm or the like) of this layer.",
            attribute=(attribute, "learned", "computed"),
        )
    hope = "one" if attribute == "bias" and expected.attributes.get("bias") else want
    return draft_of(
        sides, (wanted, found), "wrong-attribute",
        f"{layer} has {words.has(attribute, node.attributes.get(attribute))}; "
        f"expected {'none' if hope == 'False' else hope}.",
        f"Set {attribute}={words.python(expected.attributes.get(attribute))}: {words.code(expected)}.",
        attribute=(attribute, want, got),
    )


def _wrong_activation(sides: Sides, wanted: int, found: int) -> Draft:
    node = sides.node(found)
    return draft_of(
        sides, (wanted, found), "wrong-activation",
        f"{sides.layer(wanted)} is {words.name(node)}; expected {words.name(sides.wanted(wanted))}.",
        f"Put torch.relu in the place of {words.name(node)}.",
        attribute=("function", words.name(sides.wanted(wanted)), words.name(node)),
    )


def _gaps(sides: Sides) -> Iterator[Draft]:
    before_wanted, before_found = 0, 0
    for wanted, found in sides.alignment.pairs:
        if found is None and wanted is not None:
            yield _missing(sides, wanted)
        elif wanted is None and found is not None:
            yield _extra(sides, found, before_wanted)
        before_wanted = before_wanted if wanted is None else wanted
        before_found = before_found if found is None else found


def _missing(sides: Sides, wanted: int) -> Draft:
    node, name = sides.wanted(wanted), sides.layer(wanted)
    previous = line_before(sides, wanted)
    where = sides.call(previous) if previous is not None else _first_line(sides)
    site = (where, sides.node(previous).origin.site, sides.node(previous).op) if previous is not None else None
    after = sides.layer(max(node.inputs, default=0))
    if node.op == "pointwise":
        code, message = "missing-activation", f"There is no {words.name(node)} after {after}; expected one ({name})."
        hint = f"Apply torch.relu to the output of {after}."
    elif node.op == "add":
        where = next((sides.call(one) for one in _readers(sides, wanted)), where)
        code, message = "missing-skip", f"The block's input is not added to its output; expected {name} after {after}."
        hint = "Keep the block's input x, and add it before the last ReLU: torch.relu(out + x)."
    else:
        code, message = (
            "missing-layer",
            f"There is no {name}{f' after {after}' if after else ''}; expected {words.told(node)}.",
        )
        hint = f"Add {words.code(node)}" + (f" after {after}." if after else " as the first layer.")
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
        scores = f"Return the class scores as they are, without {words.name(node)}."
        hint = scores if last else f"Remove {words.name(node)} from this line."
    else:
        where = origin.place
        layer = behind
        code, message = (
            "extra-layer",
            f"There is {words.told(node)}{f' after {behind}' if behind else ''}; expected none there.",
        )
        hint = "Remove it: the handout asks for the layers of its table and no others."
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
        hint="Return the class scores as they are: cross-entropy takes the softmax itself.",
    )


def note(code: str, sentence: str, where: Where | None) -> Finding:
    """What normalising saw and what takes no part in equality."""
    hint = "Remove the .detach(), .data or torch.no_grad() of this line." if code == "detached-graph" else ""
    return Finding(code=code, message=sentence[:1].upper() + sentence[1:] + ".", hint=hint, charged=False, where=where)


def _wiring(sides: Sides) -> Iterator[Draft]:
    """Aligned nodes must read aligned nodes; extra and missing ones in between are passed over."""
    miswired = [
        (found, _miswired(sides, wanted, found)) for wanted, found in sides.alignment.pairs if wanted and found
    ]
    right = {_site(sides, found) for found, draft in miswired if draft is None}
    for found, draft in miswired:
        if draft is None:
            continue
        frames = sides.node(found).origin.where
        if _site(sides, found) in right and len(frames) > 1:
            # The same code joins rightly elsewhere: what is wrong is what this call of it was given.
            draft = dataclasses.replace(
                draft, finding=dataclasses.replace(draft.finding, where=frames[1]), site=(frames[1], "call")
            )
        yield draft


def _site(sides: Sides, found: int) -> tuple[Where | None, int]:
    origin = sides.node(found).origin
    return origin.call, origin.site


def _miswired(sides: Sides, wanted: int, found: int) -> Draft | None:
    """An aligned node that reads other nodes than the handout's; None where it reads the right ones."""
    backwards = sides.alignment.expected_of
    expected, node = sides.wanted(wanted), sides.node(found)
    want = sorted(
        _matched(sides.expected.graph, source, sides.alignment.found_of, back=False) for source in expected.inputs
    )
    got = sorted(backwards.get(_matched(sides.found, source, backwards, back=False), -1) for source in node.inputs)
    if want == got or (expected.op in MERGES and node.op != expected.op):
        return None
    wrong = [source for source in got if source not in want]
    right = [source for source in want if source not in got]
    heard, hoped = _list(sides, wrong), _list(sides, right)
    layer = sides.layer(wanted)
    message = f"{layer} reads {heard or 'something else'}; expected {hoped or 'nothing else'}."
    return draft_of(
        sides,
        (wanted, found),
        "wrong-skip",
        message,
        f"Give {layer} {hoped or 'the output of the layer before it'}.",
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
                    expected="weights of its own", found=f"the weights of {sides.layer(other) if other else 'another'}",
                    message=f"{name} is the same layer as {sides.layer(other) if other else 'an earlier one'} and "
                    "uses its weights; expected weights of its own.",
                    hint="Construct a second layer, and call it here.",
                )
                yield Draft(finding=finding, node=found, wanted=wanted, site=("shared", outer))


def _registration(sides: Sides) -> Iterator[Draft]:
    for wanted, found in sides.alignment.pairs:
        if not wanted or not found:
            continue
        if any(leaf.role == "parameter" and not leaf.registered for leaf in sides.node(found).leaves):
            name = sides.layer(wanted)
            yield draft_of(
                sides,
                (wanted, found),
                "unregistered-layer",
                f"{name} runs, but its weights are not in network.parameters(), so the optimizer cannot train them; "
                "expected all weights there.",
                "Assign the layer to an attribute of self, or put it into nn.ModuleList or nn.Sequential, "
                "not into a plain list.",
            )


def _unused(sides: Sides) -> Iterator[Draft]:
    """Layers that were constructed and take no part in the output: a note, unless one of them is missing."""
    by_owner: dict[str, list[Leaf]] = {}
    for leaf in sides.evidence.unused:
        by_owner.setdefault(leaf.name.rpartition(".")[0], []).append(leaf)
    for owner, leaves in by_owner.items():
        finding = Finding(
            code="unused-layer", layer=None, charged=False, where=leaves[0].where, found=owner,
            expected="every layer in use",
            message=f"{f'self.{owner}' if owner else 'A parameter'} is constructed and never used; "
            "expected every layer in use.",
            hint="Remove it, or call it in forward if it was meant to be there.",
        )
        yield Draft(finding=finding, site=("unused", tuple(leaf.shape for leaf in leaves)))
    for node in sides.found.dead:
        if node.op == "operation":  # such as batch norm's own counter: no layer that a student would know
            continue
        finding = Finding(
            code="unused-layer", layer=None, charged=False, where=node.origin.call, found=words.describe(node),
            expected="every result in use",
            message=f"The result of {words.told(node)} is not used; expected every result to go on.",
            hint="Pass its result on, or remove it.",
        )
        yield Draft(finding=finding, site=("unused", tuple(leaf.shape for leaf in node.leaves)))
