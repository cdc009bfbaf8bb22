"""A class as JSON: one object a student, his result as in report.json, and what a person decided."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from grader.records import Roll, Row
from grader.report.result import plain

SCHEMA = 1


def render(roll: Roll) -> str:
    data = {
        "schema": SCHEMA,
        "assignment": roll.assignment,
        "title": roll.title,
        "max_score": roll.max_score,
        "students": [_row(row) for row in roll.rows],
    }
    return json.dumps(plain(data), indent=1, allow_nan=False, ensure_ascii=True) + "\n"


def _row(row: Row) -> dict[str, Any]:
    return {
        **asdict(row.student),
        "attempt": row.attempt,
        "status": row.status,
        "score": row.score,
        "max_score": row.max_score,
        "automatic": row.automatic,
        "late": row.late,
        "deduction": row.deduction,
        "needs_review": row.needs_review,
        "overrides": [asdict(one) for one in row.overrides],
        "content": row.content,
        "report": row.report,
        "submitted_at": row.submitted_at,
        "graded_at": row.graded_at,
        "wall_s": row.wall_s,
        "cpu_s": row.cpu_s,
        "result": dict(row.result) or None,
    }
