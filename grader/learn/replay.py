"""Which recipe did the student's training loop follow? Decided by exact replay, never by reading source.

Every step is predicted from the student's own weights before it, with the gradient of the batch that they were fed and
the optimizer's state carried along, so errors do not add up and one gradient serves every optimizer. The handout's
recipe is tried first: when it gives the student's weights there is no fault, whatever the code looks like. Otherwise
all losses, loops and optimizers of the bank are tried together; the cheapest that gives the weights is the diagnosis.

CLOSE was chosen by measurement: right loops replay to the last bit on the same kernels and to 1e-6 .. 2e-5 of a step on
others (unfolded convolutions, no oneDNN, the logarithm of a softmax); the nearest mistakes (AdamW's decay in place of
Adam, an SGD weight decay of 1e-4) are 3e-4 to 1e-3 away. Between the two a rival must be ten times nearer than the
handout's recipe to be believed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.learn import Network, faults
from grader.learn.case import Case
from grader.learn.hypotheses import cleared_too_late, recipe_guess, recorded_loop
from grader.learn.losses import LossReading, read_losses, recipe_reading
from grader.learn.search import Search
from grader.learn.trail import Distance, Trail, mark_noise, read_trail
from grader.records import Fault, Recipe, Replay, Training

if TYPE_CHECKING:
    import torch

CLOSE = 1e-3
EXACT = 5e-5  # nearer than this nothing need be asked
RIVAL = 0.1


def replay(
    training: Training,
    tensors: Mapping[str, torch.Tensor],
    make_network: Callable[[], Network],
    recipe: Recipe,
    tail: str,
    *,
    frozen: frozenset[str] = frozenset(),
) -> Replay:
    """Replay the handout's recipe on the recorded steps; where it does not fit, find what does."""
    if not training.steps:
        missing = Fault(
            code="no-training",
            check="training-step",
            message="No training step was seen; expected a loop over the training data that changes the weights.",
            hint=f"Write the loop, and call it. For every batch: {faults.ORDER}.",
            where=training.where,
        )
        return Replay(matched=False, faults=(missing,), explained=True, steps=0, deviation=0.0)
    case = Case(training=training, tensors=tensors, make_network=make_network)
    names = list(make_network().weights)
    if not case.fits():
        reason = "step 1: the recorded outputs and labels do not fit together"
        return Replay(
            matched=False, faults=(), explained=False, steps=len(training.steps), deviation=1.0, diverged_at=reason
        )
    trail = read_trail(case.snapshots(), names)
    found = _Replayer(case=case, trail=trail, recipe=recipe, tail=tail, frozen=frozen).run()
    if training.on_test_data:
        found = replace(found, matched=False, explained=True if found.matched else found.explained)
        found = replace(found, faults=(faults.test_data_fault(training), *found.faults))
    return found


