"""Exports against the forms that their readers document, and back through a reader where there is one."""

from __future__ import annotations

import csv
import dataclasses
import html
import io
import json
from typing import Any
from xml.etree import ElementTree

from grader.records import Override, Roll, Row, RowCheck, Student
from grader.report import canvas, class_json, gradescope, junit, moodle, nbgrader, overview
from grader.report import csv as csv_report

EVIL = '=cmd|"/c calc"!A1'
SCRIPT = "<script>alert(1)</script>"


def check(id: str, points: float, most: float, **more: Any) -> RowCheck:
    base = {"title": id.title(), "verdict": "pass" if points == most else "fail", "message": f"{id} was looked at"}
    return RowCheck(id=id, points=points, max_points=most, **{"automatic": points, **base, **more})


def row(id: str, score: float | None, **more: Any) -> Row:
    student = more.pop("student", Student(id=id, name=f"Student {id}", email=f"{id}@uni.example"))
    finding = {
        "code": "missing-activation", "layer": "fc1", "attribute": None, "expected": "ReLU", "found": None,
        "message": "no ReLU between fc1 and fc2", "hint": "Put F.relu around self.fc1(x).", "charged": True,
        "where": {"file": "net.py", "line": 12, "cell": None},
    }  # fmt: skip
    checks = (check("layers", 40.0, 40.0), check("activations", 0.0, 10.0))
    result = {
        "summary": "One thing to fix: missing-activation.",
        "network": {"hash": "abc"},
        "checks": [{"id": "layers", "findings": []}, {"id": "activations", "findings": [finding]}],
    }
    base: dict[str, Any] = {
        "attempt": 1, "status": "graded", "max_score": 50.0, "automatic": score, "late": False, "deduction": 0.0,
        "needs_review": False, "checks": checks, "result": result, "content": id, "report": f"reports/{id}.html",
        "wall_s": 1.5,
    }  # fmt: skip
    return Row(student=student, score=score, **{**base, **more})


def missing(id: str) -> Row:
    return row(id, None, status="missing", attempt=0, checks=(), result={}, automatic=None, report="", wall_s=0.0)


def roll(*rows: Row) -> Roll:
    return Roll(assignment="quiz1", title="Quiz 1", max_score=50.0, rows=rows)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_a_line_a_student_and_a_column_a_check() -> None:
    first, second = read(csv_report.render(roll(row("a", 40.0), missing("b"))))
    assert (first["id"], first["score"], first["layers"], first["activations"]) == ("a", "40", "40", "0")
    assert first["mistakes"] == "missing-activation:fc1"
    assert (second["status"], second["score"]) == ("missing", "")


def test_no_text_of_a_student_is_a_formula_in_a_table() -> None:
    for start in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", EVIL):
        student = Student(id=start, name=start, email=start, login=start, section=start, platform_id="7")
        evil = row("a", 40.0, student=student, result={"summary": start, "checks": []}, submitted_at=start)
        texts = [render(roll(evil)) for render in (csv_report.render, canvas.render, moodle.render, nbgrader.render)]
        for text in texts:
            cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
            assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_canvas_has_its_five_columns_the_title_and_the_row_of_points_possible() -> None:
    student = Student(id="s1", name="Doe, Jane", login="jdoe", section="A", platform_id="4711")
    lines = list(csv.reader(io.StringIO(canvas.render(roll(row("s1", 45.5, student=student)), column="Quiz 1 (99)"))))
    assert lines == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz 1 (99)"],
        ["    Points Possible", "", "", "", "", "50"],
        ["Doe, Jane", "4711", "s1", "jdoe", "A", "45.5"],
    ]


def test_canvas_own_gradebook_keeps_its_students_ids_and_title() -> None:
    gradebook = (
        "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (99),Final Score\n"
        "    Points Possible,,,,,50,(read only)\n"
        '"Doe, Jane",4711,s1,jdoe,"A, B",,80\n"Roe, Rick",4712,,rroe,A,,70\n"Student, Test",4713,,,A,,\n'
    )
    jane = row("s1", 45.5, student=Student(id="other", platform_id="4711"))
    rick = row("x", 30.0, student=Student(id="rroe"))
    lines = list(csv.reader(io.StringIO(canvas.render(roll(jane, rick), gradebook))))
    assert lines[0][-1] == "Quiz 1 (99)"
    assert lines[2:] == [
        ["Doe, Jane", "4711", "s1", "jdoe", "A, B", "45.5"],
        ["Roe, Rick", "4712", "", "rroe", "A", "30"],
        ["Student, Test", "4713", "", "", "A", ""],
    ]


