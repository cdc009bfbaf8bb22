"""A recorded training as the replay sees it: what was fed, what came out, and the gradient of every batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from grader.learn import Network
from grader.learn.losses import LossReading, LossSample
from grader.learn.trail import Trail, cut, flat
from grader.records import Training, TrainingStep

REPRODUCED = 1e-3  # relative distance of the outputs recorded and recomputed


@dataclass(kw_only=True)
class Case:
    """The student's steps, with gradients computed once per batch, loss and mode, at the student's own weights."""

    training: Training
    tensors: Mapping[str, Tensor]
    make_network: Callable[[], Network]
    _forwards: dict[tuple[int, bool, bool], tuple[Network, Tensor]] = field(default_factory=dict)
    _flat: dict[tuple[LossReading, bool, bool, tuple[str, ...]], list[Tensor]] = field(default_factory=dict)
    _gradients: dict[tuple[int, LossReading, bool, bool], dict[str, Tensor]] = field(default_factory=dict)

    def snapshots(self) -> list[Mapping[str, Tensor]]:
        return [{leaf: self.tensors[name] for leaf, name in snapshot.items()} for snapshot in self.training.snapshots]

    def forward(self, step: int, mode: bool, late: bool = False) -> tuple[Network, Tensor]:
        """The rebuilt network with the weights before a step (`late`: after it), and its outputs on that batch."""
        if (step, mode, late) not in self._forwards:
            names = self.training.snapshots[step + 1 if late else step]
            snapshot = {leaf: self.tensors[name] for leaf, name in names.items()}
            self._forwards[step, mode, late] = self._run(self.training.steps[step], snapshot, mode)
        return self._forwards[step, mode, late]

    def _run(self, step: TrainingStep, values: Mapping[str, Tensor], mode: bool) -> tuple[Network, Tensor]:
        network = self.make_network()
        network.train(mode)
        with torch.no_grad():
            for name, leaf in [*network.weights.items(), *network.buffers_by_name.items()]:
                if name in values:
                    leaf.copy_(values[name].reshape(leaf.shape))
        before = torch.get_rng_state()
        try:
            if step.generator is not None:
                torch.set_rng_state(self.tensors[step.generator].to(torch.uint8).cpu())
            outputs = network(self.tensors[step.inputs])
        finally:
            torch.set_rng_state(before)
        return network, outputs

    def gradients(self, step: int, reading: LossReading, mode: bool, late: bool = False) -> dict[str, Tensor]:
        """d loss / d weights of one batch; zeros where no gradient arrives."""
        key = (step, reading, mode, late)
        if key not in self._gradients:
            self._gradients[key] = _pull_back(*self.forward(step, mode, late), reading, step)
        return self._gradients[key]

    def flat_gradients(self, trail: Trail, reading: LossReading, mode: bool, late: bool = False) -> list[Tensor]:
        key = (reading, mode, late, trail.names)
        if key not in self._flat:
            parts = [self.gradients(step, reading, mode, late) for step in range(trail.steps)]
            self._flat = {key: [flat(part, trail.names) for part in parts]}  # one at a time: they are large
        return self._flat[key]

    def gradient_at(self, trail: Trail, step: int, weights: Tensor, reading: LossReading) -> Tensor:
        """The gradient of a batch at other weights than those recorded before it."""
        values = {leaf: self.tensors[name] for leaf, name in self.training.snapshots[step].items()}
        for name, part in zip(trail.names, cut(weights, trail), strict=True):
            values[name] = part.reshape(values[name].shape)
        network, outputs = self._run(self.training.steps[step], values, True)
        return flat(_pull_back(network, outputs, reading, step), trail.names)

    def samples(self, mode: bool) -> list[LossSample]:
        """What was recorded around the loss; recomputed outputs where none were recorded."""
        return [self._sample(number, step, mode) for number, step in enumerate(self.training.steps)]

    def _sample(self, number: int, step: TrainingStep, mode: bool) -> LossSample:
        recorded = step.outputs
        outputs = self.forward(number, mode)[1].detach() if recorded is None else self.tensors[recorded]
        targets = None if step.targets is None else _class_numbers(self.tensors[step.targets], outputs)
        gradient = None if step.output_gradient is None else self.tensors[step.output_gradient]
        if step.labels is not None:
            labels = self.tensors[step.labels].long().reshape(-1)
        elif targets is not None:
            labels = targets
        else:  # every usual loss pulls up the class that it is given, and no other
            labels = (outputs if gradient is None else -gradient).argmax(1)
        return LossSample(
            outputs=outputs.float(),
            labels=labels,
            targets=targets,
            gradient=None if gradient is None else gradient.float(),
            value=step.loss,
        )

    def fits(self) -> bool:
        """Has every batch one row of outputs for each label, and a class for it?"""
        for number in range(len(self.training.steps)):
            outputs = self.forward(number, True)[1]
            if outputs.dim() != 2:
                return False
            labels = self._sample(number, self.training.steps[number], True).labels
            if len(labels) != len(outputs) or not bool(((labels >= 0) & (labels < outputs.shape[1])).all()):
                return False
        return True

    def reproduced(self, mode: bool) -> bool:
        """Does the rebuilt network answer as the student's did?"""
        for number, step in enumerate(self.training.steps):
            if step.outputs is None:
                continue
            recorded, ours = self.tensors[step.outputs], self.forward(number, mode)[1].detach()
            if recorded.shape != ours.shape or float((recorded - ours).norm()) > REPRODUCED * float(ours.norm()):
                return False
        return True

    def modes(self) -> list[bool]:
        """The modes to try: training, and evaluation where the record speaks for it."""
        recorded = [step.training_mode for step in self.training.steps]
        if all(recorded) and self.reproduced(True):
            return [True]
        return [True, False] if self.reproduced(True) else [False, True]


def _class_numbers(targets: Tensor, outputs: Tensor) -> Tensor | None:
    """Targets as class numbers, from one-hot rows too; None where they are neither."""
    numbers = targets.argmax(1) if targets.dim() > 1 else targets.long().reshape(-1)
    fits = len(numbers) == len(outputs) and bool(((numbers >= 0) & (numbers < outputs.shape[1])).all())
    return numbers if fits else None


def _pull_back(network: Network, outputs: Tensor, reading: LossReading, step: int) -> dict[str, Tensor]:
    names, leaves = list(network.weights), list(network.weights.values())
    cotangent = reading.cotangent(step, outputs.detach())
    if not outputs.requires_grad:
        return {name: torch.zeros_like(leaf) for name, leaf in zip(names, leaves, strict=True)}
    wanted = [leaf if leaf.requires_grad else None for leaf in leaves]
    found = iter(
        torch.autograd.grad(
            outputs, [leaf for leaf in wanted if leaf is not None], cotangent, retain_graph=True, allow_unused=True
        )
    )
    parts = [None if leaf is None else next(found) for leaf in wanted]
    return {
        name: torch.zeros_like(leaf) if part is None else part.detach()
        for name, leaf, part in zip(names, leaves, parts, strict=True)
    }
