"""Namespaces: a forked worker with a root folder, processes, network and users of its own, then Landlock and seccomp.

Inside there are Python, the system's libraries, the probe, the data and the job's own files; nothing else of the
machine, and no other job. For root, and for ordinary users where the kernel lets them make user namespaces.
"""

from __future__ import annotations

import functools
from pathlib import Path

from grader.isolate import confined
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.records import Job, RunResult

NAME = "namespaces"
FIX = (
    "Allow user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns=0; in Docker "
    "--security-opt seccomp=unconfined --cap-add SYS_ADMIN), or use --isolation slot as root."
)


@functools.cache
def unavailable() -> str:
    """Why it cannot run here, or nothing. Found out by making a worker once."""
    return confined.explained(NAME, FIX, lambda: "")


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    return confined.start(NAME, job, probe, unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()
