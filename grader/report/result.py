"""The result file: a Grade as report.json, schema 1. Strict JSON: a number that is no number is null."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from grader.records import CheckResult, Finding, Grade, LayerRow, LearningRun, Repair, RepairStep, Where

SCHEMA = 1


def render(grade: Grade) -> str:
    """The result file's text. ASCII only, so that it is as harmless on a terminal as in a file."""
    return json.dumps(as_data(grade), indent=2, allow_nan=False, ensure_ascii=True) + "\n"


def as_data(grade: Grade) -> dict[str, Any]:
    """The result as plain lists and dictionaries, keys in the order of the schema."""
    data = {
        "schema": SCHEMA,
        "assignment": grade.assignment.id,
        "submission": grade.submission,
        "status": grade.status,
        "score": grade.score,
        "max_score": grade.max_score,
        "needs_review": grade.needs_review,
        "checks": [_check(check) for check in grade.checks],
        "network": _network(grade),
        "repair": _repair(grade.repair),
        "learning": [_learning(run) for run in grade.learning],
        "environment": {key: grade.environment[key] for key in sorted(grade.environment)},
    }
    plain_data = plain(data)
    assert isinstance(plain_data, dict)
    return plain_data


def plain(value: Any) -> Any:
    """A value as strict JSON has it: tuples as lists, sets sorted, unknown objects as their text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate is no Unicode text
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, set | frozenset):
        return sorted((plain(entry) for entry in value), key=str)
    return plain(str(value))


def _check(check: CheckResult) -> dict[str, Any]:
    return {
        "id": check.id,
        "title": check.title,
        "verdict": check.verdict,
        "points": check.points,
        "max_points": check.max_points,
        "message": check.message,
        "findings": [_finding(finding) for finding in check.findings],
        "rows": [_row(row) for row in check.rows],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "layer": finding.layer,
        "attribute": finding.attribute,
        "expected": finding.expected,
        "found": finding.found,
        "message": finding.message,
        "hint": finding.hint,
        "charged": finding.charged,
        "where": where_data(finding.where),
    }


def _row(row: LayerRow) -> dict[str, Any]:
    return {
        "layer": row.layer,
        "title": row.title,
        "expected": row.expected,
        "found": row.found,
        "verdict": row.verdict,
        "where": where_data(row.where),
    }


def where_data(where: Where | None) -> dict[str, Any] | None:
    """A place as report.json has it."""
    return None if where is None else {"file": where.file, "line": where.line, "cell": where.cell}


def _network(grade: Grade) -> dict[str, Any] | None:
    """Null where no network could be read."""
    if grade.parameters is None and grade.output_shape is None and grade.network_hash is None:
        return None
    return {"parameters": grade.parameters, "output_shape": grade.output_shape, "hash": grade.network_hash}


def _repair(repair: Repair | None) -> dict[str, Any] | None:
    """Null where nothing has to be changed, and where no change was found that gives the handout's network."""
    if repair is None:
        return None
    return {
        "steps": [_repair_step(step) for step in repair.steps],
        "consequences": [_repair_step(step) for step in repair.consequences],
        "verified": repair.verified,
    }


def _repair_step(step: RepairStep) -> dict[str, Any]:
    return {"text": step.text, "layers": step.layers, "where": where_data(step.where)}


def _learning(run: LearningRun) -> dict[str, Any]:
    return {
        "kind": run.kind,
        "learned": run.learned,
        "losses": run.losses,
        "steps": run.steps,
        "message": run.message,
        "device": run.device,
        "wall_s": run.wall_s,
    }
