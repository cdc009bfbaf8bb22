"""Limits that the kernel keeps for each process of a job. CPU time is the probe's own to set, who hears of it first."""

from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MOST_DESCRIPTORS = 512


def restrict(limits: Mapping[str, Any], shared_user: bool) -> None:
    """``shared_user``: other programs run under this user, too, and count among its processes."""
    others = threads_of(os.getuid()) if shared_user else 0
    processes = int(limits["processes"]) + others
    file_bytes, memory_bytes = int(limits["file_mb"]) << 20, int(limits["memory_mb"]) << 20
    wanted = {
        resource.RLIMIT_NPROC: processes,
        resource.RLIMIT_FSIZE: file_bytes,
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_NOFILE: MOST_DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }
    for kind, most in wanted.items():
        _, ceiling = resource.getrlimit(kind)
        most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(kind, (most, most))


def threads_of(user: int) -> int:
    """Threads that run under a user now, as far as /proc tells."""
    found = 0
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.stat(f"/proc/{name}").st_uid == user:
                    lines = Path("/proc", name, "status").read_text().splitlines()
                    found += next(int(line.split()[1]) for line in lines if line.startswith("Threads:"))
            except (OSError, StopIteration, ValueError):
                continue
    return found
