"""What a program gets that asks for CUDA, MPS and the like: the CPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

FACTORIES = (
    "tensor as_tensor zeros ones empty full rand randn randint randperm arange linspace eye zeros_like ones_like "
    "empty_like rand_like randn_like full_like Generator"
).split()


TYPES = tuple(f"{kind}Tensor" for kind in "Float Double Half BFloat16 Byte Char Short Int Long Bool".split())


class Stream:
    """CUDA's streams and events: nothing runs beside the program here, so there is nothing to wait for."""

    def __init__(self, *_positional: Any, **_keywords: Any) -> None: ...

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_error: Any) -> None:
        return None

    def record(self, *_stream: Any) -> None:
        return None

    wait = synchronize = wait_stream = wait_event = record_event = record

    def query(self) -> bool:
        return True

    def elapsed_time(self, _end: Any) -> float:
        return 1.0


def on_cpu(device: Any) -> Any:
    """The device that stands for ``device`` here: the CPU for whatever is no CPU."""
    if isinstance(device, torch.device) and device.type not in ("cpu", "meta"):
        return torch.device("cpu")
    if isinstance(device, str) and device.partition(":")[0] in ("cuda", "mps", "xpu", "gpu"):
        return "cpu"
    return device


def install() -> None:
    def stay(self: Any, *_positional: Any, **_keywords: Any) -> Any:
        return self

    def redirect(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*positional: Any, **keywords: Any) -> Any:
            if "device" in keywords:
                keywords["device"] = on_cpu(keywords["device"])
            return function(*(on_cpu(item) for item in positional), **keywords)

        call.__name__ = getattr(function, "__name__", "call")
        return call

    def as_type(self: Any, kind: Any = None, *positional: Any, **keywords: Any) -> Any:
        name = kind if isinstance(kind, str) else f"{getattr(kind, '__module__', '')}.{getattr(kind, '__name__', '')}"
        if "cuda" in name and isinstance(kind, (str, type)):
            kind = "torch." + name.rpartition(".")[2]
        return tensor_type(self, kind, *positional, **keywords) if kind is not None else tensor_type(self)

    tensor_type = torch.Tensor.type
    torch.Tensor.type = as_type
    for holder in (torch.Tensor, torch.nn.Module):
        holder.cuda = stay
        holder.to = redirect(holder.to)
    # Lazy layers allow their unshaped weights these methods only, and know them by identity.
    torch.nn.parameter.UninitializedTensorMixin._allowed_methods += [torch.Tensor.to, torch.Tensor.cuda]
    for name in FACTORIES:
        if name != "Generator":
            setattr(torch, name, redirect(getattr(torch, name)))
    for name in (
        "synchronize",
        "empty_cache",
        "manual_seed",
        "manual_seed_all",
        "set_device",
        "init",
        "reset_peak_memory_stats",
    ):
        setattr(torch.cuda, name, _constant(None))
    for name in ("Event", "Stream", "stream", "device"):
        setattr(torch.cuda, name, type(name, (Stream,), {}))
    torch.cuda.current_stream = torch.cuda.default_stream = Stream
    for name in TYPES:
        setattr(torch.cuda, name, getattr(torch, name))
    default_type = torch.set_default_tensor_type
    torch.set_default_tensor_type = lambda kind: default_type(
        kind.replace(".cuda", "") if isinstance(kind, str) else kind
    )
    torch.set_default_device = redirect(torch.set_default_device)
    torch.cuda.get_device_name = _constant("cpu")
    for name in ("current_device", "memory_allocated", "max_memory_allocated"):
        setattr(torch.cuda, name, _constant(0))


def _constant(answer: Any) -> Callable[..., Any]:
    """A function of its own for every name: torch's compiler keeps a table of them and takes none twice."""
    return lambda *_positional, **_keywords: answer
