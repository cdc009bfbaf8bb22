"""The commands of ``grade``, one file each; ``grader/cli.py`` gathers them.

A command returns its exit code: 0 all passed, 1 some check failed, 2 wrong use, 3 the grader could not do its job,
130 interrupted. Nothing heavy is imported at the top of a command's file.
"""

from __future__ import annotations

from grader.records import Grade

PASSED, FAILED, WRONG_USE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130


def exit_code(grade: Grade) -> int:
    """0 all passed, 1 some check failed, 3 a person has to look."""
    from grader.report.story import failed

    if grade.needs_review or any(check.verdict == "error" for check in grade.checks):
        return OUR_FAULT
    return FAILED if failed(grade) else PASSED
