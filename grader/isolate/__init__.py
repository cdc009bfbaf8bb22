"""Job -> RunResult: runs the probe beside student code, apart from everything else. One backend a file.

A backend is a module with ``start(job) -> Running`` and ``run(job) -> RunResult``, and ``unavailable() -> str``, which
says in one sentence why this machine cannot run it, or nothing. A sandbox that cannot be had is never a lesser one:
the result says ``unavailable`` and why.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from grader.errors import UsageError
from grader.isolate import bubblewrap, namespaces, process, slot, turns, zygote
from grader.isolate import self as own_user
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.records import Job, RunResult

__all__ = ["BACKENDS", "Backend", "Running", "choose", "turns"]


class Backend(Protocol):
    """What every module in here offers."""

    @property
    def NAME(self) -> str: ...  # noqa: N802 - a constant of the module

    def unavailable(self) -> str: ...

    def start(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running: ...

    def run(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult: ...


# The strongest first; the zygote is as strong as a plain process, and for many submissions in a row.
BACKENDS: dict[str, Backend] = {
    "namespaces": namespaces,
    "bubblewrap": bubblewrap,
    "slot": slot,
    "self": own_user,
    "process": process,
    "zygote": zygote,
}
STRICT = ("namespaces", "slot")  # for a class of strangers


def choose(name: str) -> Backend:
    """The backend of that name; ``auto`` is the strongest that works here, ``strict`` the first that is fit for
    strangers, found by trying. UsageError where there is none: nothing lesser takes its place."""
    if name == "auto":
        return next((backend for backend in BACKENDS.values() if not backend.unavailable()), process)
    if name == "strict":
        reasons = {one: BACKENDS[one].unavailable() for one in STRICT}
        works = next((one for one, reason in reasons.items() if not reason), "")
        if not works:
            raise UsageError(
                "No sandbox that is fit for strangers' code works here.\n"
                + "".join(f"  {reason}\n" for reason in reasons.values())
                + "`grade doctor` tries every layer. For your own code: --isolation auto."
            )
        return BACKENDS[works]
    if name not in BACKENDS:
        known = ", ".join(["auto", "strict", *BACKENDS])
        raise UsageError(f"There is no sandbox called {name!r}. Expected one of {known}.")
    return BACKENDS[name]
