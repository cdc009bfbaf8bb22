"""A network whose forward failed: as much of it as ran beside the handout's, and the line where it stopped, explained.

What ran and is right keeps its points. The operation that failed is the last node of the recording, without outputs;
as a layer with the attributes that it was constructed with it takes part in the comparison, so that the one mistake is
named where it was made: at the layer itself, or at one before it that changed the size of the map.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from grader.errors import NetworkUnsupported
from grader.network import findings, words
from grader.network.align import align
from grader.network.allowed import base_name
from grader.network.drafts import Sides
from grader.network.expected import load
from grader.network.graph import Graph, Node, Origin, origin_of
from grader.network.normalise import Normaliser
from grader.network.values import Value
from grader.network.weighted import sides_of
from grader.records import Assignment, Comparison, Evidence, Failure, Finding, LayerRow, RawNode, Where

READS = frozenset({"_local_scalar_dense", "is_nonzero", "equal", "item"})  # these have no outputs, and do not fail
RESHAPES = frozenset({"view", "reshape", "_unsafe_view", "unflatten"})


NOTHING = Failure(kind="", message="", where=None, phase="forward")  # forward ended and gave no tensor
INPUTS = {"linear": "in_features", "conv": "in_channels"}
SIZES = frozenset({"out_channels", "out_features", "kernel_size", "stride", "padding", "dilation", "kind"})
RESIZING = frozenset({"missing-layer", "extra-layer", "layer-order", "unused-layer", "wrong-skip", "missing-skip"})


@dataclass(frozen=True, kw_only=True)
class Stop:
    """Where forward stopped: the operation, what arrived at it, and the layer that it is, if it is one."""

    raw: RawNode | None
    arriving: tuple[Value, ...]
    arguments: tuple[Any, ...]
    graph: Graph  # of what ran; the layer that failed is its last node
    layer: Node | None
    sources: tuple[int, ...]  # in ``graph``, the nodes that the arriving values come from


def read(assignment: Assignment, evidence: Evidence) -> Comparison | None:
    """The part of the network that ran beside the handout's. None where nothing ran that could be compared."""
    failure = next((one for one in evidence.failures if one.phase == "forward"), NOTHING)
    try:
        stop = _until_failure(assignment, evidence)
    except Exception as error:  # whatever a recording that broke off holds: then there is nothing to compare
        if not isinstance(error, (NetworkUnsupported, RuntimeError, ValueError, TypeError, LookupError)):
            raise
        return None
    if len(stop.graph.nodes) == 1:
        return None
    known = load(assignment)
    nearest, alignment = min(
        ((one, align(one.graph, stop.graph, whole=False)) for one in known), key=lambda pair: pair[1].cost
    )
    quiet = dataclasses.replace(evidence, unused=())  # what was not reached is not used either
    sides = Sides(expected=nearest, found=stop.graph, alignment=alignment, assignment=assignment, evidence=quiet)
    explained = _own_mistake(sides, stop, findings.explain(sides))
    explained = (*explained, _at_the_line(sides, stop, failure, explained))
    unreached, constructed = _unreached(sides, evidence, stop)
    return Comparison(
        same=False,
        alternative=nearest.title,
        findings=explained,
        rows=_rows(findings.rows(sides, explained), unreached, constructed),
        parameters=0,
        output_shape=(),
        hash="",
        tail="logits",
        stopped=True,
        unreached=unreached,
    )


# ---- what ran ----------------------------------------------------------------------------------------------------


