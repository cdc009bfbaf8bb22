"""JUnit XML: a test suite a student, a test case a check."""

from __future__ import annotations

from xml.etree import ElementTree

from grader.records import Roll, Row, RowCheck
from grader.report.inert import strip


def render(roll: Roll) -> str:
    root = ElementTree.Element("testsuites", name=_text(roll.title))
    for row in roll.rows:
        _suite(root, roll, row)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _suite(root: ElementTree.Element, roll: Roll, row: Row) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(row.student.id), time=f"{row.wall_s:.3f}")
    counts = dict.fromkeys(("failures", "errors", "skipped"), 0)
    for check in row.checks:
        case = ElementTree.SubElement(suite, "testcase", classname=roll.assignment, name=check.id)
        kind = _kind(check)
        if kind:
            counts[{"failure": "failures", "error": "errors"}.get(kind, kind)] += 1
            told = ElementTree.SubElement(case, kind, message=_text(check.message.split("\n")[0]))
            told.text = _text(check.message)
    if not row.checks:  # never run: the status says why
        case = ElementTree.SubElement(suite, "testcase", classname=roll.assignment, name="submission")
        kind = "skipped" if row.status in ("missing", "queued") else "error" if row.needs_review else "failure"
        counts[{"failure": "failures", "error": "errors"}.get(kind, kind)] += 1
        message = row.status if not row.result else f"{row.status}: {row.result.get('summary', '')}"
        ElementTree.SubElement(case, kind, message=_text(message))
    suite.set("tests", str(max(1, len(row.checks))))
    for name, count in counts.items():
        suite.set(name, str(count))


def _kind(check: RowCheck) -> str:
    """What stands in the test case; nothing where it passed. A person's mark counts, and not the verdict beneath."""
    if check.override is not None:
        return "" if check.points >= check.max_points else "failure"
    return {"fail": "failure", "error": "error", "skip": "skipped"}.get(check.verdict, "")


def _text(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(letter for letter in strip(text) if ord(letter) not in (0xFFFE, 0xFFFF))
