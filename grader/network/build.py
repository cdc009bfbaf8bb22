"""Rebuilds a recorded network as a torch module, from JSON and tensors alone, out of an allow-list of operations.

The rebuild runs the very operations that the student's network ran, in the same order, so that its outputs, its
gradients and a training run are the student's to the last digit.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from grader.errors import NetworkUnsupported
from grader.network.allowed import CONVERSIONS, FACTORIES, SELECTIONS, base_name, resolve
from grader.records import RawGraph, RawNode

MOST_ELEMENTS = 4_000_000_000
MOST_PARAMETERS = 1_000_000_000
MOST_FACTORY_ELEMENTS = 50_000_000

def convert(tensor: Tensor, arguments: list[Any], keywords: Mapping[str, Any]) -> Tensor:
    """What ``to`` and its relatives come to on one device: a change of data type, or nothing."""
    dtype = next((one for one in [*arguments, *keywords.values()] if isinstance(one, torch.dtype)), None)
    return tensor if dtype is None else tensor.to(dtype)


def written_through(view: Tensor, tensor: Tensor, *_places: Any) -> Tensor:
    """A tensor after one of its views was written to in place: here, too, they share their memory."""
    if view.device.type != "meta" and view.untyped_storage().data_ptr() != tensor.untyped_storage().data_ptr():
        raise NetworkUnsupported("the network writes to a part of a tensor in a way that cannot be rebuilt here")
    return tensor


Reader = Callable[[dict[int, Tensor], int], Any]


def reader(item: Any) -> Reader | None:
    """How an argument is read from the values at run time; None for a literal."""
    if isinstance(item, dict):
        if "value" in item:
            value = item["value"]
            return lambda values, batch: values[value]
        if "batch" in item:
            numerator, denominator = (int(one) for one in item["batch"])
            return lambda values, batch: batch * numerator // denominator
        if "per_batch" in item:
            total = float(item["per_batch"])
            return lambda values, batch: total / batch
        return None
    if isinstance(item, list):
        parts = [(reader(part), literal(part)) for part in item]
        if any(read is not None for read, _ in parts):
            return lambda values, batch: [value if read is None else read(values, batch) for read, value in parts]
    return None


def literal(item: Any) -> Any:
    """An argument without tensors, in torch's types."""
    if isinstance(item, dict):
        if "dtype" in item and isinstance(getattr(torch, str(item["dtype"]), None), torch.dtype):
            return getattr(torch, item["dtype"])
        if item.keys() == {"float"}:
            return float(item["float"])
        return None  # a device, layout or memory format: there is one of each here
    if isinstance(item, list):
        return [literal(part) for part in item]
    if isinstance(item, int) and not isinstance(item, bool) and abs(item) >= 1 << 63:
        raise NetworkUnsupported("the network holds a number out of range")
    return item


OWN: dict[str, Callable[..., Any]] = {"grader.partial_write": written_through}


class Step:
    """One operation, ready to run."""

    def __init__(self, node: RawNode) -> None:
        self.op = node.op
        self.converts = base_name(node.op) in CONVERSIONS
        self.function: Callable[..., Any] = OWN.get(node.op) or (convert if self.converts else resolve(node.op))
        self.reads_nothing = base_name(node.op) in ("_local_scalar_dense", "is_nonzero", "item")
        self.arguments = [(reader(item), literal(item)) for item in node.arguments]
        dropped = ("device", "layout", "pin_memory", "memory_format", "generator")
        self.keywords = {
            key: (reader(item), literal(item)) for key, item in node.keywords.items() if key not in dropped
        }
        self.outputs = node.outputs
        self.factory = base_name(node.op) in FACTORIES
        self.shapes = node.shapes
        self.weight = _weight_value(node)

    def read(self, values: dict[int, Tensor], batch: int) -> tuple[list[Any], dict[str, Any]]:
        arguments = [value if read is None else read(values, batch) for read, value in self.arguments]
        keywords = {key: value if read is None else read(values, batch) for key, (read, value) in self.keywords.items()}
        return arguments, keywords

    def sketch(self, values: dict[int, Tensor], batch: int) -> Tensor:
        """What a factory makes, without its memory."""
        arguments, keywords = self.read(values, batch)
        made: Tensor = self.function(*arguments, **keywords, device="meta")
        if made.numel() > MOST_FACTORY_ELEMENTS:
            raise NetworkUnsupported(f"{self.op[:40]} makes a tensor that is too large")
        return made

    def claimed(self) -> list[Tensor]:
        """What a selection by truth values gave when it was recorded: shapes cannot tell how many are true, and there
        are no more than in what it selects from."""
        most = max((math.prod(shape) for shape in self.shapes), default=0)
        if base_name(self.op) not in SELECTIONS or most > MOST_FACTORY_ELEMENTS:
            raise NetworkUnsupported(f"the size of what {self.op[:40]} gives is not known beforehand")
        return [torch.empty(shape, device="meta") for shape in self.shapes]

    def run(self, values: dict[int, Tensor], batch: int) -> Any:
        arguments, keywords = self.read(values, batch)
        if self.factory:
            _check_factory(self.op, arguments)
        if self.converts:
            return convert(arguments[0], arguments[1:], keywords)
        return self.function(*arguments, **keywords)

    def store(self, result: Any, values: dict[int, Tensor]) -> None:
        if len(self.outputs) == 1:
            values[self.outputs[0]] = result if isinstance(result, Tensor) else _tensors(result)[0]
        else:
            values.update(zip(self.outputs, _tensors(result), strict=True))


