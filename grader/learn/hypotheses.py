"""The bank: what students' training loops do in place of the handout's, as loops and as optimizers.

A loop is written as one word per batch: z zero_grad, f forward, b backward, c clip, s step. What a loop does wrong is
read off its words (`loop_codes`), so the bank only lists spellings, and the events recorded from the student's own
program are one more hypothesis of the same form. Which hypothesis holds is decided by the weights.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from grader.learn.optimizers import OptimizerGuess, complete
from grader.learn.trail import Trail
from grader.records import OptimizerFacts, Recipe, TrainingStep

_LETTERS = {"zero_grad": "z", "forward": "f", "backward": "b", "step": "s", "clip": "c"}
_LETTERS |= {"clip_grad_norm_": "c", "clip_grad_value_": "c"}
WORDS = ("fbs", "fbbs", "zfbbs", "zfbss", "fbss", "szfb", "sfb", "zfbbss", "fbbss")
TWICE = ("zfbszfbs", "fbsfbs")  # every batch trained on twice
BETAS = ((0.5, 0.999), (0.9, 0.99), (0.9, 0.9), (0.95, 0.999), (0.0, 0.999), (0.9, 0.95), (0.99, 0.999))
DECAYS = (1e-4, 5e-4, 1e-3, 5e-3, 1e-2, 1e-1)
BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
CLEAR = 0.3  # an estimate counts where it leaves less than this part of the error that it is to explain


@dataclass(frozen=True, kw_only=True)
class Loop:
    """What was called for each batch, in order."""

    words: tuple[str, ...]
    claimed: bool = False
    clip: str = ""  # "norm" or "value"
    bound: float = 0.0

    @property
    def late(self) -> bool:
        """Is the network asked only after the update of the batch, so that gradients belong to the weights then?"""
        return any("s" in word and "f" in word and word.rindex("s") < word.index("f") for word in self.words)

    @property
    def batches_per_update(self) -> int:
        """How many batches are gathered for one update."""
        return max(b - a for a, b in _gaps(self.words))

    @property
    def revisits(self) -> bool:
        """Is the network asked before an update and again after it, within one batch?"""
        return any("s" in word and word.find("f") < word.index("s") < word.rfind("f") for word in self.words)


def right_loop(steps: int) -> Loop:
    return Loop(words=("zfbs",) * steps)


def recorded_loop(steps: Sequence[TrainingStep]) -> Loop | None:
    """The loop as the recorded events tell it; None where no event was seen."""
    words = []
    for step in steps:
        word = "".join(_LETTERS.get(event.kind, "") for event in step.events)
        if "b" in word and "f" not in word[: word.index("b")]:
            word = word.replace("b", "fb", 1)
        words.append(word)
    return Loop(words=tuple(words), claimed=True) if any(words) else None


def loops(steps: Sequence[TrainingStep]) -> list[Loop]:
    """The recorded loop and the bank's; those that no step of the record can tell apart from another are left in."""
    count = len(steps)
    bank = [right_loop(count), *[Loop(words=(word,) * count) for word in WORDS]]
    for every in range(2, count + 1):
        rest = ["fbs" if (number + 1) % every == 0 else "fb" for number in range(count)]
        bank.append(Loop(words=tuple(word + "z" if word == "fbs" else word for word in rest)))
        bank.append(Loop(words=tuple("z" + word if number % every == 0 else word for number, word in enumerate(rest))))
        bank.append(Loop(words=tuple("zfbs" if number % every == 0 else "fbs" for number in range(count))))
        bank.append(Loop(words=tuple("zfbs" if number % every == 0 else "zfb" for number in range(count))))
    recorded = recorded_loop(steps)
    found = [recorded] if recorded is not None else []
    for loop in bank:
        if all(loop.words != other.words for other in found):
            found.append(loop)
    return found


def clips(loop: Loop, steps: Sequence[TrainingStep], claimed_only: bool, first: Tensor | None = None) -> list[Loop]:
    """The same loop with its gradients clipped before each step: by the recorded bound, by that of the first gradient
    as the movement shows it, or by the usual ones."""
    bounds = {event.value for step in steps for event in step.events if event.kind.startswith("clip") and event.value}
    known = sorted(bound for bound in bounds if bound is not None and bound > 0)
    if not known and claimed_only:
        return []
    words = tuple(word if "c" in word else word.replace("s", "cs", 1) for word in loop.words)
    return [
        Loop(words=words, claimed=loop.claimed, clip=kind, bound=bound)
        for kind in ("norm", "value")
        for bound in (known or ({_seen(first, kind)} | set(BOUNDS) if first is not None else BOUNDS))
    ]


