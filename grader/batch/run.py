"""``grade batch``: everyone's submission to a row of the ledger. The same call again goes on where it ended."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from grader import assignment, pipeline
from grader.batch import stored, work
from grader.batch.arrivals import Arrivals
from grader.batch.ledger import Grading, Ledger
from grader.batch.local import Local, Outcome, Task
from grader.batch.platforms import Handed
from grader.batch.roster import Roster
from grader.batch.work import GRADE, UNFINISHED, Settings
from grader.errors import InputRejected, UsageError
from grader.records import Status, Submission

MOST_RUNS = 12  # of one program: several networks, each perhaps with its own batch size once more
JUDGING_S = 900.0


class Executor(Protocol):
    """Grades tasks somewhere; each outcome is of one task, whose grading is in place unless there is a fault."""

    def run(self, tasks: Iterator[Task]) -> Iterator[Outcome]: ...


@dataclasses.dataclass
class Counts:
    """How far the run is: shown while it runs, and its summary at the end."""

    total: int
    done: int = 0
    known: int = 0  # of these, graded before or the same as another's
    statuses: dict[str, int] = dataclasses.field(default_factory=dict)
    review: int = 0
    began: float = dataclasses.field(default_factory=time.monotonic)

    def add(self, grading: Grading, *, known: bool) -> None:
        self.done += 1
        self.known += known
        self.review += grading.needs_review
        self.statuses[grading.status] = self.statuses.get(grading.status, 0) + 1


Watch = Callable[[Counts], None]


def run(
    settings: Settings,
    arrivals: Arrivals,
    *,
    jobs: int = 1,
    roster: Roster | None = None,
    force: bool = False,
    meta: dict[str, Any] | None = None,
    watch: Watch = lambda _: None,
    executor: Callable[[Local], Executor] = lambda local: local,
) -> Counts:
    """Grade what has no grade yet. Raises KeyboardInterrupt on Ctrl-C; all that was finished is in the ledger."""
    task = assignment.load(settings.assignment)
    settings.out.mkdir(parents=True, exist_ok=True)
    with alone(settings.out):
        ledger = Ledger(settings.out, create=True)
        try:
            _same_class(ledger, settings)
            ledger.set_meta({"settings": settings.as_data(), "platform": arrivals.platform, **(meta or {})})
            if roster is not None:
                ledger.set_roster(roster.students)
            _sweep(settings.out)
            queue = _Queue(settings, arrivals, ledger, roster or Roster([]), force, watch)
            limits = task.limits if settings.timeout_s is None else None
            wall_s = limits.wall_s if limits else 3 * (settings.timeout_s or 0) + 10
            local = Local(
                jobs=jobs,
                settings=settings.as_data(),
                log=settings.out / "workers.log",
                deadline_s=MOST_RUNS * wall_s + JUDGING_S,
                tick=lambda: watch(queue.counts),
            )
            for outcome in executor(local).run(queue.tasks()):
                queue.finished(outcome)
            watch(queue.counts)
            return queue.counts
        finally:
            ledger.close()


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One run at a time in an output folder. The lock goes with the process, however it ends."""
    with _lock_file(out) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(
                f"Another run is working in {out}. Expected one at a time. Wait for it, or choose another --out."
            ) from None
        yield


def _lock_file(out: Path) -> IO[bytes]:
    try:
        return open(out / ".lock", "wb")
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}. Choose another folder with --out.") from error


def _same_class(ledger: Ledger, settings: Settings) -> None:
    before = ledger.meta("settings")
    if before is not None and before["assignment"] != settings.assignment:
        raise UsageError(
            f"{settings.out} is the class of {before['assignment']}. Expected that assignment, or another folder. "
            f"Choose another --out for {settings.assignment}."
        )


def _sweep(out: Path) -> None:
    """What a killed run left half-written."""
    for left in (out / "gradings").glob(f"{UNFINISHED}*"):
        shutil.rmtree(left, ignore_errors=True)