@dataclass(kw_only=True)
class _Replayer:
    case: Case
    trail: Trail
    recipe: Recipe
    tail: str
    frozen: frozenset[str]

    def run(self) -> Replay:
        if not self.trail.names:
            return self._standstill()
        search = self._search()
        right = search.recipe()
        distance = search.confirm(right)
        stuck = self._stuck()
        fits = distance.worst <= CLOSE
        if fits and not stuck and distance.worst <= EXACT:
            return self._result(True, [], distance)
        found = search.best(CLOSE)
        if fits and (found is None or not found.codes or search.confirm(found).worst > RIVAL * distance.worst):
            return self._result(not stuck, stuck, distance)
        if found is None:
            return replace(self._result(False, [], distance), explained=False, diverged_at=_divergence(distance))
        if found.reading is not right.reading:
            stuck = self._stuck(found.reading)
        proof = _proof(search.confirm(found), distance, self.trail.steps)
        return self._result(False, [*_proved_once(search.faults(found, proof), proof), *stuck], distance)

    def _search(self) -> Search:
        training = self.case.training
        modes = self.case.modes()
        readings = read_losses(self.case.samples(modes[0]), self.tail)
        gradients = self.case.flat_gradients(self.trail, readings[0], True)
        if self.recipe.optimizer != "SGD":
            images = max(len(sample.outputs) for sample in self.case.samples(modes[0]))
            self.trail = mark_noise(self.trail, gradients, images)
        return Search(
            case=self.case,
            trail=self.trail,
            readings=readings,
            modes=modes,
            recipe_optimizer=recipe_guess(self.recipe),
            training=training,
        )

    def _result(self, matched: bool, found: Sequence[Fault], distance: Distance) -> Replay:
        return Replay(
            matched=matched,
            faults=tuple(found),
            explained=True,
            steps=self.trail.steps,
            deviation=distance.overall,
        )

    def _stuck(self, reading: LossReading | None = None) -> list[Fault]:
        """Parameters that never changed though the handout's recipe, or the loss that was found, would move them."""
        still = self._still_with_gradient(reading)
        training = self.case.training
        frozen = [name for name in still if name in self.frozen]
        held = {name for facts in training.optimizers for name in facts.parameters}
        detached = [name for name in still if name not in self.frozen and name in held]
        left = [name for name in still if name not in self.frozen and name not in held]
        parts = (("frozen-parameters", frozen), ("detached-graph", detached), ("partial-optimizer", left))
        return [faults.stuck_fault(training, code, names) for code, names in parts if names]

    def _still_with_gradient(self, reading: LossReading | None = None) -> list[str]:
        """Of the parameters at rest, those whose gradient would have moved them by more than a rounding error."""
        reading = reading or recipe_reading(self.case.samples(True), self.tail)
        rate = float(self.recipe.hyperparameters.get("lr", 1e-3))
        found = []
        for name in self.trail.still:
            weights = self.case.snapshots()[0][name]
            moves = [
                float((rate * self.case.gradients(step, reading, True)[name] / (weights.abs() + 1e-12)).abs().max())
                for step in range(len(self.case.training.steps))
            ]
            if max(moves) > 4 * 2.0**-23:
                found.append(name)
        return found

    def _standstill(self) -> Replay:
        """No weight changed at all: the recorded calls say which of the possible causes it was."""
        training = self.case.training
        names = self._still_with_gradient()
        if not names:
            distance = Distance(overall=0.0, tensor=0.0, where="")
            return self._result(True, [], distance)
        found = self._cause(names)
        search = self._search()
        extra = [
            fault
            for reading in search.readings[1:2]
            for fault in faults.loss_fault(training, reading, "")
            if training.steps[0].output_gradient is not None
        ]
        extra += search.claimed_faults()
        result = self._result(False, [*found, *extra], Distance(overall=1.0, tensor=1.0, where=f"step 1, {names[0]}"))
        if not found:
            return replace(result, explained=False, diverged_at=f"step 1, {names[0]} (no weight changed)")
        return result

    def _cause(self, names: Sequence[str]) -> list[Fault]:
        training = self.case.training
        proof = f" Proof: after {_steps(self.trail.steps)} every weight is exactly what it was before."
        code = "frozen-parameters" if self.frozen.issuperset(names) else _missing_call(training)
        if not code and any(facts.stale for facts in training.optimizers):
            code = "stale-optimizer"
        code = code or _wrong_order(training)
        held = {name for facts in training.optimizers for name in facts.parameters}
        if not code and training.optimizers and not held.intersection(names):
            code = "partial-optimizer"
        if not code:
            return []
        if code in faults.LOOP_WORDS:
            return [faults.loop_fault(training, code, proof, names=faults.listed(names))]
        return [faults.stuck_fault(training, code, names, proof)]


def _missing_call(training: Training) -> str:
    """The call without which no weight can change; a call that left no trace was not made."""
    loop = recorded_loop(training.steps)
    gradients = any(step.output_gradient is not None for step in training.steps)
    words = "".join(loop.words) if loop is not None else "fb" if gradients else "f"
    if "b" not in words:
        return "no-backward"
    if not gradients:
        return "detached-graph"
    return "" if "s" in words else "no-step"


def _wrong_order(training: Training) -> str:
    loop = recorded_loop(training.steps)
    if loop is None:
        return ""
    if any(cleared_too_late(word) for word in loop.words):
        return "zero-grad-after-backward"
    words = "".join(loop.words)
    return "step-before-backward" if words.index("s") < words.index("b") else ""


def _divergence(distance: Distance) -> str:
    return f"{distance.where}: off by {_percent(distance.tensor)}"


def _proof(found: Distance, right: Distance, steps: int) -> str:
    exact = "exactly" if found.overall < 1e-6 else f"to within {_percent(found.overall)}"
    return (
        f" Proof: with this, a replay of your first {_steps(steps)} gives your weights {exact}; with the handout's "
        f"recipe it misses them by {_percent(right.overall)}."
    )


def _proved_once(found: Sequence[Fault], proof: str) -> list[Fault]:
    """The proof is one for all faults together, so each check says it once."""
    first = {fault.check: fault for fault in reversed(found)}
    bare = [replace(fault, message=fault.message.replace(proof, "")) for fault in found]
    return [fault if fault is first[fault.check] else told for fault, told in zip(found, bare, strict=True)]


def _steps(count: int) -> str:
    return "step" if count == 1 else f"{count} steps"


def _percent(part: float) -> str:
    """Of a step's length, the way from the weights before it to those after it."""
    if part >= 10:
        return f"{part:.0f} times the length of a step"
    return f"{100 * part:.0f} % of a step" if part >= 0.01 else f"{100 * part:.2g} % of a step"
