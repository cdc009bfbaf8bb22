"""Moodle's grading worksheet: ``Identifier`` is "Participant N". Its own worksheet (``into``) comes back as it came,
with the columns Grade and Feedback comments filled in for those who have a grade."""

from __future__ import annotations

import html

from grader.records import Roll, Row
from grader.report.cells import guard, number, parse, table

COLUMNS = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade", "Feedback comments")
GRADE, FEEDBACK = "Grade", "Feedback comments"


def render(roll: Roll, into: str = "", column: str = "") -> str:
    if not into:
        return table([COLUMNS, *(_line(row) for row in roll.rows)])
    lines = parse(into)
    heading = lines[0]
    rows = {f"Participant {row.student.platform_id}": row for row in roll.rows if row.student.platform_id}
    places = {name: heading.index(name) for name in ("Identifier", column or GRADE, FEEDBACK) if name in heading}
    for cells in lines[1:]:
        row = rows.get(cells[places["Identifier"]]) if "Identifier" in places and len(cells) == len(heading) else None
        if row is None or row.score is None:
            continue
        if (column or GRADE) in places:
            cells[places[column or GRADE]] = number(row.score)
        if FEEDBACK in places:
            cells[places[FEEDBACK]] = _feedback(row)
    return table(lines)


def _line(row: Row) -> list[str]:
    student = row.student
    identifier = f"Participant {student.platform_id}" if student.platform_id else guard(student.id)
    who = [identifier, guard(student.name), guard(student.email), row.status]
    return [*who, number(row.score), number(row.max_score), _feedback(row)]


def _feedback(row: Row) -> str:
    """HTML to Moodle, so what a student wrote is escaped."""
    return guard(html.escape(str(row.result.get("summary", "")), quote=False))