def _seen(gradient: Tensor, kind: str) -> float:
    return _rounded(float(gradient.norm() if kind == "norm" else gradient.abs().max()))


def loop_codes(loop: Loop) -> tuple[str, ...]:
    """What is wrong with a loop, read off its words; () for a right one."""
    words = loop.words
    everything = "".join(words)
    if "b" not in everything:
        return ("no-backward",)
    if "s" not in everything:
        return ("no-step",)
    codes = []
    stepping = [word for word in words if "s" in word]
    gathers = len(stepping) < len(words)
    if gathers and loop.batches_per_update > 1:
        codes.append("accumulated-gradients")
    cleared = [word for word in words[1:] if "z" in word]
    if len(words) > 1 and len(cleared) < (1 if gathers else len(words) - 1):
        codes.append("no-zero-grad")
    codes += _order_codes(stepping[-1])
    return (*codes, "clipped-gradients") if loop.clip else tuple(codes)


def _order_codes(word: str) -> list[str]:
    """What is wrong within one batch."""
    codes = []
    if cleared_too_late(word):
        codes.append("zero-grad-after-backward")
    if word.index("s") < word.find("b"):
        codes.append("step-before-backward")
    if word.count("s") > 1:
        codes.append("double-step")
    elif word.count("b") > 1:
        codes.append("backward-twice")
    return codes


def _gaps(words: Sequence[str]) -> list[tuple[int, int]]:
    """Neighbouring updates, by the numbers of their batches, from before the first batch on."""
    marks = [-1, *[number for number, word in enumerate(words) if "s" in word]]
    return list(itertools.pairwise(marks)) or [(-1, len(words) - 1)]


def cleared_too_late(word: str) -> bool:
    """Does a zero_grad() stand between the last backward() and its step()?"""
    step = word.rfind("s")
    backward = word.rfind("b", 0, step) if step >= 0 else -1
    return backward >= 0 and "z" in word[backward:step]


def feeds(loop: Loop, gradients: Sequence[Tensor]) -> list[list[Tensor]]:
    """The gradient at every call of step(), batch by batch, from the gradient of each batch alone."""
    held: Tensor | None = None
    fed: list[list[Tensor]] = []
    for word, gradient in zip(loop.words, gradients, strict=True):
        now: list[Tensor] = []
        for letter in word:
            if letter == "z":
                held = None
            elif letter == "b":
                held = gradient if held is None else held + gradient
            elif letter == "c" and held is not None and loop.clip:
                held = _clipped(held, loop)
            elif letter == "s" and held is not None:
                now.append(held)
        fed.append(now)
    return fed


def _clipped(gradient: Tensor, loop: Loop) -> Tensor:
    if loop.clip == "value":
        return gradient.clamp(-loop.bound, loop.bound)
    return gradient * min(1.0, loop.bound / (float(gradient.norm()) + 1e-6))


# ---- optimizers ---------------------------------------------------------------------------------------------


def recipe_guess(recipe: Recipe) -> OptimizerGuess:
    settings = complete(recipe.optimizer, recipe.hyperparameters)
    return OptimizerGuess(kind=recipe.optimizer, lr=settings.pop("lr"), settings=settings)


def claimed_guesses(facts: Sequence[OptimizerFacts]) -> list[OptimizerGuess]:
    """What the student's optimizer objects say of themselves, one guess a group."""
    found: list[OptimizerGuess] = []
    for fact in facts:
        for group in fact.groups:
            try:
                settings = complete(fact.kind, group)
            except (KeyError, TypeError, ValueError):
                continue
            guess = OptimizerGuess(kind=fact.kind, lr=settings.pop("lr"), settings=settings, claimed=True)
            if guess not in found:
                found.append(guess)
    return found


CYCLE = (0.95, 0.1, 24.0)  # OneCycleLR: its first momentum, how far it falls, and over how many first learning rates


def scheduled_guesses(
    facts: Sequence[OptimizerFacts], steps: int
) -> Iterator[tuple[OptimizerGuess, tuple[float, ...]]]:
    """What the objects say of themselves under a scheduler that acts after every batch, with its learning rates; with
    the momentum that falls as they rise, too, for that is what OneCycleLR does unless it is told not to."""
    for fact in facts:
        if fact.schedule is None or len(fact.groups) != 1 or len(fact.rates) < max(2, steps):
            continue
        lrs = tuple(fact.rates[:steps])
        for claim in claimed_guesses([fact]):
            yield claim, lrs
            momentum = claim.settings.get("momentum", claim.settings.get("betas", (0.0,))[0])
            if abs(momentum - CYCLE[0]) < 1e-6 and lrs[0] > 0:
                momenta = tuple(momentum - CYCLE[1] * (lr / lrs[0] - 1) / CYCLE[2] for lr in lrs)
                yield replace(claim, momenta=momenta), lrs


