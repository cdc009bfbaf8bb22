"""A class from the platform's zip to the platform's gradebook, graded for real, and what is done with it afterwards."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from grader import cli
from grader.batch import files
from grader.commands.batch import line
from grader.records import Row

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT / "tests" / "submissions" / "quiz1"
RIGHT, WRONG = (ROOT / "reference" / "quiz1.py").read_bytes(), (CORPUS / "wrong_no_zero_grad.py").read_bytes()
HOSTILE = (
    b"import os, signal\nprint('100 / 100 points', flush=True)\nos.kill(os.getppid(), signal.SIGKILL)\nos._exit(0)\n"
)
CLASS = {
    "doejane_101_1_net.py": RIGHT,
    "twintom_102_2_net.py": RIGHT,
    "roerick_LATE_103_3_net.py": WRONG,
    "badsyntax_104_4_net.py": b"def f(:\n",
    "evileve_105_5_net.py": HOSTILE,
    "textted_106_6_essay.txt": b"my network is very good",
    "comment_107_7_net.py": RIGHT + b"\n# the same network, written by another hand\n",
}
GRADEBOOK = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (99)\n    Points Possible,,,,,100\n"
    + "".join(f'"{name}",{id},s{id},{name.split(",")[0].lower()},A,\n' for name, id in [
        ("Doe, Jane", 101), ("Twin, Tom", 102), ("Roe, Rick", 103), ("Bad, Syntax", 104), ("Evil, Eve", 105),
        ("Text, Ted", 106), ("=Comment", 107), ("Absent, Abe", 108)])
)  # fmt: skip


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class, graded once for all tests of this file."""
    place = tmp_path_factory.mktemp("class")
    with zipfile.ZipFile(place / "submissions.zip", "w") as archive:
        for name, content in CLASS.items():
            archive.writestr(name, content)
    (place / "gradebook.csv").write_text(GRADEBOOK)
    assert batch(place) == 0
    return place


def batch(place: Path, *more: str) -> int:
    given = ["batch", "quiz1", str(place / "submissions.zip"), "--out", str(place / "out"), "--jobs", "1"]
    roster = ["--roster", str(place / "gradebook.csv"), "--late", "10"]
    return cli.main([*given, *roster, "--isolation", "zygote", *more])


def by_id(out: Path) -> dict[str, Row]:
    return {row.student.id: row for row in files.load(out).rows}


def test_everyone_has_a_row_whatever_he_handed_in(graded: Path) -> None:
    rows = by_id(graded / "out")
    assert {id: (row.status, row.score) for id, row in rows.items()} == {
        "s101": ("graded", 100.0),
        "s102": ("graded", 100.0),
        "s103": ("graded", 81.0),  # 90, and a tenth of it off for being late
        "s104": ("syntax-error", 0.0),
        "s105": ("exited-early", 0.0),
        "s106": ("input-rejected", 0.0),
        "s107": ("graded", 100.0),
        "s108": ("missing", None),
    }


def test_the_same_content_is_graded_once_and_a_known_network_is_not_trained_again(graded: Path) -> None:
    rows = by_id(graded / "out")
    assert rows["s101"].content == rows["s102"].content != rows["s107"].content
    assert len(list((graded / "out" / "gradings").iterdir())) == 6
    runs = list((graded / "out" / "learning").glob("*.json"))
    assert len(runs) == 1  # four students, one network
    learned = [rows[id].result["learning"] for id in ("s101", "s102", "s103", "s107")]
    assert learned[0] == learned[1] == learned[2] == learned[3]


def test_everyone_has_a_page_and_a_result_with_his_own_name(graded: Path) -> None:
    rows = by_id(graded / "out")
    for id, name in (("s101", "Doe, Jane"), ("s102", "Twin, Tom")):
        page = (graded / "out" / rows[id].report).read_text()
        result = json.loads((graded / "out" / rows[id].report).with_suffix(".json").read_text())
        assert name in page
        assert result["submission"] == name
        assert re.fullmatch(r"reports/\d{4}\.html", rows[id].report)
    folders = {path.name for path in (graded / "out" / "gradings").iterdir()}
    assert not [name for name in folders if name in (graded / "out" / rows["s101"].report).read_text()]


def test_the_same_command_again_changes_nothing(graded: Path) -> None:
    before = by_id(graded / "out")
    batch(graded)
    assert by_id(graded / "out") == before


def test_from_canvas_zip_to_canvas_gradebook(graded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["export", str(graded / "out"), "--format", "canvas", "--into", str(graded / "gradebook.csv")]
    assert cli.main([*given, "--column", "Quiz 1 (99)"]) == 0
    lines = list(csv.reader(io.StringIO(Path(capsys.readouterr().out.strip()).read_text())))
    assert lines[:2] == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Quiz 1 (99)"],
        ["    Points Possible", "", "", "", "", "100"],
    ]
    assert [(cells[1], cells[-1]) for cells in lines[2:]] == [
        ("101", "100"), ("102", "100"), ("103", "81"), ("104", "0"), ("105", "0"), ("106", "0"), ("107", "100"),
        ("108", ""),
    ]  # fmt: skip


def test_every_export_is_written_and_holds_everyone(graded: Path) -> None:
    for name in ("csv", "json", "junit", "nbgrader", "moodle"):
        text = files.export(graded / "out", name, graded / "exports" / name).read_text()
        assert all(id in text for id in ("s101", "s104", "s108") if name != "moodle")
    folder = files.export(graded / "out", "gradescope", graded / "exports" / "gradescope")
    found = [json.loads(path.read_text())["score"] for path in sorted(folder.glob("*/results.json"))]
    assert sorted(found) == [0.0, 0.0, 0.0, 81.0, 100.0, 100.0, 100.0]


