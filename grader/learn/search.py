"""Trying the bank on a recorded training: every loss, loop and optimizer together, the cheapest that fits wins."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from grader.learn import faults, hypotheses
from grader.learn.case import Case
from grader.learn.groups import follow_groups, owners_of
from grader.learn.hypotheses import Loop
from grader.learn.losses import LossReading
from grader.learn.optimizers import OptimizerGuess, follow
from grader.learn.trail import Distance, Trail, measure
from grader.records import Fault, Training

REJECT = 0.03  # a first movement that is this far from the hypothesis's direction ends the trial
SCREEN = 3e-3  # what passes on the sample of elements
STEADY = 3e-3  # learning rates of the steps nearer than this are one
COMPUTED = 1e-5  # a rate that changes from step to step was computed: only this near is it the round number
CLAIMED = 0.4  # what a fault costs that the student's own objects and calls speak for
UNCLAIMED = 0.5  # what it costs to contradict them


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A full hypothesis about the training, and the codes of what it says is wrong."""

    reading: LossReading
    mode: bool
    loop: Loop
    guess: OptimizerGuess
    lrs: tuple[float, ...]
    codes: tuple[str, ...] = ()
    cost: float = 0.0
    owners: tuple[OptimizerGuess, ...] = ()  # one a parameter, where parameter groups differ


