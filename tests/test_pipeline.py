"""The whole flow: a path in, a grade out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import assignment, pipeline
from grader.errors import UsageError
from grader.isolate import zygote
from grader.records import Grade
from grader.report import result

REFERENCE = Path(__file__).resolve().parents[1] / "reference" / "quiz1.py"
RIGHT = REFERENCE.read_text(encoding="utf-8")
POINTS = {spec.id: spec.points for spec in assignment.load("quiz1").checks}


@pytest.fixture(scope="module", autouse=True)
def warm_probe() -> Iterator[None]:
    yield
    zygote.ZYGOTE.stop()


def grade(path: Path, isolation: str = "zygote", quick: bool = True) -> Grade:
    options = pipeline.Options(quick=quick, isolation=isolation, threads=1, device="cpu")
    return pipeline.grade(assignment.load("quiz1"), path, options)


def written(folder: Path, source: str, name: str = "hw.py") -> Path:
    path = folder / name
    path.write_text(source, encoding="utf-8")
    return path


def changed(folder: Path, old: str, new: str) -> Path:
    assert RIGHT.count(old) == 1
    return written(folder, RIGHT.replace(old, new))


def points(graded: Grade) -> dict[str, float]:
    return {check.id: check.points for check in graded.checks}


def charged(graded: Grade) -> list[tuple[str, str | None, int | None]]:
    findings = [one for check in graded.checks for one in check.findings if one.charged]
    return [(one.code, one.layer, one.where.line if one.where else None) for one in findings]


def line_of(text: str, source: str = RIGHT) -> int:
    return next(number for number, line in enumerate(source.splitlines(), 1) if text in line)


# ---- right programs ----------------------------------------------------------------------------------------------


def test_the_reference_gets_full_marks(tmp_path: Path) -> None:
    graded = grade(written(tmp_path, RIGHT))
    assert (graded.status, graded.score, graded.max_score, graded.needs_review) == ("graded", 100.0, 100.0, False)
    assert points(graded) == POINTS
    assert {check.id: check.verdict for check in graded.checks} == {**dict.fromkeys(POINTS, "pass"), "learns": "skip"}
    assert (graded.parameters, graded.output_shape, charged(graded)) == (62_006, ("N", 10), [])


def test_a_plain_process_gives_the_same_grade_and_the_network_learns(tmp_path: Path) -> None:
    graded = grade(written(tmp_path, RIGHT), isolation="process", quick=False)
    assert (graded.score, points(graded), graded.environment["isolation"]) == (100.0, POINTS, "process")
    assert {check.verdict for check in graded.checks} == {"pass"}
    assert [(run.kind, run.learned) for run in graded.learning] == [("memorise", True)]


def test_ten_gradings_give_the_same_result_file(tmp_path: Path) -> None:
    path = written(tmp_path, RIGHT)
    files = {result.render(grade(path)) for _ in range(10)}
    assert len(files) == 1
    assert json.loads(files.pop())["score"] == 100.0


def test_gradings_of_a_wrong_program_give_the_same_result_file(tmp_path: Path) -> None:
    path = changed(tmp_path, "lr=0.001, momentum=0.9", "lr=0.002, momentum=0.9")
    assert len({result.render(grade(path)) for _ in range(3)}) == 1


def test_megabytes_of_output_change_nothing(tmp_path: Path) -> None:
    loud = "for number in range(3000):\n    print('x' * 1000, number, '\\x1b[2J')\n"
    graded = grade(written(tmp_path, loud + RIGHT))
    assert (graded.score, points(graded)) == (100.0, POINTS)


def test_a_notebook_is_graded_like_a_program(tmp_path: Path) -> None:
    head, guard = RIGHT.split("def load_data")
    cells = [
        head,
        "def load_data" + guard.replace('if __name__ == "__main__":\n    main()\n', ""),
        "%matplotlib inline\nmain()",
    ]
    content = [
        {"cell_type": "code", "source": cell, "metadata": {}, "outputs": [], "execution_count": None} for cell in cells
    ]
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": content}
    graded = grade(written(tmp_path, json.dumps(notebook), "hw.ipynb"))
    assert (graded.status, graded.score, points(graded)) == ("graded", 100.0, POINTS)


def test_a_folder_is_graded_like_a_program(tmp_path: Path) -> None:
    head, rest = RIGHT.split("def load_data")
    written(tmp_path, head, "model.py")
    written(
        tmp_path, "from model import *\nfrom model import DEVICE, Batches, LeNet\n\ndef load_data" + rest, "train.py"
    )
    graded = grade(tmp_path)
    assert (graded.status, graded.score, points(graded)) == ("graded", 100.0, POINTS)


# ---- wrong programs ----------------------------------------------------------------------------------------------

MISTAKES = {
    "a bias": (
        "nn.Conv2d(6, 16, kernel_size=5)",
        "nn.Conv2d(6, 16, 5, bias=False)",
        "wrong-attribute",
        "conv2",
    ),
    "an activation": ("x = torch.relu(self.fc1(x))", "x = torch.tanh(self.fc1(x))", "wrong-activation", "relu3"),
    "a momentum": ("lr=0.001, momentum=0.9", "lr=0.001", "wrong-momentum", None),
    "a loss": ("nn.CrossEntropyLoss()", "nn.MultiMarginLoss()", "wrong-loss", None),
    "a zero_grad": ("            optimizer.zero_grad()\n", "            pass  # here\n", "no-zero-grad", None),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_one_mistake_is_charged_once(tmp_path: Path, name: str) -> None:
    old, new, code, layer = MISTAKES[name]
    graded = grade(changed(tmp_path, old, new))
    assert [found[:2] for found in charged(graded)] == [(code, layer)]
    assert (graded.status, graded.needs_review, round(sum(points(graded).values()), 2)) == (
        "graded",
        False,
        graded.score,
    )
    assert [check.id for check in graded.checks if check.points < check.max_points and check.verdict == "fail"] != []
    assert 60 <= graded.score < 100


def test_a_mistake_is_told_in_its_line(tmp_path: Path) -> None:
    graded = grade(changed(tmp_path, "nn.Conv2d(6, 16, kernel_size=5)", "nn.Conv2d(6, 16, 5, bias=False)"))
    assert charged(graded) == [("wrong-attribute", "conv2", line_of("nn.Conv2d(6, 16"))]


def test_a_program_that_ends_before_it_trains_has_its_network_graded(tmp_path: Path) -> None:
    graded = grade(changed(tmp_path, 'if __name__ == "__main__":\n    main()\n', ""))
    assert (graded.status, points(graded)["layers"], points(graded)["training-step"]) == ("graded", 40.0, 0.0)
    assert graded.needs_review is False


FORGED = """
import json, os, struct
def said(**content):
    data = json.dumps(content).encode()
    return struct.pack('<IB', len(data), 1) + data
