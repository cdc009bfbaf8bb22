"""The local executor: so many worker processes on this machine, each with one submission at a time.

A worker that dies, or works longer than anything may, costs the submission in its hands one more try; the second time
it is recorded as our fault, and the run goes on.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORKER = (sys.executable, "-m", "grader.batch.worker")
TRIES = 2
DIED = f"a worker died {TRIES} times over it"
LAST_S = 10.0  # for a worker that was asked to stop


@dataclass(frozen=True, kw_only=True)
class Task:
    """One content to be graded into one folder."""

    folder: str
    submission: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    folder: str
    fault: str = ""  # why there is no grading: ours


class _Worker:
    """One process, what it works on, and since when."""

    def __init__(self, command: tuple[str, ...], settings: dict[str, Any], log: Path) -> None:
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                [*command, json.dumps(settings), str(os.getpid())],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                env={**os.environ, "OMP_NUM_THREADS": "1", "PYTORCH_NVML_BASED_CUDA_CHECK": "1"},
            )
        self.task: Task | None = None
        self.since = 0.0
        self.answer = bytearray()

    @property
    def output(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def give(self, task: Task) -> bool:
        """Hand it a task; False where it is dead."""
        assert self.process.stdin is not None
        self.task, self.since = task, time.monotonic()
        self.answer.clear()
        try:
            line = json.dumps({"folder": task.folder, "submission": task.submission})
            self.process.stdin.write(line.encode("ascii") + b"\n")
            self.process.stdin.flush()
        except OSError:
            return False
        return True

    def read(self) -> dict[str, str] | None:
        """Its answer, nothing yet, or EOFError where it has died."""
        part = os.read(self.output, 1 << 16)
        if not part:
            raise EOFError
        self.answer += part
        return json.loads(self.answer) if self.answer.endswith(b"\n") else None

    def stop(self, hard: bool = False) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGKILL if hard else signal.SIGTERM)
        try:
            self.process.wait(LAST_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Local:
    """``run`` gives an outcome for every task, in the order in which they are done."""

    jobs: int
    settings: dict[str, Any]
    log: Path
    deadline_s: float
    command: tuple[str, ...] = WORKER
    tick: Callable[[], None] = lambda: None  # called at least each second
    _workers: list[_Worker] = field(default_factory=list)
    _again: list[Task] = field(default_factory=list)
    _tried: dict[str, int] = field(default_factory=dict)
    _lost: list[Outcome] = field(default_factory=list)

    def run(self, tasks: Iterator[Task]) -> Iterator[Outcome]:
        with selectors.DefaultSelector() as waiting:
            try:
                self._feed(tasks, waiting)
                while self._lost or any(worker.task for worker in self._workers):
                    while self._lost:
                        yield self._lost.pop()
                    self.tick()
                    ready = [key.data for key, _ in waiting.select(1.0)] if self._workers else []
                    for worker in [*ready, *self._overdue(ready)]:
                        outcome = self._hear(worker, waiting, overdue=worker not in ready)
                        if outcome is not None:
                            yield outcome
                    self._feed(tasks, waiting)
            finally:
                for worker in self._workers:
                    worker.stop(hard=False)
                self._workers.clear()

    def _feed(self, tasks: Iterator[Task], waiting: selectors.BaseSelector) -> None:
        """Give everyone who is idle something to do, and start workers while there is more."""
        while True:
            idle = next((worker for worker in self._workers if worker.task is None), None)
            if idle is None and len(self._workers) >= self.jobs:
                return
            task = self._again.pop() if self._again else next(tasks, None)
            if task is None:
                return
            if idle is None:
                idle = _Worker(self.command, self.settings, self.log)
                self._workers.append(idle)
                waiting.register(idle.output, selectors.EVENT_READ, idle)
            if not idle.give(task):
                self._bury(idle, waiting)
                if not self._once_more(task):
                    self._lost.append(Outcome(folder=task.folder, fault=DIED))

    def _hear(self, worker: _Worker, waiting: selectors.BaseSelector, *, overdue: bool) -> Outcome | None:
        task = worker.task
        if not overdue:
            try:
                answer = worker.read()
            except (EOFError, OSError, ValueError):
                answer = None
            else:
                if answer is None:
                    return None
                worker.task = None
                return Outcome(folder=answer["folder"], fault=answer["fault"])
        self._bury(worker, waiting)
        if task is None or (not overdue and self._once_more(task)):
            return None
        why = f"a worker took longer than {self.deadline_s:.0f} s" if overdue else DIED
        return Outcome(folder=task.folder, fault=why)

    def _once_more(self, task: Task) -> bool:
        self._tried[task.folder] = self._tried.get(task.folder, 0) + 1
        if self._tried[task.folder] >= TRIES:
            return False
        self._again.append(task)
        return True

    def _overdue(self, ready: list[_Worker]) -> list[_Worker]:
        late = time.monotonic() - self.deadline_s
        return [one for one in self._workers if one.task is not None and one.since < late and one not in ready]

    def _bury(self, worker: _Worker, waiting: selectors.BaseSelector) -> None:
        waiting.unregister(worker.output)
        worker.stop(hard=True)
        self._workers.remove(worker)
