"""A plain process: the weakest sandbox, for a student's own code on a student's own machine.

Student code runs as the user who grades: it can read and write that user's files and reach the network. What holds is
that it runs in a process and a folder of its own, with an almost empty environment, within limits of time, output and
memory, and that nothing of it is left running. It cannot forge a grade here either, for only data comes back. Do not
grade a class of strangers with it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.isolate.plan import Plan, environment
from grader.records import Job, RunResult

NAME = "process"


def unavailable() -> str:
    """Why it cannot run here, or nothing."""
    if os.name != "posix":
        return "This grader needs Linux or macOS. On Windows, run it in WSL or in Docker."
    return ""


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    def plan(folder: Path) -> Plan:
        return Plan(
            command=(sys.executable, "-I", str(probe), str(folder)),
            environment=environment(job, folder),
            working_folder=folder / "submission",
            data_dir=job.data_dir,
        )

    return Running(NAME, job, plan if not unavailable() else unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()
