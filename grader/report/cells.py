"""CSV that a spreadsheet may open: a student's text is never a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from grader.report.inert import strip

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guard(text: str) -> str:
    """The text without harmful characters; what a spreadsheet would compute gets an apostrophe before it."""
    plain = strip(text) if not text.startswith(FORMULA) else "'" + strip(text)
    return "'" + plain if plain.startswith(FORMULA) else plain


def number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value == round(value, 4) else f"{value:.4f}"


def table(rows: Iterable[Sequence[str]]) -> str:
    """Lines end with one line feed; every reader named in docs/batch.md takes that."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def parse(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
