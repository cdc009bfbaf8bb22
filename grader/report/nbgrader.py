"""The table that ``nbgrader export`` writes, for what reads that."""

from __future__ import annotations

from grader.records import Roll, Row
from grader.report.cells import guard, number, table

COLUMNS = (
    "assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score",
    "late_submission_penalty", "score", "max_score",
)  # fmt: skip


def render(roll: Roll) -> str:
    return table([COLUMNS, *(_line(roll.assignment, row) for row in roll.rows)])


def _line(assignment: str, row: Row) -> list[str]:
    student = row.student
    if "," in student.name:
        last, _, first = student.name.partition(",")
    else:
        first, _, last = student.name.rpartition(" ")
    raw = None if row.score is None else row.score + row.deduction
    return [
        assignment, "", guard(row.submitted_at), guard(student.id), guard(last.strip()), guard(first.strip()),
        guard(student.email), number(raw), number(row.deduction), number(row.score), number(row.max_score),
    ]  # fmt: skip
