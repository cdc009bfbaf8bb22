"""Canvas' gradebook import: five columns that tell who it is, one with the marks, "Points Possible" in the second row.

Canvas finds a student by ``ID``, which only its own gradebook has: give that (``into``), and its students come out with
the ids, the section and the column's title as they came. Without it the ids are those in the names of the zip's files.
"""

from __future__ import annotations

import re

from grader.records import Roll, Row, Student
from grader.report.cells import guard, number, parse, table

WHO = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
POSSIBLE = "    Points Possible"


def render(roll: Roll, into: str = "", column: str = "") -> str:
    known = parse(into) if into else []
    if not known:
        lines = [[*WHO, column or roll.title], [POSSIBLE, "", "", "", "", number(roll.max_score)]]
        return table([*lines, *(_line(row) for row in roll.rows)])
    heading = known[0]
    title = _column(heading, column or roll.title)
    places = [heading.index(name) if name in heading else None for name in WHO]
    lines = [[*WHO, title], [POSSIBLE, "", "", "", "", number(roll.max_score)]]
    for cells in known[1:]:
        who = [cells[place] if place is not None and place < len(cells) else "" for place in places]
        if not who[0].strip() or who[0].strip().lower() == "points possible":
            continue
        row = next((row for row in roll.rows if _is(row.student, who)), None)
        lines.append([*who, number(row.score) if row else ""])
    return table(lines)


def _line(row: Row) -> list[str]:
    student = row.student
    sis = "" if student.id == student.platform_id else student.id
    return [*map(guard, (student.name, student.platform_id, sis, student.login, student.section)), number(row.score)]


def _column(heading: list[str], asked: str) -> str:
    """The gradebook's own title, which ends with the assignment's number in brackets."""
    own = [name for name in heading if name == asked or re.sub(r" \(\d+\)$", "", name) == asked]
    return own[0] if own else asked


def _is(student: Student, who: list[str]) -> bool:
    number, sis, login = who[1], who[2], who[3]
    return bool(
        (number and number == student.platform_id)
        or (sis and sis == student.id)
        or (login and login in (student.login, student.id))
    )
