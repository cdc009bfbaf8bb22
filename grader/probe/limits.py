"""The limits that the probe puts on itself before it loads student code, and the clock that ends a long program."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Any

GRACE_S = 20  # after the time limit, to capture the network and send what there is


class TimeLimit(BaseException):
    """The student's program used up its time. Not an Exception, so that a bare ``except Exception`` lets it pass."""


class DataRanOut(BaseException):
    """A hand-written training loop has shown all it can show; the program is ended as if its data had run out."""


class Clock:
    """Raises TimeLimit in the main thread when CPU or wall time is up, once armed, and until it is stopped."""

    def __init__(self) -> None:
        self.armed = False
        self.expired = False

    def ring(self, _signal: int, _frame: FrameType | None) -> None:
        self.expired = True
        if self.armed:
            raise TimeLimit

    def stop(self) -> None:
        self.armed = False


def apply(limits: dict[str, Any]) -> Clock:
    clock = Clock()
    try:
        import resource
    except ImportError:  # Windows: the backend's wall limit is all there is
        return clock
    cpu_s, file_bytes = int(limits["cpu_s"]), int(limits["file_mb"]) << 20
    _limit(resource.RLIMIT_CPU, cpu_s, cpu_s + GRACE_S)
    _limit(resource.RLIMIT_FSIZE, file_bytes, file_bytes)
    _limit(resource.RLIMIT_CORE, 0, 0)
    if hasattr(resource, "RLIMIT_NPROC") and os.getpid() < 16:
        # Counted over all of a user's processes, so only where this one is alone in its namespace.
        _limit(resource.RLIMIT_NPROC, int(limits["processes"]), int(limits["processes"]))
    if hasattr(resource, "RLIMIT_AS"):
        memory_bytes = int(limits["memory_mb"]) << 20
        _limit(resource.RLIMIT_AS, memory_bytes, memory_bytes)
    for name in ("SIGXCPU", "SIGALRM"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), clock.ring)
    if hasattr(signal, "SIGXFSZ"):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is an OSError at the student's line
    if hasattr(signal, "setitimer"):
        # Again every second: a program that swallows the first one is told again.
        signal.setitimer(signal.ITIMER_REAL, float(limits["wall_s"]), 1.0)
    return clock


def _limit(kind: int, soft: int, hard: int) -> None:
    import resource

    _, ceiling = resource.getrlimit(kind)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))
