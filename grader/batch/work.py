"""What a worker does with one submission: run it, judge it, and leave its grading in a folder, whole or not at all."""

from __future__ import annotations

import base64
import dataclasses
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader import assignment, isolate, pipeline
from grader.batch import stored
from grader.batch.learned import Learned
from grader.records import Assignment, Evidence, Facts, Grade, Status, Submission
from grader.report import html, result

GRADE, EVIDENCE = "grade.json", "evidence.json.gz"
UNFINISHED = ".new-"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """How a class is graded: the same for everyone, and in the ledger."""

    assignment: str
    out: Path
    cache: Path
    isolation: str
    device: str = "auto"
    seed: int = 0
    quick: bool = False
    data_dir: Path | None = None
    timeout_s: float | None = None

    def options(self, learned: Learned | None = None) -> pipeline.Options:
        return pipeline.Options(
            data_dir=self.data_dir,
            device=self.device,
            seed=self.seed,
            timeout_s=self.timeout_s,
            quick=self.quick,
            isolation=self.isolation,
            threads=1,
            learned=learned,
        )

    def as_data(self) -> dict[str, Any]:
        return {key: str(item) if isinstance(item, Path) else item for key, item in dataclasses.asdict(self).items()}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Settings:
        paths = {key: Path(data[key]) for key in ("out", "cache", "data_dir") if data.get(key) is not None}
        return cls(**{**data, **paths})


class Work:
    """A worker's warm state: the assignment, the sandbox, the data, and torch imported."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.task = assignment.load(settings.assignment)
        self.options = settings.options(Learned(settings.cache))
        self.backend = isolate.choose(settings.isolation)
        self._data = tempfile.TemporaryDirectory(prefix="grade-data-")
        pipeline.write_data(Path(self._data.name), self.options)

    def close(self) -> None:
        self._data.cleanup()

    def grade(self, folder: str, submission: Submission) -> None:
        """Run and judge it; the folder below gradings/ is there afterwards."""
        began, cpu = time.monotonic(), time.process_time()
        how = (self.backend, Path(self._data.name), self.options)
        found, used = pipeline.observe(self.task, submission, how, _silent)
        facts = pipeline.judge(self.task, found, self.options)
        grade = pipeline.conclude(facts, submission, self.options, used)
        spent = {"wall_s": time.monotonic() - began, "cpu_s": time.process_time() - cpu + found.cpu_s}
        keep(self.settings.out, folder, grade, evidence(submission, used, facts), spent)


def _silent(text: str) -> None:
    pass


# ---- what is kept of it ------------------------------------------------------------------------------------------


def evidence(submission: Submission, isolation: str, facts: Facts) -> dict[str, Any]:
    """All that a regrade needs. The tensors stay out: what was computed from them is in the facts."""
    return {
        "submission": stored.encode(submission, frozenset({"other_files"})),
        "isolation": isolation,
        "facts": stored.encode(facts, frozenset({"assignment", "tensors"})),
    }


def no_evidence(submission: str, status: Status, reason: str) -> dict[str, Any]:
    return {"submission": submission, "status": status, "reason": reason}


def conclude(task: Assignment, kept: Mapping[str, Any], options: pipeline.Options) -> Grade:
    """The grade that this evidence has now, by the assignment and the checks as they are."""
    if "facts" not in kept:
        return pipeline.ungraded(task, kept["submission"], kept["status"], kept["reason"], options)
    submission = stored.decode(Submission, kept["submission"])
    found = dict(kept["facts"])
    seen = stored.decode(Evidence, found.pop("evidence"), tensors={})
    facts = stored.decode(Facts, found, assignment=task, evidence=seen)
    return pipeline.conclude(facts, submission, options, kept["isolation"])


def bundle(grade: Grade, spent: Mapping[str, float]) -> bytes:
    """grade.json: the result and the page, under the grading's own name; each student's carry his."""
    content = {"result": result.as_data(grade), "summary": grade.summary, "page": html.render(grade), "spent": spent}
    return stored.as_bytes(content)


def keep(out: Path, folder: str, grade: Grade, kept: Mapping[str, Any], spent: Mapping[str, float]) -> None:
    """gradings/<folder>/ with both files in it, in one step. One that is there already is as good."""
    gradings = out / "gradings"
    gradings.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=gradings))
    try:
        (unfinished / EVIDENCE).write_bytes(stored.packed(kept))
        (unfinished / GRADE).write_bytes(bundle(grade, spent))
        try:
            os.rename(unfinished, gradings / folder)
        except OSError:
            if not (gradings / folder / GRADE).is_file():
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


# ---- how a submission travels to a worker ------------------------------------------------------------------------


def packed(submission: Submission) -> dict[str, Any]:
    files = {name: base64.b64encode(data).decode("ascii") for name, data in submission.other_files.items()}
    return {**stored.encode(submission, frozenset({"other_files"})), "other_files": files}


def unpacked(data: Mapping[str, Any]) -> Submission:
    files = {name: base64.b64decode(content) for name, content in data["other_files"].items()}
    rest = {name: item for name, item in data.items() if name != "other_files"}
    return stored.decode(Submission, rest, other_files=files)