def _until_failure(assignment: Assignment, evidence: Evidence) -> Stop:
    raw = evidence.graphs["train"]
    walk = Normaliser(raw)
    walk.begin(assignment.input_shape, evidence.tensors)
    last = raw.nodes[-1] if raw.nodes and not raw.nodes[-1].outputs else None
    failed = last if last is not None and base_name(last.op) not in READS else None
    for node in raw.nodes[: -1 if failed else None]:
        walk.step(node)
    arguments = tuple(walk.argument(item) for item in failed.arguments) if failed is not None else ()
    arriving = tuple(one for one in _flat(arguments) if one.sources)
    ran = [walk.values[value] for node in raw.nodes for value in node.outputs if value in walk.values]
    shown = arriving or tuple([one for one in ran if one.sources][-1:]) or (walk.values[raw.input],)
    nodes = tuple(dict.fromkeys(source for value in shown for source in value.sources))
    origin = origin_of(failed) if failed is not None else Origin()
    layer = _layer(walk, base_name(failed.op), arguments, nodes, origin) if failed is not None else None
    if layer is not None:
        leaves = tuple(value.leaf for value in _flat(arguments) if value.leaf is not None)
        output = walk.builder.add(layer, leaves)
    else:
        output = nodes[0]
    graph = walk.builder.finish(output, (), tuple(walk.notes))
    place = {_key(node): index for index, node in enumerate(graph.nodes)}
    known = tuple(place[key] for one in nodes if (key := _key(walk.builder.nodes[one])) in place)
    return Stop(
        raw=failed, arriving=arriving, arguments=arguments, graph=graph, sources=known,
        layer=graph.nodes[graph.output] if layer is not None else None,
    )


def _key(node: Node) -> tuple[Any, ...]:
    return node.op, node.shape, node.origin, tuple(id(leaf) for leaf in node.leaves), str(dict(node.attributes))


def _flat(items: Any) -> list[Value]:
    found: list[Value] = []
    for item in items:
        if isinstance(item, Value):
            found.append(item)
        elif isinstance(item, (list, tuple)):
            found.extend(_flat(item))
    return found


def _layer(
    walk: Normaliser, name: str, arguments: tuple[Any, ...], nodes: tuple[int, ...], origin: Origin
) -> Node | None:
    """The layer that failed, as it was constructed."""
    weight = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], Value) else None
    leaves = tuple(walk.leaves[one.leaf] for one in _flat(arguments) if one.leaf is not None)
    bias = len(leaves) > 1
    if name in ("linear", "addmm", "mm", "matmul") and leaves:
        matrix = next((leaf.shape for leaf in leaves if len(leaf.shape) == 2), (0, 0))
        turned = name != "linear" and weight is not None and weight.index is None
        outputs, features = matrix[::-1] if turned else matrix
        attributes: dict[str, Any] = {"in_features": features, "out_features": outputs, "bias": bias}
        return Node(
            op="linear", attributes=attributes, inputs=nodes[:1], shape=(outputs,), leaves=leaves, origin=origin
        )  # fmt: skip
    if name == "conv2d" and weight is not None and len(weight.shape) == 4:
        return Node(
            op="conv", attributes=_conv_attributes(arguments, weight, bias), inputs=nodes[:1],
            shape=(weight.shape[0], *walk.builder.nodes[nodes[0]].shape[1:]), leaves=leaves, origin=origin,
        )  # fmt: skip
    if name == "add" and len(nodes) == 2:
        shape = walk.builder.nodes[nodes[0]].shape
        both = tuple(sorted(nodes))
        return Node(op="add", attributes={"weights": [1.0, 1.0]}, inputs=both, shape=shape, origin=origin)
    return None


def _conv_attributes(arguments: tuple[Any, ...], weight: Value, bias: bool) -> dict[str, Any]:
    given = (*arguments[3:], *(None for _ in range(4)))
    stride, padding, dilation, groups = given[0] or [1, 1], given[1] or [0, 0], given[2] or [1, 1], given[3] or 1
    kernel = [int(one) for one in weight.shape[2:]]
    top, bottom, left, right = sides_of(padding, kernel, dilation)
    return {
        "in_channels": int(weight.shape[1]) * groups,
        "out_channels": int(weight.shape[0]),
        "kernel_size": kernel,
        "stride": list(stride),
        "padding": [top, left] if (top, left) == (bottom, right) else [top, bottom, left, right],
        "dilation": list(dilation),
        "groups": groups,
        "bias": bias,
    }


# ---- the line where it stopped -----------------------------------------------------------------------------------


