"""Every hostile program in every sandbox that works here. ``pytest -m hostile``; a few of them in every run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import pipeline
from grader.isolate import BACKENDS, Backend, confined
from grader.report import result
from hostile import corpus, ground, inputs, judging

CASES = {case.name: case for case in corpus.cases()}
SANDBOXES = ("namespaces", "slot", "self", "bubblewrap")
UNPROMISED = ("secrets", "resources")  # of a plain process
SAMPLE = (
    "forging/channel_found_and_used",
    "forging/everything_claimed_and_left",
    "secrets/canary_file",
    "secrets/signals_to_everybody",
    "secrets/unix_sockets",
    "resources/daemon_without_traces",
    "resources/fork_bomb",
    "resources/one_large_file",
    "evidence/deep_json",
    "output/html_in_an_error",
)
TABLE = os.environ.get("GRADER_HOSTILE_TABLE", "")  # a file that gets one line of JSON for each case and sandbox


@pytest.fixture(scope="module")
def field() -> Iterator[judging.Range]:
    with ground.prepared() as place, tempfile.TemporaryDirectory(prefix="grade-data-", dir="/tmp") as data:
        try:
            yield judging.Range(ground=place, data_dir=Path(data))
        finally:
            confined.WARM.stop()


def sandbox(name: str, field: judging.Range) -> Backend:
    backend = BACKENDS[name]
    if backend.unavailable():
        pytest.skip(backend.unavailable())
    if name not in field.honest:
        field.prepare(backend)
    return backend


def check(case: corpus.Case, name: str, field: judging.Range) -> None:
    said = judging.wrongs(case, sandbox(name, field), field)
    record(case.name, name, case.expected(name), said)
    assert said == []


def record(case: str, name: str, status: str, wrongs: list[str]) -> None:
    if TABLE:
        with open(TABLE, "a", encoding="utf-8") as file:
            file.write(json.dumps({"case": case, "sandbox": name, "status": status, "wrongs": wrongs}) + "\n")


@pytest.mark.hostile
@pytest.mark.timeout(120)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", [*SANDBOXES, "process"])
def test_every_hostile_program_gets_its_status_and_nothing_else(name: str, case: str, field: judging.Range) -> None:
    if name == "process" and CASES[case].family in UNPROMISED:
        pytest.skip("a plain process does not promise that")
    if name in CASES[case].unpromised:
        pytest.skip(f"{name} does not promise that")
    check(CASES[case], name, field)


@pytest.mark.parametrize("case", SAMPLE)
def test_a_sample_of_them_in_the_strongest_sandbox(case: str, field: judging.Range) -> None:
    name = next((one for one in SANDBOXES if not BACKENDS[one].unavailable()), "")
    if not name:
        pytest.skip("no sandbox works here: see grade doctor")
    check(CASES[case], name, field)


@pytest.mark.hostile
@pytest.mark.parametrize("maker", inputs.MAKERS)
@pytest.mark.parametrize("name", SANDBOXES)
def test_every_hostile_input_gets_its_status(name: str, maker: str, field: judging.Range, tmp_path: Path) -> None:
    sandbox(name, field)
    made = inputs.MAKERS[maker]
    options = pipeline.Options(quick=True, threads=1, device="cpu", isolation=name)
    before = field.ground.state()

    grade = pipeline.grade(judging.TASK, made(tmp_path, Path(field.ground.places["CANARY"])), options)

    said = [] if grade.status == inputs.status_of(made) else [f"{grade.status}: {grade.summary}"]
    said += judging.inert(grade) + field.ground.changed(before)
    said += ["the canary was read"] if ground.CANARY in result.render(grade) else []
    said += ["too many points"] if "ships" in maker and grade.score > field.wrong_points else []
    record(f"input/{maker}", name, inputs.status_of(made), said)
    assert said == []


def test_there_are_at_least_ninety() -> None:
    families = {case.family for case in CASES.values()}

    assert len(CASES) >= 90
    assert families == {"evidence", "forging", "output", "resources", "secrets"}
