"""Namespaces, and a root folder made for one job: Python, the system's libraries, the probe and the data, read-only;
and three folders in memory to write to, of a fixed size and number of files."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import kernel

NEW_MOUNTS, NEW_CGROUP, NEW_UTS, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
READ_ONLY, NO_SUID, NO_DEV, NO_EXEC, BIND, RECURSIVE, PRIVATE = 1, 2, 4, 8, 4096, 16384, 1 << 18
DETACH, HERE, ALL_BELOW = 2, -100, 0x8000
MOST_FILES = 4096  # in each folder that can be written, besides those of the submission
SCRATCH_MB = 256
NOBODY = 65534
DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}


def leave_processes() -> None:
    """The next child is the first of a world of its own. An ordinary user needs a user namespace for that."""
    if os.getuid() == 0:
        kernel.call("unshare", NEW_PROCESSES)
        return
    user, group = os.getuid(), os.getgid()
    kernel.call("unshare", NEW_USER | NEW_PROCESSES)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {user} 1"), ("gid_map", f"{NOBODY} {group} 1")):
        Path("/proc/self", name).write_text(text)


def enter(orders: Mapping[str, Any], job: Path) -> None:
    """Make the job's own root, put it in the place of the machine's, and copy the job into it."""
    kernel.call("unshare", NEW_MOUNTS | NEW_NETWORK | NEW_IPC | NEW_UTS | NEW_CGROUP)
    kernel.set_host_name("sandbox")
    kernel.mount("none", "/", None, RECURSIVE | PRIVATE)
    new = job.parent
    handed = {name: os.open(path, os.O_PATH | os.O_DIRECTORY) for name, path in _handed(orders, job).items()}
    kernel.mount("tmpfs", str(new), "tmpfs", NO_SUID | NO_DEV, "size=4m,nr_inodes=4096,mode=0755")
    _make_devices(new)
    _make_scratch(new, int(orders["limits"]["file_mb"]))  # before the rest: Python itself may lie below /tmp
    for path in orders["readable"]:
        _show(new, path, path)
    for name, place in handed.items():
        if name != "job":
            _show(new, f"/proc/self/fd/{place}", {"data": "/data"}.get(name, name))
    for path in orders["hidden"]:
        kernel.mount("tmpfs", f"{new}{path}", "tmpfs", READ_ONLY | NO_SUID | NO_DEV | NO_EXEC, "size=0,nr_inodes=1")
    (new / "proc").mkdir()
    kernel.mount("proc", str(new / "proc"), "proc", NO_SUID | NO_DEV | NO_EXEC)
    shutil.copytree(f"/proc/self/fd/{handed['job']}", new / "job", dirs_exist_ok=True)
    give(new / "job", int(orders["user"]))
    _make_read_only(str(new / "dev"), 0)
    os.chdir(new)
    kernel.call("pivot_root", b".", b".")
    kernel.call("umount2", b".", DETACH)
    os.chdir("/")
    _make_read_only("/", 0)
    for place in handed.values():
        os.close(place)


def _make_scratch(new: Path, file_mb: int) -> None:
    """What can be written to: memory, gone with the job."""
    for name, size_mb in {"job": 2 * file_mb, "tmp": SCRATCH_MB, "dev/shm": SCRATCH_MB}.items():
        files = MOST_FILES * (2 if name == "job" else 1)
        (new / name).mkdir()
        options = f"size={size_mb}m,nr_inodes={files},mode={'0755' if name == 'job' else '1777'}"
        kernel.mount("tmpfs", str(new / name), "tmpfs", NO_SUID | NO_DEV, options)


def give(folder: Path, user: int) -> None:
    """Make a folder that nobody else has touched yet that user's own, with all below it."""
    if os.getuid() != 0:
        return
    for parent, _, files in os.walk(folder):
        os.chown(parent, user, user)
        os.chmod(parent, 0o700)
        for name in files:
            os.chown(os.path.join(parent, name), user, user, follow_symlinks=False)


def _handed(orders: Mapping[str, Any], job: Path) -> dict[str, str]:
    """Folders that may lie where the new root will be, or where only this user can come to."""
    return {"job": str(job), "data": str(orders["data"]), str(orders["probe"]): str(orders["probe"])}


def _show(new: Path, source: str, seen: str) -> None:
    """Bind a folder, a file or a link of the machine into the new root, read-only."""
    target = Path(f"{new}{seen}")
    try:
        kind = os.stat(source).st_mode if source.startswith("/proc/") else os.lstat(source).st_mode
    except OSError:
        return
    if os.path.lexists(target) and source == seen:
        return  # below something that is bound already
    old = os.umask(0o022)
    target.parent.mkdir(parents=True, exist_ok=True)
    if stat.S_ISLNK(kind):
        os.symlink(os.readlink(source), target)
        return
    if stat.S_ISDIR(kind):
        target.mkdir(exist_ok=True)
    elif not target.exists():
        target.touch()
    os.umask(old)
    kernel.mount(source, str(target), None, BIND | RECURSIVE)
    _make_read_only(str(target), ALL_BELOW)


def _make_read_only(path: str, flags: int) -> None:
    import ctypes

    read_only, no_suid, no_dev = 1, 2, 4
    added = read_only | no_suid | (0 if path.endswith("/dev") else no_dev)
    attributes = (ctypes.c_uint64 * 4)(added, 0, 0, 0)
    kernel.call("mount_setattr", HERE, path.encode(), flags, attributes, ctypes.sizeof(attributes))


def _make_devices(new: Path) -> None:
    dev = new / "dev"
    dev.mkdir()
    kernel.mount("tmpfs", str(dev), "tmpfs", NO_SUID | NO_EXEC, "size=64k,nr_inodes=64,mode=0755")
    for name in DEVICES:
        (dev / name).touch()
        with contextlib.suppress(FileNotFoundError):
            kernel.mount(f"/dev/{name}", str(dev / name), None, BIND)
    for name, target in LINKS.items():
        os.symlink(target, dev / name)
