"""What the kernel tells of a job's processes: those that slipped out of their group, CPU time, kills for memory.

A daemon that student code starts is in a group of its own, but it still holds the environment that it was started
with, or stands in its job folder. Where there is no /proc (macOS) such a daemon stays; bubblewrap leaves none.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROCESSES = Path("/proc")
ROUNDS = 50  # a program that forks while it is swept is met again
PAUSE_S = 0.01


@contextmanager
def nothing_left(marker: str) -> Iterator[None]:
    """Afterwards no process is left whose environment or working folder tells of ``marker``, a folder of one job."""
    try:
        yield
    finally:
        none_seen = 0
        for _ in range(ROUNDS):
            found = _marked(marker.encode())
            for pid in found:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)
            none_seen = 0 if found else none_seen + 1
            if none_seen == 2:  # one look can miss a process whose parent forked it and ended while the list was read
                break
            if found:
                time.sleep(PAUSE_S)


def _marked(marker: bytes) -> list[int]:
    if not (PROCESSES / "self" / "environ").exists():
        return []
    pids = [int(name) for name in os.listdir(PROCESSES) if name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and marker in _traces(PROCESSES / str(pid))]


def _traces(process: Path) -> bytes:
    traces = b""
    with contextlib.suppress(OSError):
        traces += os.readlink(process / "cwd").encode("utf-8", "surrogateescape")
    with contextlib.suppress(OSError):
        traces += b"\0" + (process / "environ").read_bytes()
    return traces


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and all below it, as far as /proc tells."""
    total_s = 0.0
    pending = [pid]
    while pending:
        process = PROCESSES / str(pending.pop())
        with contextlib.suppress(OSError, ValueError, IndexError):
            # After the name, which may hold anything: user, system, and those of buried children are fields 11 to 14.
            fields = (process / "stat").read_bytes().rpartition(b")")[2].split()
            total_s += sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            for task in os.listdir(process / "task"):
                pending += map(int, (process / "task" / task / "children").read_text().split())
    return total_s


def count_memory_kills() -> int:
    """How many processes this kernel has ever killed for want of memory; 0 where it does not say."""
    with contextlib.suppress(OSError, ValueError):
        for line in (PROCESSES / "vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0