class _Queue:
    """What is still to be graded, who waits for which grading, and what came of it."""

    def __init__(
        self, settings: Settings, arrivals: Arrivals, ledger: Ledger, roster: Roster, force: bool, watch: Watch
    ) -> None:
        self.settings = settings
        self.arrivals = arrivals
        self.ledger = ledger
        self.known = roster.match_all([one.student for one in arrivals.everyone])
        self.force = force
        self.watch = watch
        self.counts = Counts(total=len(arrivals.everyone))
        self.waiting: dict[str, list[int]] = {}  # folder -> entries
        self.keys: dict[str, str] = {}  # folder -> key
        self.forced: set[str] = set()  # keys that this run has graded anew

    def tasks(self) -> Iterator[Task]:
        """Read one submission after the other, and give those to the executor that nobody has had yet."""
        for handed in self.arrivals.everyone:
            task = self._arrive(handed)
            if task is not None:
                yield task

    def _arrive(self, handed: Handed) -> Task | None:
        student = self.known[handed.student.id]
        submission, status, reason = self._collect(handed)
        content = digest(submission) if submission else _digest({"status": status, "reason": reason})
        entry = self.ledger.register(student, content, handed.source, handed.late, handed.submitted_at)
        key = _digest({"content": content, "settings": self._decisive()})
        before = self.ledger.grading(key)
        again = self.force and key not in self.forced
        if before is not None and before.status != "sandbox-error" and not again and self._whole(before):
            self._done(before, [entry.id], known=True)
            return None
        folder = f"{key[:24]}-{1 if before is None else int(before.folder.rsplit('-', 1)[1]) + 1}"
        if folder in self.waiting:
            self.waiting[folder].append(entry.id)
            return None
        self.waiting[folder], self.keys[folder] = [entry.id], key
        if submission is None:
            self._ungraded(folder, status, reason)
        if submission is None or (self.settings.out / "gradings" / folder / GRADE).is_file():
            self.finished(Outcome(folder=folder))
            return None
        return Task(folder=folder, submission=work.packed(dataclasses.replace(submission, name=folder)))

    def _collect(self, handed: Handed) -> tuple[Submission | None, Status, str]:
        try:
            return self.arrivals.collect(handed), "graded", ""
        except InputRejected as error:
            return None, "input-rejected", str(error)
        except Exception as error:  # one submission never stops the run
            return None, "sandbox-error", f"The grader could not read it ({type(error).__name__}: {str(error)[:200]})."

    def _decisive(self) -> dict[str, Any]:
        """The settings under which another grading would come out."""
        data = self.settings.as_data()
        return {name: data[name] for name in ("assignment", "device", "seed", "quick", "data_dir", "timeout_s")}

    def _whole(self, grading: Grading) -> bool:
        return (self.settings.out / "gradings" / grading.folder / GRADE).is_file()

    def _ungraded(self, folder: str, status: Status, reason: str) -> None:
        task = assignment.load(self.settings.assignment)
        grade = pipeline.ungraded(task, folder, status, reason, self.settings.options())
        kept = work.no_evidence(folder, status, reason)
        work.keep(self.settings.out, folder, grade, kept, {"wall_s": 0.0, "cpu_s": 0.0})

    def finished(self, outcome: Outcome) -> None:
        """From the folder to the ledger: from here on it is done, whatever happens."""
        key = self.keys[outcome.folder]
        if outcome.fault:
            self._ungraded(outcome.folder, "sandbox-error", f"The grader failed: {outcome.fault}.")
        self.forced.add(key)
        entries = self.waiting.pop(outcome.folder)
        self._done(read_grading(self.settings.out, key, outcome.folder), entries, known=False)

    def _done(self, grading: Grading, entries: list[int], *, known: bool) -> None:
        self.ledger.finish(grading, entries)
        for number, _ in enumerate(entries):
            self.counts.add(grading, known=known or number > 0)
        self.watch(self.counts)


def read_grading(out: Path, key: str, folder: str) -> Grading:
    content = json.loads((out / "gradings" / folder / GRADE).read_bytes())
    found, spent = content["result"], content["spent"]
    return Grading(
        key=key,
        folder=folder,
        status=found["status"],
        score=found["score"],
        max_score=found["max_score"],
        needs_review=found["needs_review"],
        network=(found["network"] or {}).get("hash"),
        wall_s=spent["wall_s"],
        cpu_s=spent["cpu_s"],
    )


def digest(submission: Submission) -> str:
    """Equal for equal contents, whoever hands them in."""
    files = {name: hashlib.sha256(data).hexdigest() for name, data in submission.other_files.items()}
    return _digest({"programs": stored.encode(submission.programs), "files": files, "notes": submission.notes})


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8", "surrogatepass")).hexdigest()
