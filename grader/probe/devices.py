"""Every device of the program's is the CPU, and whatever it asks of a GPU is answered without one."""

from __future__ import annotations

import contextlib
import types
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._device import DeviceContext

FACTORIES = (
    "tensor as_tensor zeros ones empty full rand randn randint randperm arange linspace eye zeros_like ones_like "
    "empty_like rand_like randn_like full_like"
).split()
TYPES = "Float Double Half BFloat16 Byte Char Short Int Long Bool".split()
SILENT = "synchronize empty_cache manual_seed manual_seed_all set_device init reset_peak_memory_stats".split()
ZERO = "current_device memory_allocated max_memory_allocated memory_reserved max_memory_reserved".split()


def on_cpu(device: Any) -> Any:
    """The device that stands for ``device`` here: the CPU for whatever is no CPU."""
    if isinstance(device, torch.device) and device.type not in ("cpu", "meta"):
        return torch.device("cpu")
    if isinstance(device, str) and device.partition(":")[0] in ("cuda", "mps", "xpu", "gpu"):
        return "cpu"
    return device


def redirect(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*positional: Any, **keywords: Any) -> Any:
        if "device" in keywords:
            keywords["device"] = on_cpu(keywords["device"])
        return function(*(on_cpu(item) for item in positional), **keywords)

    call.__name__ = getattr(function, "__name__", "call")
    return call


def constant(answer: Any) -> Callable[..., Any]:
    """A function of its own for every name: torch's compiler keeps a table of them and takes none twice."""
    return lambda *_positional, **_keywords: answer


class Timer:
    """A CUDA event or stream: nothing is queued here, so there is nothing to wait for."""

    def __init__(self, *_positional: Any, **_keywords: Any) -> None:
        pass

    def elapsed_time(self, _end: Any) -> float:
        return 1.0

    def query(self) -> bool:
        return True

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return constant(None)


class _AnyGenerator(type(torch._C.Generator)):  # type: ignore[misc]
    def __instancecheck__(cls, thing: Any) -> bool:
        return isinstance(thing, torch._C.Generator)


class Generator(torch._C.Generator, metaclass=_AnyGenerator):
    """torch.Generator, on the CPU whatever is asked."""

    def __new__(cls, device: Any = "cpu") -> Any:
        return torch._C.Generator(device=on_cpu(device))


def install() -> None:
    _install_moves()
    _install_types()
    _install_questions()
    _install_precision()


def _install_moves() -> None:
    def stay(self: Any, *_positional: Any, **_keywords: Any) -> Any:
        return self

    for holder in (torch.Tensor, torch.nn.Module):
        holder.cuda = stay
        holder.to = redirect(holder.to)
    torch.Tensor.pin_memory = stay
    torch.Tensor.record_stream = constant(None)
    # Lazy layers allow their unshaped weights these methods only, and know them by identity.
    torch.nn.parameter.UninitializedTensorMixin._allowed_methods += [torch.Tensor.to, torch.Tensor.cuda]
    for name in FACTORIES:
        setattr(torch, name, redirect(getattr(torch, name)))
    torch.Generator = Generator  # type: ignore[misc]
    # ``with torch.device("cuda"):`` and torch.set_default_device
    DeviceContext.__init__ = redirect(DeviceContext.__init__)  # type: ignore[method-assign]


def _install_types() -> None:
    tensor_type, set_default = torch.Tensor.type, torch.set_default_tensor_type

    def on_cpu_type(kind: Any) -> Any:
        name = kind if isinstance(kind, str) else f"{getattr(kind, '__module__', '')}.{getattr(kind, '__name__', '')}"
        return "torch." + name.rpartition(".")[2] if "cuda" in name and isinstance(kind, (str, type)) else kind

    def as_type(self: Any, kind: Any = None, *positional: Any, **keywords: Any) -> Any:
        return tensor_type(self) if kind is None else tensor_type(self, on_cpu_type(kind), *positional, **keywords)

    torch.Tensor.type = as_type
    torch.set_default_tensor_type = lambda kind: set_default(on_cpu_type(kind))
    for name in TYPES:
        setattr(torch.cuda, f"{name}Tensor", getattr(torch, f"{name}Tensor"))


def _install_questions() -> None:
    for name in SILENT:
        setattr(torch.cuda, name, constant(None))
    for name in ZERO:
        setattr(torch.cuda, name, constant(0))
    torch.cuda.get_device_name = constant("cpu")
    torch.cuda.get_device_capability = constant((0, 0))
    torch.cuda.get_device_properties = constant(
        types.SimpleNamespace(name="cpu", total_memory=0, major=0, minor=0, multi_processor_count=1)
    )
    torch.cuda.Event = torch.cuda.Stream = Timer  # type: ignore[misc]
    torch.cuda.current_stream = torch.cuda.default_stream = constant(Timer())
    torch.cuda.stream = torch.cuda.device = lambda *_positional: contextlib.nullcontext()
    if hasattr(torch, "accelerator"):
        torch.accelerator.current_accelerator = constant(torch.device("cpu"))


def _install_precision() -> None:
    """Mixed precision is of a GPU. On a CPU it would round to 8 bits, which no student has seen."""
    kind = torch.amp.autocast_mode.autocast
    construct = kind.__init__

    def disabled(self: Any, device_type: str = "cpu", *positional: Any, **keywords: Any) -> None:
        positional = (*positional[:1], False, *positional[2:]) if len(positional) > 1 else positional
        if len(positional) < 2:
            keywords["enabled"] = False
        construct(self, on_cpu(str(device_type)), *positional, **keywords)

    kind.__init__ = disabled