def bank(recipe: OptimizerGuess, trail: Trail, fed: Sequence[Sequence[Tensor]]) -> Iterator[OptimizerGuess]:
    """Optimizers with a free learning rate: the usual ones, and SGD with what the movements themselves suggest."""
    yield _free(recipe.kind, recipe.settings)
    decay, penalty = estimate_decay(trail, fed)
    for weight_decay in {0.0, decay}:
        for settings in estimate_momentum(trail, fed, weight_decay):
            yield _free("SGD", settings | {"weight_decay": weight_decay})
            if penalty and not weight_decay:
                yield _free("SGD", settings, penalty=penalty)
    for weight_decay in (0.0, *DECAYS):
        for kind in ("Adam", "AdamW"):
            yield _free(kind, {"weight_decay": weight_decay})
    yield from (_free("Adam", {"betas": betas}) for betas in BETAS)
    yield from (_free("Adam", {"eps": eps}) for eps in (1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-1))
    yield _free("Adam", {"amsgrad": True})
    for kind in ("RMSprop", "Adagrad", "Adadelta", "NAdam", "RAdam", "Adamax"):
        yield _free(kind, {})
    yield _free("RMSprop", {"momentum": 0.9})
    yield _free("RMSprop", {"alpha": 0.9})


def _free(kind: str, settings: Mapping[str, Any], penalty: float = 0.0) -> OptimizerGuess:
    whole = complete(kind, settings)
    whole.pop("lr")
    return OptimizerGuess(kind=kind, settings=whole, lr=None, penalty=penalty)


def estimate_decay(trail: Trail, fed: Sequence[Sequence[Tensor]]) -> tuple[float, float]:
    """Weight decay and L1 penalty that the first movement shows beside its gradient; 0.0 where it shows none."""
    step = next((number for number, feed in enumerate(fed) if feed), None)
    if step is None:
        return 0.0, 0.0
    move, weights = trail.weights[step + 1] - trail.weights[step], trail.weights[step]
    alone = _least_squares(move, [fed[step][0]])[1]
    found = []
    for extra in (weights, weights.sign()):
        (slope, part), left = _least_squares(move, [fed[step][0], extra])
        found.append(_rounded(part / slope) if slope and left < CLEAR * alone else 0.0)
    return found[0], found[1]


def estimate_momentum(trail: Trail, fed: Sequence[Sequence[Tensor]], decay: float) -> list[dict[str, Any]]:
    """Settings of SGD that fit the second movement, a mixture of the first two gradients."""
    plain: list[dict[str, Any]] = [{"momentum": 0.0}]
    acting = [number for number, feed in enumerate(fed) if feed]
    if len(acting) < 2:
        return [*plain, {"momentum": 0.9}]
    first, second = acting[0], acting[1]
    one = fed[first][0] + decay * trail.weights[first]
    two = fed[second][0] + decay * trail.weights[second]
    (rate,), _ = _least_squares(trail.weights[first + 1] - trail.weights[first], [one])
    (now, before), _ = _least_squares(trail.weights[second + 1] - trail.weights[second], [two, one])
    if not now or not rate:
        return plain
    ratio = before / now
    guesses = [*plain, {"momentum": 0.9}, {"momentum": _rounded(ratio)}]
    if ratio > 0:
        guesses.append({"momentum": _rounded((ratio + (ratio * ratio + 4 * ratio) ** 0.5) / 2), "nesterov": True})
    guesses.append({"momentum": _rounded(before / rate), "dampening": _rounded(1 - now / rate)})
    return [guess for guess in guesses if -0.001 <= guess["momentum"] < 0.9985]


def _least_squares(target: Tensor, columns: Sequence[Tensor]) -> tuple[list[float], float]:
    """Coefficients and what they leave, in double precision by the normal equations."""
    table = torch.stack([column.double() for column in columns], dim=1)
    norms = table.norm(dim=0).clamp(min=1e-300)
    table = table / norms
    system = table.T @ table + 1e-14 * torch.eye(len(columns), dtype=torch.float64)
    found = torch.linalg.solve(system, table.T @ target.double())
    left = float((target.double() - table @ found).norm())
    return (found / norms).tolist(), left


def _rounded(number: float) -> float:
    """A number as a student would have typed it, where it is near one."""
    for digits in (1, 2, 3):
        short = float(f"{number:.{digits}g}")
        if abs(short - number) <= 3e-3 * abs(number):
            return short
    return number
