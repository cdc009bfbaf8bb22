"""Jobs side by side, and a job alone: a limit that was met in company may be the neighbours' doing.

Every run holds a shared lock of this user on this machine. A run that needs the machine for itself closes the gate for
later ones, waits for those under way, and opens it again afterwards.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from grader.records import Job, RunResult

FOLDER = "grade-turns-"


class Starts(Protocol):
    """What is asked of a backend here."""

    def run(self, job: Job) -> RunResult: ...


def run(backend: Starts, job: Job) -> tuple[RunResult, bool]:
    """The result of a job, and whether others may have disturbed it."""
    with _lock("gate") as gate:
        _take(gate, fcntl.LOCK_SH)  # wait while it is closed
    with _lock("run") as lock:
        company = not _alone(lock)
        _take(lock, fcntl.LOCK_SH)
        result = backend.run(job)
        return result, not _alone(lock) or company


def run_alone(backend: Starts, job: Job) -> RunResult:
    """The result of a job beside which no other one of this user ran."""
    with _lock("gate") as gate, _lock("run") as lock:
        _take(gate, fcntl.LOCK_EX)
        _take(lock, fcntl.LOCK_EX)
        return backend.run(job)


def _alone(lock: int) -> bool:
    """Whether no other run holds the lock; it is held exclusively afterwards, if so."""
    return lock < 0 or _take(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _take(lock: int, how: int) -> bool:
    if lock < 0:
        return True
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(lock, how)
        return True
    return False


@contextmanager
def _lock(name: str) -> Iterator[int]:
    """A file to lock, in a folder that only this user can come to; -1 where there is none to be had."""
    folder = Path(tempfile.gettempdir(), f"{FOLDER}{os.getuid()}")
    lock = -1
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        seen = folder.lstat()
        if seen.st_uid == os.getuid() and not seen.st_mode & 0o077:
            lock = os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        yield lock
    finally:
        if lock >= 0:
            os.close(lock)