@dataclass(kw_only=True)
class Search:
    case: Case
    trail: Trail
    readings: Sequence[LossReading]
    modes: Sequence[bool]
    recipe_optimizer: OptimizerGuess
    training: Training
    _view: Trail = field(init=False)
    _claims: list[OptimizerGuess] = field(init=False)
    _recorded: Loop | None = field(init=False)

    def __post_init__(self) -> None:
        self._view = self.trail.view()
        self._claims = hypotheses.claimed_guesses(self.training.optimizers)
        self._recorded = hypotheses.recorded_loop(self.training.steps)

    def recipe(self) -> Explanation:
        steps = self.trail.steps
        lr = self.recipe_optimizer.lr or 0.0
        return Explanation(
            reading=self.readings[0],
            mode=True,
            loop=hypotheses.right_loop(steps),
            guess=self.recipe_optimizer,
            lrs=(lr,) * steps,
        )

    def confirm(self, found: Explanation) -> Distance:
        """How far the hypothesis is from the recorded weights, on all of them."""
        gradients = self.case.flat_gradients(self.trail, found.reading, found.mode, found.loop.late)
        if found.loop.revisits:
            return measure(self.trail, list(self._relive(found, gradients)))
        fed = hypotheses.feeds(found.loop, gradients)
        if found.owners:
            return measure(self.trail, follow_groups(self.trail, fed, found.owners))
        return measure(self.trail, list(follow(self.trail.weights, fed, found.guess, found.lrs)))

    def faults(self, found: Explanation, proof: str) -> list[Fault]:
        """The faults of a hypothesis in words."""
        training = self.training
        result = self._loss_faults(found, proof)
        if not found.mode:
            result.append(faults.eval_fault(training, proof))
        for code in hypotheses.loop_codes(found.loop):
            result.append(faults.loop_fault(training, code, proof, found.loop))
        return result + self._optimizer_faults(found, proof)

    def claimed_faults(self) -> list[Fault]:
        """What the student's optimizer object says of itself, where the weights say nothing."""
        for guess in self._claims:
            lrs = [guess.lr or 0.0] * self.trail.steps
            return faults.optimizer_faults(self.training, guess, lrs, self.recipe_optimizer)
        return []

    def best(self, close: float) -> Explanation | None:
        """The cheapest hypothesis within `close`; a dearer one only where it is ten times nearer."""
        for attempt in (self._plain, self._grouped, self._clipped, self._twice):
            best: Explanation | None = None
            distance = close
            for found in sorted(attempt(), key=lambda one: one.cost):
                now = self.confirm(found).worst
                if now <= (distance if best is None else min(0.1 * distance, distance - 2e-5)):
                    best, distance = found, now
                if best is not None and distance < 2e-5:
                    break
            if best is not None:
                return best
        return None

    # ---- trials ---------------------------------------------------------------------------------------------

    def _plain(self) -> list[Explanation]:
        found: list[Explanation] = []
        loops = [loop for loop in hypotheses.loops(self.training.steps) if not loop.revisits]
        for reading, mode in itertools.product(self.readings, self.modes):
            start = replace(self.recipe(), reading=reading, mode=mode)
            for loop in loops:
                gradients = self.case.flat_gradients(self.trail, reading, mode, loop.late)
                sampled = [self._view.pick(gradient) for gradient in gradients]
                found += self._try(replace(start, loop=loop), hypotheses.feeds(loop, sampled))
                for clipped in hypotheses.clips(loop, self.training.steps, True):
                    found += self._try_clipped(replace(start, loop=clipped), gradients)
        return found

    def _clipped(self) -> list[Explanation]:
        """Clipping that no event tells of, with the bound from the movements."""
        found: list[Explanation] = []
        for reading, mode in itertools.product(self.readings, self.modes):
            gradients = self.case.flat_gradients(self.trail, reading, mode)
            start = replace(self.recipe(), reading=reading, mode=mode)
            first = (self.trail.weights[0] - self.trail.weights[1]) / (self.recipe_optimizer.lr or 1.0)
            for loop in hypotheses.loops(self.training.steps)[:3]:
                for clipped in hypotheses.clips(loop, self.training.steps, False, first):
                    found += self._try_clipped(replace(start, loop=clipped), gradients)
        return found

    def _twice(self) -> list[Explanation]:
        """Loops that go back to the network within a batch: each needs its gradients anew."""
        words = [tuple(word for _ in self.training.steps) for word in hypotheses.TWICE]
        loops = [Loop(words=one) for one in words]
        if self._recorded is not None:
            loops.insert(0, self._recorded)
        guesses = [self.recipe_optimizer, *self._claims]
        count, start = self.trail.steps, self.recipe()
        return [
            self._priced(replace(start, reading=reading, loop=loop, guess=guess, lrs=(guess.lr,) * count))
            for reading, loop, guess in itertools.product(self.readings, loops, guesses)
            if guess.lr is not None
        ]

    def _grouped(self) -> list[Explanation]:
        """Parameter groups with settings of their own; which parameter is in which group, the weights tell."""
        claims = [claim for claim in self._claims if claim.lr is not None]
        if len(claims) < 2:
            return []
        found = []
        loops = [loop for loop in (self._recorded, hypotheses.right_loop(self.trail.steps)) if loop is not None]
        for reading, mode, loop in itertools.product(self.readings, self.modes, loops):
            gradients = self.case.flat_gradients(self.trail, reading, mode, loop.late)
            fed = hypotheses.feeds(loop, [self._view.pick(gradient) for gradient in gradients])
            owners = owners_of(self._view, fed, claims)
            if measure(self._view, follow_groups(self._view, fed, owners)).worst <= SCREEN:
                start = replace(self.recipe(), reading=reading, mode=mode, loop=loop, guess=owners[0], owners=owners)
                found.append(self._priced(start))
        return found

    def _try_clipped(self, start: Explanation, gradients: Sequence[Tensor]) -> Iterator[Explanation]:
        fed = [[self._view.pick(one) for one in feed] for feed in hypotheses.feeds(start.loop, gradients)]
        yield from self._scheduled(start, fed)
        for guess in [self.recipe_optimizer, *self._claims]:
            yield from self._fit(replace(start, guess=guess), fed)

    def _try(self, start: Explanation, fed: Sequence[Sequence[Tensor]]) -> Iterator[Explanation]:
        if not any(fed):
            return
        yield from self._scheduled(start, fed)
        for guess in [*self._claims, *hypotheses.bank(self.recipe_optimizer, self._view, fed)]:
            yield from self._fit(replace(start, guess=guess), fed)

    def _scheduled(self, start: Explanation, fed: Sequence[Sequence[Tensor]]) -> Iterator[Explanation]:
        """With the learning rates that a scheduler was seen to set."""
        for guess, lrs in hypotheses.scheduled_guesses(self.training.optimizers, self.trail.steps):
            if measure(self._view, list(follow(self._view.weights, fed, guess, lrs))).worst <= SCREEN:
                yield self._priced(replace(start, guess=guess, lrs=lrs))

    def _fit(self, start: Explanation, fed: Sequence[Sequence[Tensor]]) -> Iterator[Explanation]:
        """The hypothesis with the learning rates that the weights ask for, if it then gives the weights."""
        try:
            lrs = self._rates(start.guess, fed)
            if lrs is None:
                return
            distance = measure(self._view, list(follow(self._view.weights, fed, start.guess, lrs)))
        except (ValueError, RuntimeError):  # torch refuses hyperparameters that a student's object claims
            return
        if distance.worst <= SCREEN:
            yield self._priced(replace(start, lrs=lrs))

    def _rates(self, guess: OptimizerGuess, fed: Sequence[Sequence[Tensor]]) -> tuple[float, ...] | None:
        """The learning rate of each step, in which every optimizer is linear; None where the direction is off."""
        view = self._view
        keep = 1.0 if view.valid is None else view.valid
        rates: list[float | None] = []
        for step, predicted in enumerate(follow(view.weights, fed, guess, [1.0] * view.steps)):
            unit = (predicted - view.weights[step]) * keep
            move = (view.weights[step + 1] - view.weights[step]) * keep
            power, length = float(unit.dot(unit)), float(move.norm())
            if power == 0.0 or length == 0.0:
                if power != length:
                    return None
                rates.append(None)
                continue
            rate = float(unit.dot(move)) / power
            if float((move - rate * unit).norm()) > REJECT * length:
                return None
            rates.append(rate)
        return self._rounded(rates)

    def _rounded(self, rates: Sequence[float | None]) -> tuple[float, ...] | None:
        known = [rate for rate in rates if rate is not None]
        if not known:
            return None
        middle = sorted(known)[len(known) // 2]
        if all(abs(rate - middle) <= STEADY * abs(middle) for rate in known):
            return (self._typed(middle),) * len(rates)
        return tuple(self._typed(middle if rate is None else rate, COMPUTED) for rate in rates)

    def _typed(self, rate: float, slack: float = STEADY) -> float:
        """The number that was likely typed."""
        near = [self.recipe_optimizer.lr, *[claim.lr for claim in self._claims]]
        for known in near:
            if known is not None and abs(rate - known) <= slack * abs(known):
                return known
        short = float(f"{rate:.2g}")
        return short if abs(short - rate) <= min(slack, 1e-3) * abs(rate) else rate

    def _relive(self, found: Explanation, gradients: Sequence[Tensor]) -> Iterator[Tensor]:
        """Follow loops that go forward again after a step, asking the network anew each time."""
        stepper = found.guess.build()
        held: Tensor | None = None
        for step, word in enumerate(found.loop.words):
            weights, gradient = self.trail.weights[step].clone(), gradients[step]
            for number, letter in enumerate(word):
                if letter == "z":
                    held = None
                elif letter == "f" and "s" in word[:number]:
                    gradient = self.case.gradient_at(self.trail, step, weights, found.reading)
                elif letter == "b":
                    held = gradient if held is None else held + gradient
                elif letter == "s" and held is not None:
                    stepper.step(weights, held, found.lrs[step])
            yield weights

    # ---- prices ---------------------------------------------------------------------------------------------

    def _priced(self, found: Explanation) -> Explanation:
        loop_codes = hypotheses.loop_codes(found.loop)
        wrong = self._optimizer_faults(found, "")
        codes = [fault.code for fault in self._loss_faults(found, "")]
        cost = len(codes) * (CLAIMED if self.training.steps[0].output_gradient else 1.0)
        if not found.mode:
            codes.append("eval-mode-training")
            cost += CLAIMED
        recorded = self._recorded is not None and loop_codes == self._claimed_codes(found.loop)
        cost += len(loop_codes) * (CLAIMED if recorded else 1.0)
        cost += UNCLAIMED if self._recorded is not None and not recorded else 0.0
        claimed = any(_alike(found, claim) for claim in self._claims)
        cost += len(wrong) * (CLAIMED if claimed else 1.0) + (UNCLAIMED if self._claims and not claimed else 0.0)
        if any(fault.code == "learning-rate-schedule" for fault in wrong) and not self.training.schedulers:
            cost += 1.0
        codes += [*loop_codes, *[fault.code for fault in wrong]]
        return replace(found, codes=tuple(codes), cost=cost)

    def _optimizer_faults(self, found: Explanation, proof: str) -> list[Fault]:
        if not found.owners:
            return faults.optimizer_faults(self.training, found.guess, found.lrs, self.recipe_optimizer, proof)
        result: dict[tuple[str, str | None], Fault] = {}
        for owner in found.owners:
            names = [name for name, other in zip(self.trail.names, found.owners, strict=True) if other == owner]
            note = f" This is the parameter group of {faults.listed(names)}.{proof}"
            lrs = [owner.lr or 0.0] * self.trail.steps
            for fault in faults.optimizer_faults(self.training, owner, lrs, self.recipe_optimizer, note):
                result.setdefault((fault.code, fault.found), fault)
        return list(result.values())

    def _loss_faults(self, found: Explanation, proof: str) -> list[Fault]:
        """A loss divided by the number of batches that are gathered is part of the gathering."""
        share = 1 / found.loop.batches_per_update
        parts = [scale for scale in found.reading.scales if isinstance(scale, float)]
        averaged = bool(parts) and all(abs(part - share) < 1e-3 for part in parts)
        if share < 1 and averaged and found.reading.name == "cross-entropy" and not found.reading.smoothing:
            return []
        return faults.loss_fault(self.training, found.reading, proof)

    def _claimed_codes(self, loop: Loop) -> tuple[str, ...] | None:
        """What the recorded loop says is wrong, with the clipping of the one compared."""
        if self._recorded is None:
            return None
        clip = loop.clip if "c" in "".join(self._recorded.words) else ""
        return hypotheses.loop_codes(replace(self._recorded, clip=clip))


def _alike(found: Explanation, claim: OptimizerGuess) -> bool:
    guess = found.guess
    same = guess.kind == claim.kind and guess.settings == claim.settings and guess.penalty == claim.penalty
    return same and found.lrs[0] == claim.lr
