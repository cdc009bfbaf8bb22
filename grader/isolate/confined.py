"""What ``namespaces``, ``slot`` and ``self`` share: a zygote whose workers confine themselves, and a job's orders.

The zygote has imported torch, runs no operation, and holds no secret: its children can read its memory.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from grader.isolate import folder, roots
from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.isolate.plan import Plan, environment, search_path
from grader.isolate.zygote import Zygote
from grader.records import Job, Limits

START = Path(__file__).resolve().parent / "layers" / "start.py"
CLIENT = PROBE.parent / "client.py"
UNUSED_USERS = range(0x70000000, 0x7FFF0000)  # numbers that no account and no container is given
USERS_OF_A_CONTAINER = range(50000, 60000)  # where only 65,536 numbers exist
TRIAL_S = 30
# Tests take layers away, to see that the corpus of hostile programs notices. Nothing else sets these.
DROPPED: set[str] = set()
UNTESTED: set[str] = set()


def _command(probe: Path, socket: Path) -> list[str]:
    return [sys.executable, "-I", str(START), str(probe), str(socket)]


WARM = Zygote(_command)


def start(kind: str, job: Job, probe: Path, reason: str, grace_s: float = GRACE_S) -> Running:
    """The job under way in a worker of that kind, or the reason why there is none."""
    inside = kind == "namespaces"

    def plan(root: Path) -> Plan:
        seen = Path("/job") if inside else root
        client = (sys.executable, "-I", "-S", str(CLIENT), str(WARM.socket(probe)), str(root))
        return Plan(
            command=client,
            environment=environment(job, seen),
            working_folder=root.parent,
            data_dir=Path("/data") if inside else job.data_dir.resolve(),
            passes_signals_on=True,
            orders=orders(kind, root, job.data_dir.resolve(), probe, job.limits),
        )

    return Running(kind, job, reason or plan, grace_s)


def orders(kind: str, root: Path, data: Path, probe: Path, limits: Limits) -> dict[str, Any]:
    """All that a worker is told of its job: no expected value, no seed, no other job."""
    hidden = roots.hidden()
    readable, listable = (roots.readable(), []) if kind == "namespaces" else roots.around(roots.readable(), hidden)
    return {
        "kind": kind,
        "user": user() if os.getuid() == 0 else os.getuid(),
        "limits": dataclasses.asdict(limits),
        "readable": readable,
        "listable": listable,
        "facts": list(roots.FACTS),
        "hidden": [str(path) for path in hidden],
        "probe": str(probe.resolve().parent),
        "data": str(data),
        "needed": [str(path) for path in (os.__file__, *roots.python(), probe.resolve())],
        "secrets": [__file__, str(root.parent / "orders.json")],
        "dropped": sorted(DROPPED),
        "untested": sorted(UNTESTED),
    }


def user() -> int:
    """A user number that nobody has, as far as this machine or container has so many."""
    with open("/proc/self/uid_map", encoding="ascii") as file:
        spans = [tuple(map(int, line.split())) for line in file]
    large = any(first <= UNUSED_USERS[0] and first + count > UNUSED_USERS[-1] for first, _, count in spans)
    return secrets.choice(UNUSED_USERS if large else USERS_OF_A_CONTAINER)


@functools.cache
def trial(kind: str, dropped: Collection[str] = ()) -> str:
    """Why a worker of that kind cannot be had here, or nothing: one is made, tests its layers, and ends."""
    with folder.temporary() as place:
        root = place / "job"
        for name in ("submission", "home", "tmp"):
            (root / name).mkdir(parents=True)
        told = orders(kind, root, PROBE.parent, PROBE, Limits()) | {"dropped": sorted(dropped)}
        (place / "orders.json").write_text(json.dumps(told), encoding="utf-8")
        try:
            tried = subprocess.run(
                [sys.executable, "-I", str(START), "--try", str(root)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TRIAL_S,
                check=False,
                env={"PATH": search_path()},
                start_new_session=True,
            )
            ended = json.loads((place / "ended.json").read_text(encoding="utf-8"))
        except (OSError, ValueError, subprocess.TimeoutExpired) as error:
            return f"the trial stopped ({type(error).__name__})"
    reason = str(ended["unavailable"]) or (f"the trial ended with {tried.returncode}" if tried.returncode else "")
    return reason.rstrip(".")


def explained(kind: str, fix: str, needs: Callable[[], str]) -> str:
    """The trial's reason in a sentence, with the way to mend it; what is plain without a trial is said first."""
    if not sys.platform.startswith("linux"):
        return f"{kind} needs Linux. Use --isolation process for your own code, or Docker."
    missing = needs()
    if missing:
        return f"{kind} cannot be had here: {missing}. {fix}"
    reason = trial(kind)
    return f"{kind} does not work here: {reason}. {fix}" if reason else ""
