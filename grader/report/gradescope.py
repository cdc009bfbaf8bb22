"""Gradescope's results.json for one student: a test a check, with points as numbers."""

from __future__ import annotations

import json
from typing import Any

from grader.records import Row, RowCheck
from grader.report.inert import strip
from grader.report.result import plain


def render(row: Row) -> str:
    data: dict[str, Any] = {
        "score": row.score or 0.0,
        "output": strip(_head(row)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(row.wall_s),
        "tests": [_test(number, check, row) for number, check in enumerate(row.checks, start=1)],
        "extra_data": {"status": row.status, "needs_review": row.needs_review},
    }
    return json.dumps(plain(data), indent=1, allow_nan=False, ensure_ascii=True) + "\n"


def crashed(reason: str) -> str:
    """What stands there until there is more: written first, so that a harness that dies has said something."""
    data = {"output": reason, "output_format": "text", "visibility": "visible", "stdout_visibility": "hidden",
            "tests": [], "score": 0.0, "extra_data": {"status": "sandbox-error", "needs_review": True}}  # fmt: skip
    return json.dumps(data, indent=1) + "\n"


def _head(row: Row) -> str:
    lines = [str(row.result.get("summary", ""))]
    if row.status != "graded":
        lines.append(f"Status: {row.status}.")
    if row.deduction:
        lines.append(f"Late: {row.deduction:g} points taken off.")
    if row.needs_review:
        lines.append("A person has to look at this grade.")
    lines += [f"{one.check}: {one.points:g} points, given by hand: {one.why}" for one in row.overrides]
    return "\n".join(filter(None, lines))


def _test(number: int, check: RowCheck, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = next((one for one in row.result.get("checks", []) if one["id"] == check.id), {})
    return {
        "number": str(number),
        "name": f"{check.id}: {strip(check.title)}",
        "score": check.points,
        "max_score": check.max_points,
        "status": "passed" if check.points >= check.max_points else "failed",
        "output": strip(_told(check, found)),
        "output_format": "text",
        "visibility": "visible",
        "tags": [check.id, check.verdict],
    }


def _told(check: RowCheck, found: dict[str, Any]) -> str:
    if check.override is not None:
        return f"Marked by hand: {check.override.why}"
    lines = [check.message]
    for finding in found.get("findings", []):
        where = finding["where"]
        cell = f", cell {where['cell']}" if where and where["cell"] else ""
        place = f"{where['file']}{cell}, line {where['line']}: " if where else ""
        lines.append(f"{place}{finding['message']}" + (f"\n  → {finding['hint']}" if finding["hint"] else ""))
    return "\n".join(lines)
