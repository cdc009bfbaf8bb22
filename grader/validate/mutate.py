"""Mutants: the handout's network and training loop, each with one mistake, as programs that a student could write.

Networks are mutated as graphs (change each attribute, drop, add, swap, rewire, share) and written out again as modules,
a layer a line; training loops are mutated by the line. Every mutant says the code and the layer that its grade must
name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from grader.network.expected import Expected
from grader.records import Assignment


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One operation of a network to write out: what it reads by name, and its attributes."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    same_as: str = ""  # uses the layer object of that stage
    shape: tuple[int, ...] = ()  # of its output in the handout's network

    def changed(self, **attributes: Any) -> Stage:
        return dataclasses.replace(self, attributes={**self.attributes, **attributes})


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A program with one mistake. ``codes``: any of these is a right name of it; ``layers``: any of these, or none."""

    name: str
    source: str
    codes: tuple[str, ...]
    layers: tuple[str, ...] = ()


class Impossible(Exception):
    """A mutation that leaves no runnable network."""


Network = tuple[Stage, ...]


def stages(expected: Expected) -> Network:
    """The handout's network, with the handout's names."""
    nodes, names = expected.graph.nodes, expected.layers
    return tuple(
        Stage(
            name=names[index],
            op=node.kind if node.op == "pointwise" else node.op,
            inputs=tuple(names[source] or "x" for source in node.inputs),
            attributes={key: item for key, item in node.attributes.items() if key != "function"},
            shape=node.shape,
        )
        for index, node in enumerate(nodes)
        if index
    )


# ---- shapes: what a change forces downstream ---------------------------------------------------------------------


def fitted(network: Network, shape: tuple[int, ...]) -> Network:
    """The network with every layer's input size set to what reaches it. Impossible if something does not fit."""
    shapes: dict[str, tuple[int, ...]] = {"x": shape}
    made = []
    for stage in network:
        stage, shapes[stage.name] = _fit(stage, [shapes[name] for name in stage.inputs])
        made.append(stage)
    if any(size != 1 for size in shapes[made[-1].name][1:]) or not made:
        raise Impossible
    return tuple(made)


def _fit(stage: Stage, inner: list[tuple[int, ...]]) -> tuple[Stage, tuple[int, ...]]:
    first = inner[0]
    attributes = stage.attributes
    if stage.op == "conv":
        if len(first) != 3 or first[0] % attributes["groups"] or attributes["out_channels"] % attributes["groups"]:
            raise Impossible
        return stage.changed(in_channels=first[0]), (attributes["out_channels"], *_window(attributes, first))
    if stage.op in ("max_pool", "avg_pool"):
        if len(first) != 3 or any(
            2 * pad > size for pad, size in zip(attributes["padding"], attributes["kernel_size"], strict=True)
        ):
            raise Impossible
        return stage, (first[0], *_window(attributes, first))
    if stage.op == "batch_norm":
        return dataclasses.replace(stage, shape=first), first
    if stage.op == "linear":
        features = 1
        for size in first:
            features *= size
        return stage.changed(in_features=features), (attributes["out_features"],)
    if stage.op == "add" and any(one != first for one in inner):
        raise Impossible
    if stage.op == "concat":
        return stage, (sum(one[0] for one in inner), *first[1:])
    return stage, first


def _window(attributes: dict[str, Any], shape: tuple[int, ...]) -> tuple[int, int]:
    sizes = []
    for axis in (0, 1):
        reach = attributes.get("dilation", [1, 1])[axis] * (attributes["kernel_size"][axis] - 1)
        size = (shape[1 + axis] + 2 * attributes["padding"][axis] - reach - 1) // attributes["stride"][axis] + 1
        if size < 1:
            raise Impossible
        sizes.append(size)
    return sizes[0], sizes[1]


# ---- writing it out ----------------------------------------------------------------------------------------------


def written(network: Network) -> str:
    """The module, a layer a line."""
    built, steps, flat = [], [], set()
    for stage in network:
        attribute = stage.name.replace(".", "_")
        target = f"v_{attribute}"
        inner = ["x" if name == "x" else f"v_{name.replace('.', '_')}" for name in stage.inputs]
        if stage.op == "linear" and stage.inputs[0] not in flat:
            steps.append(f"        {inner[0]} = torch.flatten({inner[0]}, 1)")
            flat.add(stage.inputs[0])
        made, step = _written_stage(stage, attribute, inner)
        if made and not stage.same_as:
            built.append(f"        self.{attribute} = {made}")
        if stage.same_as:
            step = step.replace(f"self.{attribute}(", f"self.{stage.same_as.replace('.', '_')}(")
        steps.append(f"        {target} = {step}")
        if stage.op == "linear" or stage.inputs[0] in flat:
            flat.add(stage.name)
    last = f"v_{network[-1].name.replace('.', '_')}"
    if all(stage.op != "linear" for stage in network):
        last = f"torch.flatten({last}, 1)"
    lines = ["class Net(nn.Module):", "    def __init__(self):", "        super().__init__()", *built, ""]
    return "\n".join([*lines, "    def forward(self, x):", *steps, f"        return {last}", ""])


