"""A worker: ``python -m grader.batch.worker SETTINGS`` reads tasks as lines of JSON and answers each with a line.

It holds torch and the sandbox's warm probe from one submission to the next. When it dies the orchestrator notices;
when the orchestrator dies, so does the worker, and stops what it runs first.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import sys
import traceback
from typing import Any

FAULT = 300  # characters of an error of ours that reach the ledger


def main() -> None:
    parent = int(sys.argv[2])
    _die_with(parent)
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # whatever prints goes to the log
    from grader import pipeline
    from grader.batch.work import Settings, Work

    settings = Settings.of(json.loads(sys.argv[1]))
    work = Work(settings)
    pipeline.warm_up(1)
    try:
        for line in sys.stdin:
            answers.write(json.dumps(_answer(work, json.loads(line))) + "\n")
            answers.flush()
    finally:
        with contextlib.suppress(OSError):
            work.close()


def _answer(work: Any, task: dict[str, Any]) -> dict[str, str]:
    from grader.batch import work as working

    try:
        work.grade(task["folder"], working.unpacked(task["submission"]))
        return {"folder": task["folder"], "fault": ""}
    except Exception as error:  # ours: the row says so, and the run goes on
        traceback.print_exc()
        return {"folder": task["folder"], "fault": f"{type(error).__name__}: {str(error)[:FAULT]}"}


def _die_with(parent: int) -> None:
    """End as at Ctrl-C when the orchestrator is gone, so that nothing of a submission stays behind."""
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the orchestrator's, which tells
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        sys.exit(0)


def _stop(number: int, frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


if __name__ == "__main__":
    main()
