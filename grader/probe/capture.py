"""Records a network as it runs: every ATen operation with its arguments, the student's line and the module it ran in.

A TorchDispatchMode under inference mode sees composite operations whole (conv2d, linear, max_pool2d), and, being a real
run, follows any Python control flow. Tensors are known by identity, and by their memory where code went around the
dispatcher (``.data``, numpy). Every network is recorded at two batch sizes, so that what depends on the batch shows.
"""

from __future__ import annotations

import inspect
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from .places import Place, Sources

MOST_NODES = 20_000
MOST_CONSTANT = 1_000_000  # elements of a constant tensor that is sent along


class TooLarge(Exception):
    """More operations than a network of the course can have."""


class Births:
    """Where modules and parameters were constructed."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.modules: weakref.WeakKeyDictionary[nn.Module, tuple[Place, int]] = weakref.WeakKeyDictionary()
        self.parameters: dict[int, tuple[Any, Place]] = {}
        self.instances: list[weakref.ref[nn.Module]] = []

    def install(self) -> None:
        construct = nn.Module.__init__
        make = nn.Parameter.__new__
        births = self

        def init(module: nn.Module, *positional: Any, **keywords: Any) -> None:
            construct(module, *positional, **keywords)
            place = births.sources.here()
            if place is not None:
                births.modules[module] = (place, births.sources.site())
                births.instances.append(weakref.ref(module))

        def new(cls: Any, *positional: Any, **keywords: Any) -> Any:
            parameter = make(cls, *positional, **keywords)
            place = births.sources.here()
            if place is not None:
                births.parameters[id(parameter)] = (weakref.ref(parameter), place)
            return parameter

        nn.Module.__init__ = init
        nn.Parameter.__new__ = new

    def of_module(self, module: nn.Module) -> Place | None:
        return self.modules.get(module, (None, 0))[0]

    def site_of(self, module: nn.Module) -> int:
        return self.modules.get(module, (None, 0))[1]

    def of_parameter(self, parameter: Any) -> Place | None:
        found = self.parameters.get(id(parameter))
        return found[1] if found is not None and found[0]() is parameter else None


class Recording:
    """The leaves and nodes of one run, in plain JSON types; leaf tensors beside them."""

    def __init__(self, mode: str, batch: int) -> None:
        self.mode = mode
        self.batch = batch
        self.leaves: dict[int, dict[str, Any]] = {}
        self.tensors: dict[int, torch.Tensor] = {}
        self.nodes: list[dict[str, Any]] = []
        self.input = 0
        self.output: int | None = None
        self.output_shape: list[int] | None = None
        self.output_count = 0
        self.failure: dict[str, Any] | None = None

    def content(self) -> dict[str, Any]:
        return {
            "mode": self.mode,
            "batch": self.batch,
            "input": self.input,
            "leaves": {str(key): leaf for key, leaf in self.leaves.items()},
            "nodes": self.nodes,
            "output": self.output,
            "output_shape": self.output_shape,
        }


class Recorder(TorchDispatchMode):
    def __init__(self, network: nn.Module, recording: Recording, sources: Sources, births: Births) -> None:
        super().__init__()
        self.recording = recording
        self.sources = sources
        self.births = births
        self.values: dict[int, int] = {}
        self.memory: dict[tuple[Any, ...], int] = {}
        self.kept: list[Any] = []  # keeps ids from being used again
        self.next = 0
        self.modules: list[nn.Module] = []
        self.attempted: tuple[str, list[Any], dict[str, Any]] | None = None  # an operation that did not come back
        self.failed_in: nn.Module | None = None  # the innermost module that an exception passed through
        self.paths = {id(module): name for name, module in network.named_modules(remove_duplicate=True)}
        self.parameters = {id(value): name for name, value in network.named_parameters(remove_duplicate=True)}
        self.buffers = {id(value): name for name, value in network.named_buffers(remove_duplicate=True)}
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if value.numel():
                self.memory.setdefault(_memory(value), -1 - len(self.kept))
                self.kept.append((value, name))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # otherwise the first dispatch imports torch._dynamo, which takes a second

    def new(self, tensor: torch.Tensor) -> int:
        value, self.next = self.next, self.next + 1
        self.values[id(tensor)] = value
        self.kept.append(tensor)
        if tensor.numel():
            self.memory[_memory(tensor)] = value
        return value

    def leaf(self, tensor: torch.Tensor) -> int:
        """The value id of a tensor that no recorded operation made."""
        name = self.parameters.get(id(tensor))
        role, registered = ("parameter", True) if name is not None else ("constant", False)
        if name is None and id(tensor) in self.buffers:
            name, role, registered = self.buffers[id(tensor)], "buffer", True
        if name is None:
            known = self.memory.get(_memory(tensor)) if tensor.numel() else None
            if known is not None:
                return self._detached(tensor, known)
            if isinstance(tensor, nn.Parameter):
                role = "parameter"
            name = (
                f"unregistered.{len(self.recording.leaves)}"
                if role == "parameter"
                else f"constant.{len(self.recording.leaves)}"
            )
        value = self.new(tensor)
        self.recording.tensors[value] = tensor
        self.recording.leaves[value] = {
            "name": name,
            "role": role,
            "shape": list(tensor.shape),
            "dtype": str(tensor.dtype).removeprefix("torch."),
            "registered": registered,
            "requires_grad": bool(tensor.requires_grad),
            "where": self.births.of_parameter(tensor) or self._birth_of_module(name if registered else ""),
        }
        return value

    def _birth_of_module(self, name: str) -> Place | None:
        owner = name.rpartition(".")[0]
        for module in self.modules[::-1]:
            if self.paths.get(id(module)) == owner:
                return self.births.of_module(module)
        return None

    def _detached(self, tensor: torch.Tensor, known: int) -> int:
        """The same memory under a new object: ``.data`` or a trip through numpy, that is, a detach."""
        if known < 0:
            original, _ = self.kept[-1 - known]
            known = self.values[id(original)] if id(original) in self.values else self.leaf(original)
        value = self.new(tensor)
        self._add("aten.detach.default", [{"value": known}], {}, [value], [list(tensor.shape)])
        return value

    def value(self, tensor: torch.Tensor) -> int:
        found = self.values.get(id(tensor))
        return self.leaf(tensor) if found is None else found

    def encode(self, item: Any) -> Any:
        if isinstance(item, torch.Tensor):
            return {"value": self.value(item)}
        if isinstance(item, (list, tuple)):
            return [self.encode(part) for part in item]
        if isinstance(item, (bool, int, str, float)) or item is None:
            return item
        if isinstance(item, torch.dtype):
            return {"dtype": str(item).removeprefix("torch.")}
        if isinstance(item, (torch.device, torch.layout, torch.memory_format, torch.Generator)):
            return {"setting": type(item).__name__}
        if isinstance(item, torch.SymInt):
            return int(item)
        return {"foreign": type(item).__name__}

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        arguments = [self.encode(item) for item in args]
        keywords = {key: self.encode(item) for key, item in kwargs.items()}
        written = _written(function, args, kwargs)
        self.attempted = (str(function), arguments, keywords)
        outputs = function(*args, **kwargs)
        self.attempted = None
        results = [one for one in _flatten(outputs) if isinstance(one, torch.Tensor)]
        if not results and not written:
            if str(function).startswith(("aten._local_scalar_dense", "aten.is_nonzero", "aten.equal", "aten.item")):
                self._add(str(function), arguments, keywords, [], [])
            return outputs
        values = []
        for one in results:
            values.append(self.new(one))
        self._add(str(function), arguments, keywords, values, [list(one.shape) for one in results])
        for tensor in written:
            self._refresh_aliases(tensor)
        return outputs

    def _refresh_aliases(self, written: torch.Tensor) -> None:
        """After an in-place write: other names of the same memory now mean the new values."""
        current = self.values.get(id(written))
        if current is None:
            return
        where = written.untyped_storage().data_ptr()
        for other in [item for item in self.kept if isinstance(item, torch.Tensor) and item is not written]:
            if id(other) in self.values and self.values[id(other)] != current and other.numel():
                if other.untyped_storage().data_ptr() != where:
                    continue
                whole = other.numel() == written.numel() and other.is_contiguous() and written.is_contiguous()
                previous, value = self.values[id(other)], self.new(other)
                if whole:
                    op, arguments = "aten.reshape.default", [{"value": current}, list(other.shape)]
                else:
                    op = "grader.partial_write"
                    arguments = [{"value": current}, {"value": previous}, *_places(written), *_places(other)]
                self._add(op, arguments, {}, [value], [list(other.shape)])
        self.memory[_memory(written)] = current

    def _constructor(self, module: nn.Module | None) -> Place | None:
        """The line that constructed a layer; in a forward of the student's own, the operation's line says more."""
        if module is None or _written_here(self.sources, module):
            return None
        return self.births.of_module(module)

    def _add(
        self, op: str, arguments: list[Any], keywords: dict[str, Any], outputs: list[int], shapes: list[Any],
        where: Place | None = None,
    ) -> None:
        if len(self.recording.nodes) >= MOST_NODES:
            raise TooLarge(f"more than {MOST_NODES} operations in one forward")
        module = self.modules[-1] if self.modules else self.failed_in
        self.recording.nodes.append(
            {
                "op": op,
                "arguments": arguments,
                "keywords": keywords,
                "outputs": outputs,
                "shapes": shapes,
                "where": self.sources.stack() if where is None else [where],
                "module": self.paths.get(id(module), "") if module is not None else "",
                "constructed": self._constructor(module),
                "site": self.sources.site(),
                "constructed_site": self.births.site_of(module) if module is not None else 0,
            }
        )


    def stopped(self, error: Exception) -> None:
        """The network's forward failed: the operation that it failed in, if it was one, is the last node and has no
        outputs."""
        if self.attempted is not None:
            self._add(*self.attempted, [], [], self.sources.of_traceback(error.__traceback__))


def _written_here(sources: Sources, module: nn.Module) -> bool:
    """Is the module's forward the student's own code?"""
    code = getattr(inspect.unwrap(type(module).forward), "__code__", None)
    return code is not None and sources.resolve(code.co_filename) is not None


def _places(tensor: torch.Tensor) -> list[Any]:
    """Where in their memory a tensor's elements lie."""
    return [list(tensor.shape), list(tensor.stride()), tensor.storage_offset()]


