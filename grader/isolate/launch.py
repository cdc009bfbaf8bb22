"""What every backend shares: a job folder, a process in its own session, its pipes, its end, and nothing left over.

The process is started, read and buried in one thread, so that the caller may do something else meanwhile, and because
bubblewrap dies with the thread that started it.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from grader.errors import SandboxUnavailable
from grader.isolate import folder, processes
from grader.isolate.ending import judge
from grader.isolate.plan import Plan
from grader.isolate.watch import Watch
from grader.records import Job, RunResult

PROBE = Path(__file__).resolve().parent.parent / "probe" / "main.py"
SWEPT_S = 20.0  # for a supervisor to kill what is left of its job
GRACE_S = 20.0  # after the wall limit, at which the probe itself stops the program, to send what there is


class Running:
    """A job under way. ``wait`` gives its result; leaving it in any other way kills it and removes its folder."""

    def __init__(self, backend: str, job: Job, plan: Callable[[Path], Plan] | str, grace_s: float = GRACE_S) -> None:
        self._backend = backend
        self._job = job
        self._plan = plan  # or the reason why there is none
        self._grace_s = grace_s
        self._outcome: RunResult | BaseException | None = None
        self._wake_read, self._wake_write = os.pipe()
        # An event, for a join that is interrupted takes the thread for dead (CPython before 3.13).
        self._over = threading.Event()
        atexit.register(self.stop)
        threading.Thread(target=self._live, name=f"grade {job.submission.name}", daemon=True).start()

    def wait(self) -> RunResult:
        """Wait for the end. Interrupted, the job is stopped first."""
        try:
            self._over.wait()
        finally:
            self.stop()
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        assert self._outcome is not None
        return self._outcome

    def stop(self) -> None:
        """Kill what still runs and wait until nothing of it is left. Harmless when all is over."""
        if self._wake_write >= 0:
            wake, self._wake_write = self._wake_write, -1
            os.close(wake)  # the thread sees the end of this pipe
        self._over.wait()
        if self._wake_read >= 0:
            wake, self._wake_read = self._wake_read, -1
            os.close(wake)
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _live(self) -> None:
        try:
            self._outcome = self._run()
        except (OSError, SandboxUnavailable) as error:
            self._outcome = self._unavailable(f"The sandbox could not be started: {error}.")
        except BaseException as error:  # raised where wait() is called
            self._outcome = error
        finally:
            self._over.set()

    def _unavailable(self, reason: str) -> RunResult:
        return RunResult(backend=self._backend, frames=b"", ended="unavailable", reason=reason)

    def _run(self) -> RunResult:
        if isinstance(self._plan, str):
            return self._unavailable(self._plan)
        with folder.temporary() as root:
            plan = self._plan(root / "job")
            folder.write(root / "job", self._job, plan.data_dir)
            if plan.orders is not None:
                (root / "orders.json").write_text(json.dumps(plan.orders), encoding="utf-8")
            with processes.nothing_left(str(root)):
                return self._execute(plan, root)

    def _execute(self, plan: Plan, root: Path) -> RunResult:
        began, memory_kills = time.monotonic(), processes.count_memory_kills()
        with contextlib.ExitStack() as pipes:
            frames_from, frames_to = _pipe(pipes)
            output_from, output_to = _pipe(pipes)
            with contextlib.ExitStack() as far_ends:
                far_ends.callback(os.close, frames_to)
                far_ends.callback(os.close, output_to)
                child = subprocess.Popen(
                    [*plan.command, "--frames", str(frames_to)],
                    stdin=subprocess.DEVNULL,
                    stdout=output_to,
                    stderr=output_to,
                    env=plan.environment,
                    cwd=plan.working_folder,
                    pass_fds=(frames_to,),
                    start_new_session=True,
                )
            watch = Watch(child, self._job.limits, frames_from, output_from)
            ending = watch.follow(self._wake_read, began + self._job.limits.wall_s + self._grace_s)
        told = {} if plan.orders is None else _supervised(root)
        if told.get("unavailable") and not watch.frames.ended:
            return self._unavailable(f"The sandbox could not be started: {told['unavailable']}")
        result = RunResult(
            backend=self._backend,
            frames=bytes(watch.frames.data),
            ended="exited",
            exit_code=ending.exit_code,
            limit=ending.limit or told.get("limit") or None,
            output_head=watch.output.head(),
            output_tail=watch.output.tail(),
            wall_s=time.monotonic() - began,
            cpu_s=max(ending.cpu_s, told.get("cpu_s", 0.0)),
        )
        killed_for_memory = processes.count_memory_kills() > memory_kills
        return judge(result, plan, self._job.limits, killed_for_memory)


def _supervised(root: Path) -> dict[str, Any]:
    """What the supervisor of a confined job saw, once it has ended: it has killed all that was left."""
    over_at = time.monotonic() + SWEPT_S
    with open(root / "orders.json", "rb") as lock:
        while time.monotonic() < over_at:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.005)
    try:
        found = json.loads((root / "ended.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _pipe(stack: contextlib.ExitStack) -> tuple[int, int]:
    """(read end, write end): the first is closed with the stack, the second is the caller's."""
    near, far = os.pipe()
    stack.callback(os.close, near)
    return near, far