def test_a_changed_rubric_moves_grades_without_running_anything(
    graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    shutil.copytree(graded / "out", out)
    assert cli.main(["regrade", str(out)]) == 0
    assert "no students moved" in capsys.readouterr().out
    assert by_id(out) == by_id(graded / "out")
    assert cli.main(["override", str(out), "roe, rick", "training-step", "9", "--why", "seen in the office"]) == 0
    assert by_id(out)["s103"].score == pytest.approx(0.9 * 99)
    shutil.copytree(ROOT / "assignments", tmp_path / "assignments")
    spec = tmp_path / "assignments" / "quiz1" / "assignment.toml"
    text = spec.read_text()
    changed = re.sub(r'(id = "training-step"\npoints = )10', r"\g<1>20", text)
    assert changed != text
    spec.write_text(re.sub(r'(id = "layers"\npoints = )40', r"\g<1>30", changed))
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path / "assignments"))
    capsys.readouterr()
    assert cli.main(["regrade", str(out), "--json"]) == 0
    moves = {move["student"]: move for move in json.loads(capsys.readouterr().out)["moves"]}
    assert moves["s101"]["before"] == moves["s101"]["after"] == 100.0
    assert [(one["check"], one["before"], one["after"]) for one in moves["s101"]["changes"]] == [
        ("layers", 40.0, 30.0), ("training-step", 10.0, 20.0),
    ]  # fmt: skip
    late = by_id(out)["s103"]
    assert (late.automatic, late.score) == (80.0 + late.checks[7].automatic, pytest.approx(0.9 * (80 + 9)))
    assert late.overrides[0].moved == (late.checks[7].automatic != 0.0)
    assert cli.main(["override", str(out), "s103", "training-step", "--remove"]) == 0
    assert not by_id(out)["s103"].overrides


@pytest.mark.parametrize(
    ("given", "said"),
    [(["--data", "."], "cifar-10-batches-py"), (["--device", "cuda"], "CUDA"), (["--from", "gradescope"], "yml")],
)
def test_what_would_fail_for_everyone_is_said_before_anything_runs(
    tmp_path: Path, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    if said == "CUDA" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "a.py").write_text("a = 1\n")
    given = [str(tmp_path) if one == "." else one for one in given]
    command = ["batch", "quiz1", str(tmp_path / "class"), "--out", str(tmp_path / "out"), "--isolation", "zygote"]
    assert cli.main([*command, *given]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out" / "gradings").exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["nobody", "layers", "1", "--why", "x"], "There is no student 'nobody'"),
        (["s101", "colour", "1", "--why", "x"], "has no check 'colour'"),
        (["s101", "layers", "41", "--why", "x"], "Expected 0 to 40"),
        (["s101", "layers", "1"], "needs POINTS and a reason"),
        (["s101", "layers", "--remove"], "Nothing was changed"),
    ],
)
def test_a_mark_by_hand_that_cannot_be_is_refused(
    graded: Path, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["override", str(graded / "out"), *given]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_without_a_class_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["regrade", str(tmp_path)]) == 2
    assert "holds no ledger.sqlite" in capsys.readouterr().err


def test_the_overview_names_the_cause_and_links_to_who_has_it(graded: Path) -> None:
    page = (graded / "out" / "overview.html").read_text()
    assert "no-zero-grad" in page
    assert by_id(graded / "out")["s103"].report in page
    assert "The same network" in page


def test_nearly_equal_programs_are_shown_to_a_person(graded: Path) -> None:
    pairs = json.loads((graded / "out" / "similar.json").read_text())
    assert {"a": "s107", "b": "s101", "percent": 100} in pairs, "a comment makes no difference"
    assert not [pair for pair in pairs if pair["a"] == pair["b"] or "s102" in pair.values()], (
        "equal ones stand elsewhere"
    )
    assert "Nearly the same text" in (graded / "out" / "overview.html").read_text()


def test_the_progress_line_tells_counts_rate_and_time_left() -> None:
    from grader.batch.run import Counts

    counts = Counts(total=40, done=10, known=5, statuses={"graded": 9, "crashed": 1}, began=100.0)
    assert line(counts, 130.0) == "█████░░░░░░░░░░░░░░░ 10/40 · 10/min · 1:30 left · crashed 1, graded 9"


@pytest.mark.long
@pytest.mark.timeout(900)
def test_more_workers_and_kills_give_the_same_rows(graded: Path, tmp_path: Path) -> None:
    import random
    import time

    expected = json.loads((graded / "out" / "grades.json").read_text())["students"]
    for number, jobs in enumerate(("4", "2")):
        place = tmp_path / jobs
        place.mkdir()
        for name in ("submissions.zip", "gradebook.csv"):
            shutil.copy(graded / name, place / name)
        command = [sys.executable, "-m", "grader", "batch", "quiz1", str(place / "submissions.zip"), "--out",
                   str(place / "out"), "--jobs", jobs, "--roster", str(place / "gradebook.csv"), "--late", "10",
                   "--isolation", "zygote"]  # fmt: skip
        for kill in range(3 * number):
            running = subprocess.Popen(command, cwd=ROOT)
            time.sleep(random.Random(kill).uniform(3, 9))
            running.kill()
            running.wait()
        assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
        found = json.loads((place / "out" / "grades.json").read_text())["students"]
        assert [timeless(one) for one in found] == [timeless(one) for one in expected]


def timeless(student: dict[str, object]) -> dict[str, object]:
    """A row without what a clock decides, and without the memory of who trained a network first."""
    left = {key: item for key, item in student.items() if key not in ("graded_at", "wall_s", "cpu_s", "result")}
    result = student["result"]
    return {**left, "result": result and {**result, "learning": []}}  # type: ignore[dict-item]
