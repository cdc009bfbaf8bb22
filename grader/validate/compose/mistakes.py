"""Which mistakes a wrong program holds, one or two at once, and what its grade must name.

The knowledge is that of the mutants: mutate.py changes the network as a graph, loops.py knows the names and codes of
mistakes in training, data and test.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from grader import assignment as assignments
from grader.network import expected
from grader.records import Assignment
from grader.validate import loops, mutate
from grader.validate.compose.dice import Dice
from grader.validate.compose.training import LOSS_NAMES

MOST_TRIES = 50


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake: any of ``codes`` names it, at any of ``layers`` if there are some."""

    name: str
    group: str  # "network", "loop", "optimizer", "loss", "data", "test"
    codes: tuple[str, ...]
    layers: tuple[str, ...] = ()
    optimizer: str = ""
    arguments: tuple[tuple[str, object], ...] = ()


# Behind these nothing of a training step is to be seen: no weight moves by the recipe, or none at all.
BLINDING = frozenset({"no_step", "no_backward", "detached_loss", "step_before_backward", "stale_optimizer",
                      "zero_grad_after_backward"})  # fmt: skip
TRAINING = frozenset({"loop", "optimizer", "loss"})


def bank(assignment: Assignment) -> tuple[Mistake, ...]:
    """Every mistake of training, data and test."""
    found = [Mistake(name=name, group="loop", codes=codes) for name, _, _, codes in loops.LOOP]
    found += [Mistake(name=name, group="loss", codes=codes) for name, _, _, codes in loops.LOSSES]
    found += [Mistake(name=name, group="data", codes=codes) for name, _, _, codes in loops.DATA]
    found += [Mistake(name=name, group="test", codes=codes) for name, _, _, codes in loops.TESTS]
    found += [
        Mistake(name=name, group="optimizer", codes=codes, optimizer=optimizer, arguments=tuple(changes.items()))
        for name, optimizer, changes, codes in loops.optimizers(assignment.training)
    ]
    assert {one.name for one in found if one.group == "loss"} == set(LOSS_NAMES)
    return tuple(found)


@cache
def _network_mutants(name: str) -> tuple[tuple[str, mutate.Network, tuple[str, ...], tuple[str, ...]], ...]:
    """Those of the handout's own network: at most one is drawn for a program."""
    task = assignments.load(name)
    return tuple(mutate.wrong_networks(task, expected.load(task)[0]))


def drawn(assignment: Assignment, network: mutate.Network, dice: Dice) -> tuple[mutate.Network, tuple[Mistake, ...]]:
    """The network, changed or not, and one or two mistakes that do not hide each other."""
    known = bank(assignment)
    count = dice.pick("mistakes", 1, 1, 2)
    chosen: list[Mistake] = []
    for _ in range(MOST_TRIES):
        if len(chosen) == count:
            break
        if dice.chance("network mistake", 0.5):
            mutants = _network_mutants(assignment.id)
            name, changed, codes, layers = mutants[dice.random.randrange(len(mutants))]
            one = Mistake(name=name, group="network", codes=codes, layers=layers)
            if _apart(one, chosen):
                network = changed
                chosen.append(one)
        else:
            one = known[dice.random.randrange(len(known))]
            if _apart(one, chosen):
                chosen.append(one)
    return network, tuple(chosen)


def _apart(one: Mistake, others: Sequence[Mistake]) -> bool:
    """Of another group than the others, and neither hides the other."""
    for other in others:
        pair = (one, other)
        if one.group == other.group or any("softmax-before-cross-entropy" in each.codes for each in pair):
            return False
        if {each.group for each in pair} <= TRAINING:
            # Several at once in one training step are diagnosed together; a loop that shows nothing hides the rest.
            if any(each.name in BLINDING for each in pair):
                return False
            if {each.name for each in pair} & {"trained_on_test", "labels_rolled", "labels_shifted"}:
                return False
    return True


def optimizer_of(assignment: Assignment, mistakes: Sequence[Mistake], dice: Dice) -> tuple[str, dict[str, str]]:
    """The optimizer and its arguments as they are typed, the handout's or a wrong one's."""
    recipe = assignment.training
    wrong = next((one for one in mistakes if one.group == "optimizer"), None)
    if wrong is not None and wrong.optimizer != recipe.optimizer:
        return wrong.optimizer, {name: _typed(value, dice) for name, value in wrong.arguments}
    values: dict[str, Any] = {
        name: value for name, value in recipe.hyperparameters.items() if name in ("lr", "momentum")
    }
    for name, default in (("weight_decay", 0), ("nesterov", False), ("amsgrad", False), ("betas", (0.9, 0.999))):
        if name in recipe.hyperparameters and dice.chance(f"{name} said", 0.06):
            values[name] = default
    values |= dict(wrong.arguments) if wrong is not None else {}
    if recipe.optimizer == "Adam" and values["lr"] == 1e-3 and dice.chance("default rate", 0.08):
        del values["lr"]
    return recipe.optimizer, {name: _typed(value, dice) for name, value in values.items()}


def _typed(value: Any, dice: Dice) -> str:
    """0.001 or 1e-3."""
    powers = {0.001: "1e-3", 0.01: "1e-2", 0.1: "1e-1", 0.0001: "1e-4"}
    if isinstance(value, float) and value in powers and dice.chance("as a power", 0.3):
        return powers[value]
    return repr(value)
