"""Programs as students could have written them, each from a number: right ones in random styles, and the same with one
or two mistakes in them whose names are known."""

from __future__ import annotations

from dataclasses import dataclass

from grader.network import expected
from grader.records import Assignment
from grader.validate import mutate
from grader.validate.compose import forms, hand, mistakes, names
from grader.validate.compose.dice import Dice
from grader.validate.compose.mistakes import Mistake
from grader.validate.compose.network import Spelling
from grader.validate.compose.text import Written, finish

__all__ = ["Composed", "Mistake", "compose"]

NOTEBOOKS = 0.15


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A program, and what its grade must be: full marks, or exactly these mistakes named."""

    written: Written
    mistakes: tuple[Mistake, ...]
    style: dict[str, str]  # what was chosen, for whoever looks at a failure
    same_network: bool  # the handout's function, without a log-softmax of its own: its hash is known

    @property
    def suffix(self) -> str:
        return ".ipynb" if self.written.notebook else ".py"


def _outputs(network: mutate.Network) -> int:
    """How many numbers the network gives for a picture."""
    return next(int(stage.attributes["out_features"]) for stage in reversed(network) if stage.op == "linear")


def compose(assignment: Assignment, seed: int, *, wrong: bool) -> Composed:
    """The program of a seed; the same at every call."""
    dice = Dice(f"{assignment.id}/{'wrong' if wrong else 'right'}/{seed}")
    known = expected.load(assignment)
    network = mutate.fitted(mutate.stages(dice.pick("network", *known)), assignment.input_shape)
    chosen: tuple[Mistake, ...] = ()
    if wrong:
        # The mutants know the handout's own network, not its alternatives.
        network = mutate.fitted(mutate.stages(known[0]), assignment.input_shape)
        network, chosen = mistakes.drawn(assignment, network, dice)
    changed = any(one.group == "network" for one in chosen)
    optimizer, arguments = mistakes.optimizer_of(assignment, chosen, dice)
    at_the_loss = changed or any(one.group == "loss" for one in chosen)
    tail = "log_softmax" if not at_the_loss and dice.chance("log_softmax at the end", 0.06) else ""
    person = hand.Hand(
        dice=dice, names=names.drawn(dice), settings=hand.settings(dice, assignment.training, arguments),
        recipe=assignment.training, mistakes=frozenset(one.name for one in chosen if one.group != "network"),
        optimizer=optimizer, arguments=arguments, tail=tail, outputs=_outputs(network),
        modal=any(stage.op == "module" for stage in network),
        device=dice.pick("devices", "", "", "to", "to", "cuda"),
        korean=dice.chance("Korean", 0.2), commented=dice.chance("commented", 0.5),
    )  # fmt: skip
    notebook = dice.chance("notebook", NOTEBOOKS)
    spelled = Spelling(network, person.names, dice, right=not changed, tail=tail).spelled()
    lines = forms.Program(person, spelled, notebook=notebook).lines()
    return Composed(
        written=finish(lines, dice, notebook=notebook),
        mistakes=chosen,
        style=dice.thrown,
        same_network=not changed and not tail,
    )
