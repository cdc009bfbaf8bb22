"""Landlock: which files a process and all its children may read and write, whoever they are. For everybody, since 5.13.

Besides files it keeps signals and abstract sockets inside the sandbox (kernel 6.12) and TCP ports shut (6.7).
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Sequence

from . import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
READ = EXECUTE | READ_FILE | READ_DIR
MAKE_SPECIAL = 1 << 6 | 1 << 9 | 1 << 11  # character devices, sockets, block devices: nobody may
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
SCOPE_ABI = 6
NET_ABI = 4


def version() -> int:
    """Of the kernel's Landlock; 0 where there is none."""
    try:
        return kernel.call("landlock_create_ruleset", 0, 0, 1)
    except OSError:
        return 0


def restrict(readable: Sequence[str], listable: Sequence[str], writable: Sequence[str], devices: Sequence[str]) -> None:
    """From here on this process sees what lies below ``readable`` and changes what lies below ``writable`` or is one of
    ``devices``; of ``listable`` it sees names only. What does not exist is left out."""
    abi = version()
    if not abi:
        raise OSError(errno.ENOSYS, "this kernel has no Landlock")
    known = (1 << 13) - 1 | (REFER if abi > 1 else 0) | (TRUNCATE if abi > 2 else 0) | (IOCTL_DEV if abi > 4 else 0)
    scoped = 0b11 if abi >= SCOPE_ABI else 0
    rules = (ctypes.c_uint64 * 3)(known, 0b11 if abi >= NET_ABI else 0, scoped)
    size = 24 if abi >= SCOPE_ABI else 16 if abi >= NET_ABI else 8
    ruleset = kernel.call("landlock_create_ruleset", rules, size, 0)
    try:
        wanted = [(readable, READ), (listable, READ_DIR), (writable, known & ~MAKE_SPECIAL & ~IOCTL_DEV)]
        for paths, rights in [*wanted, (devices, READ_FILE | WRITE_FILE)]:
            for path in paths:
                _allow(ruleset, path, rights & known)
        kernel.no_new_privileges()
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        folder = os.path.isdir(path)
        rule = _Beneath(rights if folder else rights & OF_A_FILE, place)
        kernel.call("landlock_add_rule", ruleset, 1, ctypes.byref(rule), 0)
    finally:
        os.close(place)
