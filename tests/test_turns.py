"""A limit that was met in company is met once more alone, before it is said."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from grader.isolate import turns
from grader.records import Job, Limits, RunResult, Submission

JOB = Job(submission=Submission(name="s", programs=()), data_dir=Path(), request={}, limits=Limits())


@dataclass
class Slow:
    """A backend whose jobs wait to be let go."""

    begun: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    def run(self, job: Job) -> RunResult:
        self.begun.set()
        assert self.go.wait(10)
        return RunResult(backend="slow", frames=b"", ended="exited")


class Quick:
    def run(self, job: Job) -> RunResult:
        return RunResult(backend="quick", frames=b"", ended="exited")


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_a_job_by_itself_was_in_no_company() -> None:
    assert [turns.run(Quick(), JOB)[1], turns.run(Quick(), JOB)[1]] == [False, False]


def test_two_jobs_at_once_were_in_company() -> None:
    slow, found = Slow(), []
    other = threading.Thread(target=lambda: found.append(turns.run(slow, JOB)[1]))
    other.start()
    assert slow.begun.wait(10)

    company = turns.run(Quick(), JOB)[1]

    slow.go.set()
    other.join()
    assert company


def test_a_job_that_runs_alone_waits_for_the_others_and_later_ones_wait_for_it() -> None:
    slow, lone, order = Slow(), Slow(), []
    first = threading.Thread(target=lambda: order.append(turns.run(slow, JOB)[0].backend))
    second = threading.Thread(target=lambda: order.append(turns.run_alone(lone, JOB).backend + " alone"))
    first.start()
    assert slow.begun.wait(10)
    second.start()
    assert not lone.begun.wait(0.2)
    slow.go.set()
    assert lone.begun.wait(10)
    third = threading.Thread(target=lambda: order.append(turns.run(Quick(), JOB)[0].backend))
    third.start()
    third.join(0.2)
    assert (third.is_alive(), order) == (True, ["slow"])
    lone.go.set()
    for thread in (first, second, third):
        thread.join(10)
    assert sorted(order) == ["quick", "slow", "slow alone"]


def test_where_no_lock_can_be_had_a_job_runs_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    tempfile.tempdir = str(tmp_path / "taken")

    assert turns.run(Quick(), JOB)[1] is False