def _written_stage(stage: Stage, attribute: str, inner: list[str]) -> tuple[str, str]:
    """(constructor or "", call)."""
    a = stage.attributes
    call = f"self.{attribute}({inner[0]})"
    if stage.op == "conv":
        rest = ", ".join(
            f"{key}={_said(a[key])}" for key in ("kernel_size", "stride", "padding", "dilation", "groups", "bias")
        )
        return f"nn.Conv2d({a['in_channels']}, {a['out_channels']}, {rest})", call
    if stage.op == "linear":
        return f"nn.Linear({a['in_features']}, {a['out_features']}, bias={a['bias']})", call
    if stage.op == "max_pool":
        names = ("kernel_size", "stride", "padding", "dilation")
        return f"nn.MaxPool2d({', '.join(_said(a[name]) for name in names)})", call
    if stage.op == "avg_pool":
        return f"nn.AvgPool2d({_said(a['kernel_size'])}, {_said(a['stride'])}, {_said(a['padding'])})", call
    if stage.op == "add":
        weights = a.get("weights", [1.0] * len(inner))
        return "", " + ".join(
            name if weight == 1 else f"{weight} * {name}" for name, weight in zip(inner, weights, strict=True)
        )
    if stage.op == "batch_norm":
        return f"nn.BatchNorm2d({stage.shape[0]})", call
    if stage.op == "dropout":
        return f"nn.Dropout({a.get('p', 0.5)})", call
    if stage.op == "concat":
        return "", f"torch.cat([{', '.join(inner)}], dim=1)"
    if stage.op == "product":
        return "", " * ".join(inner)
    if stage.op == "module":
        return str(a["constructor"]), call
    return "", FUNCTIONS[stage.op].format(inner[0])


def _said(item: Any) -> str:
    return repr(tuple(item)) if isinstance(item, list) else repr(item)


FUNCTIONS = {
    "relu": "F.relu({})", "leaky_relu": "F.leaky_relu({}, 0.1)", "elu": "F.elu({})", "tanh": "torch.tanh({})",
    "sigmoid": "torch.sigmoid({})", "gelu": "F.gelu({})", "relu6": "F.relu6({})", "softmax": "F.softmax({}, dim=1)",
    "softplus": "F.softplus({})", "detach": "{}.detach()",
}  # fmt: skip


# ---- mistakes of the network -------------------------------------------------------------------------------------


def network_mutants(
    network: Network, shape: tuple[int, ...]
) -> Iterator[tuple[str, Network, tuple[str, ...], tuple[str, ...]]]:
    """(name, network, codes, layers) of every mutation that gives a runnable network."""
    for maker in (_attributes, _activations, _dropped, _added, _swapped, _skips, _shared):
        for name, mutated, codes, layers in maker(network):
            try:
                yield name, fitted(mutated, shape), codes, layers
            except Impossible:
                continue


Raw = Iterator[tuple[str, Network, tuple[str, ...], tuple[str, ...]]]
CHANGES: dict[str, list[tuple[str, Any]]] = {
    "conv": [
        ("kernel_size", [1, 1]), ("kernel_size", [7, 7]), ("stride", [2, 2]), ("padding", [2, 2]), ("dilation", [2, 2]),
        ("bias", False), ("groups", 2),
    ],
    "linear": [("bias", False)],
    "max_pool": [("kernel_size", [3, 3]), ("stride", [1, 1]), ("padding", [1, 1])],
}  # fmt: skip


def _attributes(network: Network) -> Raw:
    last = network[-1].name
    for stage in network:
        for key, value in CHANGES.get(stage.op, []):
            one_window = key == "stride" and stage.shape[1:] == (1, 1)  # its stride changes nothing
            if stage.attributes[key] != value and not one_window:
                yield (
                    f"{stage.name}_{key}_{_shown(value)}", _with(network, stage, stage.changed(**{key: value})),
                    ("wrong-attribute",),
                    (stage.name,),
                )
        for key in ("out_channels", "out_features"):
            if key in stage.attributes:
                size = stage.attributes[key] * 2 if stage.name != last else 100
                yield (
                    f"{stage.name}_{key}",
                    _with(network, stage, stage.changed(**{key: size})),
                    ("wrong-attribute",),
                    (stage.name,),
                )
        if stage.op == "max_pool":
            average = dataclasses.replace(stage, op="avg_pool", attributes={**stage.attributes})
            yield f"{stage.name}_average", _with(network, stage, average), ("wrong-attribute",), (stage.name,)


