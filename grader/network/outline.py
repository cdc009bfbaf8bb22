"""A network of our own as a canonical graph, by one run on the meta device: no weights, no arithmetic, no sandbox.

Only for networks that the course staff wrote (reference/). A submission's network is recorded by the probe in a
process of its own and comes through ``normalise``; both give graphs of the same operations, and ``measure`` counts
both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from grader.network.graph import Graph, Node, Origin
from grader.records import Leaf

# What moves numbers and makes none; dropout does nothing when a network is measured.
MOVES = frozenset(
    "flatten reshape view unsqueeze squeeze permute transpose __getitem__ contiguous dropout dropout2d feature_dropout "
    "identity detach clone expand narrow expand_as view_as".split()
)
POINTWISE = frozenset("relu relu_ tanh sigmoid leaky_relu sqrt exp __pow__ pow __neg__ __rsub__ pixel_shuffle".split())
ADDITIONS = frozenset("add __add__ __radd__ __iadd__ add_".split())
BATCH = 2


_declared: list[Any] = []  # what a collected Library declared is gone


def declare_torchvision_operations() -> None:
    """torchvision from PyPI beside a CPU-only torch cannot be imported before two of its operations are declared."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise
        library: Any = torch.library
        _declared.append(library.Library("torchvision", "FRAGMENT"))
        for name in ("nms", "qnms"):
            _declared[0].define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def pair(value: Any) -> list[int]:
    return [value, value] if isinstance(value, int) else list(value) * (1 if len(value) == 2 else 2)


