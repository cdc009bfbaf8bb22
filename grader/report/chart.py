"""A learning curve as the coordinates of an SVG: no script, no library."""

from __future__ import annotations

import math
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 52, 628, 14, 186  # the plot's edges in a picture of 640 x 232
TICKS_WANTED = 4


@dataclass(frozen=True, kw_only=True)
class Tick:
    at: float  # pixels
    label: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Everything the template needs to draw one curve."""

    line: str  # "52,14 60,20 ..."
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    chance: Tick | None  # the loss of guessing
    broken: int | None  # the step whose loss was no number any more
    first: float
    last: float


def draw(losses: tuple[float, ...], chance: float | None = None) -> Chart | None:
    """The curve of the losses that are numbers; None where fewer than two are."""
    finite = []
    for loss in losses:
        if not math.isfinite(loss):
            break
        finite.append(loss)
    if len(finite) < 2:
        return None
    highest = max(*finite, chance or 0.0, 1e-9)
    spacing = _spacing(highest)
    top = spacing * math.ceil(highest / spacing)
    lowest = min(0.0, *finite)
    bottom = spacing * math.floor(lowest / spacing)

    def x(step: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (step - 1) / max(1, len(losses) - 1), 1)

    def y(loss: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (loss - bottom) / (top - bottom), 1)

    rungs = [bottom + spacing * rung for rung in range(round((top - bottom) / spacing) + 1)]
    return Chart(
        line=" ".join(f"{x(step)},{y(loss)}" for step, loss in enumerate(finite, start=1)),
        x_ticks=tuple(Tick(at=x(step), label=str(step)) for step in _steps(len(losses))),
        y_ticks=tuple(Tick(at=y(rung), label=f"{rung:.3g}") for rung in rungs),
        chance=None if chance is None else Tick(at=y(chance), label=f"{chance:.2f}"),
        broken=len(finite) + 1 if len(finite) < len(losses) else None,
        first=finite[0],
        last=finite[-1],
    )


def _spacing(span: float) -> float:
    """1, 2 or 5 times a power of ten, so that about four rungs fit."""
    power: float = 10.0 ** math.floor(math.log10(span / TICKS_WANTED))
    for factor in (1, 2, 5):
        if span / (factor * power) <= TICKS_WANTED + 1:
            return factor * power
    return 10 * power


def _steps(count: int) -> list[int]:
    """Step numbers on the x axis: the first, round ones between, the last."""
    spacing = max(1, round(_spacing(count)))
    between = [step for step in range(spacing, count, spacing) if 1 < step <= count - spacing / 2]
    return [1, *between, count]
