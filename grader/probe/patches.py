"""Torch with eyes: module calls, losses, backward, optimizers, clipping and printing tell the watcher what they do."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from .answers import take_shapes
from .recorder import MOST_RATES, Watcher

LOSSES = (
    "cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy "
    "binary_cross_entropy_with_logits multi_margin_loss multilabel_soft_margin_loss multilabel_margin_loss kl_div "
    "poisson_nll_loss hinge_embedding_loss soft_margin_loss gaussian_nll_loss"
).split()


def install(watcher: Watcher, constructed: Callable[[nn.Module], Any]) -> None:
    """Patch torch where programs pass through: module calls, losses, backward, optimizers, clipping. ``constructed``
    tells where a module was made."""
    _install_calls(watcher, constructed)
    _install_losses(watcher)
    _install_backward(watcher)
    _install_optimizers(watcher)
    _install_output(watcher)


def _install_calls(watcher: Watcher, constructed: Callable[[nn.Module], Any]) -> None:
    """Networks are watched however they are called: ``net(x)`` and ``net.forward(x)``."""
    outside = ("torchvision.transforms", "torch.nn.modules.activation")

    def watch(original: Callable[..., Any], self: nn.Module, inputs: Any, keywords: Any) -> Any:
        # In backward, a checkpoint runs its part of the network once more.
        if watcher.depth or watcher.paused or watcher.in_backward or type(self).__module__.startswith(outside):
            return original(self, *inputs, **keywords)
        if type(self).__module__ == "torch.nn.modules.loss":
            watcher.loss_made = constructed(self)
            try:
                return original(self, *inputs, **keywords)
            finally:
                watcher.loss_made = None
        watcher.depth = 1
        try:
            watched = any(True for _ in self.parameters())
            known = watcher.known_answer(self, inputs) if watched else None
            if known is not None:
                return known
            if watched:
                take_shapes(original, self, (inputs, keywords))
                watcher.before_forward(self, inputs)
            outputs = watcher.recall(self, inputs) if watched else None
            if outputs is None:
                outputs = original(self, *inputs, **keywords)
        finally:
            watcher.depth = 0
        if watched:
            watcher.forward_called(self, inputs, keywords, outputs)
        return outputs

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(self: nn.Module, *inputs: Any, **keywords: Any) -> Any:
            return watch(original, self, inputs, keywords)

        return call

    def watch_forward(cls: Any, /, **keywords: Any) -> None:
        super(nn.Module, cls).__init_subclass__(**keywords)
        if isinstance(cls.__dict__.get("forward"), FunctionType):
            cls.forward = watched(cls.__dict__["forward"])

    nn.Module.__call__ = watched(nn.Module.__call__)
    nn.Module.__init_subclass__ = classmethod(watch_forward)
    nn.Sequential.forward = watched(nn.Sequential.forward)


def _install_losses(watcher: Watcher) -> None:
    functional = torch.nn.functional

    def watch(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def loss(*inputs: Any, **keywords: Any) -> Any:
            if not watcher.paused and watcher.depth == 0:
                targets = inputs[1] if len(inputs) > 1 else keywords.get("target")
                options = {
                    key: value if isinstance(value, (int, float, str, bool)) else "given"
                    for key, value in keywords.items()
                    if key not in ("input", "target") and value is not None
                }
                watcher.loss_called(name, options, targets)
            return original(*inputs, **keywords)

        loss.__name__ = name
        return loss

    for name in LOSSES:
        if hasattr(functional, name):
            setattr(functional, name, watch(name, getattr(functional, name)))


def _install_backward(watcher: Watcher) -> None:
    original = torch.autograd.backward

    def backward(tensors: Any, *positional: Any, **keywords: Any) -> Any:
        if not watcher.paused and not watcher.in_backward:
            loss = tensors if isinstance(tensors, torch.Tensor) else tensors[0] if tensors else None
            value = float(loss.detach()) if loss is not None and loss.numel() == 1 else None
            watcher.event("backward", value)
        if watcher.repeating:
            watcher.lend_gradients()
            return None
        inside, watcher.in_backward = watcher.in_backward, True  # a checkpoint's backward calls this again
        try:
            return original(tensors, *positional, **keywords)
        finally:
            watcher.in_backward = inside

    differentiate = torch.autograd.grad

    def grad(outputs: Any, inputs: Any, *positional: Any, **keywords: Any) -> Any:
        if watcher.repeating:
            wanted = (inputs,) if isinstance(inputs, torch.Tensor) else tuple(inputs)
            return tuple(torch.zeros_like(one) for one in wanted)
        return differentiate(outputs, inputs, *positional, **keywords)

    torch.autograd.backward, torch.autograd.grad = backward, grad
    for name in ("clip_grad_norm_", "clip_grad_value_"):
        setattr(torch.nn.utils, name, _watch_clip(watcher, getattr(torch.nn.utils, name)))


def _watch_clip(watcher: Watcher, original: Callable[..., Any]) -> Callable[..., Any]:
    kind, name = ("clip-norm", "max_norm") if "norm" in original.__name__ else ("clip-value", "clip_value")

    def clip(parameters: Any, *positional: Any, **keywords: Any) -> Any:
        bound = positional[0] if positional else keywords.get(name)
        watcher.event(kind, float(bound) if bound is not None else None)
        return original(parameters, *positional, **keywords)

    clip.__name__ = original.__name__
    return clip


def _install_optimizers(watcher: Watcher) -> None:
    optimizer_class = torch.optim.Optimizer
    construct, zero = optimizer_class.__init__, optimizer_class.zero_grad
    zero_module = nn.Module.zero_grad
    scheduler_class = torch.optim.lr_scheduler.LRScheduler
    construct_scheduler = scheduler_class.__init__

    def init(self: Any, *positional: Any, **keywords: Any) -> None:
        construct(self, *positional, **keywords)
        record = {"optimizer": self, "kind": type(self).__name__, "where": watcher.sources.here(), "steps": 0}
        watcher.optimizers.append({**record, "rates": [], "schedule": None})

    def zero_grad(self: Any, *positional: Any, **keywords: Any) -> Any:
        watcher.event("zero_grad")
        return zero(self, *positional, **keywords)

    def zero_grad_module(self: Any, *positional: Any, **keywords: Any) -> Any:
        watcher.event("zero_grad")
        return zero_module(self, *positional, **keywords)

    def before_step(optimizer: Any, _positional: Any, _keywords: Any) -> None:
        for record in watcher.optimizers:
            if record["optimizer"] is optimizer:
                if "groups" not in record:
                    record["groups"] = groups_of(optimizer)
                record["steps"] += 1
                rate, rates = float(optimizer.param_groups[0].get("lr", 0.0)), record["rates"]
                if len(rates) < MOST_RATES and rates[-1:] != [rate]:
                    rates.append(rate)
        watcher.event("step", float(optimizer.param_groups[0].get("lr", 0.0)))
        if watcher.repeating:
            watcher.forget_gradients()

    def init_scheduler(self: Any, optimizer: Any, *positional: Any, **keywords: Any) -> None:
        construct_scheduler(self, optimizer, *positional, **keywords)
        watcher.schedulers.append(type(self).__name__)
        for record in watcher.optimizers:
            if record["optimizer"] is optimizer:
                record["schedule"] = watcher.sources.here()

    optimizer_class.__init__ = init
    optimizer_class.zero_grad = zero_grad
    nn.Module.zero_grad = zero_grad_module
    scheduler_class.__init__ = init_scheduler
    register_optimizer_step_pre_hook(before_step)


def groups_of(optimizer: Any) -> list[dict[str, Any]]:
    """An optimizer's hyperparameters by group, without its parameters."""
    plain = (int, float, bool, str, type(None), list, tuple)
    return [
        {
            key: float(value) if isinstance(value, torch.Tensor) and value.numel() == 1 else value
            for key, value in group.items()
            if key != "params" and isinstance(value, (*plain, torch.Tensor))
        }
        for group in optimizer.param_groups
    ]


class Tee:
    """Standard output or error that also tells the watcher what was printed."""

    def __init__(self, stream: Any, watcher: Watcher) -> None:
        self._stream = stream
        self._watcher = watcher

    def write(self, text: str) -> int:
        self._watcher.write(str(text))
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            self._stream.write(text.encode("ascii", "backslashreplace").decode())
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _install_output(watcher: Watcher) -> None:
    sys.stdout = Tee(sys.stdout, watcher)
    sys.stderr = Tee(sys.stderr, watcher)
