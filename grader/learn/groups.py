"""Parameter groups with settings of their own: which parameter follows which, as the weights tell."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from grader.learn.optimizers import OptimizerGuess, follow
from grader.learn.trail import Trail, cut


def owners_of(
    trail: Trail, fed: Sequence[Sequence[Tensor]], guesses: Sequence[OptimizerGuess]
) -> tuple[OptimizerGuess, ...]:
    """For each parameter, the optimizer that comes nearest to its weights after every step."""
    errors = []
    for guess in guesses:
        total = torch.zeros(len(trail.names))
        for after, predicted in zip(trail.weights[1:], _alone(trail, fed, guess), strict=True):
            total += torch.stack([part.norm() for part in cut(after - predicted, trail)])
        errors.append(total)
    return tuple(guesses[int(number)] for number in torch.stack(errors).argmin(0))


def follow_groups(trail: Trail, fed: Sequence[Sequence[Tensor]], owners: Sequence[OptimizerGuess]) -> list[Tensor]:
    """Predictions in which each parameter follows its own optimizer."""
    distinct = [owner for number, owner in enumerate(owners) if owner not in owners[:number]]
    runs = [_alone(trail, fed, guess) for guess in distinct]
    picks = [distinct.index(owner) for owner in owners]
    predictions = []
    for step in range(trail.steps):
        parts = [cut(run[step], trail) for run in runs]
        predictions.append(torch.cat([parts[pick][number] for number, pick in enumerate(picks)]))
    return predictions


def _alone(trail: Trail, fed: Sequence[Sequence[Tensor]], guess: OptimizerGuess) -> list[Tensor]:
    return list(follow(trail.weights, fed, guess, [guess.lr or 0.0] * trail.steps))
