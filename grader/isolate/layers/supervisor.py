"""Watches a confined job from outside until it is over, then kills whatever is left of it.

Every process of a job is below the supervisor, which adopts those whose parents end. It looks at them a few times a
second: at the memory of all together, at their CPU time, at what lies in the folders that they write to.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import kernel

LOOK_S = 0.1
CPU_GRACE_S = 20.0  # the probe ends a program itself; only one that goes on is killed
MOST_FILES = 4096 + 2000  # those of a submission are among them
FOLDER, DEEP = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, 256
SWEEPS, PAUSE_S = 200, 0.01
TICK = os.sysconf("SC_CLK_TCK")
SHORT_OF_MEMORY_KB = 256 << 10  # less than that free: the machine is in danger
END_SIGNALS = {signal.SIGCHLD, signal.SIGTERM}


@dataclass(kw_only=True)
class Outcome:
    """How it ended, for the backend: the program's own code, and the limit that the supervisor saw broken."""

    code: int | None = None
    cpu_s: float = 0.0
    limit: str = ""
    unavailable: str = ""
    seen: dict[str, float] = field(default_factory=dict)


class Supervisor:
    """Of one job, whose first process is ``child``; ``folder`` is what it may write to, where that lies on the disk."""

    def __init__(self, child: int, limits: Mapping[str, Any], folder: Path | None, sweep_user: int | None) -> None:
        self.child, self.limits, self.folder, self.sweep_user = child, limits, folder, sweep_user
        self.outcome = Outcome()
        self._own_kb = _memory_kb(os.getpid())  # the zygote's pages, which every child shares
        self.blind = False  # for tests only: it looks at nothing, and kills nothing

    def follow(self) -> Outcome:
        """Until the first process is over, or a limit is broken, or the backend says stop (SIGTERM)."""
        try:
            while not self._over():
                self.outcome.limit = self._broken()
                if self.outcome.limit:
                    break
        finally:
            self.sweep()
        usage = os.times()
        self.outcome.cpu_s = max(self.outcome.cpu_s, usage.children_user + usage.children_system)
        return self.outcome

    def _over(self) -> bool:
        found = signal.sigtimedwait(END_SIGNALS, LOOK_S)
        stopped = found is not None and found.si_signo == signal.SIGTERM
        return self._bury() or stopped

    def _bury(self) -> bool:
        """Take note of those that ended; whether the first one did."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if pid == self.child:
                self.outcome.code = os.waitstatus_to_exitcode(status)
                return True
            if not pid:
                return False

    def _broken(self) -> str:
        if self.blind:
            return ""
        pids = list(below(os.getpid()))
        memory_kb = sum(max(0, _memory_kb(pid) - self._own_kb) for pid in pids)
        self.outcome.cpu_s = sum(map(_cpu_s, pids)) + sum(os.times()[2:4])
        self.outcome.seen["memory_mb"] = max(self.outcome.seen.get("memory_mb", 0), memory_kb >> 10)
        if memory_kb > int(self.limits["memory_mb"]) << 10:
            return "memory-limit"
        if memory_kb > 1 << 20 and _available_kb() < SHORT_OF_MEMORY_KB:
            return "memory-limit"
        if self.outcome.cpu_s > float(self.limits["cpu_s"]) + CPU_GRACE_S:
            return "time-limit"
        if len(pids) > int(self.limits["processes"]) + 2:
            return "process-limit"
        return "disk-limit" if self.folder is not None and self._overfull(self.folder) else ""

    def _overfull(self, folder: Path) -> bool:
        """Names and sizes only: nothing of the student's is opened."""
        files, blocks, open_folders = 0, 0, [(os.open(folder, FOLDER), [""])]
        try:
            while open_folders:
                place, below_it = open_folders[-1]
                if not below_it:
                    os.close(open_folders.pop()[0])
                    continue
                inner = _enter(place, below_it.pop())
                if not below_it:  # a chain of folders may be longer than there are descriptors
                    os.close(open_folders.pop()[0])
                if inner is None:
                    continue
                found, folders, taken = _content(inner)
                files, blocks = files + found, blocks + taken
                open_folders.append((inner, folders))
                if files > MOST_FILES or blocks << 9 > int(self.limits["file_mb"]) << 21 or len(open_folders) > DEEP:
                    return True
        finally:
            for place, _ in open_folders:
                os.close(place)
        return False

    def sweep(self) -> None:
        """Kill all that is left, again and again until nothing is: a program that forks meanwhile is met again."""
        for _ in range(0 if self.blind else SWEEPS):
            left = list(below(os.getpid()))
            if not left:
                return
            if self.sweep_user is not None:
                _kill_all_of(self.sweep_user)
            for number in (signal.SIGSTOP, signal.SIGKILL):
                for pid in left:
                    with contextlib.suppress(OSError):
                        os.kill(pid, number)
            with contextlib.suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG)[0]:
                    pass
            time.sleep(PAUSE_S)


def _kill_all_of(user: int) -> None:
    """From within: a process of that user's, which says kill to every one that it may."""
    pid = os.fork()
    if not pid:
        try:
            os.setgroups([])
            os.setresgid(user, user, user)
            os.setresuid(user, user, user)
            os.kill(-1, signal.SIGKILL)
        finally:
            os._exit(0)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0)


def below(pid: int) -> Iterator[int]:
    """Every process below one, nearest first."""
    pending = [pid]
    while pending:
        with contextlib.suppress(OSError, ValueError):
            tasks = Path("/proc", str(pending.pop()), "task")
            for task in os.listdir(tasks):
                found = [int(word) for word in (tasks / task / "children").read_text().split()]
                yield from found
                pending += found


def _memory_kb(pid: int) -> int:
    """What a process holds in memory of its own or shared, in KiB."""
    total = 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc", str(pid), "status").read_text().splitlines():
            if line.startswith(("RssAnon:", "RssShmem:")):
                total += int(line.split()[1])
    return total


def _available_kb() -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1])
    return SHORT_OF_MEMORY_KB


def _cpu_s(pid: int) -> float:
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc", str(pid), "stat").read_bytes().rpartition(b")")[2].split()
        return sum(map(int, fields[11:15])) / TICK
    return 0.0


def _enter(place: int, name: str) -> int | None:
    with contextlib.suppress(OSError):
        return os.open(name or ".", FOLDER, dir_fd=place)
    return None


def _content(place: int) -> tuple[int, list[str], int]:
    """(entries, names of folders, blocks) of one folder."""
    count, folders, blocks = 0, [], 0
    with contextlib.suppress(OSError), os.scandir(place) as entries:
        for entry in entries:
            count += 1
            with contextlib.suppress(OSError):
                blocks += entry.stat(follow_symlinks=False).st_blocks
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.name)
            if count > MOST_FILES:
                break
    return count, folders, blocks


def adopt() -> None:
    """Become the parent of those below whose own parents end, and end with the zygote."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
