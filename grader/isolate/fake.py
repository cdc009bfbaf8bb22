"""A sandbox that runs nothing: it answers every job with one prepared result, and remembers the jobs it was given."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.isolate.launch import GRACE_S, PROBE, Running
from grader.records import Job, RunResult, Status


class Done(Running):
    """A job that was over before it began."""

    def __init__(self, result: RunResult) -> None:
        self._prepared = result

    def wait(self) -> RunResult:
        return self._prepared

    def stop(self) -> None:
        pass


@dataclass
class Fake:
    """A backend for tests of what comes after the sandbox."""

    frames: bytes = b""
    ended: Literal["exited", "signalled", "limit", "unavailable"] = "exited"
    exit_code: int | None = 0
    limit: Status | None = None
    output: str = ""
    reason: str = ""
    jobs: list[Job] = field(default_factory=list)
    NAME: str = "fake"

    def unavailable(self) -> str:
        return self.reason if self.ended == "unavailable" else ""

    def start(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> Running:
        self.jobs.append(job)
        return Done(
            RunResult(
                backend=self.NAME,
                frames=self.frames,
                ended=self.ended,
                exit_code=self.exit_code,
                limit=self.limit,
                output_head=self.output,
                reason=self.reason,
            )
        )

    def run(self, job: Job, probe: Path = PROBE, grace_s: float = GRACE_S) -> RunResult:
        return self.start(job, probe, grace_s).wait()
