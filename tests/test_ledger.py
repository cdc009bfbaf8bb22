"""The ledger under kills, and what is graded once."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from fake_batch import grade, settings

from grader.batch import arrivals, regrade, rolls, run
from grader.batch.ledger import Ledger
from grader.errors import UsageError
from grader.records import Override, Row

DRIVER = Path(__file__).with_name("fake_batch.py")


def class_of(folder: Path, sources: Sequence[str]) -> Path:
    folder.mkdir()
    for number, source in enumerate(sources):
        (folder / f"student{number:03d}.py").write_text(source)
    return folder


def rows(out: Path) -> list[Row]:
    ledger = Ledger(out)
    try:
        return list(rolls.roll(ledger).rows)
    finally:
        ledger.close()


def as_compared(found: list[Row]) -> list[Row]:
    """Rows without what a clock decides."""
    return [dataclasses.replace(row, graded_at="", report="", wall_s=0.0, cpu_s=0.0) for row in found]


def finished(out: Path) -> set[tuple[str, int, str, str]]:
    """Who has which grading, and when it was made, as the file has it."""
    if not (out / "ledger.sqlite").is_file():
        return set()
    with contextlib.closing(sqlite3.connect(out / "ledger.sqlite")) as db:
        query = "select student, attempt, grading, graded_at from submissions join gradings on grading = gradings.key"
        try:
            return set(db.execute(query))
        except sqlite3.OperationalError:  # killed before its tables were made
            return set()


def workers_of(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            status = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            if int(status[1]) == parent:
                found.append(int(entry.name))
    return found


def killed_again_and_again(submissions: Path, out: Path, kills: int, dice: random.Random) -> None:
    """Start the run and kill it, or one of its workers, at a random moment; at last let it come to its end."""
    for number in range(kills + 1):
        here = {**os.environ, "PYTHONPATH": str(DRIVER.parent.parent)}
        running = subprocess.Popen([sys.executable, str(DRIVER), str(submissions), str(out)], env=here)
        workers: list[int] = []
        if number < kills:
            time.sleep(dice.uniform(0.15, 0.7))
            before = finished(out)
            workers = workers_of(running.pid)
            victim = dice.choice([running.pid, running.pid, *workers])
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
            if victim == running.pid:
                running.wait()
                assert before <= finished(out), "what was finished is finished"
        code = running.wait(60)
        assert code in (0, -signal.SIGKILL)
        for worker in workers:
            gone = time.monotonic() + 10
            while Path(f"/proc/{worker}").exists() and time.monotonic() < gone:
                time.sleep(0.01)
            assert not Path(f"/proc/{worker}").exists(), "a worker ends with its orchestrator"


def hold_rows_against_kills(tmp_path: Path, students: int, kills: int, seed: int) -> None:
    submissions = class_of(tmp_path / "submissions", [f"number = {one % (students - 5)}\n" for one in range(students)])
    grade(submissions, tmp_path / "calm")
    killed_again_and_again(submissions, tmp_path / "killed", kills, random.Random(seed))
    calm, killed = rows(tmp_path / "calm"), rows(tmp_path / "killed")
    assert len(calm) == students
    assert as_compared(calm) == as_compared(killed)
    folders = [entry.name for entry in (tmp_path / "killed" / "gradings").iterdir()]
    assert sorted(folders) == sorted({f"{one}" for one in folders})
    assert len(folders) == students - 5  # nothing half-written, nothing twice
    with contextlib.closing(sqlite3.connect(tmp_path / "killed" / "ledger.sqlite")) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
        assert db.execute("select count(*) from submissions").fetchone() == (students,)


def test_a_run_killed_at_random_moments_ends_with_the_rows_of_a_calm_one(tmp_path: Path) -> None:
    hold_rows_against_kills(tmp_path, students=60, kills=4, seed=1)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(20))
def test_many_kills_at_random_moments_change_no_row(tmp_path: Path, seed: int) -> None:
    hold_rows_against_kills(tmp_path, students=200, kills=10, seed=seed)


def test_an_interrupted_run_stops_its_workers_and_goes_on_from_there(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", [f"number = {one}\n" for one in range(80)])
    here = {**os.environ, "PYTHONPATH": str(DRIVER.parent.parent)}
    running = subprocess.Popen([sys.executable, str(DRIVER), str(submissions), str(tmp_path / "out")], env=here)
    while len(finished(tmp_path / "out")) < 5:
        time.sleep(0.02)
    workers = workers_of(running.pid)
    running.send_signal(signal.SIGINT)
    assert running.wait(20) == -signal.SIGINT
    assert workers
    assert not [one for one in workers if Path(f"/proc/{one}").exists()]
    before = finished(tmp_path / "out")
    assert 5 <= len(before) < 80
    counts = grade(submissions, tmp_path / "out")
    assert (counts.done, counts.known) == (80, len(before))
    assert before < finished(tmp_path / "out")


def test_equal_contents_are_graded_once_and_everyone_has_a_row(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n", "a = 2\n", "a = 1\n", "a = 1\n"])
    counts = grade(submissions, tmp_path / "out")
    assert (counts.done, counts.known) == (4, 2)
    found = rows(tmp_path / "out")
    assert [row.student.id for row in found] == [f"student{one:03d}" for one in range(4)]
    assert found[0].content == found[2].content == found[3].content != found[1].content
    assert found[0].score == found[2].score
    assert len(list((tmp_path / "out" / "gradings").iterdir())) == 2


def test_the_same_command_again_grades_only_what_is_new_and_counts_the_attempts(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n", "a = 2\n"])
    grade(submissions, tmp_path / "out")
    before = finished(tmp_path / "out")
    again = grade(submissions, tmp_path / "out")
    assert (again.done, again.known) == (2, 2)
    assert finished(tmp_path / "out") == before
    (submissions / "student001.py").write_text("a = 3\n")
    third = grade(submissions, tmp_path / "out")
    assert (third.done, third.known) == (2, 1)
    assert [(row.student.id, row.attempt) for row in rows(tmp_path / "out")] == [("student000", 1), ("student001", 2)]
    assert before < finished(tmp_path / "out")


def test_force_grades_everything_again_once(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n", "a = 2\n", "a = 1\n"])
    grade(submissions, tmp_path / "out")
    counts = grade(submissions, tmp_path / "out", force=True)
    assert (counts.done, counts.known) == (3, 1)
    assert all(row.attempt == 1 for row in rows(tmp_path / "out"))
    assert len(list((tmp_path / "out" / "gradings").iterdir())) == 4


def test_a_submission_over_which_workers_die_is_our_fault_and_nobody_elses_loss(tmp_path: Path) -> None:
    sources = ["a = 1\n", "die here\n", "stumble here\n", "a = 2\n"]
    submissions = class_of(tmp_path / "submissions", sources)
    counts = grade(submissions, tmp_path / "out")
    assert (counts.done, counts.review) == (4, 2)
    assert [row.status for row in rows(tmp_path / "out")] == ["graded", "sandbox-error", "sandbox-error", "graded"]
    assert "a worker died 2 times over it" in rows(tmp_path / "out")[1].result["summary"]
    (submissions / "student001.py").write_text("a = 7\n")
    assert grade(submissions, tmp_path / "out").review == 1, "what failed by our fault is tried again"


def test_a_second_run_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n"])
    out = tmp_path / "out"
    out.mkdir()
    with run.alone(out), pytest.raises(UsageError, match="Another run is working"):
        grade(submissions, out)


def test_a_folder_of_one_assignment_takes_no_other(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n"])
    grade(submissions, tmp_path / "out")
    other = dataclasses.replace(settings(tmp_path / "out"), assignment="quiz2")
    with arrivals.find(submissions) as found, pytest.raises(UsageError, match="is the class of quiz1"):
        run.run(other, found)


def test_a_mark_by_hand_wins_and_is_flagged_when_the_automatic_one_moves(tmp_path: Path) -> None:
    submissions = class_of(tmp_path / "submissions", ["a = 1\n"])
    grade(submissions, tmp_path / "out")
    (automatic,) = rows(tmp_path / "out")
    ledger = Ledger(tmp_path / "out")
    mark = Override(check="total", points=55.0, why="seen", by="me", at="now", beneath=automatic.automatic)
    ledger.override("student000", mark)
    ledger.close()
    (given,) = rows(tmp_path / "out")
    assert (given.score, given.automatic, given.needs_review) == (55.0, automatic.automatic, False)
    regrade.regrade(tmp_path / "out")  # the fake's evidence is worth nothing: the automatic mark moves to 0
    (moved,) = rows(tmp_path / "out")
    assert (moved.score, moved.automatic, moved.needs_review, moved.overrides[0].moved) == (55.0, 0.0, True, True)