def _own_mistake(sides: Sides, stop: Stop, explained: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Where the handout's number of features or channels arrives and the layer was made for another one, that is a
    mistake of its own, whatever else is wrong before it."""
    partner = sides.alignment.expected_of.get(sides.found.output)
    if stop.layer is None or partner is None or stop.layer.op not in INPUTS or not stop.arriving:
        return explained
    wanted, attribute = sides.wanted(partner), INPUTS[stop.layer.op]
    shape = stop.arriving[0].shape[1:]
    arrives = shape[0] if len(shape) in (1, 3) else 0
    if wanted.op != stop.layer.op or arrives != wanted.attributes[attribute]:
        return explained
    return tuple(
        dataclasses.replace(one, charged=True, message=one.message.partition(" (")[0])
        if (one.layer, one.attribute, one.charged) == (sides.layer(partner), attribute, False)
        else one
        for one in explained
    )


def _cause(name: str, explained: tuple[Finding, ...]) -> Finding | None:
    """The charged finding that the failure follows from: the layer's own, or one before it that changes sizes."""
    charged = [one for one in explained if one.charged]
    own = [one for one in charged if one.layer == name and one.attribute in INPUTS.values()]
    before = [one for one in charged if one.attribute in SIZES or one.code in RESIZING]
    return next(iter([*own, *before]), None)


def _at_the_line(sides: Sides, stop: Stop, failure: Failure, explained: tuple[Finding, ...]) -> Finding:
    """The exception in the field's words; charged where nothing else explains it."""
    name = _name(sides, stop)
    if failure is NOTHING:
        return Finding(
            code="program-error", message="forward ends without a tensor to return; expected the class scores.",
            hint="End forward with return x.", expected="class scores", found="None", where=_last_line(sides),
        )  # fmt: skip
    cause = _cause(name, explained) if stop.raw is not None else None
    said = f"{failure.kind}: {failure.message.splitlines()[0][:160]}" if failure.message else failure.kind
    told = _told(sides, stop)
    message = f"forward stops here ({said}). {told}".strip() if told else f"forward stops here with {said}."
    hint = "Mend this line; what comes after it was not reached."
    if stop.raw is not None:
        hint = "Print x.shape in the line before, and make the sizes fit; what comes after was not reached."
    if cause is not None:
        message += f" This follows from {_subject(cause)}."
        hint = cause.hint
    return Finding(
        code="program-error", message=message, hint=hint, layer=name or None, expected="forward runs to its end",
        found=failure.kind, charged=cause is None, where=failure.where,
    )


def _subject(cause: Finding) -> str:
    if cause.code == "extra-layer":
        return f"the extra layer after {cause.layer}" if cause.layer else "the extra layer"
    if cause.code == "missing-layer":
        return f"the missing {cause.layer}"
    return ".".join(part for part in (cause.layer, cause.attribute) if part) or cause.code


def _last_line(sides: Sides) -> Where | None:
    return next((node.origin.call for node in sides.found.nodes[::-1] if node.origin.call is not None), None)


def _name(sides: Sides, stop: Stop) -> str:
    """The handout's layer that failed, else the one that would have come next."""
    known = sides.alignment.expected_of
    if stop.layer is not None and sides.found.output in known:
        return sides.layer(known[sides.found.output])
    last = max(known.values(), default=0)
    return sides.expected.layers[last + 1] if last + 1 < len(sides.expected.layers) else ""


def _told(sides: Sides, stop: Stop) -> str:
    """What arrived at the operation, beside what it takes."""
    if stop.raw is None or not stop.arriving:
        return ""
    shape = tuple(stop.arriving[0].shape[1:])
    origin = _origin(sides, stop.sources[0]) if stop.sources else ""
    kind = stop.layer.op if stop.layer is not None else ""
    if kind == "linear":
        return _told_of_features(sides, stop, origin)
    if kind == "conv":
        return _told_of_channels(sides, stop, origin)
    if kind == "add" and len(stop.arriving) > 1:
        where = [_origin(sides, source) for source in stop.sources]
        sizes = [_sizes(tuple(one.shape[1:])) for one in stop.arriving]
        both = " and ".join(f"{size}{place}" for size, place in zip(sizes, where, strict=False))
        return f"The addition needs two maps of one size, and gets {both}."
    if base_name(stop.raw.op) in RESHAPES:
        sizes_asked = stop.arguments[1] if len(stop.arguments) > 1 else []
        wanted = ", ".join(str(one) for one in sizes_asked) if isinstance(sizes_asked, list) else str(sizes_asked)
        return (
            f"{base_name(stop.raw.op)}({wanted}) does not fit: a picture has {math.prod(shape)} numbers here "
            f"({_sizes(shape)}{origin})."
        )
    return f"What arrives{origin} is {_sizes(shape)}."


def _told_of_features(sides: Sides, stop: Stop, origin: str) -> str:
    assert stop.layer is not None
    name, shape = _name(sides, stop) or "The fully connected layer", tuple(stop.arriving[0].shape)
    wanted = stop.layer.attributes["in_features"]
    if len(shape) > 2:
        return (
            f"{name} expects {wanted} features in a row, but the map {_sizes(shape[1:])}{origin} arrives as it is: "
            "flatten it before, with torch.flatten(x, 1)."
        )
    if len(shape) == 2 and stop.raw is not None and shape[0] != sides.evidence.graphs["train"].batch:
        return (
            f"{name} expects {wanted} features, but the pictures{origin} were cut into {shape[0]} rows of {shape[1]}: "
            "keep the batch, with torch.flatten(x, 1)."
        )
    source = sides.found.nodes[stop.sources[0]].shape if stop.sources else ()
    flattened = f" after flattening ({_sizes(source)})" if len(source) == 3 else ""
    return f"{name} expects {wanted} features, but {shape[-1] if shape else 0} arrive{origin}{flattened}."


def _told_of_channels(sides: Sides, stop: Stop, origin: str) -> str:
    assert stop.layer is not None
    name, shape = _name(sides, stop) or "The convolution", tuple(stop.arriving[0].shape[1:])
    wanted = stop.layer.attributes["in_channels"]
    if len(shape) != 3:
        return f"{name} expects a map of {wanted} channels, but {_sizes(shape)} numbers arrive{origin}."
    if shape[0] != wanted:
        channels = "1 channel" if wanted == 1 else f"{wanted} channels"
        return f"{name} expects {channels}, but a map of {_sizes(shape)} arrives{origin}."
    kernel = words.value(stop.layer.attributes["kernel_size"])
    return f"{name} has kernel size {kernel}, and the map that arrives{origin} is {_sizes(shape)}."


def _origin(sides: Sides, source: int) -> str:
    known = sides.alignment.expected_of
    if not source:
        return " from the network's input"
    return f" from {sides.layer(known[source])}" if known.get(source) else f" from {words.name(sides.node(source))}"


def _sizes(shape: tuple[int, ...]) -> str:
    return " × ".join(str(one) for one in shape) if shape else "one number"


# ---- what was not reached ----------------------------------------------------------------------------------------


def _unreached(sides: Sides, evidence: Evidence, stop: Stop) -> tuple[tuple[str, ...], dict[str, Node]]:
    """The layers that no pair and no finding is about; those of them with weights that were constructed as the handout
    says are told apart, where forward stopped at an operation whose sizes do not fit: one mistake costs one layer."""
    last = max((one for one, _ in sides.alignment.pairs if one is not None), default=0)
    waiting = [leaf.shape for leaf in evidence.unused] if stop.raw is not None else []
    unreached, constructed = [], {}
    for index in range(last + 1, len(sides.expected.graph.nodes)):
        node, name = sides.wanted(index), sides.layer(index)
        shapes = [leaf.shape for leaf in node.leaves]
        if shapes and all(waiting.count(shape) >= shapes.count(shape) for shape in shapes):
            for shape in shapes:
                waiting.remove(shape)
            constructed[name] = node
        else:
            unreached.append(name)
    return tuple(unreached), constructed


def _rows(
    rows: tuple[LayerRow, ...], unreached: tuple[str, ...], constructed: dict[str, Node]
) -> tuple[LayerRow, ...]:
    made = []
    for row in rows:
        if row.layer in unreached:
            row = dataclasses.replace(row, found="not reached", verdict="skip")
        elif row.layer in constructed:
            row = dataclasses.replace(row, found=f"{row.expected}, constructed, not reached")
        made.append(row)
    return tuple(made)
