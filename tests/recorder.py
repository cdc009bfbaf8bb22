"""Records a real training loop the way the probe does: snapshots, batches, loss, outputs, gradients, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

from grader.data import synthetic
from grader.learn.optimizers import KINDS
from grader.records import Event, LossCall, OptimizerFacts, Training, TrainingStep, Where

Loop = Callable[["Recorder"], None]


class Rebuilt(nn.Module):
    """A module as replay and memorise want a network."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    @property
    def weights(self) -> dict[str, nn.Parameter]:
        return dict(self.module.named_parameters())

    @property
    def buffers_by_name(self) -> dict[str, Tensor]:
        return dict(self.module.named_buffers())

    def forward(self, inputs: Tensor) -> Tensor:
        return self.module(inputs)


def images(count: int, train: bool = True) -> tuple[Tensor, Tensor]:
    pixels, labels = synthetic.split(train, count)
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float() / 127.5 - 1, torch.from_numpy(labels)


class Recorder:
    """`batches()` feeds a loop that is written as students write it; `training()` is what was seen."""

    def __init__(self, net: nn.Module, steps: int = 4, batch: int = 8) -> None:
        self.net = net
        self.steps, self.batch = steps, batch
        self.tensors: dict[str, Tensor] = {}
        self.snapshots: list[dict[str, str]] = []
        self.records: list[dict[str, Any]] = []
        self.optimizers: list[tuple[torch.optim.Optimizer, dict[str, int]]] = []
        self.losses: list[LossCall] = []
        self.schedulers: tuple[str, ...] = ()
        self.targets_seen: Tensor | None = None
        net.register_forward_pre_hook(self._before)
        net.register_forward_hook(self._after)

    def run(self, loop: Loop, silent: bool = False) -> Recorder:
        """Run a student's loop; `silent` loses the calls, as when a student resets gradients by hand."""
        original = torch.Tensor.backward

        def backward(tensor: Tensor, *arguments: Any, **keywords: Any) -> None:
            self.records[-1]["loss"] = float(tensor.detach())
            self.event("backward")
            original(tensor, *arguments, **keywords)

        torch.Tensor.backward = backward  # type: ignore[method-assign,assignment]
        try:
            loop(self)
        finally:
            torch.Tensor.backward = original  # type: ignore[method-assign]
        self._snapshot()
        if silent:
            for record in self.records:
                record["events"] = []
            self.optimizers = []
        return self

    def batches(self) -> Iterator[tuple[Tensor, Tensor]]:
        x, y = images(self.steps * self.batch)
        for number in range(self.steps):
            self._snapshot()
            rows = slice(number * self.batch, (number + 1) * self.batch)
            self.records.append({"inputs": x[rows].clone(), "labels": y[rows].clone(), "events": []})
            yield x[rows].clone(), y[rows].clone()

    def watch(self, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
        """Called where the probe would see the optimizer's constructor."""
        count = {"steps": 0}
        step, zero_grad = optimizer.step, optimizer.zero_grad

        def stepped(_: Any, *arguments: Any) -> Any:
            count["steps"] += 1
            self.event("step")
            return step(*arguments)

        def cleared(*arguments: Any, **keywords: Any) -> Any:
            self.event("zero_grad")
            return zero_grad(*arguments, **keywords)

        optimizer.step, optimizer.zero_grad = MethodType(stepped, optimizer), cleared  # type: ignore[method-assign,assignment]
        self.optimizers.append((optimizer, count))
        return optimizer

    def event(self, kind: str, value: float | None = None) -> None:
        if self.records:
            self.records[-1]["events"].append(
                Event(kind=kind, where=Where(file="model.py", line=len(kind)), value=value)
            )

    def training(self) -> Training:
        return Training(
            steps=tuple(self._step(number, record) for number, record in enumerate(self.records)),
            snapshots=tuple(self.snapshots),
            optimizers=tuple(self._facts(one, count["steps"]) for one, count in self.optimizers),
            losses=tuple(self.losses),
            schedulers=self.schedulers,
            on_test_data=False,
            where=Where(file="model.py", line=1),
        )

    def _facts(self, optimizer: torch.optim.Optimizer, steps: int) -> OptimizerFacts:
        names = {id(value): name for name, value in self.net.named_parameters()}
        held = [value for group in optimizer.param_groups for value in group["params"]]
        groups = tuple({k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups)
        kind = next(cls.__name__ for cls in type(optimizer).__mro__ if cls.__name__ in KINDS)
        return OptimizerFacts(
            kind=kind,
            groups=groups,
            parameters=tuple(names.get(id(value), "") for value in held),
            where=Where(file="model.py", line=99),
            stale=not any(id(value) in names for value in held),
            steps=steps,
        )

    def _step(self, number: int, record: dict[str, Any]) -> TrainingStep:
        for name in ("inputs", "labels", "outputs", "output_gradient", "targets", "generator"):
            if record.get(name) is not None:
                self.tensors[f"step{number}.{name}"] = record[name].detach().clone()

        def named(name: str) -> str | None:
            return f"step{number}.{name}" if record.get(name) is not None else None

        return TrainingStep(
            index=number,
            inputs=f"step{number}.inputs",
            labels=f"step{number}.labels",
            events=tuple(record["events"]),
            loss=record.get("loss"),
            outputs=named("outputs"),
            output_gradient=named("output_gradient"),
            targets=named("targets"),
            training_mode=record.get("mode", True),
            generator=named("generator"),
        )

    def _snapshot(self) -> None:
        number = len(self.snapshots)
        found = {}
        for name, value in [*self.net.named_parameters(), *self.net.named_buffers()]:
            self.tensors[f"{number}.{name}"] = value.detach().clone()
            found[name] = f"{number}.{name}"
        self.snapshots.append(found)

    def _before(self, module: nn.Module, arguments: tuple[Any, ...]) -> None:
        self.records[-1].setdefault("generator", torch.get_rng_state())
        self.records[-1]["mode"] = module.training
        self.event("forward")

    def _after(self, module: nn.Module, arguments: tuple[Any, ...], outputs: Tensor) -> None:
        record = self.records[-1]
        record.setdefault("outputs", outputs.detach().clone())
        if outputs.requires_grad:
            outputs.register_hook(lambda gradient: record.setdefault("output_gradient", gradient.detach().clone()))
