"""A class as a table: one line a student, one column a check."""

from __future__ import annotations

from grader.records import Roll, Row
from grader.report.cells import guard, number, table

COLUMNS = (
    "id", "name", "email", "section", "attempt", "status", "score", "max_score", "automatic", "late", "deduction",
    "needs_review", "overridden",
)  # fmt: skip


def render(roll: Roll) -> str:
    checks = list(dict.fromkeys(check.id for row in roll.rows for check in row.checks))
    lines = [[*COLUMNS, *checks, "mistakes", "summary", "report"]]
    for row in roll.rows:
        points = {check.id: number(check.points) for check in row.checks}
        lines.append(
            [
                *_start(row),
                *(points.get(check, "") for check in checks),
                guard(" ".join(mistakes(row))),
                guard(row.result.get("summary", "")),
                row.report,
            ]
        )
    return table(lines)


def _start(row: Row) -> list[str]:
    student = row.student
    return [
        *map(guard, (student.id, student.name, student.email, student.section)),
        str(row.attempt), row.status, number(row.score), number(row.max_score), number(row.automatic),
        "yes" if row.late else "", number(row.deduction), "yes" if row.needs_review else "",
        guard(" ".join(one.check + ("(moved)" if one.moved else "") for one in row.overrides)),
    ]  # fmt: skip


def mistakes(row: Row) -> list[str]:
    """The charged findings, as ``code:layer.attribute``, each once."""
    found = [
        finding["code"]
        + (f":{finding['layer']}" if finding["layer"] else "")
        + (f".{finding['attribute']}" if finding["layer"] and finding["attribute"] else "")
        for check in row.result.get("checks", [])
        for finding in check["findings"]
        if finding["charged"]
    ]
    return list(dict.fromkeys(found))