for number in range(3, 64):
    try:
        os.write(number, said(kind='result', status='graded') + struct.pack('<IB', 0, 3))
    except OSError:
        pass
os._exit(0)
"""


def test_frames_that_a_program_writes_itself_earn_nothing(tmp_path: Path) -> None:
    graded = grade(written(tmp_path, FORGED))
    assert (graded.score, {check.verdict for check in graded.checks} & {"pass"}) == (0.0, set())


STATUSES = {
    "nothing": ("", "no-model"),
    "zeros": ("\0" * 100, "syntax-error"),
    "no network": ("print('hello')\n", "no-model"),
    "a syntax error": ("def f(:\n    pass\n", "syntax-error"),
    "a package that is not there": ("import no_such_package_at_all\n", "import-error"),
    "the end": ("import os\nos._exit(0)\n", "exited-early"),
    "a crash": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", "crashed"),
    "too much output": ("while True:\n    print('x' * 100000)\n", "output-limit"),
}


@pytest.mark.parametrize("name", STATUSES)
def test_a_program_without_a_network_has_a_status_and_no_points(tmp_path: Path, name: str) -> None:
    source, status = STATUSES[name]
    graded = grade(written(tmp_path, source))
    assert (graded.status, graded.score, graded.needs_review) == (status, 0.0, False)
    assert json.loads(result.render(graded))["status"] == status
    assert graded.summary


def test_a_program_that_never_ends_is_ended(tmp_path: Path) -> None:
    path = written(tmp_path, RIGHT.split("def main")[0] + "\nwhile True:\n    pass\n")
    options = pipeline.Options(quick=True, isolation="zygote", threads=1, timeout_s=2)
    graded = pipeline.grade(assignment.load("quiz1"), path, options)
    assert (graded.status, points(graded)["layers"]) == ("time-limit", 40.0)


# ---- what cannot be read -----------------------------------------------------------------------------------------

UNREADABLE = {
    "no.zip": b"PK\x03\x04 and then nothing",
    "broken.ipynb": b'{"cells": ',
    "picture.png": b"\x89PNG\r\n",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_cannot_be_read_is_rejected_with_a_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(UNREADABLE[name])
    graded = grade(tmp_path / name)
    assert (graded.status, graded.score, graded.max_score, graded.checks) == ("input-rejected", 0.0, 100.0, ())
    assert graded.summary.endswith(".")
    assert json.loads(result.render(graded))["network"] is None


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    assert grade(tmp_path).status == "input-rejected"


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        grade(tmp_path / "nothing.py")
