"""The figures of the lectures, recomputed: what a slide states, what the reference gives, and why the two differ.

Rows are data (``lectures/*.toml``). A row names a quantity over a reference, never its value; the values are computed
from reference/ (``grade figures --update``) and kept in ``computed.json``, which a test holds equal to what is computed
now.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError

HERE = Path(__file__).resolve().parent
COMPUTED = HERE / "computed.json"
UNITS = {"": 1.0, "K": 1e3, "M": 1e6, "G": 1e9, "%": 0.01, "Ki": 1024.0}
Value = float | int | tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of one slide."""

    lecture: str
    slide: str
    model: str
    quantity: str
    stated: str
    compute: str  # an expression over the reference: see ``quantities``
    note: str = ""

    @property
    def key(self) -> str:
        return " | ".join((self.lecture, self.slide, self.model, self.quantity))


@dataclass(frozen=True, kw_only=True)
class Compared:
    figure: Figure
    computed: Value
    agrees: bool


@cache
def models() -> Mapping[str, Mapping[str, Any]]:
    """The references by the name that rows use: file, function, arguments, input."""
    found: Mapping[str, Mapping[str, Any]] = _toml(HERE / "models.toml")
    return found


@cache
def figures() -> tuple[Figure, ...]:
    return tuple(figure for path in sorted((HERE / "lectures").glob("*.toml")) for figure in _read(path))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{path} cannot be read ({error}). Expected a table in TOML.") from None


def _read(path: Path) -> Iterator[Figure]:
    data = _toml(path)
    for slide in data["slides"]:
        for row in slide["rows"]:
            quantity, stated, compute, *note = row
            yield Figure(
                lecture=data["lecture"], slide=slide["heading"], model=slide["model"], quantity=quantity,
                stated=stated, compute=compute, note=note[0] if note else "",
            )  # fmt: skip


def compared(model: str | None = None) -> list[Compared]:
    """Every row with its committed value; of one model, where it is named."""
    try:
        values = json.loads(COMPUTED.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(f"{COMPUTED} cannot be read ({error}). Write it anew: grade figures --update") from None
    rows = [figure for figure in figures() if model is None or figure.model == model]
    lacking = [figure.key for figure in rows if figure.key not in values]
    if lacking:
        raise AssignmentError(f"{COMPUTED.name} has no value for {lacking[0]!r}. Write it anew: grade figures --update")
    return [_compare(figure, values[figure.key]) for figure in rows]


def _compare(figure: Figure, value: Any) -> Compared:
    computed: Value = tuple(value) if isinstance(value, list) else value
    return Compared(figure=figure, computed=computed, agrees=agrees(figure.stated, computed))


def agrees(stated: str, computed: Value) -> bool:
    """Is the computed value what is stated, rounded or cut to the digits that are stated?"""
    if isinstance(computed, tuple):
        return _sizes(stated) == computed
    number, unit = _parse(stated)
    # Trailing zeros of a rounded number are no digits of it: 800K may be 802,816. An exact one has no unit.
    digits = number.partition(".")[2]
    step = 10.0 ** -len(digits)
    if not digits and unit and len(number.rstrip("0")) < len(number):
        step = 10.0 ** max(len(number) - max(len(number.rstrip("0")), 2), 0)
    scaled, wanted = computed / UNITS[unit], float(number)
    return abs(scaled - wanted) <= step / 2 * (1 + 1e-9) or wanted <= scaled < wanted + step


def _sizes(stated: str) -> tuple[int, ...]:
    return tuple(int(part) for part in stated.split("x"))


def _parse(stated: str) -> tuple[str, str]:
    found = re.fullmatch(r"([\d,]+(?:\.\d+)?)(Ki|[KMG%]?)", stated)
    if not found:
        raise AssignmentError(f"{stated!r} is no stated value. Expected a number (1.6M, 35K, 55%) or sizes (55x55x96).")
    return found[1].replace(",", ""), found[2]


def chosen(rows: Sequence[Compared]) -> dict[str, Any]:
    """As data, for a script."""
    return {
        "schema": 1,
        "figures": [
            {
                "lecture": row.figure.lecture, "slide": row.figure.slide, "model": row.figure.model,
                "quantity": row.figure.quantity, "stated": row.figure.stated,
                "computed": list(row.computed) if isinstance(row.computed, tuple) else row.computed,
                "compute": row.figure.compute, "agrees": row.agrees, "note": row.figure.note,
            }
            for row in rows
        ],
    }  # fmt: skip
