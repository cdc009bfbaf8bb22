"""Optimizers on one flat vector of weights.

SGD and Adam, which the handouts use, are written out: constructing torch's own imports torch._dynamo, 1.4 s that
every right submission would pay. The formulas and their order of operations are torch's. All others are torch's.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

KINDS = ("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Adamax", "ASGD", "Rprop")
_SPEED = {"foreach", "fused", "capturable", "differentiable", "params"}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"lr": 1e-3, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False},
    "Adam": {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0.0,
        "amsgrad": False,
        "maximize": False,
        "decoupled_weight_decay": False,
    },
    "AdamW": {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 1e-2,
        "amsgrad": False,
        "maximize": False,
        "decoupled_weight_decay": True,
    },
}


class Stepper(Protocol):
    settings: Mapping[str, Any]

    def step(self, weights: Tensor, gradient: Tensor, lr: float) -> None:
        """Change the weights in place."""


@dataclass(frozen=True, kw_only=True)
class OptimizerGuess:
    """An optimizer that the student may have used; `claimed` where their own optimizer object says so."""

    kind: str
    settings: Mapping[str, Any]  # torch's names, complete; without lr
    lr: float | None  # None: to be found from the weights
    claimed: bool = False
    penalty: float = 0.0  # an L1 penalty added to the loss
    momenta: tuple[float, ...] = ()  # one a step, where a scheduler changes it

    def settings_at(self, step: int) -> Mapping[str, Any]:
        if not self.momenta:
            return self.settings
        if self.kind == "SGD":
            return {**self.settings, "momentum": self.momenta[step]}
        return {**self.settings, "betas": (self.momenta[step], *self.settings["betas"][1:])}

    def build(self) -> Stepper:
        if self.kind == "SGD":
            return _SGD(self.settings)
        if self.kind in ("Adam", "AdamW"):
            return _Adam(self.settings)
        return _Torch(self.kind, self.settings)


def complete(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """All hyperparameters of an optimizer under torch's names, in plain types; KeyError for one that is not known."""
    if kind not in KINDS:
        raise KeyError(kind)
    defaults = dict(_DEFAULTS[kind]) if kind in _DEFAULTS else _signature(kind)
    known = {name: given[name] for name in defaults if name in given and given[name] is not None}
    settings = {**defaults, **known}
    for name, default in defaults.items():
        settings[name] = _plain(settings[name], default)
    return settings


def follow(
    starts: Tensor, feeds: Sequence[Sequence[Tensor]], guess: OptimizerGuess, lrs: Sequence[float]
) -> Iterator[Tensor]:
    """Weights after each step, each predicted from the recorded weights before it; the optimizer's state is carried."""
    stepper = guess.build()
    for step, (start, feed, lr) in enumerate(zip(starts, feeds, lrs, strict=False)):
        stepper.settings = guess.settings_at(step)
        weights = start.clone()
        for gradient in feed:
            pulled = gradient + guess.penalty * weights.sign() if guess.penalty else gradient
            stepper.step(weights, pulled, lr)
        yield weights


def _signature(kind: str) -> dict[str, Any]:
    parameters = inspect.signature(getattr(torch.optim, kind)).parameters
    return {name: value.default for name, value in parameters.items() if name not in _SPEED}


def _plain(value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        return tuple(float(part) for part in value)
    if isinstance(default, bool):
        return bool(value)
    if isinstance(default, float | int):
        return float(value)
    return value


@dataclass
class _SGD:
    settings: Mapping[str, Any]
    buffer: Tensor | None = None

    def step(self, weights: Tensor, gradient: Tensor, lr: float) -> None:
        settings = self.settings
        if settings["maximize"]:
            gradient = -gradient
        if settings["weight_decay"]:
            gradient = gradient.add(weights, alpha=settings["weight_decay"])
        momentum = settings["momentum"]
        if momentum:
            if self.buffer is None:
                self.buffer = gradient.clone()
            else:
                self.buffer.mul_(momentum).add_(gradient, alpha=1 - settings["dampening"])
            gradient = gradient.add(self.buffer, alpha=momentum) if settings["nesterov"] else self.buffer
        weights.add_(gradient, alpha=-lr)


@dataclass
class _Adam:
    settings: Mapping[str, Any]
    count: int = 0
    state: dict[str, Tensor] = field(default_factory=dict)

    def step(self, weights: Tensor, gradient: Tensor, lr: float) -> None:
        settings, state = self.settings, self.state
        first, second = settings["betas"]
        if settings["maximize"]:
            gradient = -gradient
        if settings["weight_decay"]:
            if settings["decoupled_weight_decay"]:
                weights.mul_(1 - lr * settings["weight_decay"])
            else:
                gradient = gradient.add(weights, alpha=settings["weight_decay"])
        if not state:
            state.update({name: torch.zeros_like(weights) for name in ("mean", "square", "largest")})
        self.count += 1
        state["mean"].lerp_(gradient, 1 - first)
        square = state["square"].mul_(second).addcmul_(gradient, gradient, value=1 - second)
        if settings["amsgrad"]:
            square = torch.maximum(state["largest"], square, out=state["largest"])
        root = (1 - second**self.count) ** 0.5
        denominator = (square.sqrt() / root).add_(settings["eps"])
        weights.addcdiv_(state["mean"], denominator, value=-lr / (1 - first**self.count))


@dataclass
class _Torch:
    kind: str
    settings: Mapping[str, Any]
    parameter: torch.nn.Parameter | None = None
    optimizer: torch.optim.Optimizer | None = None

    def step(self, weights: Tensor, gradient: Tensor, lr: float) -> None:
        if self.parameter is None or self.optimizer is None:
            self.parameter = torch.nn.Parameter(weights.clone())
            make = getattr(torch.optim, self.kind)
            self.optimizer = make([self.parameter], **{**self.settings, "lr": lr, "foreach": False})
        with torch.no_grad():
            self.parameter.copy_(weights)
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        self.parameter.grad = gradient.clone()
        self.optimizer.step()
        weights.copy_(self.parameter.detach())
