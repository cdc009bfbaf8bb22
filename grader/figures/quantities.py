"""What a row of the figures may ask of a reference: an expression of the functions below, numbers and + - * / // **.

A layer is named by its module (``conv1``, ``inceptions.3a``: all that is inside) or by its kind and place
(``max_pool 2``). The network is outlined on the meta device; nothing is trained, nothing has weights.
"""

from __future__ import annotations

import ast
import importlib
import operator
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from grader import figures
from grader.errors import AssignmentError, UsageError
from grader.network.graph import Graph, Node
from grader.network.measure import Measured

STORED = ("input", "conv", "conv_transpose", "max_pool", "avg_pool", "linear")  # the rows of the slides' memory tables
OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Pow: operator.pow,
}  # fmt: skip


class Reference:
    """One outlined network, and the quantities that can be asked of it."""

    def __init__(self, graph: Graph) -> None:
        from grader.network import measure

        self.graph, self.rows = graph, measure.table(graph)

    def inside(self, name: str) -> list[Measured]:
        """The nodes of a module, or the one of a kind at a place."""
        kind, _, place = name.partition(" ")
        if place:
            found = [row for row in self.rows if row.kind == kind][int(place) - 1 : int(place)]
        else:
            found = [row for row in self.rows if row.name == name or row.name.startswith(f"{name}.")]
        if not found:
            raise AssignmentError(f"there is no layer {name!r} in the reference; its modules: {self._names()}")
        return found

    def _names(self) -> str:
        return ", ".join(dict.fromkeys(row.name for row in self.rows if row.name))[:600]

    def among(self, name: str) -> list[Measured]:
        return self.inside(name) if name else self.rows

    def node(self, name: str) -> Node:
        """The one layer with attributes that is meant: of a module the first that is no function of each number."""
        found = [row for row in self.inside(name) if row.kind in STORED] or self.inside(name)
        return self.graph.nodes[found[0].index]

    # ---- the quantities ------------------------------------------------------------------------------------------

    def shape(self, name: str) -> tuple[int, ...]:
        """Of the output, as slides write it: height, width, channels."""
        shape = self.inside(name)[-1].shape
        return (*shape[1:], shape[0])

    def side(self, name: str) -> int:
        return self.inside(name)[-1].shape[-1]

    def channels(self, name: str) -> int:
        return self.inside(name)[-1].shape[0]

    def parameters(self, name: str = "") -> int:
        return sum(row.parameters for row in self.among(name))

    def weights(self, name: str = "") -> int:
        """Without biases, scales and shifts."""
        indices = {row.index for row in self.among(name)}
        leaves = {id(leaf): leaf for index in indices for leaf in self.graph.nodes[index].leaves if len(leaf.shape) > 1}
        total = 0
        for leaf in leaves.values():
            product = 1
            for size in leaf.shape:
                product *= size
            total += product
        return total

    def biases(self, name: str = "") -> int:
        return self.parameters(name) - self.weights(name)

    def macs(self, name: str = "") -> int:
        return sum(row.multiply_accumulates for row in self.among(name))

    def connections(self, name: str = "") -> int:
        from grader.network import measure

        return sum(measure.connections(self.graph.nodes[row.index]) for row in self.among(name))

    def activations(self, name: str) -> int:
        """Numbers in the output."""
        return self.inside(name)[-1].activations

    def stored(self) -> int:
        """Numbers in the input and in the outputs of convolutions, pools and fully connected layers together."""
        return sum(row.activations for row in self.rows if row.kind in STORED)

    def field(self, name: str) -> int:
        return self.inside(name)[-1].field[0]

    def number(self, kind: str, name: str = "") -> int:
        return sum(row.kind == kind for row in self.among(name))

    def number_of(self, kind: str, attribute: str, value: int, name: str = "") -> int:
        """How many layers of a kind have this attribute, on both axes."""
        nodes = [self.graph.nodes[row.index] for row in self.among(name) if row.kind == kind]
        return sum(_scalar(node.attributes[attribute]) == value for node in nodes)

    def attribute(self, name: str, attribute: str) -> int:
        return _scalar(self.node(name).attributes[attribute])

    def filters(self, name: str) -> tuple[int, ...]:
        """Of a convolution: filters, the channels that each reads, height, width."""
        return self.node(name).leaves[0].shape

    def layers(self) -> int:
        """Convolutions and fully connected layers on the longest path."""
        depth: list[int] = []
        for node in self.graph.nodes:
            before = max((depth[source] for source in node.inputs), default=0)
            depth.append(before + (node.op in ("conv", "linear", "conv_transpose")))
        return depth[self.graph.output]


NAMES = tuple(
    "shape side channels parameters weights biases macs connections activations stored field number number_of "
    "attribute filters layers".split()
)


def _scalar(value: Any) -> int:
    """An attribute that is the same on both axes."""
    if isinstance(value, list | tuple):
        if len(set(value)) != 1:
            raise AssignmentError(f"{value} is not the same on both axes")
        return int(value[0])
    return int(value)


def output_side(side: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """How many places a window of ``kernel`` has on a side."""
    return (side + 2 * padding - kernel) // stride + 1


def convolve(picture: list[list[int]], window: list[list[int]], row: int, column: int) -> int:
    """The product of a window and the part of a picture whose upper left corner is named."""
    return sum(
        picture[row + down][column + right] * weight
        for down, line in enumerate(window) for right, weight in enumerate(line)
    )  # fmt: skip


@cache
def reference(name: str) -> Reference:
    """The outlined reference of a name in models.toml."""
    from grader.network import outline

    known = figures.models()
    if name not in known:
        raise AssignmentError(f"there is no model {name!r} in models.toml. It knows {', '.join(known)}.")
    row = known[name]
    root = str(checkout())
    if root not in sys.path:
        sys.path.insert(0, root)
    outline.declare_torchvision_operations()
    function = getattr(importlib.import_module(f"reference.{row['file']}"), row["function"])
    made = outline.outline(lambda: function(*row.get("arguments", [])), tuple(row["input"]))
    return Reference(made)


def checkout() -> Path:
    root = Path(__file__).resolve().parents[2]
    if not (root / "reference").is_dir():
        raise UsageError(
            f"Figures are computed from reference/, and there is none in {root}. Run it from a clone of the project."
        )
    return root


def compute(expression: str, model: str) -> figures.Value:
    """The value of a row's expression."""
    found: figures.Value = _value(ast.parse(expression, mode="eval").body, model)
    return found


def _value(node: ast.expr, model: str) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value
    if isinstance(node, ast.List):
        return [_value(one, model) for one in node.elts]
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return OPERATORS[type(node.op)](_value(node.left, model), _value(node.right, model))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _call(node.func.id, [_value(one, model) for one in node.args], model)
    raise AssignmentError(f"{ast.unparse(node)!r} is not a quantity. Expected one of {', '.join(NAMES)} of a layer.")


def _call(name: str, arguments: list[Any], model: str) -> Any:
    if name == "of":  # of("vgg-16", "parameters()")
        return compute(arguments[1], arguments[0])
    if name == "output_side":
        return output_side(*arguments)
    if name == "convolve":
        return convolve(*arguments)
    if name not in NAMES:
        raise AssignmentError(f"{name!r} is not a quantity. Expected one of {', '.join(NAMES)}.")
    return getattr(reference(model), name)(*arguments)


def all_values() -> dict[str, figures.Value]:
    """Of every row, by its key."""
    return {figure.key: compute(figure.compute, figure.model) for figure in figures.figures()}
