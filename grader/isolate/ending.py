"""How a probe's process ended, told apart: by itself, by a signal, by a limit. Only what is evident is said."""

from __future__ import annotations

import signal
from dataclasses import dataclass, replace

from grader.isolate.plan import Plan
from grader.records import Limits, RunResult, Status

SHELL_SIGNALS = range(129, 129 + 64)


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What was seen of it. No exit code: it was killed by us, or still ran after its end mark."""

    limit: Status | None = None
    exit_code: int | None = None
    cpu_s: float = 0.0


def judge(result: RunResult, plan: Plan, limits: Limits, killed_for_memory: bool) -> RunResult:
    """Complete ``result`` with how it ended."""
    if result.limit is not None:
        return replace(result, ended="limit", exit_code=None)
    if not result.frames and result.exit_code != 0 and result.output_head.startswith(plan.own_errors or ("\0",)):
        reason = f"The sandbox could not be started: {result.output_head.strip().splitlines()[0]}"
        return replace(result, ended="unavailable", reason=reason)
    code = result.exit_code
    if code is not None and plan.passes_signals_on and code in SHELL_SIGNALS:
        code = 128 - code
    limit = _limit(result, code, limits, killed_for_memory)
    if limit is not None:
        return replace(result, ended="limit", limit=limit, exit_code=code)
    return replace(result, ended="signalled" if code is not None and code < 0 else "exited", exit_code=code)


def _limit(result: RunResult, code: int | None, limits: Limits, killed_for_memory: bool) -> Status | None:
    """The limit that evidently ended it, if one did."""
    if code is None or code == 0:
        return None
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and result.cpu_s >= limits.cpu_s):
        return "time-limit"
    if code == -signal.SIGXFSZ:
        return "disk-limit"
    last_line = (result.output_tail or result.output_head).rstrip().rpartition("\n")[2]
    out_of_memory = last_line.startswith("MemoryError") or "std::bad_alloc" in last_line
    if out_of_memory or (code == -signal.SIGKILL and killed_for_memory):
        return "memory-limit"
    return None
