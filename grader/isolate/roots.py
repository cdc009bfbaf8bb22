"""What of this machine a job may see besides its own files: Python with its packages, and the system's libraries."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SETTINGS = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime")
FACTS = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm", "/sys/devices/system/cpu")


def python() -> list[Path]:
    """The folders that make up this Python, outer ones first, under the names they are used by and their real ones."""
    prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
    named = {Path(name) for prefix in prefixes for name in (prefix, os.path.realpath(prefix))} | {Path("/usr")}
    return sorted(
        (path for path in named if not any(path != other and path.is_relative_to(other) for other in named)),
        key=lambda path: len(path.parts),
    )


def readable() -> list[str]:
    found = [*SYSTEM, *SETTINGS, *map(str, python())]
    return list(dict.fromkeys(path for path in found if os.path.lexists(path)))


def hidden(package: Path = PACKAGE) -> list[Path]:
    """Folders of the grader's own that lie within what may be seen: installed beside other packages, it would be."""
    beside = Path(sysconfig.get_path("purelib")) / "grader"  # where an editable install, too, puts the assignments
    own = (package, beside, *(package.parent / name for name in ("assignments", "reference", "tests")))
    shown = python()
    return [path for path in dict.fromkeys(own) if path.is_dir() and any(map(path.is_relative_to, shown))]


def around(shown: Sequence[str], hidden: Sequence[Path]) -> tuple[list[str], list[str]]:
    """(readable, listable): what is shown, in pieces that leave the hidden folders out; of the folders above those only
    the names."""
    readable, listable, pending = [], [], list(shown)
    while pending:
        path = Path(pending.pop())
        if path in hidden:
            continue
        if any(one.is_relative_to(path) for one in hidden):
            listable.append(str(path))
            pending += [str(path / name) for name in os.listdir(path)]
        else:
            readable.append(str(path))
    return sorted(readable), sorted(listable)
