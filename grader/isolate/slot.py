"""A slot: a forked worker under a user number that nobody else has, then Landlock and seccomp. Works in ``docker run``.

It sees that there are other processes and can do nothing to them. It writes to its job's folder only. The disk below
that folder is shared: its size and number of files are looked at while the job runs.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from grader.isolate import confined
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.records import Job, RunResult

NAME = "slot"
FIX = (
    "Run the grader as root in a container, with Python where every user may read it (not below /root), on a kernel "
    "with Landlock, or use --isolation namespaces."
)


def _needs() -> str:
    return "" if os.getuid() == 0 else "only root can give each job a user of its own"


@functools.cache
def unavailable() -> str:
    """Why it cannot run here, or nothing. Found out by making a worker once."""
    return confined.explained(NAME, FIX, _needs)


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    return confined.start(NAME, job, probe, unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()
