"""``grade regrade``: every grade once more from what is kept, by the rubric and the checks as they are now.

No student code runs, and torch is not needed: the facts that checks see are kept beside each grading.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

from grader import assignment
from grader.batch import rolls, stored, work
from grader.batch.ledger import Grading, Ledger
from grader.batch.run import alone, read_grading
from grader.batch.work import EVIDENCE, GRADE, Settings
from grader.records import Row

SHOWN = 50  # gradings between two lines of progress


@dataclasses.dataclass(frozen=True, kw_only=True)
class Change:
    """A check whose mark moved."""

    check: str
    before: float | None
    after: float | None
    why: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """A student whose grade moved, or whose check marks did."""

    student: str
    name: str
    before: float | None
    after: float | None
    changes: tuple[Change, ...]
    kept: tuple[str, ...] = ()  # checks that a person marked, under which the automatic mark moved


@dataclasses.dataclass(frozen=True, kw_only=True)
class Regraded:
    gradings: int
    moves: tuple[Move, ...]
    lost: tuple[str, ...]  # students whose evidence is not there


def regrade(out: Path, progress: Callable[[str], None] = lambda _: None) -> Regraded:
    """Bring every grade to what its evidence has now."""
    ledger = Ledger(out)
    try:
        with alone(out):
            before = {row.student.id: row for row in rolls.roll(ledger).rows}
            gradings = ledger.gradings()
            gone = set()
            for number, grading in enumerate(gradings, start=1):
                if number % SHOWN == 0:
                    progress(f"regrading {number} of {len(gradings)}")
                if not _again(ledger, grading):
                    gone.add(grading.key)
            moves = [
                move for row in rolls.roll(ledger).rows if (move := _move(before[row.student.id], row)) is not None
            ]
            lost = tuple(entry.student.id for entry in ledger.entries() if entry.grading in gone)
            rolls.write_reports(ledger)
        return Regraded(gradings=len(gradings), moves=tuple(moves), lost=lost)
    finally:
        ledger.close()


def _again(ledger: Ledger, grading: Grading) -> bool:
    """One grading anew. The file first and the ledger then, so that a kill between them is mended by the next run."""
    settings = Settings.of(ledger.meta("settings"))
    folder = ledger.folder / "gradings" / grading.folder
    try:
        kept = stored.unpacked(folder / EVIDENCE)
    except (OSError, ValueError, EOFError):
        return False
    grade = work.conclude(assignment.load(settings.assignment), kept, settings.options())
    content = work.bundle(grade, {"wall_s": grading.wall_s, "cpu_s": grading.cpu_s})
    if content != (folder / GRADE).read_bytes():
        stored.write(folder / GRADE, content)
    found = read_grading(ledger.folder, grading.key, grading.folder)
    same = dataclasses.replace(found, graded_at=grading.graded_at) == grading
    if not same:
        ledger.finish(found, [])
    return True


def _move(before: Row, after: Row) -> Move | None:
    old = {check.id: check for check in before.checks}
    new = {check.id: check for check in after.checks}
    changes = []
    for id in dict.fromkeys([*old, *new]):
        was, now = old.get(id), new.get(id)
        if was is None or now is None or was.automatic != now.automatic:
            why = "the check is new" if was is None else "the check is gone" if now is None else _why(now.message)
            if was and now and was.max_points != now.max_points:
                why = f"worth {now.max_points:g} instead of {was.max_points:g}; {why}"
            marks = (was.automatic if was else None, now.automatic if now else None)
            changes.append(Change(check=id, before=marks[0], after=marks[1], why=why))
    if before.score == after.score and not changes:
        return None
    kept = tuple(one.check for one in after.overrides if one.moved)
    student = after.student
    return Move(
        student=student.id, name=student.name, before=before.score, after=after.score, changes=tuple(changes), kept=kept
    )


def _why(message: str) -> str:
    return message.splitlines()[0][:200] if message else "as the check finds it now"