def _memory(tensor: torch.Tensor) -> tuple[Any, ...]:
    try:
        return (tensor.data_ptr(), tuple(tensor.shape), tensor.stride(), tensor.dtype)
    except RuntimeError:
        return (id(tensor),)


def _flatten(outputs: Any) -> list[Any]:
    return [part for item in outputs for part in _flatten(item)] if isinstance(outputs, (list, tuple)) else [outputs]


def _written(function: Any, args: Any, kwargs: Any) -> list[torch.Tensor]:
    found: list[torch.Tensor] = []
    for position, argument in enumerate(function._schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            item = args[position] if position < len(args) else kwargs.get(argument.name)
            found.extend(one for one in _flatten(item) if isinstance(one, torch.Tensor))
    return found


def record(
    network: nn.Module, call: Callable[[torch.Tensor], Any], images: torch.Tensor, recording: Recording,
    watch: tuple[Sources, Births],
) -> Any:
    """Run ``call(images)`` under a recorder; returns what it returned. Exceptions of the network pass through."""
    sources, births = watch
    recorder = Recorder(network, recording, sources, births)
    recording.input = recorder.new(images)
    original = nn.Module.__call__

    def follow(module: nn.Module, *inputs: Any, **keywords: Any) -> Any:
        recorder.modules.append(module)
        try:
            return original(module, *inputs, **keywords)
        except Exception:
            recorder.failed_in = recorder.failed_in or module
            raise
        finally:
            recorder.modules.pop()

    nn.Module.__call__ = follow
    try:
        with recorder:
            outputs = call(images)
    except Exception as error:
        recorder.stopped(error)
        raise
    finally:
        nn.Module.__call__ = original
    return outputs, recorder
