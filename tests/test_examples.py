"""The examples on the page of every check are true: Passes stands in the reference, Fails in its place fails."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from grader import assignment, explain, pipeline
from grader.records import Grade

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "quiz1.py"
OPTIONS = pipeline.Options(isolation="zygote", threads=1)


def grade(source: str, folder: Path) -> Grade:
    program = folder / "program.py"
    program.write_text(source, encoding="utf-8")
    return pipeline.grade(assignment.load("quiz1"), program, OPTIONS)


def replaced(source: str, old: str, new: str) -> str:
    """``source`` with a fragment replaced, wherever it is indented."""
    for indentation in range(0, 24, 4):
        before = textwrap.indent(textwrap.dedent(old).strip("\n"), " " * indentation)
        if before in source:
            return source.replace(before, textwrap.indent(textwrap.dedent(new).strip("\n"), " " * indentation), 1)
    raise AssertionError(f"the fragment does not stand in the reference:\n{old}")


def test_the_reference_passes_every_check(tmp_path: Path) -> None:
    result = grade(REFERENCE.read_text(encoding="utf-8"), tmp_path)
    assert [(check.id, check.verdict) for check in result.checks] == [(check.id, "pass") for check in result.checks]
    assert (result.score, result.status, result.needs_review) == (100.0, "graded", False)


@pytest.mark.parametrize("name", explain.checks())
def test_the_failing_example_of_a_check_fails_it(name: str, tmp_path: Path) -> None:
    sections = {section.heading: section.body for section in explain.explain(name).sections}
    source = replaced(REFERENCE.read_text(encoding="utf-8"), sections["Passes"], sections["Fails"])
    result = grade(source, tmp_path)
    failed = [check.id for check in result.checks if check.verdict == "fail"]
    assert result.status == "graded"
    assert name in failed
    assert result.score < 100.0
