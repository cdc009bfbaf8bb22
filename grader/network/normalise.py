"""RawGraph -> Graph: equal functions, equal graphs.

The recorded operations are run once more on stand-ins: a view, a transpose or a concatenation on *index tensors* (which
element of which node stands where), a function of one variable on a *grid of numbers*. What comes out says what the
operation does, however it was spelled; only what mixes values for good (a convolution, a pool, an addition) is a node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from grader.errors import NetworkUnsupported
from grader.network import bounds, operators, pointwise, samples
from grader.network.allowed import TAMED, base_name, resolve
from grader.network.arguments import PLACEMENT, RANDOM, count, drops, fingerprint
from grader.network.build import literal
from grader.network.graph import Builder, Graph, Node, Origin, origin_of
from grader.network.values import (
    ZERO,
    NotLayout,
    Value,
    chosen,
    is_range,
    overlaps,
    plain,
    same_index,
    strip,
    values_in,
)
from grader.records import Leaf, RawGraph, RawNode, Where

Function = Callable[[Tensor], Tensor]
CUT = "the computation is cut here, and no gradient passes; expected a gradient for every layer"


class Normaliser:
    """Walks the recorded nodes in order. One method a family of operations; ``operators`` holds the layers."""

    def __init__(self, raw: RawGraph) -> None:
        self.raw = raw
        self.batch = raw.batch
        self.builder = Builder()
        self.budget = bounds.Budget()
        self.values: dict[int, Value] = {}
        self.nonnegative: set[int] = set()
        self.notes: list[tuple[str, str, Where | None]] = []
        self.leaves: dict[int, Leaf] = dict(raw.leaves)
        self.reshaped: dict[tuple[int, tuple[int, ...]], int] = {}
        self.functions: dict[
            int, tuple[int, Function]
        ] = {}  # pointwise node -> (node it is a function of, the function)

    # ---- the walk -----------------------------------------------------------------------------------------

    def run(self, input_shape: tuple[int, ...], tensors: Mapping[str, Tensor]) -> Graph:
        self.begin(input_shape, tensors)
        for raw in self.raw.nodes:
            self.step(raw)
        if self.raw.output is None:
            raise NetworkUnsupported("the network's forward failed before it gave an output")
        result = self.values[self.raw.output]
        # A mere reshape of the class scores is told by the output's shape.
        output = result.sources[0] if self.is_whole(result) else self.materialise(result, Origin())
        shape: tuple[int | str, ...] = tuple(result.shape)
        if self.raw.symbolic_batch and shape and isinstance(shape[0], int):
            shape = ("N" if shape[0] == self.batch else f"{Fraction(shape[0], self.batch)} N", *shape[1:])
        elif shape and shape[0] == self.batch:
            shape = ("N", *shape[1:])
        return self.builder.finish(output, shape, tuple(self.notes))

    def begin(self, input_shape: tuple[int, ...], tensors: Mapping[str, Tensor]) -> None:
        bounds.check((self.batch, *input_shape))
        node = self.builder.add(Node(op="input", attributes={}, inputs=(), shape=input_shape))
        self.values[self.raw.input] = Value(shape=(self.batch, *input_shape), sources=(node,))
        for value, leaf in self.raw.leaves.items():
            constant = tensors.get(f"{self.raw.mode}/{value}") if leaf.role == "constant" else None
            self.values[value] = Value(
                shape=leaf.shape, constant=constant, leaf=None if constant is not None else value
            )

    def step(self, raw: RawNode) -> None:
        origin = origin_of(raw)
        raw = replace(raw, op=TAMED.get(raw.op, raw.op))
        name = base_name(raw.op)
        arguments = [self.argument(item) for item in raw.arguments]
        keywords = {key: self.argument(item) for key, item in raw.keywords.items()}
        results = self.results(name, raw, arguments, keywords, origin)
        if len(results) < len(raw.outputs):
            raise NetworkUnsupported(f"the operation {raw.op[:60]} gives more than was understood")
        for value, result in zip(raw.outputs, results, strict=False):
            self.values[value] = result

    def results(
        self, name: str, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], origin: Origin
    ) -> list[Value]:
        """What an operation gives, by the first family that understands it."""
        tensors = values_in([*arguments, *keywords.values()])
        if not raw.outputs:
            return []
        if raw.op == "grader.partial_write" and (written := self.partly_written(arguments)) is not None:
            return [written]
        if all(value.constant is not None for value in tensors):
            return self.fold(raw, arguments, keywords, origin)
        if name in ("new_zeros", "new_ones", "new_full"):
            arguments = [Value(shape=(), constant=torch.zeros(())), *arguments[1:]]
            return self.fold(raw, arguments, keywords, origin)
        if name in operators.IDENTITIES and (name != "dropout" or not drops(arguments)):
            return [self.passed_on(name, arguments[0], origin)]
        layer = operators.LAYERS.get(name)
        if layer is not None:
            if name in operators.PER_SAMPLE and (alone := samples.one_sample(self, arguments[0])) is not None:
                position, every = alone
                made = layer(self, [every, *arguments[1:]], keywords, origin)
                return [samples.sample_of(self, made, position, arguments[0])] if made is not None else []
            made = layer(self, arguments, keywords, origin)
            if made is not None:
                return [made, *[made] * (len(raw.outputs) - 1)]
        if name in operators.LAYOUTS and (moved := self.move(raw, arguments, keywords)) is not None:
            return [replace(one, origin=origin) if len(one.sources) > 1 else one for one in moved]
        if name in pointwise.OPERATIONS and (made := self.pointwise(raw, arguments, keywords, origin)) is not None:
            return [made]
        return self.opaque(raw, arguments, keywords, origin)

    def argument(self, item: Any) -> Any:
        if isinstance(item, dict) and "value" in item:
            if item["value"] not in self.values:
                raise NetworkUnsupported("the recording refers to a tensor that it does not hold")
            return self.values[item["value"]]
        if isinstance(item, dict) and "batch" in item:
            return self.batch * int(item["batch"][0]) // int(item["batch"][1])
        if isinstance(item, dict) and "per_batch" in item:
            return float(item["per_batch"]) / self.batch
        if isinstance(item, list):
            return [self.argument(part) for part in item]
        return literal(item)

    def passed_on(self, name: str, value: Value, origin: Origin) -> Value:
        if name == "detach" and value.leaf is None:
            self.notes.append(("detached-graph", CUT, origin.call))
        return value

    # ---- constants ----------------------------------------------------------------------------------------

    def fold(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> list[Value]:
        """An operation on constants alone is computed; a random one is a node of its own."""
        name = base_name(raw.op)
        if name in RANDOM:
            node = self.node("random", {"distribution": name}, (), tuple(raw.shapes[0]), origin)
            return [Value(shape=tuple(raw.shapes[0]), sources=(node,))]
        plain = [strip(item) for item in arguments]
        if name in operators.IDENTITIES:
            return [arguments[0]]
        named = {key: strip(item) for key, item in keywords.items() if key not in PLACEMENT}
        made = self.budget.run(raw.op, plain, named)
        tensors = [made] if isinstance(made, Tensor) else [one for one in made if isinstance(one, Tensor)]
        return [Value(shape=tuple(one.shape), constant=one) for one in tensors]

    # ---- layout: views, permutations, slices, stacks ------------------------------------------------------

    def index_of(self, value: Value, sources: list[int]) -> Tensor:
        """The value as indices into ``sources`` laid end to end (which grows by the nodes that it needs)."""
        if value.constant is not None:
            if not bool((value.constant == 0).all()):
                raise NotLayout
            return torch.full(tuple(value.constant.shape), ZERO)
        if value.leaf is not None:
            raise NotLayout
        index = torch.arange(count(value.shape)).reshape(value.shape) if value.index is None else value.index
        moved = torch.full_like(index, ZERO)
        start = 0
        for source in value.sources:
            if source not in sources:
                sources.append(source)
            size = self.size(source)
            inside = (index >= start) & (index < start + size)
            moved[inside] = index[inside] - start + sum(self.size(one) for one in sources[: sources.index(source)])
            start += size
        return moved

    def is_whole(self, value: Value) -> bool:
        """All that one node gives, in its order, whatever the shape."""
        if len(value.sources) != 1:
            return False
        return value.index is None or (value.index.numel() == self.size(value.sources[0]) and is_range(value.index))

    def holds_all(self, value: Value) -> bool:
        """All that one node gives, each number once, in whatever order."""
        if value.index is None or len(value.sources) != 1:
            return value.index is None
        flat = value.index.reshape(-1)
        return len(flat) == self.size(value.sources[0]) and is_range(flat.sort()[0])

    def size(self, node: int) -> int:
        return self.batch * count(self.builder.nodes[node].shape)

    def move(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any]) -> list[Value] | None:
        """Run a layout operation on index tensors. None where it is not one after all."""
        tensors = values_in([*arguments, *keywords.values()])
        leaf = tensors[0].leaf if len(tensors) == 1 else None
        if leaf is not None:
            return self.move_leaf(raw, arguments, keywords, tensors[0])
        sources: list[int] = []
        try:
            settled = [self.as_index(item, sources) for item in chosen(base_name(raw.op), arguments)]
            named = {
                key: self.as_index(item, sources) for key, item in keywords.items() if key not in PLACEMENT
            }
            made = self.run_layout(raw, settled, named)
        except NotLayout:
            return None
        if made is None:
            return None
        return [self.located(tuple(sources), index) for index in made]

    def as_index(self, item: Any, sources: list[int]) -> Any:
        if isinstance(item, Value):
            return self.index_of(item, sources)
        return [self.as_index(part, sources) for part in item] if isinstance(item, list) else item

    def run_layout(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any]) -> list[Tensor] | None:
        if base_name(raw.op) in ("pad", "constant_pad_nd"):
            value = arguments[3] if base_name(raw.op) == "pad" and len(arguments) > 3 else 0
            if base_name(raw.op) == "pad" and (arguments[2] if len(arguments) > 2 else "constant") != "constant":
                return [self.budget.run(raw.op, [arguments[0].double(), *arguments[1:]], keywords).long()]
            if base_name(raw.op) == "constant_pad_nd":
                value = arguments[2] if len(arguments) > 2 else 0
            if value not in (0, None):
                return None
            return [self.budget.run("aten.constant_pad_nd.default", [arguments[0], arguments[1], ZERO], {})]
        if base_name(raw.op) == "im2col":  # not made for whole numbers; counted from 1, so that the padding is 0
            columns = self.budget.run(raw.op, [(arguments[0] + 1).double(), *arguments[1:]], keywords)
            return [columns.long() - 1]
        try:
            made = self.budget.run(raw.op, arguments, keywords)
        except (RuntimeError, TypeError, IndexError) as error:
            raise NetworkUnsupported(
                f"{raw.op[:60]} does not run on its recorded arguments: {str(error)[:100]}"
            ) from None
        return [made] if isinstance(made, Tensor) else list(made)

    def located(self, sources: tuple[int, ...], index: Tensor) -> Value:
        """A value from an index tensor, over the sources that it uses, without the index where it is the identity."""
        starts, start = [], 0
        for source in sources:
            starts.append(start)
            start += self.size(source)
        used = [
            (source, begin)
            for source, begin in zip(sources, starts, strict=True)
            if bool(((index >= begin) & (index < begin + self.size(source))).any())
        ]
        if len(used) < len(sources):
            moved, offset = torch.full_like(index, ZERO), 0
            for source, begin in used:
                inside = (index >= begin) & (index < begin + self.size(source))
                moved[inside] = index[inside] - begin + offset
                offset += self.size(source)
            index, sources = moved, tuple(source for source, _ in used)
        shape = tuple(index.shape)
        if len(sources) == 1 and shape == (self.batch, *self.builder.nodes[sources[0]].shape) and is_range(index):
            return Value(shape=shape, sources=sources)
        return Value(shape=shape, sources=sources, index=index.contiguous())

    def partly_written(self, arguments: list[Any]) -> Value | None:
        """A tensor of which a view was written to: the view's elements where they lie in it, the old ones elsewhere."""
        view, old, *places = arguments
        position = overlaps(*places)
        if view.constant is not None and old.constant is not None:
            written = view.constant.reshape(-1)[position.clamp(min=0)]
            return Value(shape=old.shape, constant=torch.where(position >= 0, written, old.constant))
        sources: list[int] = []
        try:
            new = self.index_of(view, sources).reshape(-1)
            kept = self.index_of(old, sources) if bool((position < 0).any()) else torch.full(old.shape, ZERO)
        except NotLayout:
            return None
        return self.located(tuple(sources), torch.where(position >= 0, new[position.clamp(min=0)], kept))

    def move_leaf(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], value: Value) -> list[Value]:
        """A view of a parameter: ``weight.t()``, ``bias.view(1, -1, 1, 1)``."""
        assert value.leaf is not None
        bounds.check(value.shape)
        index = value.index if value.index is not None else torch.arange(count(value.shape)).reshape(value.shape)
        settled = [index if isinstance(item, Value) else item for item in arguments]
        made = self.run_layout(
            raw, settled, {key: item for key, item in keywords.items() if not isinstance(item, Value)}
        )
        return [Value(shape=tuple(one.shape), leaf=value.leaf, index=one) for one in made or []]

    # ---- functions of one variable ------------------------------------------------------------------------

    def pointwise(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> Value | None:
        """Compose an elementwise operation with what it is applied to, by running it on the grid."""
        tensors = [one for one in values_in([*arguments, *keywords.values()]) if one.constant is None]
        if not tensors or any(one.leaf is not None for one in tensors):
            return None
        first = tensors[0]
        if len(tensors) == 1 and len(first.sources) > 1:
            return self.pointwise_each(raw, arguments, keywords, origin)
        if any(one.shape != first.shape or not same_index(one, first) or len(one.sources) != 1 for one in tensors):
            return None
        bases = {self.base(one.sources[0])[0] for one in tensors}
        if len(bases) != 1 or (first.index is not None and bool((first.index == ZERO).any())):
            return None
        operation = resolve(raw.op.replace("_.", "."))

        def function(variable: Tensor) -> Tensor:
            positional = [self.on_grid(item, variable) for item in arguments]
            named = {
                key: self.on_grid(item, variable) for key, item in keywords.items() if key not in PLACEMENT
            }
            result: Tensor = operation(*positional, **named)
            return result

        try:
            values = function(pointwise.GRID)
        except (NotLayout, RuntimeError, TypeError, IndexError):
            return None
        if not isinstance(values, Tensor) or values.shape != pointwise.GRID.shape:
            return None
        return self.apply(bases.pop(), function, first, origin)

    def pointwise_each(
        self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], origin: Origin
    ) -> Value | None:
        """A function of joined tensors is the join of the function of each."""
        joined = values_in([*arguments, *keywords.values()])[0]
        if joined.index is not None and bool((joined.index == ZERO).any()):
            return None
        sources: list[int] = []
        for source in joined.sources:
            alone = self.whole(source)
            swapped = [alone if item is joined else item for item in arguments]
            made = self.pointwise(raw, swapped, keywords, origin)
            if made is None or made.index is not None or len(made.sources) != 1:
                return None
            sources.append(made.sources[0])
        if len(set(sources)) != len(sources):
            return None
        return replace(joined, sources=tuple(sources))

    def base(self, node: int) -> tuple[int, Function]:
        """(node, function of it) that a node is: a pointwise node is taken apart again, so that chains compose."""
        return self.functions.get(node, (node, lambda variable: variable))

    def on_grid(self, item: Any, variable: Tensor) -> Any:
        if isinstance(item, list):
            return [self.on_grid(part, variable) for part in item]
        if not isinstance(item, Value):
            return item
        if item.constant is None:
            return self.base(item.sources[0])[1](variable)
        flat = item.constant.reshape(-1)
        if not bool((flat == flat[0]).all()):
            raise NotLayout
        return flat[0].double() if flat.is_floating_point() else flat[0]

    def apply(self, base: int, function: Function, like: Value, origin: Origin) -> Value:
        """``function`` of node ``base``, laid out as ``like``."""
        values = function(pointwise.GRID).double()
        if pointwise.is_identity(values, base in self.nonnegative):
            return Value(shape=like.shape, sources=(base,), index=like.index)
        if bool((values == values[0]).all()):
            return Value(shape=like.shape, constant=torch.full(like.shape, float(values[0])))
        node = self.builder.nodes[base]
        passes = (node.op == "max_pool" and not any(node.attributes["padding"]) and pointwise.is_monotone(values)) or (
            node.op == "dropout" and pointwise.is_homogeneous(values)
        )
        if passes:
            # Monotone functions and maxima commute, and so do scale-free ones and dropout: the function goes first.
            source, before = self.base(node.inputs[0])
            inner = self.apply(source, lambda variable: function(before(variable)), self.whole(node.inputs[0]), origin)
            made = self.node(node.op, node.attributes, inner.sources, node.shape, node.origin)
            self.inherit_sign(made)
            return Value(shape=like.shape, sources=(made,), index=like.index)
        scale = pointwise.slope(values)
        if node.op == "add" and scale > 0 and abs(scale - 1) > 1e-6 and pointwise.is_homogeneous(values):
            # relu(c (x + y)) is relu(c x + c y): the scale belongs to the addition.
            weights = [round(one * scale, 6) for one in node.attributes["weights"]]
            scaled = self.node("add", {"weights": weights}, node.inputs, node.shape, node.origin)
            return self.apply(scaled, lambda variable: function(variable) / scale, like, origin)
        made = self.node("pointwise", pointwise.describe(values), (base,), node.shape, origin)
        # A ReLU of a ReLU is the node that it is made of: its function would be made of itself.
        self.functions.setdefault(made, (base, function))
        reached = values[pointwise.GRID >= 0] if base in self.nonnegative else values
        if bool((reached >= 0).all()):
            self.nonnegative.add(made)
        return Value(shape=like.shape, sources=(made,), index=like.index)

    def whole(self, node: int) -> Value:
        return Value(shape=(self.batch, *self.builder.nodes[node].shape), sources=(node,))

    def rows_of(self, value: Value, shape: tuple[int, ...]) -> Value:
        """A whole node's output under another shape."""
        return Value(shape=shape, sources=value.sources, index=torch.arange(count(shape)).reshape(shape))

    def inherit_sign(self, node: int) -> None:
        """Operations that keep values at or above 0 when their inputs are."""
        if all(source in self.nonnegative for source in self.builder.nodes[node].inputs):
            self.nonnegative.add(node)

    # ---- values and nodes ---------------------------------------------------------------------------------

    def node(
        self, op: str, attributes: Any, inputs: tuple[int, ...], shape: tuple[int, ...], origin: Origin,
        leaf_ids: tuple[int, ...] = (),
    ) -> int:
        bounds.check((self.batch, *shape))
        leaves = tuple(self.leaves[one] for one in leaf_ids)
        return self.builder.add(
            Node(op=op, attributes=attributes, inputs=inputs, shape=shape, leaves=leaves, origin=origin), leaf_ids
        )

    def leaf_as(self, leaf: int, shape: tuple[int, ...]) -> int:
        """The id of a parameter that is kept in another shape, as one of ``shape``."""
        known = self.leaves[leaf]
        if known.shape == shape:
            return leaf
        key = self.reshaped.setdefault((leaf, shape), -1 - len(self.reshaped))
        self.leaves.setdefault(key, replace(known, shape=shape))
        return key

    def materialise(self, value: Value, origin: Origin) -> int:
        """A node whose output is exactly this value."""
        if value.leaf is not None:
            leaf = self.leaves[value.leaf]
            return self.node("parameter", {}, (), leaf.shape, origin, (value.leaf,))
        if value.constant is not None:
            return self.node("constant", {"values": fingerprint(value.constant)}, (), value.shape, origin)
        if value.index is None:
            return value.sources[0]
        return operators.rearranged(self, value, value.origin or origin)

    def opaque(self, raw: RawNode, arguments: list[Any], keywords: dict[str, Any], origin: Origin) -> list[Value]:
        """An operation that is not understood further: a node named after it, with its literals."""
        inputs, leaf_ids = [], []
        for value in values_in([*arguments, *keywords.values()]):
            if value.leaf is not None:
                leaf_ids.append(value.leaf)
            elif value.constant is None or value.constant.numel() > 1:
                inputs.append(self.materialise(value, origin))
        attributes = {
            "operation": base_name(raw.op),
            "arguments": repr([plain(item) for item in arguments]),
            "keywords": repr({key: plain(item) for key, item in keywords.items() if key not in PLACEMENT}),
        }
        made = []
        for position, shape in enumerate(raw.shapes):
            named = attributes if len(raw.shapes) == 1 else {**attributes, "result": position}
            sample = tuple(shape[1:]) if shape and shape[0] == self.batch else tuple(shape)
            node = self.node("operation", named, tuple(inputs), sample, origin, tuple(leaf_ids))
            made.append(Value(shape=tuple(shape), sources=(node,)))
        return made


def normalise(raw: RawGraph, input_shape: tuple[int, ...], tensors: Mapping[str, Tensor]) -> Graph:
    """The canonical graph of a recording. NetworkUnsupported with one sentence where it cannot be read."""
    try:
        return Normaliser(raw).run(input_shape, tensors)
    except NetworkUnsupported:
        raise
    except Exception as error:
        raise NetworkUnsupported(
            f"the recorded network cannot be read ({type(error).__name__}: {str(error)[:200]})"
        ) from error
