"""What a network holds, and what it answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn


def take_shapes(call: Callable[..., Any], root: nn.Module, given: tuple[Any, Any]) -> None:
    """Lazy layers have no weights before their first forward: one in evaluation mode changes nothing else."""
    if not any(isinstance(value, torch.nn.parameter.UninitializedTensorMixin) for value in root.parameters()):
        return
    inputs, keywords = given
    modes = {module: module.training for module in root.modules()}
    root.eval()
    try:
        with torch.no_grad():
            call(root, *inputs, **keywords)
    except Exception:
        pass  # the program's own call raises it again, at its line
    finally:
        for module, mode in modes.items():
            module.training = mode


def weights_of(root: nn.Module) -> dict[str, torch.Tensor]:
    """Copies of every parameter and buffer by name."""
    kept: dict[str, torch.Tensor] = {}
    for name, value in [*root.named_parameters(), *root.named_buffers()]:
        if isinstance(value, torch.nn.parameter.UninitializedTensorMixin):
            continue
        kept[name] = value.detach().clone()
    return kept


def choose_output(outputs: Any, classes: int) -> tuple[torch.Tensor | None, int]:
    """The logits among what a forward returned, and how many tensors it returned."""
    tensors: list[torch.Tensor] = []
    pending = [outputs]
    while pending:
        item = pending.pop(0)
        if isinstance(item, torch.Tensor):
            tensors.append(item)
        elif isinstance(item, dict):
            pending[:0] = list(item.values())
        elif isinstance(item, (list, tuple)):
            pending[:0] = list(item)
        elif hasattr(item, "__dict__") and type(item).__name__ not in ("function", "module"):
            pending[:0] = [value for value in vars(item).values() if isinstance(value, torch.Tensor)]
    fitting = [one for one in tensors if one.dim() == 2 and one.shape[1] == classes and one.is_floating_point()]
    floating = [one for one in tensors if one.is_floating_point() and one.dim() > 0]
    return next(iter(fitting or floating), None), len(tensors)
