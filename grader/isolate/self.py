"""Landlock and seccomp under the user who grades: for a laptop where namespaces cannot be had, and never for root.

The program reaches neither the user's files nor processes nor the network. What it shares with the user is the count of
processes, the disk, and the machine's memory: for code that is foreign, but not for a class of strangers.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

from grader.isolate import confined
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.isolate.layers import landlock
from grader.records import Job, RunResult

NAME = "self"
FIX = "Use --isolation namespaces, or --isolation slot as root in a container."


def _needs() -> str:
    if os.getuid() == 0:
        return "root is above the limits, so its jobs need a user of their own"
    if landlock.version() < landlock.SCOPE_ABI:
        return "this kernel's Landlock cannot keep signals in (Linux 6.12 can)"
    return ""


@functools.cache
def unavailable() -> str:
    """Why it cannot run here, or nothing. Found out by making a worker once."""
    return confined.explained(NAME, FIX, _needs)


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    return confined.start(NAME, job, probe, unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()
