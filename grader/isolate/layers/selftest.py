"""What a worker tries on itself before it loads student code: a layer that does not hold is named, and ends it."""

from __future__ import annotations

import errno
import os
import resource
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from . import kernel

REFUSALS = (errno.EPERM, errno.EINVAL, errno.EACCES, errno.EROFS, errno.ENOENT, errno.ESRCH, errno.ENOSYS)


class LayerMissing(Exception):
    """A layer that was ordered does not hold here."""


def check(orders: Mapping[str, Any], supervisor: int) -> None:
    """Raises LayerMissing for the first layer that lets something through."""
    _reachable(orders)
    tests: dict[str, Callable[[], None]] = {
        "user": lambda: _user(orders),
        "namespaces": lambda: _namespaces(orders),
        "landlock": lambda: _files(orders),
        "seccomp": _calls,
        "limits": lambda: _limits(orders["limits"]),
        "signals": lambda: _refused("a signal to the supervisor", lambda: os.kill(supervisor, 0)),
    }
    for name, test in tests.items():
        if name not in orders.get("untested", ()):
            try:
                test()
            except LayerMissing as error:
                raise LayerMissing(f"{name}: {error}") from None


def _reachable(orders: Mapping[str, Any]) -> None:
    for path in orders["needed"]:
        if not os.access(path, os.R_OK):
            raise LayerMissing(f"view: the job's user cannot read {path}, which it needs")


def _refused(what: str, action: Callable[[], Any]) -> None:
    try:
        action()
    except OSError as error:
        if error.errno in REFUSALS:
            return
        raise LayerMissing(f"{what} failed in an unexpected way ({error})") from None
    raise LayerMissing(f"{what} was not refused")


def _user(orders: Mapping[str, Any]) -> None:
    if 0 in (*os.getresuid(), *os.getresgid()) or (orders["kind"] != "self" and 0 in os.getgroups()):
        raise LayerMissing("it still runs as root")
    told = Path("/proc/self/status").read_text()
    kept = [line for line in told.splitlines() if line.startswith(("CapEff", "CapPrm", "CapInh", "CapAmb"))]
    if any(int(line.split()[1], 16) for line in kept):
        raise LayerMissing("it still has capabilities")
    if kernel.prctl(kernel.PR_GET_NO_NEW_PRIVS) != 1:
        raise LayerMissing("new privileges can be had")
    _refused("becoming root", lambda: os.setuid(0))


def _namespaces(orders: Mapping[str, Any]) -> None:
    if orders["kind"] != "namespaces":
        return
    if os.getppid() != 1:
        raise LayerMissing("other processes can be seen")
    shown = {Path(path).parts[1] for path in (*orders["readable"], orders["probe"])}
    beyond = set(os.listdir("/")) - shown - {"job", "tmp", "data", "proc", "dev"}
    if beyond:
        raise LayerMissing(f"/{min(beyond)} of the machine can be seen")
    if len(Path("/proc/net/route").read_text().splitlines()) > 1:
        raise LayerMissing("there is a way to a network")


def _files(orders: Mapping[str, Any]) -> None:
    for path in orders["secrets"]:
        _refused(f"reading {path}", partial(_open, path, os.O_RDONLY))
    for folder in ("/", "/usr", "/etc", "/var/tmp"):
        place = os.path.join(folder, ".grade-selftest")
        _refused(f"writing to {folder}", partial(_open, place, os.O_WRONLY | os.O_CREAT))


def _open(path: str, flags: int) -> None:
    os.close(os.open(path, flags, 0o600))


def _calls() -> None:
    if kernel.prctl(kernel.PR_GET_SECCOMP) != 2:
        raise LayerMissing("system calls are not filtered")
    for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6, 16, 40):
        _refused(f"a socket of family {int(family)}", partial(socket.socket, family))
    _refused("new namespaces", lambda: kernel.call("unshare", 0x10000000))
    _refused("ptrace", lambda: kernel.call("ptrace", 0, 0, 0, 0))
    _refused("shared memory", lambda: kernel.call("shmget", 0, 4096, 0o1600))
    _refused("io_uring", lambda: kernel.call("io_uring_setup", 1, 0))
    _refused("keys", lambda: kernel.call("keyctl", 0, -3, 1))


def _limits(limits: Mapping[str, Any]) -> None:
    expected = {resource.RLIMIT_FSIZE: "file_mb", resource.RLIMIT_AS: "memory_mb"}
    for kind, name in expected.items():
        if not 0 <= resource.getrlimit(kind)[1] <= int(limits[name]) << 20:
            raise LayerMissing(f"{name} is not limited")
    if resource.getrlimit(resource.RLIMIT_NPROC)[1] < 0:
        raise LayerMissing("processes are not limited")
