"""A job in a process of its own: supervised, confined, tested, and only then given to the probe.

    zygote -> supervisor -> [first process of the namespaces ->] worker: limits, Landlock, seccomp, self-test, probe

What the backend ordered lies in ``orders.json`` beside the job, where the job cannot come to; what became of it is
written to ``ended.json`` there. A layer that fails ends the worker before any student code is loaded.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import kernel, landlock, limits, seccomp, selftest, view
from .supervisor import END_SIGNALS, Outcome, Supervisor, adopt

Program = Callable[[Path, int], None]
READY = b"ready"
FAILED = 70
DEVICES = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"]


def work(job: Path, frames: int, program: Program) -> None:
    """Run ``program(job folder, frames)`` as ordered; ends the process."""
    outcome = Outcome(unavailable="the worker stopped before it began")
    try:
        lock = os.open(job.parent / "orders.json", os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(lock, fcntl.LOCK_EX)  # held as long as anything of the job may be alive
        orders = json.loads(os.read(lock, 1 << 20))
        signal.pthread_sigmask(signal.SIG_BLOCK, END_SIGNALS)
        adopt()
        outcome = _supervised(orders, job, frames, program)
    except Exception as error:
        outcome.unavailable = f"{type(error).__name__}: {error}"
    with contextlib.suppress(OSError):
        (job.parent / "ended.json").write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    code = outcome.code
    os._exit(FAILED if outcome.unavailable or code is None else code if code >= 0 else 128 - code)


def _supervised(orders: Mapping[str, Any], job: Path, frames: int, program: Program) -> Outcome:
    told, tell = os.pipe()
    kind, user = orders["kind"], int(orders["user"])
    if kind == "namespaces":
        view.leave_processes()
    if kind == "slot" or "view" in orders.get("dropped", ()):
        os.chmod(job.parent, 0o711)
        view.give(job, user)
    supervisor = os.getpid()
    child = os.fork()
    if not child:
        os.close(told)
        _child(lambda: _begin(orders, job, (frames, tell, supervisor), program), tell)
    os.close(tell)
    os.close(frames)
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    own_memory = None if kind == "namespaces" else job
    watching = Supervisor(child, orders["limits"], own_memory, user if kind == "slot" else None)
    watching.blind = "supervisor" in orders.get("dropped", ())
    outcome = watching.follow()
    said = b""
    with contextlib.suppress(OSError):
        os.set_blocking(told, False)
        said = os.read(told, 4096)
    if not said.startswith(READY) and not outcome.limit:
        words = said.decode("utf-8", "replace").removesuffix(f" {FAILED}")
        outcome.unavailable = words or "it ended before its layers were in place"
    elif said.removeprefix(READY):  # the first process of the namespaces tells how the worker ended
        outcome.code = int(said.removeprefix(READY))
    return outcome


def _child(action: Callable[[], None], tell: int) -> None:
    """Run in a child of ours; what it stumbles over is told, and never by running on."""
    try:
        action()
    except selftest.LayerMissing as error:
        os.write(tell, f"The layer {error}.".encode()[:4000])
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        os.write(tell, f"{error} ({place.name}).".encode("utf-8", "replace")[:4000])
    finally:
        os._exit(FAILED)


def _begin(orders: Mapping[str, Any], job: Path, channels: tuple[int, int, int], program: Program) -> None:
    """As the supervisor's child: change the view and the user, then be the worker or its parent."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, END_SIGNALS)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.setsid()
    if orders["kind"] == "namespaces" and "view" not in orders.get("dropped", ()):
        view.enter(orders, job)
        job = Path("/job")
    _become(orders)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # forgotten when the user changed
    if orders["kind"] != "namespaces":
        _confined(orders, job, channels, program)
        return
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    worker = os.fork()
    if not worker:
        _child(lambda: _confined(orders, job, channels, program), channels[1])
    os.close(channels[0])
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    while True:
        pid, status = os.wait()
        if pid == worker:
            code = os.waitstatus_to_exitcode(status)
            os.write(channels[1], f" {code}".encode())
            os._exit(code if code >= 0 else 128 - code)


def _become(orders: Mapping[str, Any]) -> None:
    """The job's user, without a single capability."""
    if "user" in orders.get("dropped", ()):
        return
    kernel.drop_capabilities()
    if os.getuid() == 0:
        user = int(orders["user"])
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.clear_capabilities()
    kernel.no_new_privileges()


def _confined(orders: Mapping[str, Any], job: Path, channels: tuple[int, int, int], program: Program) -> None:
    frames, tell, supervisor = channels
    _close_all_but({0, 1, 2, frames, tell})
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    dropped = orders.get("dropped", ())
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # rather this one than the grader
    if "limits" not in dropped:
        limits.restrict(orders["limits"], orders["kind"] == "self")
    if "landlock" not in dropped:
        _landlock(orders, job)
    if "seccomp" not in dropped:
        seccomp.restrict()
    selftest.check(orders, supervisor)
    os.chdir(job / "submission")
    os.write(tell, READY)
    os.close(tell)
    program(job, frames)


def _landlock(orders: Mapping[str, Any], job: Path) -> None:
    if orders["kind"] == "namespaces":
        landlock.restrict(["/"], [], [str(job), "/tmp", "/dev/shm"], DEVICES)
        return
    shown = [*orders["readable"], orders["probe"], orders["data"], f"/proc/{os.getpid()}"]
    landlock.restrict([*shown, *orders["facts"]], orders["listable"], [str(job)], DEVICES)


def _close_all_but(kept: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))
