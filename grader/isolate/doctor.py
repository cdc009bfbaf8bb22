"""What works on this machine: each layer tried in a child of its own, each backend by running in it once."""

from __future__ import annotations

import os
import platform
import resource
import socket
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from grader.isolate import confined
from grader.isolate.launch import PROBE
from grader.isolate.layers import kernel, landlock, seccomp, view

if TYPE_CHECKING:
    from grader.isolate import Backend

MEMORY_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One thing that was tried. ``found`` says what happened, where it does not work."""

    name: str
    works: bool
    found: str = ""
    fix: str = ""


class _Open(Exception):
    """Something that should have been refused was not."""


def layers() -> list[Trial]:
    if not sys.platform.startswith("linux"):
        return [Trial(name="linux", works=False, found=platform.system(), fix="Use Linux, WSL 2 or a container.")]
    return [_trial(name, action, fix) for name, (action, fix) in LAYERS.items()]


def backends(known: Mapping[str, Backend]) -> list[Trial]:
    reasons = {name: backend.unavailable() for name, backend in known.items()}
    return [Trial(name=name, works=not reason, found=reason) for name, reason in reasons.items()]


def _trial(name: str, action: Callable[[], None], fix: str) -> Trial:
    """Do it in a child: a layer once put on cannot be taken off."""
    told, tell = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the child has no need of
        child = os.fork()
    if not child:
        try:
            action()
            os.write(tell, b"works")
        except BaseException as error:
            os.write(tell, (str(error) or type(error).__name__).encode("utf-8", "replace")[:500])
        finally:
            os._exit(0)
    os.close(tell)
    with os.fdopen(told, "rb") as pipe:
        said = pipe.read().decode("utf-8", "replace")
    os.waitpid(child, 0)
    works = said == "works"
    return Trial(name=name, works=works, found="" if works else said or "it died", fix="" if works else fix)


def _must_fail(what: str, action: Callable[[], object]) -> None:
    try:
        action()
    except (OSError, MemoryError):
        return
    raise _Open(f"{what} was not refused")


def _landlock() -> None:
    landlock.restrict(["/usr"], [], [], [])
    _must_fail("reading /etc", lambda: os.listdir("/etc"))


def _signals() -> None:
    if landlock.version() < landlock.SCOPE_ABI:
        raise _Open(f"Landlock's version is {landlock.version()}")
    landlock.restrict(["/"], [], [], [])
    _must_fail("a signal to the parent", lambda: os.kill(os.getppid(), 0))


def _seccomp() -> None:
    seccomp.restrict()
    _must_fail("a socket", lambda: socket.socket(socket.AF_UNIX))


def _own_user() -> None:
    if os.getuid() != 0:
        raise _Open("only root can do it")
    user = confined.user()
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    _must_fail("becoming root again", lambda: os.setuid(0))


def _user_namespaces() -> None:
    if os.getuid() == 0:
        os.setresgid(view.NOBODY, view.NOBODY, view.NOBODY)
        os.setresuid(view.NOBODY, view.NOBODY, view.NOBODY)
    kernel.call("unshare", view.NEW_USER)


def _namespaces() -> None:
    view.leave_processes()
    kernel.call("unshare", view.NEW_MOUNTS | view.NEW_NETWORK | view.NEW_IPC | view.NEW_UTS | view.NEW_CGROUP)
    kernel.mount("none", "/", None, view.RECURSIVE | view.PRIVATE)


def _python() -> None:
    """Whether every user may read this Python: asked of the folders above it."""
    for place in (Path(os.__file__).resolve(), PROBE.resolve()):
        for folder in place.parents:
            if not folder.stat().st_mode & 0o001:
                raise _Open(f"{folder} lets nobody through")


def _processes() -> None:
    if os.getuid() == 0:
        _own_user()
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    _must_fail("another process", os.fork)


def _memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _must_fail("too much memory", lambda: bytearray(2 * MEMORY_BYTES))


LAYERS: dict[str, tuple[Callable[[], None], str]] = {
    "landlock": (_landlock, "Linux 5.13 or newer, with landlock among the kernel's security modules (lsm=...)."),
    "landlock keeps signals in": (_signals, "Linux 6.12 or newer; only `self` needs it."),
    "seccomp": (_seccomp, "A kernel with CONFIG_SECCOMP_FILTER, on x86-64 or arm64."),
    "a user for each job": (_own_user, "Run the grader as root in a container; only `slot` needs it."),
    "user namespaces": (
        _user_namespaces,
        "sysctl user.max_user_namespaces=10000 and kernel.apparmor_restrict_unprivileged_userns=0; only `namespaces` "
        "and `bubblewrap` of ordinary users need them.",
    ),
    "namespaces and mounts": (
        _namespaces,
        "As for user namespaces; in Docker --cap-add SYS_ADMIN --security-opt seccomp=unconfined.",
    ),
    "Python for every user": (_python, "Install Python and the grader outside of /root; only `slot` needs it."),
    "limit on processes": (_processes, "A container or a kernel that counts a user's processes."),
    "limit on memory": (_memory, "A kernel that keeps RLIMIT_AS."),
}
