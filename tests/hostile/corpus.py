"""The hostile corpus: programs that cheat, pry and break, each with the status that its first line says.

    # status: graded then=wrong            then this file of ours runs in the same program, and may not gain a point
    # status: time-limit phase=import      the phase that the limit is told with
    # status: memory-limit process=graded  under that sandbox another one
    # status: graded then=right twice      run two times: the second finds nothing of the first
    # status: graded no-points             and nothing is earned; not-full: something is lost
    # status: graded then=wrong gains=10   known: one mistake hides another, which is found once this one is mended
    # status: graded unpromised=bubblewrap     what it does is not kept out there, nor said to be
"""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
FLAGS = ("twice", "no-points", "not-full")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One file of ``cases/``."""

    name: str
    source: str
    status: str
    others: Mapping[str, str] = field(default_factory=dict)  # sandbox: status
    then: str = ""
    phase: str = ""
    gains: float = 0.0
    unpromised: tuple[str, ...] = ()
    flags: frozenset[str] = frozenset()

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]

    def expected(self, sandbox: str) -> str:
        return self.others.get(sandbox, self.status)

    def program(self, places: Mapping[str, str]) -> str:
        """The submission: the case, with what an informed attacker knows of this machine, and then the homework."""
        text = self.source
        for name, value in places.items():
            text = text.replace(f"@{name}@", value)
        return text + (f"\n{homework(self.then)}" if self.then else "")


def homework(name: str) -> str:
    return (HERE / f"{name}.py").read_text(encoding="utf-8")


def cases() -> list[Case]:
    found = [_read(path) for path in sorted((HERE / "cases").rglob("*.py"))]
    return [case for case in found if case is not None]


def _read(path: Path) -> Case | None:
    source = path.read_text(encoding="utf-8")
    first, *words = source.splitlines()[0].removeprefix("# status: ").split()
    marks = dict(_marks(words))
    if marks.pop("only", platform.machine()) != platform.machine():
        return None
    gains, unpromised = float(marks.pop("gains", "0")), tuple(filter(None, marks.pop("unpromised", "").split(",")))
    then, phase = marks.pop("then", ""), marks.pop("phase", "")
    flags = frozenset(word for word in words if word in FLAGS)
    name = str(path.relative_to(HERE / "cases").with_suffix(""))
    return Case(
        name=name,
        source=source,
        status=first,
        others=marks,
        then=then,
        phase=phase,
        gains=gains,
        unpromised=unpromised,
        flags=flags,
    )


def _marks(words: list[str]) -> Iterator[tuple[str, str]]:
    for word in words:
        key, sign, value = word.partition("=")
        if sign:
            yield key, value
        elif word not in FLAGS:
            raise ValueError(f"{word!r} is no mark of a case")
