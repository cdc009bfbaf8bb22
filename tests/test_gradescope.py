"""The autograder zip, unpacked and run as Gradescope does: /autograder/{source,submission,results}."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grader import cli
from grader.commands import gradescope

ROOT = Path(__file__).resolve().parent.parent
WRONG = ROOT / "tests" / "submissions" / "quiz1" / "wrong_no_zero_grad.py"


@pytest.fixture(scope="module")
def autograder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/autograder as Gradescope lays it out from the zip; setup.sh's part is this environment's packages."""
    place = tmp_path_factory.mktemp("gradescope") / "autograder"
    made = place.parent / "quiz1.zip"
    assert cli.main(["gradescope-zip", "quiz1", "--quick", "--isolation", "process", "-o", str(made)]) == 0
    with zipfile.ZipFile(made) as archive:
        archive.extractall(place / "source")
    shutil.copy(place / "source" / "run_autograder", place / "run_autograder")
    (place / "run_autograder").chmod(0o755)
    (place / "submission").mkdir()
    return place


def run(autograder: Path, submission: bytes, **environment: str) -> dict[str, Any]:
    shutil.rmtree(autograder / "results", ignore_errors=True)
    (autograder / "results").mkdir()
    (autograder / "submission" / "net.py").write_bytes(submission)
    metadata = {"users": [{"name": "Jane Doe"}], "created_at": "2026-11-27T10:00:00.000000-08:00"}
    (autograder / "submission_metadata.json").write_text(json.dumps(metadata))
    here = {"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(autograder), "GRADER_PYTHON": sys.executable}
    subprocess.run([autograder / "run_autograder"], cwd="/", env={**here, **environment}, check=False, timeout=120)
    assert [path.name for path in (autograder / "results").iterdir()] == ["results.json"]
    found = json.loads((autograder / "results" / "results.json").read_text())
    assert isinstance(found, dict)
    return found


def test_a_submission_is_graded_as_gradescope_runs_it(autograder: Path) -> None:
    found = run(autograder, WRONG.read_bytes())
    assert found["score"] == 90.0
    failed = [one for one in found["tests"] if one["status"] == "failed"]
    assert "training-step" in [one["tags"][0] for one in failed]
    told = next(one["output"] for one in failed if one["tags"][0] == "training-step")
    assert "net.py, line 59" in told
    assert "optimizer.zero_grad()" in told


def test_the_grader_in_the_zip_is_the_one_that_runs(autograder: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import grader, grader.assignment as a; print(grader.__file__, *a.ids())"],
        cwd="/", env={"PYTHONPATH": str(autograder / "source")}, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert said == [str(autograder / "source" / "grader" / "__init__.py"), "quiz1"]


def test_an_autograder_that_dies_has_said_that_it_is_not_the_students_fault(autograder: Path) -> None:
    found = run(autograder, WRONG.read_bytes(), GRADER_PYTHON="/bin/false")
    assert (found["score"], found["tests"]) == (0.0, [])
    assert "no fault of yours" in found["output"]


def test_the_same_grader_makes_the_same_zip_and_no_reference_is_in_it() -> None:
    first = gradescope.archive("quiz2", "auto", False)
    assert first == gradescope.archive("quiz2", "auto", False)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = archive.namelist()
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        wanted = archive.read("requirements.txt").decode().split()
    assert not [name for name in names if "reference" in name or "tests" in name or "quiz1" in name]
    assert any(one.startswith("torch") for one in wanted)
    assert not [one for one in wanted if one.startswith(("pytest", "ruff"))]


def test_the_scripts_are_sound_shell(autograder: Path) -> None:
    for name in ("setup.sh", "run_autograder"):
        subprocess.run(["bash", "-n", autograder / "source" / name], check=True)
