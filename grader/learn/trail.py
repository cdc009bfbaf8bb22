"""The weights that a student's loop left behind, laid out flat, and how far a prediction is from them.

Every optimizer of the bank works element by element, so all parameters of a network are one long vector here, and a
hypothesis is first tried on a fixed sample of its elements (`Trail.view`) and only confirmed on the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

SAMPLE = 1024  # elements of each parameter that a hypothesis is first tried on
ROUNDING = 2.0**-24  # of float32: half a unit in the last place
NOISE = 1e-5  # gradients below this part of their tensor's largest are rounding noise to a sign-like optimizer
USUAL_BATCH = 4  # images, that NOISE was measured with
DEAD = 1e-7  # a whole tensor below this part of the network's largest (a bias before batch norm) is noise
FLIPS = 1e-4  # of a tensor's elements, see _without_flips


@dataclass(frozen=True, kw_only=True)
class Trail:
    """Weights before each step and after the last, one row each; `sizes` cuts a row into the named parameters.

    Only parameters that moved are in it: one that never did is judged apart, whatever the rest did.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    weights: Tensor  # steps + 1, elements
    still: tuple[str, ...]  # parameters that are the same in every snapshot
    index: Tensor | None = None  # elements of the whole trail that a view holds
    valid: Tensor | None = None  # elements whose gradient is more than rounding noise

    @property
    def steps(self) -> int:
        return len(self.weights) - 1

    def view(self) -> Trail:
        """The same trail on a sample of elements: evenly spread, so that it is the same on every run."""
        starts = [sum(self.sizes[:number]) for number in range(len(self.sizes))]
        picks = [torch.linspace(0, size - 1, min(size, SAMPLE)).round().long() for size in self.sizes]
        parts = [start + pick for start, pick in zip(starts, picks, strict=True)]
        index = torch.cat(parts) if parts else torch.zeros(0, dtype=torch.long)
        return Trail(
            names=self.names,
            sizes=tuple(len(pick) for pick in picks),
            weights=self.weights[:, index],
            still=self.still,
            index=index,
            valid=None if self.valid is None else self.valid[index],
        )

    def pick(self, vector: Tensor) -> Tensor:
        return vector if self.index is None else vector[self.index]


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far a prediction is from what happened: relative to the predicted movement, worst step and parameter."""

    overall: float
    tensor: float
    where: str  # "step 1, conv2.weight"

    @property
    def worst(self) -> float:
        return max(self.overall, self.tensor / TENSOR_SLACK)


TENSOR_SLACK = 10.0  # a single parameter may be off by this many times what the whole may


def read_trail(snapshots: Sequence[Mapping[str, Tensor]], names: Iterable[str]) -> Trail:
    """Lay the recorded weights of the parameters that moved out flat."""
    kept = [name for name in names if all(name in snapshot for snapshot in snapshots)]
    first = snapshots[0]
    still = [name for name in kept if all(torch.equal(first[name], later[name]) for later in snapshots[1:])]
    moved = tuple(name for name in kept if name not in set(still))
    weights = torch.stack([flat(snapshot, moved) for snapshot in snapshots])
    sizes = tuple(first[name].numel() for name in moved)
    return Trail(names=moved, sizes=sizes, weights=weights, still=tuple(still))


def flat(tensors: Mapping[str, Tensor], names: Sequence[str]) -> Tensor:
    """The named tensors as one vector."""
    parts = [tensors[name].detach().float().reshape(-1) for name in names]
    return torch.cat(parts) if parts else torch.zeros(0)


def mark_noise(trail: Trail, gradients: Sequence[Tensor], images: int) -> Trail:
    """Set aside the elements whose gradient is rounding noise: Adam moves those by a full step, in a random sense. The
    noise grows with the number of images that a gradient is summed over."""
    noise = NOISE * max(1.0, images / USUAL_BATCH)
    valid = torch.ones(trail.weights.shape[1], dtype=torch.bool)
    for gradient in gradients:
        magnitude = gradient.abs()
        most = float(magnitude.max()) if len(magnitude) else 0.0
        for part, flags in zip(cut(magnitude, trail), cut(valid, trail), strict=True):
            largest = float(part.max()) if len(part) else 0.0
            floor = noise * largest if largest >= DEAD * most else float("inf")
            flags.logical_and_((part >= floor) | (part == 0))
    return Trail(names=trail.names, sizes=trail.sizes, weights=trail.weights, still=trail.still, valid=valid)


def cut(vector: Tensor, trail: Trail) -> list[Tensor]:
    """The parts of a flat vector, one a parameter (views)."""
    return list(torch.split(vector, list(trail.sizes)))


def measure(trail: Trail, predicted: Sequence[Tensor]) -> Distance:
    """Compare the weights after each step with those predicted from the student's own weights before it."""
    worst, tensor, where = 0.0, 0.0, ""
    for step, prediction in enumerate(predicted):
        before, after = trail.weights[step], trail.weights[step + 1]
        keep = 1.0 if trail.valid is None else trail.valid
        errors = _norms(trail, _without_flips(trail, (after - prediction) * keep))
        moves = _norms(trail, (prediction - before) * keep)
        units = _norms(trail, before * ROUNDING)
        overall = _ratio(_length(errors), _length(moves) + _length(units))
        for name, error, move, unit in zip(trail.names, errors, moves, units, strict=True):
            ratio = _ratio(max(0.0, error - unit), move)
            if ratio > tensor:
                tensor, where = ratio, f"step {step + 1}, {name}"
        worst = max(worst, overall)
    return Distance(overall=worst, tensor=tensor, where=where)


def _without_flips(trail: Trail, errors: Tensor) -> Tensor:
    """Errors without the few largest of each large tensor, for optimizers that move by the sign of a gradient: a ReLU
    whose input is 0 but for rounding flips the signs of a handful of weights, and no mistake is as small as that."""
    if trail.valid is None:
        return errors
    for part in cut(errors, trail):
        few = int(FLIPS * part.numel())
        if few:
            part[part.abs().topk(few).indices] = 0.0
    return errors


def _norms(trail: Trail, vector: Tensor) -> list[float]:
    return [float(part.norm()) for part in cut(vector, trail)]


def _length(norms: Sequence[float]) -> float:
    return float(sum(norm * norm for norm in norms) ** 0.5)


def _ratio(error: float, move: float) -> float:
    if error == 0.0:
        return 0.0
    return error / move if move > 0.0 else float("inf")
