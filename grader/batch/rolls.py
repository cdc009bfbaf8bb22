"""From the ledger to the rows that exports and the overview show: the automatic marks, and above them a person's."""

from __future__ import annotations

import dataclasses
import html
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader import assignment
from grader.batch import stored
from grader.batch.ledger import Entry, Grading, Ledger
from grader.batch.work import GRADE
from grader.records import Override, Roll, Row, RowCheck, Student
from grader.report.inert import strip

TOTAL = "total"


def roll(ledger: Ledger) -> Roll:
    """Everyone's row: those who handed in, in the order of the roster where there is one, and those who did not."""
    task = assignment.load(ledger.meta("settings")["assignment"])
    most = sum(spec.points for spec in task.checks)
    overrides, late = ledger.overrides(), float(ledger.meta("late_percent") or 0)
    gradings = {one.key: one for one in ledger.gradings()}
    rows = {}
    for entry in ledger.entries():
        grading = gradings.get(entry.grading or "")
        found = {} if grading is None else bundle(ledger.folder, grading.folder)
        rows[entry.student.id] = _row(entry, grading, found, (overrides.get(entry.student.id, []), late, most))
    order = [student.id for student in ledger.roster()]
    for student in ledger.roster():
        if student.id not in rows:
            rows[student.id] = _missing(student, overrides.get(student.id, []), most)
    places = {id: number for number, id in enumerate(order)}
    ordered = sorted(rows.values(), key=lambda row: (places.get(row.student.id, len(places)), row.student.id))
    return Roll(assignment=task.id, title=task.title, max_score=most, rows=tuple(ordered))


def bundle(out: Path, folder: str) -> dict[str, Any]:
    content = json.loads((out / "gradings" / folder / GRADE).read_bytes())
    assert isinstance(content, dict)
    return content


def _row(
    entry: Entry,
    grading: Grading | None,
    found: Mapping[str, Any],
    beside: tuple[list[Override], float, float],
) -> Row:
    overrides, late_percent, most = beside
    result = {**found["result"], "submission": entry.student.name or entry.student.id} if found else {}
    automatic = None if grading is None else grading.score
    marked = tuple(_marked(one, result, automatic) for one in overrides)
    checks = tuple(_check(one, marked) for one in result.get("checks", []))
    score = _score(automatic, checks, marked)
    deduction = round((score or 0.0) * late_percent / 100, 2) if entry.late and late_percent else 0.0
    return Row(
        student=entry.student,
        attempt=entry.attempt,
        status="queued" if grading is None else grading.status,
        score=None if score is None else round(score - deduction, 2),
        max_score=grading.max_score if grading else most,
        automatic=automatic,
        late=entry.late,
        deduction=deduction,
        needs_review=bool(grading and grading.needs_review) or any(one.moved for one in marked),
        checks=checks,
        result={**result, "summary": found["summary"]} if found else {},
        overrides=marked,
        content=entry.content,
        report=f"reports/{entry.id:04d}.html" if grading else "",
        submitted_at=entry.submitted_at,
        graded_at=grading.graded_at if grading else "",
        wall_s=grading.wall_s if grading else 0.0,
        cpu_s=grading.cpu_s if grading else 0.0,
    )


def _missing(student: Student, overrides: list[Override], most: float) -> Row:
    marked = tuple(_marked(one, {}, None) for one in overrides)
    total = next((one.points for one in marked if one.check == TOTAL), None)
    return Row(
        student=student, attempt=0, status="missing", score=total, max_score=most, automatic=None, late=False,
        deduction=0.0, needs_review=False, checks=(), result={}, overrides=marked,
    )  # fmt: skip


def row_of(result: Mapping[str, Any], student: str, wall_s: float) -> Row:
    """The row of one submission that is graded on its own."""
    return Row(
        student=Student(id=student, name=student),
        attempt=1,
        status=result["status"],
        score=result["score"],
        max_score=result["max_score"],
        automatic=result["score"],
        late=False,
        deduction=0.0,
        needs_review=result["needs_review"],
        checks=tuple(_check(one, ()) for one in result["checks"]),
        result=result,
        wall_s=wall_s,
    )


def automatic_mark(result: Mapping[str, Any], check: str) -> float | None:
    """The automatic points of a check, or of all of it; None where there are none."""
    if check == TOTAL:
        return result.get("score")
    return next((one["points"] for one in result.get("checks", []) if one["id"] == check), None)


def _marked(override: Override, result: Mapping[str, Any], automatic: float | None) -> Override:
    now = automatic if override.check == TOTAL else automatic_mark(result, override.check)
    return dataclasses.replace(override, moved=now != override.beneath)


def _check(found: Mapping[str, Any], overrides: tuple[Override, ...]) -> RowCheck:
    override = next((one for one in overrides if one.check == found["id"]), None)
    return RowCheck(
        id=found["id"],
        title=found["title"],
        verdict=found["verdict"],
        message=found["message"],
        points=found["points"] if override is None else override.points,
        max_points=found["max_points"],
        automatic=found["points"],
        override=override,
    )


def _score(automatic: float | None, checks: tuple[RowCheck, ...], overrides: tuple[Override, ...]) -> float | None:
    """A total that a person gave is the total; otherwise the automatic one, moved by each check's difference."""
    total = next((one.points for one in overrides if one.check == TOTAL), None)
    if total is not None or automatic is None:
        return total
    return round(automatic + sum(check.points - check.automatic for check in checks), 2)


def write_reports(ledger: Ledger) -> int:
    """Each student's page and result, under the number of his submission; returns how many were written."""
    folder = ledger.folder / "reports"
    folder.mkdir(exist_ok=True)
    gradings = {one.key: one for one in ledger.gradings()}
    written = 0
    for entry in ledger.entries():
        grading = gradings.get(entry.grading or "")
        if grading is None:
            continue
        page, data = folder / f"{entry.id:04d}.html", folder / f"{entry.id:04d}.json"
        found = bundle(ledger.folder, grading.folder)
        name = entry.student.name or entry.student.id
        # The folder's name is a digest of what was handed in, which therefore cannot hold it.
        shown = html.escape(strip(name))
        stored.write(page, found["page"].replace(grading.folder, shown).encode("utf-8", "replace"))
        text = json.dumps({**found["result"], "submission": name}, indent=2, ensure_ascii=True)
        stored.write(data, (text + "\n").encode("ascii"))
        written += 1
    return written