class Call:
    """The arguments of one call, by place or by name."""

    def __init__(self, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> None:
        self.arguments, self.keywords = arguments, keywords

    def get(self, place: int, name: str, default: Any = None) -> Any:
        return self.arguments[place] if place < len(self.arguments) else self.keywords.get(name, default)


def _convolution(call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
    weight, groups = call.get(1, "weight"), int(call.get(6, "groups", 1))
    return "conv", {
        "in_channels": weight.shape[1] * groups, "out_channels": weight.shape[0], "kernel_size": list(weight.shape[2:]),
        "stride": pair(call.get(3, "stride", 1)), "padding": pair(call.get(4, "padding", 0)),
        "dilation": pair(call.get(5, "dilation", 1)), "groups": groups, "bias": call.get(2, "bias") is not None,
    }  # fmt: skip


def _transposed(call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
    weight, groups = call.get(1, "weight"), int(call.get(6, "groups", 1))
    return "conv_transpose", {
        "in_channels": weight.shape[0], "out_channels": weight.shape[1] * groups, "kernel_size": list(weight.shape[2:]),
        "stride": pair(call.get(3, "stride", 1)), "padding": pair(call.get(4, "padding", 0)), "groups": groups,
        "bias": call.get(2, "bias") is not None,
    }  # fmt: skip


def _linear(call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
    weight = call.get(1, "weight")
    return "linear", {
        "in_features": weight.shape[1], "out_features": weight.shape[0], "bias": call.get(2, "bias") is not None
    }


def _pool(op: str) -> Callable[[Call, Tensor], tuple[str, dict[str, Any]]]:
    def made(call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
        size = call.get(1, "kernel_size")
        stride = call.get(2, "stride")
        return op, {
            "kernel_size": pair(size), "stride": pair(size if stride in (None, ()) else stride),
            "padding": pair(call.get(3, "padding", 0)), "dilation": [1, 1],
        }  # fmt: skip

    return made


def _adaptive(call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
    """Onto one pixel it is a pool over all there is."""
    before, after = call.get(0, "input").shape[-2:], out.shape[-2:]
    size = [math.ceil(one / other) for one, other in zip(before, after, strict=True)]
    return "avg_pool", {"kernel_size": size, "stride": size, "padding": [0, 0], "dilation": [1, 1]}


LAYERS: Mapping[str, Callable[[Call, Tensor], tuple[str, dict[str, Any]]]] = {
    "conv2d": _convolution,
    "conv_transpose2d": _transposed,
    "linear": _linear,
    "max_pool2d": _pool("max_pool"),
    "avg_pool2d": _pool("avg_pool"),
    "adaptive_avg_pool2d": _adaptive,
    "batch_norm": lambda call, out: ("batch_norm", {"features": int(call.get(0, "input").shape[1])}),
    "local_response_norm": lambda call, out: ("local_response_norm", {"size": call.get(1, "size")}),
    "softmax": lambda call, out: ("softmax", {}),
    "cat": lambda call, out: ("concat", {"dim": call.get(1, "dim", 0)}),
}


def _kind(name: str, call: Call, out: Tensor) -> tuple[str, dict[str, Any]]:
    if name in LAYERS:
        return LAYERS[name](call, out)
    if name in ADDITIONS:
        return "add", {}
    if name in POINTWISE:
        return "pointwise", {"function": name.strip("_")}
    return name, {}


class _Outline(TorchFunctionMode):
    """Every call of a function of torch becomes a node, or another name of the node that it moves."""

    def __init__(self, network: nn.Module, image: Tensor) -> None:
        super().__init__()
        self.names = {id(value): _leaf(name, value) for name, value in network.named_parameters()}
        self.nodes = [Node(op="input", attributes={}, inputs=(), shape=tuple(image.shape[1:]))]
        self.of: dict[int, int] = {id(image): 0}
        self.kept: list[Tensor] = [image]  # an id is a tensor's only while it lives
        self.inside: list[str] = [""]

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        keywords = kwargs or {}
        result = func(*args, **keywords)
        name = getattr(func, "__name__", "")
        tensors = list(_tensors([*args, *keywords.values()]))
        sources = list(dict.fromkeys(self.of[id(one)] for one in tensors if id(one) in self.of))
        for out in _tensors([result]):
            if sources:
                self._store(name, Call(args, keywords), out, tensors, sources)
        return result

    def _store(self, name: str, call: Call, out: Tensor, tensors: list[Tensor], sources: list[int]) -> None:
        self.kept.append(out)
        leaves = tuple(self.names[id(one)] for one in tensors if id(one) in self.names)
        if name in MOVES and not leaves and len(sources) == 1:
            self.of[id(out)] = sources[0]
            return
        op, attributes = _kind(name, call, out)
        shape = tuple(out.shape[1:])
        self.of[id(out)] = len(self.nodes)
        origin = Origin(module=self.inside[-1])
        self.nodes.append(
            Node(op=op, attributes=attributes, inputs=tuple(sources), shape=shape, leaves=leaves, origin=origin)
        )


def _leaf(name: str, value: Tensor) -> Leaf:
    return Leaf(
        name=name, role="parameter", shape=tuple(value.shape), dtype="float32", registered=True,
        requires_grad=value.requires_grad, where=None,
    )  # fmt: skip


def _tensors(items: Any) -> Iterator[Tensor]:
    for item in items:
        if isinstance(item, Tensor):
            yield item
        elif isinstance(item, list | tuple):
            yield from _tensors(item)


@contextmanager
def _named(network: nn.Module, trace: _Outline) -> Iterator[None]:
    """While it lasts, the tracer knows in which module it is."""
    handles = []
    for name, module in network.named_modules():
        handles.append(module.register_forward_pre_hook(lambda *_, name=name: trace.inside.append(name)))
        handles.append(module.register_forward_hook(lambda *_: _leave(trace)))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _leave(trace: _Outline) -> None:
    trace.inside.pop()


def outline(make: Callable[[], nn.Module], input_shape: tuple[int, ...]) -> Graph:
    """The graph of a trusted network, in running order, each node with the name of its module."""
    with torch.device("meta"):
        network = make().eval()
        image = torch.empty((BATCH, *input_shape))
    trace = _Outline(network, image)
    with torch.no_grad(), _named(network, trace), trace:
        answer = network(image)
    last = next(_tensors([answer]))
    return Graph(nodes=tuple(trace.nodes), output=trace.of[id(last)], output_shape=("N", *last.shape[1:]))
