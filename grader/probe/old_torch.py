"""What programs written for PyTorch 0.3 expect: loss.data[0] is the loss, and a volatile input keeps no gradients."""

from __future__ import annotations

import functools
from typing import Any

import torch
from torch import nn


def install() -> None:
    """Before the recorder, so that it sees what a call with a volatile input answers."""
    _install_first_item()
    _install_volatile()


def _install_first_item() -> None:
    item_of = torch.Tensor.__getitem__

    @functools.wraps(item_of)
    def getitem(self: torch.Tensor, index: Any) -> Any:
        if isinstance(index, int) and index == 0 and self.dim() == 0:
            return self
        return item_of(self, index)

    torch.Tensor.__getitem__ = getitem  # type: ignore[method-assign, assignment]


def _install_volatile() -> None:
    original = torch.autograd.Variable

    class Legacy(type):
        def __instancecheck__(cls, thing: Any) -> bool:
            return isinstance(thing, torch.Tensor)

        def __call__(cls, data: Any, requires_grad: bool = False, volatile: bool = False, **keywords: Any) -> Any:
            if not volatile:
                return original(data, requires_grad, **keywords)
            made = data.detach()
            made._volatile = True
            return made

    class Variable(metaclass=Legacy):
        _execution_engine = original._execution_engine

    call = nn.Module.__call__

    @functools.wraps(call)
    def call_module(self: nn.Module, *inputs: Any, **keywords: Any) -> Any:
        if any(getattr(one, "_volatile", False) for one in inputs):
            with torch.no_grad():
                return call(self, *inputs, **keywords)
        return call(self, *inputs, **keywords)

    torch.autograd.Variable = Variable  # type: ignore[misc, assignment]
    nn.Module.__call__ = call_module