def _shown(value: Any) -> str:
    return str(value[0] if isinstance(value, list) else value)


def _activations(network: Network) -> Raw:
    for stage in network:
        if stage.op != "relu":
            continue
        for other in ("leaky_relu", "elu", "tanh", "sigmoid", "gelu", "relu6", "softplus"):
            changed = dataclasses.replace(stage, op=other)
            yield f"{stage.name}_{other}", _with(network, stage, changed), ("wrong-activation",), (stage.name,)
        yield f"{stage.name}_missing", _without(network, stage), ("missing-activation",), (stage.name,)


def _dropped(network: Network) -> Raw:
    for stage in network[:-1]:
        if stage.op in ("conv", "linear", "max_pool"):
            yield f"{stage.name}_missing", _without(network, stage), ("missing-layer",), _alike(network, stage)


def _alike(network: Network, stage: Stage) -> tuple[str, ...]:
    """Which of two equal layers in a row is missing cannot be told."""
    position = network.index(stage)
    near = network[max(0, position - 3) : position + 4]
    return tuple(one.name for one in near if one.op == stage.op)


def _added(network: Network) -> Raw:
    for position, stage in enumerate(network):
        if stage.op == "conv":
            channels = stage.attributes["out_channels"]
            square = {
                "out_channels": channels,
                "kernel_size": [3, 3],
                "stride": [1, 1],
                "padding": [1, 1],
                "dilation": [1, 1],
                "groups": 1,
                "bias": True,
            }
            yield (
                f"{stage.name}_then_conv",
                _after(network, position, Stage(name="more", op="conv", inputs=(), attributes=square)),
                ("extra-layer",),
                (),
            )
            norm = Stage(name="norm", op="module", inputs=(), attributes={"constructor": f"nn.BatchNorm2d({channels})"})
            yield f"{stage.name}_batch_norm", _after(network, position, norm), ("extra-layer",), ()
        if stage.op == "linear" and position < len(network) - 1:
            drop = Stage(name="drop", op="module", inputs=(), attributes={"constructor": "nn.Dropout(0.5)"})
            yield f"{stage.name}_dropout", _after(network, position, drop), ("extra-layer",), ()
            more = Stage(
                name="more",
                op="linear",
                inputs=(),
                attributes={"out_features": stage.attributes["out_features"], "bias": True},
            )
            yield f"{stage.name}_then_linear", _after(network, position, more), ("extra-layer",), ()
    for function in ("relu", "sigmoid", "tanh"):
        on_output = Stage(name="final", op=function, inputs=())
        yield f"output_{function}", _after(network, len(network) - 1, on_output), ("extra-activation",), ()
    softmax = Stage(name="final", op="softmax", inputs=())
    yield "output_softmax", _after(network, len(network) - 1, softmax), ("softmax-before-cross-entropy",), ()


def _swapped(network: Network) -> Raw:
    """A pool before the convolution that it follows."""
    for position, stage in enumerate(network):
        before = [one for one in network[:position] if one.op == "conv"]
        if (
            stage.op == "max_pool"
            and before
            and len(stage.inputs) == 1
            and position >= 2
            and network[position - 2] is before[-1]
        ):
            conv, act = network[position - 2], network[position - 1]
            pool = dataclasses.replace(stage, inputs=conv.inputs)
            moved = (
                *network[: position - 2],
                pool,
                dataclasses.replace(conv, inputs=(pool.name,)),
                act,
                *network[position + 1 :],
            )
            yield (
                f"{stage.name}_before_{conv.name}",
                _redirect(moved, stage.name, act.name, {conv.name}),
                ("layer-order",),
                (),
            )


