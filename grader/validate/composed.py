"""Grades composed programs, right ones and wrong ones, and holds each grade against what its program was made to get.

A right one has full marks, nothing charged, and the hash of the handout's network; a wrong one loses points, and its
mistakes are named, each by one finding. A program is named by its quiz, its kind and its seed: ``quiz1/wrong/17``.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import assignment
from grader.errors import UsageError
from grader.records import Assignment, Finding, Grade
from grader.validate import cases
from grader.validate.compose import Composed, Mistake, compose

KINDS = ("right", "wrong")
EXACT_SHARE = 0.9  # of the wrong ones, composed mistakes included, that must be named by exactly their codes


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """``full``: every point, nothing charged. ``exact``: as the program was made to get."""

    name: str
    full: bool
    exact: bool
    message: str  # "" where it is exact

    @property
    def failed(self) -> bool:
        """What must never be: a right program that loses, a wrong one that does not."""
        return not self.exact if _kind(self.name) == "right" else self.full


def _kind(name: str) -> str:
    return name.split("/")[1]


def parsed(name: str) -> tuple[Assignment, str, int]:
    """The parts of a program's name. UsageError if it is none."""
    parts = name.split("/")
    if len(parts) != 3 or parts[1] not in KINDS or not parts[2].isdigit():
        raise UsageError(f"{name!r} names no composed program. Expected, for example, quiz1/wrong/17.")
    return assignment.load(parts[0]), parts[1], int(parts[2])


def program(name: str) -> Composed:
    task, kind, seed = parsed(name)
    return compose(task, seed, wrong=kind == "wrong")


def described(name: str) -> str:
    """The program as its student sees it, and what its grade must name."""
    made = program(name)
    wanted = [f"{'/'.join(one.codes)}{':' if one.layers else ''}{'/'.join(one.layers)}" for one in made.mistakes]
    return f"# {name}; expect: {' '.join(wanted) or 'full'}\n{made.written.program}"


# ---- one ---------------------------------------------------------------------------------------------------------


