"""What a report and ``grade explain`` say beyond a finding's own words: data in two files beside this one.

``findings.toml``: of each code why it matters, and an example. ``statuses.toml``: of each status what happened, what
still has points and what to do.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """Why a finding matters, with the slide that says so, and code before and after."""

    why: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class StatusPage:
    """What a status means for the student. ``advice`` is ``todo`` in one sentence."""

    happened: str
    points: str
    todo: str
    advice: str


@cache
def lessons() -> Mapping[str, Lesson]:
    """Of each finding code."""
    return {code: Lesson(**{key: text.rstrip("\n") for key, text in row.items()}) for code, row in _read("findings")}


@cache
def statuses() -> Mapping[str, StatusPage]:
    return {name: StatusPage(**row) for name, row in _read("statuses")}


def why(code: str) -> str:
    """The lecture's reason; nothing for a code without a page."""
    lesson = lessons().get(code)
    return lesson.why if lesson is not None else ""


def _read(name: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return tuple(tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8")).items())
