"""A plain process (see ``process``) forked from a probe that has imported torch already: for many submissions in a row.

As weak as a plain process: for code that is trusted not to harm, such as the project's own corpus.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from grader.errors import SandboxUnavailable
from grader.isolate import process
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.isolate.plan import Plan, environment, search_path
from grader.records import Job, RunResult

NAME = "zygote"
unavailable = process.unavailable


class Zygote:
    """The warm probe of this process, started when first asked for by ``command(probe, socket)``."""

    def __init__(self, command: Callable[[Path, Path], list[str]]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._folder: Path | None = None  # no TemporaryDirectory: a forked child that forgets it must not clear it away
        self._parent: subprocess.Popen[bytes] | None = None
        self._former: list[subprocess.Popen[bytes]] = []  # may still have workers
        atexit.register(self.stop)  # before any job is: at the end the jobs are stopped first
        os.register_at_fork(after_in_child=self._forget)

    def socket(self, probe: Path) -> Path:
        with self._lock:
            if not self._listening():
                self._start(probe)
            assert self._folder is not None
            return self._folder / "socket"

    def _listening(self) -> bool:
        """Whether it lives, and nobody has cleared its socket away (as those do who clean /tmp)."""
        if self._parent is None or self._folder is None or self._parent.poll() is not None:
            return False
        return (self._folder / "socket").exists()

    @property
    def pid(self) -> int:
        """Of the process that forks; 0 while there is none."""
        return self._parent.pid if self._parent is not None else 0

    def _start(self, probe: Path) -> None:
        if self._parent is not None:
            self._former.append(self._parent)
        self._clear()
        self._folder = Path(tempfile.mkdtemp(prefix="grade-zygote-"))
        one_thread = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL")}
        self._parent = subprocess.Popen(
            self._command(probe, self._folder / "socket"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": search_path(), "LANG": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "", **one_thread},
            start_new_session=True,
        )
        assert self._parent.stdout is not None
        if self._parent.stdout.readline() != b"ready\n":
            raise SandboxUnavailable("the warm probe did not start")

    def stop(self) -> None:
        """Its workers end with it."""
        with self._lock, contextlib.suppress(OSError):
            parents = [*self._former, *([self._parent] if self._parent is not None else [])]
            self._former, self._parent = [], None
            for parent in parents:
                for pipe in (parent.stdin, parent.stdout):
                    if pipe is not None:
                        pipe.close()
                parent.wait(10)
            self._clear()

    def _forget(self) -> None:
        """A child of this process starts a zygote of its own, and leaves its parent's alone."""
        self._lock = threading.Lock()
        self._folder, self._parent, self._former = None, None, []

    def _clear(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def _command(probe: Path, socket: Path) -> list[str]:
    return [sys.executable, "-I", str(probe), "--zygote", str(socket)]


ZYGOTE = Zygote(_command)


def start(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
    def plan(folder: Path) -> Plan:
        client = (sys.executable, "-I", "-S", str(probe.parent / "client.py"))
        return Plan(
            command=(*client, str(ZYGOTE.socket(probe)), str(folder)),
            environment=environment(job, folder),
            working_folder=folder / "submission",
            data_dir=job.data_dir,
        )

    return Running(NAME, job, plan if not unavailable() else unavailable(), grace_s)


def run(job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
    with start(job, probe, grace_s) as running:
        return running.wait()
