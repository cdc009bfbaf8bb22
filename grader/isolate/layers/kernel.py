"""System calls that Python has no words for, through ctypes. What the kernel refuses is an OSError naming the call."""

from __future__ import annotations

import ctypes
import os
import platform

_C = ctypes.CDLL(None, use_errno=True)
_C.syscall.restype = ctypes.c_long
_C.mount.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p)

X86_64, AARCH64 = "x86_64", "aarch64"
MACHINE = platform.machine()
NUMBERS: dict[str, dict[str, int]] = {
    X86_64: {
        "pivot_root": 155, "capset": 126, "unshare": 272, "seccomp": 317, "mount_setattr": 442,
        "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446,
        "ptrace": 101, "umount2": 166, "shmget": 29, "io_uring_setup": 425, "keyctl": 250,
    },
    AARCH64: {
        "pivot_root": 41, "capset": 91, "unshare": 97, "seccomp": 277, "mount_setattr": 442,
        "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446,
        "ptrace": 117, "umount2": 39, "shmget": 194, "io_uring_setup": 425, "keyctl": 219,
    },
}  # fmt: skip

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 1, 4, 36
PR_GET_SECCOMP, PR_CAPBSET_READ, PR_CAPBSET_DROP = 21, 23, 24
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39
MOST_CAPABILITIES = 64


def call(name: str, *arguments: object) -> int:
    """A system call by its name; its result."""
    number = NUMBERS.get(MACHINE, {}).get(name)
    if number is None:
        raise OSError(f"{name} is not known on {MACHINE}")
    found = int(_C.syscall(ctypes.c_long(number), *(_word(one) for one in arguments)))
    if found < 0:
        _raise(name)
    return found


def prctl(option: int, *arguments: int) -> int:
    padded = [ctypes.c_ulong(one) for one in (*arguments, 0, 0, 0, 0)[:4]]
    found = int(_C.prctl(ctypes.c_int(option), *padded))
    if found < 0:
        _raise(f"prctl {option}")
    return found


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = (source.encode(), target.encode(), kind.encode() if kind else None)
    if _C.mount(*words, flags, options.encode() or None) < 0:
        _raise(f"mount {target}")


def set_host_name(name: str) -> None:
    if _C.sethostname(name.encode(), len(name)) < 0:
        _raise("sethostname")


def drop_capabilities() -> None:
    """None of them is left, nor can one come back."""
    for number in range(MOST_CAPABILITIES):
        try:
            if prctl(PR_CAPBSET_READ, number) == 1:
                prctl(PR_CAPBSET_DROP, number)
        except OSError:  # beyond the last that this kernel has, or none to drop it with
            break


def clear_capabilities() -> None:
    """Empty the process's own sets: effective, permitted, inheritable."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)())


def no_new_privileges() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def _word(value: object) -> object:
    if isinstance(value, int):
        return ctypes.c_long(value)
    return ctypes.c_char_p(value) if isinstance(value, bytes) else value


def _raise(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")
