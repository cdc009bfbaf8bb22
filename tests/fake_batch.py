"""A class graded by fake workers, as a process that a test may kill: ``fake_batch.py SUBMISSIONS OUT [--force]``."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from grader.batch import arrivals, run
from grader.batch.local import Local
from grader.batch.work import Settings

WORKER = (sys.executable, str(Path(__file__).with_name("fake_worker.py")))


def fake(local: Local) -> Local:
    return dataclasses.replace(local, command=WORKER)


def settings(out: Path) -> Settings:
    return Settings(assignment="quiz1", out=out, cache=out / "learning", isolation="process", quick=True)


def grade(submissions: Path, out: Path, *, jobs: int = 2, force: bool = False) -> run.Counts:
    with arrivals.find(submissions) as found:
        return run.run(settings(out), found, jobs=jobs, force=force, executor=fake)


if __name__ == "__main__":
    counts = grade(Path(sys.argv[1]), Path(sys.argv[2]), jobs=3, force="--force" in sys.argv)
    assert counts.done == counts.total