def run(name: str) -> Outcome:
    """Compose, grade and judge one program."""
    from grader import pipeline

    task, _, _ = parsed(name)
    made = program(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"program{made.suffix}"
        path.write_text(made.written.source, encoding="utf-8")
        grade = pipeline.grade(task, path, pipeline.Options(isolation="zygote", threads=1, quick=True))
    return judged(name, made, grade)


def judged(name: str, made: Composed, grade: Grade) -> Outcome:
    found = cases.charged(grade)
    full = grade.status == "graded" and grade.score == grade.max_score and not found
    faults = _faults_of_right(made, grade, full) if not made.mistakes else _faults_of_wrong(made, grade, found)
    got = ", ".join(_shown(one) for one in found) or "nothing charged"
    message = f"{'; '.join(faults)}; got {grade.status} {grade.score:g}: {got}" if faults else ""
    return Outcome(name=name, full=full, exact=not faults, message=message)


def _shown(one: Finding) -> str:
    subject = ".".join(filter(None, [one.layer, one.attribute]))
    return f"{one.code}{':' + subject if subject else ''}@{cases.say(one.where)}"


def _hashes(task: Assignment) -> set[str]:
    from grader.network import expected

    return {one.graph.hash for one in expected.load(task)}


def _faults_of_right(made: Composed, grade: Grade, full: bool) -> list[str]:
    faults = [] if full else ["expected full marks"]
    faults += ["expected no review"] if grade.needs_review else []
    if made.same_network and grade.network_hash not in _hashes(grade.assignment):
        faults.append("expected the hash of the handout's network")
    return faults


def _faults_of_wrong(made: Composed, grade: Grade, found: list[Finding]) -> list[str]:
    wanted = " and ".join(f"{'/'.join(one.codes)} {'/'.join(one.layers)}".strip() for one in made.mistakes)
    faults = []
    if grade.status != "graded" or not _matched(made.mistakes, found):
        faults.append(f"expected {wanted}")
    elif not all(_placed(one, made, found) for one in made.mistakes):
        faults.append(f"expected {wanted} at {_places(made)}")
    handouts = grade.network_hash in _hashes(grade.assignment)
    if any(one.group == "network" for one in made.mistakes) and handouts:
        faults.append("expected another hash than the handout's")
    if made.same_network and grade.network_hash and not handouts:
        faults.append("expected the hash of the handout's network")
    return faults


def _matched(mistakes: Sequence[Mistake], found: list[Finding]) -> bool:
    """Every mistake has a finding of its own, and no finding is left."""
    if len(mistakes) != len(found):
        return False
    if not mistakes:
        return True
    first, *rest = mistakes
    return any(_names(first, one) and _matched(rest, [other for other in found if other is not one]) for one in found)


def _names(mistake: Mistake, finding: Finding) -> bool:
    return finding.code in mistake.codes and (not mistake.layers or finding.layer in mistake.layers)


def _placed(mistake: Mistake, made: Composed, found: list[Finding]) -> bool:
    """A wrong number stands where its layer, or its optimizer, is constructed; where that was written once."""
    if mistake.codes != ("wrong-attribute",) and mistake.group != "optimizer":
        return True
    places = made.written.places.get(mistake.layers[0] if mistake.layers else mistake.name, ())
    where = [one.where for one in found if _names(mistake, one)]
    return len(places) != 1 or any(cases.fits_place(places[0], one) for one in where)


def _places(made: Composed) -> str:
    names = [one.layers[0] if one.layers else one.name for one in made.mistakes]
    return ", ".join("/".join(made.written.places.get(name, ("?",))) for name in names)


# ---- many --------------------------------------------------------------------------------------------------------


def main(names: Sequence[str], count: int, first: int = 0, jobs: int = 0) -> int:
    """Grade ``count`` right and as many wrong programs of each assignment; 0: no failure."""
    todo = [f"{name}/{kind}/{first + number}" for number in range(count)
            for name in names or _trained() for kind in KINDS]  # fmt: skip
    outcomes: list[Outcome] = []
    try:
        for outcome in grade_all(todo, jobs):
            outcomes.append(outcome)
    except KeyboardInterrupt:
        report(outcomes, print)
        raise
    return 1 if report(outcomes, print) else 0


def grade_all(todo: Sequence[str], jobs: int = 0) -> Iterator[Outcome]:
    """The outcomes as they come; what is not as it must be is said at once."""
    started = time.monotonic()
    for done, outcome in enumerate(_outcomes(list(todo), jobs), 1):
        if outcome.message:
            print(f"{'FAILED ' if outcome.failed else ''}{outcome.name}: {outcome.message}", flush=True)
        if sys.stderr.isatty() or done % 25 == 0 or done == len(todo):
            rate = done / max(time.monotonic() - started, 1e-9)
            left = f"{done}/{len(todo)}, {rate:.1f} a second, {(len(todo) - done) / rate:.0f} s left"
            end = "\n" if done == len(todo) or not sys.stderr.isatty() else ""
            print(f"\rcomposed: {left}  ", end=end, file=sys.stderr, flush=True)
        yield outcome


def _outcomes(left: list[str], jobs: int) -> Iterator[Outcome]:
    """One for each name. A worker that dies costs a new pool; a name at which one dies twice is given up."""
    died = ""
    while left:
        try:
            with _pool(jobs) as pool:
                futures = {pool.submit(run, name): name for name in left}
                for future in as_completed(futures):
                    outcome = future.result()
                    left.remove(outcome.name)
                    yield outcome
        except BrokenProcessPool:
            print(f"composed: a worker died; {len(left)} left", file=sys.stderr, flush=True)
            if left[0] == died:
                yield Outcome(name=left.pop(0), full="/wrong/" in died, exact=False, message="its worker died twice")
            died = left[0] if left else ""


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Workers that are gone when the block is left, finished or interrupted."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs or os.cpu_count() or 1, mp_context=context) as pool:
        try:
            yield pool
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def report(outcomes: Sequence[Outcome], say: Callable[[str], None]) -> int:
    """Counts by assignment, and the names of what failed; returns how many did."""
    wrong = 0
    for task in dict.fromkeys(one.name.split("/")[0] for one in outcomes):
        some = [one for one in outcomes if one.name.startswith(f"{task}/")]
        right, mistaken = ([one for one in some if _kind(one.name) == kind] for kind in KINDS)
        exact = sum(one.exact for one in mistaken)
        say(f"{task}: composed right programs at full marks {sum(one.exact for one in right)}/{len(right)}; "
            f"wrong ones caught {sum(not one.full for one in mistaken)}/{len(mistaken)}, "
            f"explained exactly {exact}/{len(mistaken)}")  # fmt: skip
        if exact < EXACT_SHARE * len(mistaken):
            say(f"{task}: fewer than {EXACT_SHARE:.0%} of the wrong ones are explained exactly")
            wrong += 1
    failed = [one.name for one in outcomes if one.failed]
    if failed:
        say(f"composed: failed {' '.join(failed)}; see one with: grade validate --random-show {failed[0]}")
    return wrong + len(failed)


def _trained() -> list[str]:
    """The assignments with a training program to compose: no case studies."""
    return [name for name in assignment.ids() if assignment.load(name).recipe is not None]