def test_moodles_worksheet_comes_back_as_it_came_but_for_grade_and_feedback() -> None:
    worksheet = (
        "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
        "Last modified (submission),Last modified (grade),Feedback comments\n"
        'Participant 12,Jane Doe,j@x,Submitted,,100.00,Yes,"Friday, 27 November 2026, 3:00 PM",-,\n'
        "Participant 13,Rick Roe,r@x,No submission,,100.00,Yes,-,-,\n"
    )
    evil = {"summary": f"bad {SCRIPT}", "checks": []}
    jane = row("j", 45.5, student=Student(id="j", platform_id="12"), result=evil)
    before, after = read(worksheet), read(moodle.render(roll(jane, missing("r")), worksheet))
    filled = {"Grade": "45.5", "Feedback comments": "bad &lt;script&gt;alert(1)&lt;/script&gt;"}
    assert after == [{**before[0], **filled}, before[1]]


def test_moodle_without_a_worksheet_is_known_by_its_participants() -> None:
    (line,) = read(moodle.render(roll(row("j", 45.5, student=Student(id="j", name="Jane", platform_id="12")))))
    assert (line["Identifier"], line["Grade"], line["Maximum Grade"]) == ("Participant 12", "45.5", "50")


def test_nbgraders_columns_and_the_late_penalty_apart() -> None:
    (line,) = read(nbgrader.render(roll(row("a", 36.0, late=True, deduction=4.0, automatic=40.0))))
    assert list(line) == list(nbgrader.COLUMNS)
    assert (line["raw_score"], line["late_submission_penalty"], line["score"]) == ("40", "4", "36")
    assert (line["first_name"], line["last_name"]) == ("Student", "a")


def test_junit_counts_and_holds_what_xml_cannot() -> None:
    odd = row("a", 40.0, checks=(check("layers", 1.0, 2.0, message="]]> \x00\x1b[31m & <b>\ufffe"),))
    tree = ElementTree.fromstring(junit.render(roll(odd, missing("b"))))
    first, second = tree.findall("testsuite")
    assert (first.get("tests"), first.get("failures"), second.get("skipped")) == ("1", "1", "1")
    assert first.find("testcase/failure").text == "]]> [31m & <b>"  # type: ignore[union-attr]


def test_gradescope_has_numbers_as_numbers_and_a_test_a_check() -> None:
    found = json.loads(gradescope.render(row("a", 40.0)))
    assert found["score"] == 40.0
    assert [(one["score"], one["max_score"], one["status"]) for one in found["tests"]] == [
        (40.0, 40.0, "passed"),
        (0.0, 10.0, "failed"),
    ]
    assert "net.py, line 12: no ReLU between fc1 and fc2\n  → Put F.relu" in found["tests"][1]["output"]
    known = {"score", "output", "output_format", "visibility", "stdout_visibility", "execution_time", "tests",
             "extra_data"}  # fmt: skip
    assert found.keys() <= known
    crash = json.loads(gradescope.crashed("The grader did not come to its end."))
    assert (crash["score"], crash["tests"]) == (0.0, [])


def test_class_json_is_strict_and_complete() -> None:
    found = json.loads(class_json.render(roll(row("a", 40.0), missing("b"))))
    assert [one["score"] for one in found["students"]] == [40.0, None]
    assert found["students"][1]["result"] is None


def test_the_overview_tells_causes_statuses_and_who_needs_a_person() -> None:
    mark = Override(check="total", points=1.0, why="w", by="b", at="t", beneath=2.0, moved=True)
    page = overview.render(roll(row("a", 40.0), row("b", 40.0, needs_review=True, overrides=(mark,)), missing("c")))
    assert "no ReLU between fc1 and fc2" in page
    assert "3 students, 2 with a mark." in page
    assert "<strong>1 need a person.</strong>" in page
    assert "the automatic mark beneath total has changed" in page
    assert page.count('href="reports/a.html"') >= 3
    assert "http:" not in page
    assert "https:" not in page


def test_the_overview_escapes_what_a_student_chose_and_lets_only_its_own_script_run() -> None:
    evil = row("x", 1.0, student=Student(id=SCRIPT, name=f'"{SCRIPT}\u202e', section="<img src=x onerror=a()>"))
    first = evil.result["checks"][1]["findings"][0]
    findings = [{**first, "code": 'a"b', "layer": SCRIPT, "message": SCRIPT}]
    result = {**evil.result, "summary": SCRIPT, "checks": [{"id": "activations", "findings": findings}]}
    page = overview.render(roll(dataclasses.replace(evil, result=result, needs_review=True, status="crashed")))
    assert page.count("<script>") == 1
    assert "<img" not in page
    assert "\u202e" not in page
    assert 'data-mistakes="a&#34;b:&lt;script&gt;' in page
    policy = html.unescape(page.split('Content-Security-Policy" content="')[1].split('"')[0])
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "; script-src 'sha256-" in policy
    assert "unsafe" not in policy
