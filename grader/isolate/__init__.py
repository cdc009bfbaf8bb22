"""Job -> RunResult: runs the probe beside student code, apart from everything else. One backend a file.

A backend is a module with ``start(job) -> Running`` and ``run(job) -> RunResult``, and ``unavailable() -> str``, which
says in one sentence why this machine cannot run it, or nothing. A sandbox that cannot be had is never a lesser one:
the result says ``unavailable`` and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.errors import UsageError
from grader.isolate import bubblewrap, process, zygote
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.records import Job, RunResult

__all__ = ["BACKENDS", "Backend", "Running", "choose"]


class Backend(Protocol):
    """What every module in here offers."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - a constant of the module

    def unavailable(self) -> str: ...

    def start(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running: ...

    def run(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult: ...


# The strongest first; the zygote is as strong as a plain process, and for many submissions in a row.
BACKENDS: dict[str, Backend] = {"bubblewrap": bubblewrap, "process": process, "zygote": zygote}


def choose(name: str) -> Backend:
    """The backend of that name; ``auto`` is the strongest that works here, found by trying."""
    if name == "auto":
        return next((backend for backend in BACKENDS.values() if not backend.unavailable()), process)
    if name not in BACKENDS:
        known = ", ".join(["auto", *BACKENDS])
        raise UsageError(f"There is no sandbox called {name!r}. Expected one of {known}.")
    return BACKENDS[name]