def _weight_value(node: RawNode) -> int | None:
    if (
        base_name(node.op) in ("conv1d", "conv2d", "conv3d", "linear", "convolution", "conv_transpose2d")
        and len(node.arguments) > 1
    ):
        second = node.arguments[1]
        return second.get("value") if isinstance(second, dict) else None
    return None


def _tensors(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    return [one for part in result for one in _tensors(part)] if isinstance(result, (list, tuple)) else []


def _check_factory(op: str, arguments: list[Any]) -> None:
    sizes = next(
        (one for one in arguments if isinstance(one, list)), [one for one in arguments if isinstance(one, int)]
    )
    if sizes and math.prod(max(int(one), 1) for one in sizes) > MOST_FACTORY_ELEMENTS:
        raise NetworkUnsupported(f"{op[:40]} makes a tensor that is too large")


class Rebuilt(nn.Module):
    """A recorded network as a module. ``weights`` and ``buffers_by_name`` go by the student's names.

    Input (N, C, H, W), output as the student's network answers. ``train()`` and ``eval()`` choose the recording.
    """

    def __init__(self, graphs: Mapping[str, RawGraph], tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        if "train" not in graphs:
            raise NetworkUnsupported("the network was not recorded")
        self.recording = graphs, tensors
        self.graphs = {mode: _needed(graph) for mode, graph in graphs.items()}
        self.weights: dict[str, nn.Parameter] = {}
        self.buffers_by_name: dict[str, Tensor] = {}
        self.constants: dict[str, dict[int, Tensor]] = {}
        self.names: dict[str, dict[int, str]] = {}
        for mode, graph in self.graphs.items():
            self._load_leaves(mode, graph, tensors)
        if sum(weight.numel() for weight in self.weights.values()) > MOST_PARAMETERS:
            raise NetworkUnsupported(f"the network has more than {MOST_PARAMETERS:,} parameters")
        self.held = nn.ParameterList(self.weights.values())
        self.steps = {mode: [Step(node) for node in graph.nodes] for mode, graph in self.graphs.items()}
        self.plans = {mode: self._last_uses(mode) for mode in self.graphs}

    def _load_leaves(self, mode: str, graph: RawGraph, tensors: Mapping[str, Tensor]) -> None:
        self.constants[mode], self.names[mode] = {}, {}
        for value, leaf in graph.leaves.items():
            tensor = tensors.get(f"{mode}/{value}")
            if leaf.role == "constant":
                if tensor is None:
                    raise NetworkUnsupported("the network holds a constant that is too large to rebuild")
                self.constants[mode][value] = tensor
                continue
            self.names[mode][value] = leaf.name
            if leaf.name in self.weights or leaf.name in self.buffers_by_name:
                continue
            if tensor is None or tuple(tensor.shape) != leaf.shape:
                raise NetworkUnsupported(f"the values of {leaf.name[:60]} are missing")
            if leaf.role == "parameter":
                self.weights[leaf.name] = nn.Parameter(
                    tensor.clone(), requires_grad=leaf.requires_grad and tensor.is_floating_point()
                )
            else:
                self.buffers_by_name[leaf.name] = tensor.clone()

    def _last_uses(self, mode: str) -> list[tuple[int, ...]]:
        """After each step, the values that nothing reads any more."""
        graph = self.graphs[mode]
        last: dict[int, int] = {}
        for position, node in enumerate(graph.nodes):
            for value in _values_in([*node.arguments, *node.keywords.values()]):
                last[value] = position
        keep = {graph.output, *graph.leaves}
        freed: list[list[int]] = [[] for _ in graph.nodes]
        for value, position in last.items():
            if value not in keep:
                freed[position].append(value)
        return [tuple(values) for values in freed]

    def another(self) -> Rebuilt:
        """The same network with its recorded weights; the dry run of the first holds for it."""
        return Rebuilt(*self.recording)

    def to_dtype(self, dtype: torch.dtype) -> Rebuilt:
        """Compute in another precision; operations that ask for their own still do."""
        self.to(dtype)
        self.buffers_by_name = {name: _in(one, dtype) for name, one in self.buffers_by_name.items()}
        for mode, held in self.constants.items():
            self.constants[mode] = {value: _in(one, dtype) for value, one in held.items()}
        return self

    def whole(self) -> Rebuilt:
        """Train every parameter and cut no gradient off, whatever the student's network does."""
        for weight in self.weights.values():
            weight.requires_grad_(weight.is_floating_point())
        for steps in self.steps.values():
            for step in steps:
                if base_name(step.op) == "detach":
                    step.converts = True
        return self

    def freeze(self, names: set[str]) -> None:
        """Parameters that no gradient reached in the student's process."""
        for name in names & self.weights.keys():
            self.weights[name].requires_grad_(False)

    @property
    def mode(self) -> str:
        return "train" if self.training or "eval" not in self.graphs else "eval"

    def forward(self, images: Tensor) -> Tensor:
        return self._run(images, None)

    def layer_outputs(self, images: Tensor) -> dict[str, Tensor]:
        """The output of every convolution and fully connected layer, by the name of its weight, in running order."""
        outputs: dict[str, Tensor] = {}
        self._run(images, outputs)
        return outputs

    def _run(self, images: Tensor, layers: dict[str, Tensor] | None) -> Tensor:
        mode = self.mode
        graph, names = self.graphs[mode], self.names[mode]
        values: dict[int, Tensor] = dict(self.constants[mode])
        values[graph.input] = images
        for value, name in names.items():
            values[value] = self.weights[name] if name in self.weights else self.buffers_by_name[name]
        batch = len(images)
        for step, freed in zip(self.steps[mode], self.plans[mode], strict=True):
            if step.reads_nothing:
                continue
            result = step.run(values, batch)
            if step.outputs:
                step.store(result, values)
            if layers is not None and step.weight in names:
                layers[names[step.weight]] = values[step.outputs[0]]
            for value in freed:
                values.pop(value, None)
        if graph.output is None:
            raise NetworkUnsupported("the network's forward failed before it gave an output")
        return values[graph.output]


def _in(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    return tensor.to(dtype) if tensor.is_floating_point() else tensor


def _needed(graph: RawGraph) -> RawGraph:
    """The recording without the operations and leaves that its output does not depend on."""
    wanted = {graph.output}
    kept = []
    for node in graph.nodes[::-1]:
        if wanted & set(node.outputs) or graph.output is None:
            kept.append(node)
            wanted |= set(_values_in([*node.arguments, *node.keywords.values()]))
    leaves = {value: leaf for value, leaf in graph.leaves.items() if value in wanted}
    return dataclasses.replace(graph, nodes=tuple(kept[::-1]), leaves=leaves)


def _values_in(items: list[Any]) -> list[int]:
    found: list[int] = []
    for item in items:
        if isinstance(item, dict) and "value" in item:
            found.append(item["value"])
        elif isinstance(item, list):
            found.extend(_values_in(item))
    return found


def rebuild(graphs: Mapping[str, RawGraph], tensors: Mapping[str, Tensor], input_shape: tuple[int, ...]) -> Rebuilt:
    """A recorded network as a module, after a dry run on the meta device has shown that it fits.

    Raises NetworkUnsupported with one sentence for whatever is odd in the recording.
    """
    try:
        network = Rebuilt(graphs, tensors)
        _dry_run(network, input_shape)
        return network
    except NetworkUnsupported:
        raise
    except Exception as error:
        raise NetworkUnsupported(
            f"the recorded network does not run ({type(error).__name__}: {str(error)[:200]})"
        ) from error


def _dry_run(network: Rebuilt, input_shape: tuple[int, ...]) -> None:
    """Shapes only: sizes claimed by a recording are not believed."""
    graph = network.graphs["train"]
    weights = {
        name: nn.Parameter(value.detach().to("meta"), requires_grad=False) for name, value in network.weights.items()
    }
    values: dict[int, Tensor] = {value: tensor.to("meta") for value, tensor in network.constants["train"].items()}
    for value, name in network.names["train"].items():
        values[value] = weights[name] if name in weights else network.buffers_by_name[name].to("meta")
    values[graph.input] = torch.empty((graph.batch, *input_shape), device="meta")
    elements = 0
    for step in network.steps["train"]:
        if step.reads_nothing or step.factory:
            if step.factory:
                step.store(step.sketch(values, graph.batch), values)
            continue
        try:
            result = step.run(values, graph.batch)
        except NotImplementedError:
            result = step.claimed()
        if step.outputs:
            step.store(result, values)
            elements += sum(values[value].numel() for value in step.outputs)
        if elements > MOST_ELEMENTS:
            raise NetworkUnsupported("the network's activations are too large to rebuild")



def reproduces(network: Rebuilt, probes: Mapping[str, Any], input_shape: tuple[int, ...]) -> bool:
    """Does the rebuild answer as the student's network did on the same random batch, in outputs and in gradients?

    ``probes`` holds the seed, the batch, up to 4,096 outputs, and of each parameter's gradient its norm and its product
    with fixed weights.
    """
    try:
        batch, seed = int(probes["batch"]), int(probes["seed"])
        outputs, gradients = torch.tensor(probes["outputs"]), dict(probes["gradients"])
    except (KeyError, TypeError, ValueError):
        return False
    if not 0 < batch * math.prod(input_shape) <= MOST_FACTORY_ELEMENTS or not 0 <= seed < 1 << 63:
        return False
    network.train()
    torch.manual_seed(seed)
    answer = network(_random((batch, *input_shape), seed))
    flat = answer.detach().reshape(-1)[: len(outputs)].to(outputs.dtype)
    if not torch.allclose(flat, outputs, rtol=1e-3, atol=1e-5, equal_nan=True):
        return False
    cotangent = _random(tuple(answer.shape), seed + 1)
    used = {name: weight for name, weight in network.weights.items() if weight.requires_grad}
    found: tuple[Tensor | None, ...] = tuple(None for _ in used)
    if answer.requires_grad and used:
        found = torch.autograd.grad((answer * cotangent).sum(), list(used.values()), allow_unused=True)
    # Where no gradient reached a parameter in the student's process (a forward under no_grad, say), the graph cannot
    # show it; that is a mistake for the training step to name, and no fault of the rebuild.
    return all(
        gradients.get(name) is None or _same_gradient(gradient, gradients[name])
        for name, gradient in zip(used, found, strict=True)
    )


def _random(shape: tuple[int, ...], seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def _same_gradient(gradient: Tensor | None, digest: Any) -> bool:
    if gradient is None:
        return False
    norm = float(gradient.double().norm())
    product = projection(gradient)
    tolerance = 1e-3 * norm + 1e-7
    return math.isclose(norm, float(digest[0]), abs_tol=tolerance) and math.isclose(
        product, float(digest[1]), abs_tol=10 * tolerance
    )


PERIOD = 65_537  # a prime: no layer's size repeats with it


def projection(gradient: Tensor) -> float:
    """The product with weights that the probe has, too: the cosines of 0, 1, 2, ... in periods."""
    flat = gradient.double().reshape(-1)
    weights = torch.cos(torch.arange(min(PERIOD, len(flat)), dtype=torch.float64))
    whole = len(flat) - len(flat) % PERIOD
    tail = flat[whole:]
    periods = float((flat[:whole].view(-1, PERIOD) @ weights).sum()) if whole else 0.0
    return periods + float(tail @ weights[: len(tail)])