def _skips(network: Network) -> Raw:
    for position, stage in enumerate(network):
        if stage.op != "add":
            continue
        skip = min(stage.inputs, key=lambda name: -1 if name == "x" else [one.name for one in network].index(name))
        body = next(name for name in stage.inputs if name != skip)
        yield (
            f"{stage.name}_missing",
            _redirect(_cut(network, stage), stage.name, body, set()),
            ("missing-skip",),
            (stage.name,),
        )
        scaled = stage.changed(weights=[0.5 if name == skip else 1.0 for name in stage.inputs])
        yield f"{stage.name}_scaled", _with(network, stage, scaled), ("wrong-skip",), (stage.name,)
        yield (
            f"{stage.name}_product",
            _with(network, stage, dataclasses.replace(stage, op="product")),
            ("wrong-skip",),
            (stage.name,),
        )
        joined = dataclasses.replace(stage, op="concat")
        yield f"{stage.name}_concat", _with(network, stage, joined), ("wrong-skip",), (stage.name,)
        source = next((one for one in network if one.name == skip), None)
        if source is not None and source.op == "relu":
            early = dataclasses.replace(
                stage, inputs=tuple(source.inputs[0] if name == skip else name for name in stage.inputs)
            )
            yield f"{stage.name}_before_relu", _with(network, stage, early), ("wrong-skip",), (stage.name,)
        act = network[position + 1]
        first = dataclasses.replace(act, inputs=(body,))
        then = dataclasses.replace(stage, inputs=tuple(first.name if name == body else name for name in stage.inputs))
        order = (*network[:position], first, then, *network[position + 2 :])
        yield (
            f"{stage.name}_after_relu",
            _redirect(order, act.name, stage.name, {stage.name}),
            ("layer-order", "missing-activation"),
            (act.name,),
        )


def _shared(network: Network) -> Raw:
    seen: dict[tuple[Any, ...], Stage] = {}
    for stage in network:
        if stage.op in ("conv", "linear"):
            key = (stage.op, repr(stage.attributes))
            if key in seen:
                same = dataclasses.replace(stage, same_as=seen[key].name)
                yield f"{stage.name}_shared", _with(network, stage, same), ("shared-layer",), (stage.name,)
            seen.setdefault(key, stage)


def _with(network: Network, old: Stage, new: Stage) -> Network:
    return tuple(new if stage is old else stage for stage in network)


def _cut(network: Network, gone: Stage) -> Network:
    return tuple(stage for stage in network if stage is not gone)


def _redirect(network: Network, old: str, new: str, but: set[str]) -> Network:
    """Read ``new`` in place of ``old`` everywhere except in the stages ``but``."""
    return tuple(
        stage
        if stage.name in but
        else dataclasses.replace(stage, inputs=tuple(new if name == old else name for name in stage.inputs))
        for stage in network
    )


def _without(network: Network, gone: Stage) -> Network:
    return _redirect(_cut(network, gone), gone.name, gone.inputs[0], set())


def _after(network: Network, position: int, new: Stage) -> Network:
    before = network[position]
    placed = dataclasses.replace(new, inputs=(before.name,))
    rest = _redirect(network[position + 1 :], before.name, new.name, set())
    return (*network[: position + 1], placed, *rest)


def _shape_of(network: Network) -> list[Any]:
    """A network without its names, to hold it against the accepted alternatives."""
    places = {stage.name: place for place, stage in enumerate(network)}
    return [
        (
            stage.op,
            stage.same_as,
            [places.get(one) for one in stage.inputs],
            # An average pool that was a max-pool has its dilation still.
            {key: value for key, value in stage.attributes.items() if (stage.op, key) != ("avg_pool", "dilation")},
        )
        for stage in network
    ]


def wrong_networks(
    assignment: Assignment, expected: Expected
) -> Iterator[tuple[str, Network, tuple[str, ...], tuple[str, ...]]]:
    """The network mutants that are none of the accepted alternatives."""
    from grader.network import expected as handout

    accepted = [_shape_of(stages(one)) for one in handout.load(assignment)]
    for mutant in network_mutants(stages(expected), assignment.input_shape):
        if _shape_of(mutant[1]) not in accepted:
            yield mutant


def mutants(assignment: Assignment, expected: Expected) -> Iterator[Mutant]:
    """Every mutant of an assignment, network and training."""
    from grader.validate import loops

    network = stages(expected)
    if assignment.recipe is None:
        for name, mutated, codes, layers in wrong_networks(assignment, expected):
            if name != "output_softmax":  # nothing says that there is a cross-entropy
                yield Mutant(name=name, source=loops.NETWORK_ALONE + written(mutated), codes=codes, layers=layers)
        return
    plain = loops.program(assignment.recipe)
    for name, mutated, codes, layers in wrong_networks(assignment, expected):
        yield Mutant(name=name, source=plain.replace("# NETWORK\n", written(mutated)), codes=codes, layers=layers)
    right = written(fitted(network, assignment.input_shape))
    for name, source, codes in loops.mutants(assignment.recipe):
        yield Mutant(name=name, source=source.replace("# NETWORK\n", right), codes=codes)
