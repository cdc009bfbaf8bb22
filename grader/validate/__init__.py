"""Grades what is known, and holds each grade against what it must be: references, the corpus, and mutants.

Every reference earns full marks and matches the committed expected graph; every case under tests/submissions/ gets
exactly what its first line says, at the points of scores.json; every mutant of the reference loses points under the
right code.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader import assignment
from grader.errors import UsageError
from grader.records import Assignment
from grader.validate import cases

SCORES = "scores.json"
TIMEOUT_S = 10.0  # of a case that runs forever
RIGHT_DENSITY = 4  # in a sample of a quiz, right styles are so many times denser
FEW, MANY_LAYERS = 3, 100  # mistakes and mutants of a case study in a sample; of one with many layers, one


@dataclass(frozen=True, kw_only=True)
class Options:
    jobs: int = 0  # 0: one a core
    every: int = 1  # of the wrong cases and the mutants, only each so-manieth; of right ones, each quarter of that
    update: bool = False  # write expected.json and scores.json anew
    learn: bool = False  # learning runs for wrong cases and mutants, too
    mutants: bool = True


@dataclass(frozen=True, kw_only=True)
class Task:
    """One grading: a case of the corpus, or a mutant by its name."""

    assignment: str
    kind: str  # "reference", "right", "wrong", "status", "mutant"
    name: str
    path: str = ""
    learn: bool = False


@dataclass(frozen=True, kw_only=True)
class Outcome:
    task: Task
    right: bool
    caught: bool
    score: float
    message: str


def checkout() -> Path:
    """The project's folder, where references and corpus are. UsageError from an installed copy."""
    root = Path(__file__).resolve().parents[2]
    if not (root / "reference").is_dir() or not (root / "tests" / "submissions").is_dir():
        raise UsageError(
            f"grade validate needs the project's checkout: found no reference/ and tests/submissions/ beside {root}. "
            "Run it from a clone with the package installed by `pip install -e .`."
        )
    return root


def main(names: Sequence[str] = (), options: Options | None = None) -> int:
    """Validate the assignments; prints what is wrong and the counts. 0: all is as it must be, 1: something is not."""
    options = options or Options()
    chosen = [assignment.load(name) for name in names or assignment.ids()]
    wrong = 0
    for one in chosen:
        wrong += _check_expected(one, options)
    for one in chosen:
        wrong += _validate(one, options)
    print(f"validate: {'all as it must be' if not wrong else f'{wrong} not as it must be'}")
    return 1 if wrong else 0


# ---- the expected graph ------------------------------------------------------------------------------------------


def _check_expected(task: Assignment, options: Options) -> int:
    """The committed expected graph must be what the reference gives now."""
    from grader.network import expected

    data = expected.to_json(tuple(_from_reference(task)))
    text = json.dumps(data, indent=1) + "\n" if task.recipe is not None else expected.compact(data)
    file = task.folder / expected.FILE
    if options.update:
        file.write_text(text, encoding="utf-8")
    if not file.exists() or json.loads(file.read_text(encoding="utf-8")) != data:
        print(
            f"{task.id}: {file.name} is not what reference/{task.reference_file}.py gives. "
            "If that is meant: grade validate --update"
        )
        return 1
    return 0


def _from_reference(task: Assignment) -> Iterator[Any]:
    """The graphs of the reference and of its alternatives, captured as a submission's are."""
    import tempfile

    from grader import collect, isolate, pipeline
    from grader.network import expected, normalise

    source = (checkout() / "reference" / f"{task.reference_file}.py").read_text(encoding="utf-8")
    for title, arguments in {"": {}, **task.alternatives}.items():
        arguments = {**task.arguments, **arguments}
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            program = source.partition("if __name__")[0] + f"\nnetwork = {task.reference}(**{dict(arguments)!r})\n"
            (folder / "network.py").write_text(program, encoding="utf-8")
            (folder / "data").mkdir()
            options = pipeline.Options(isolation="zygote", threads=1)
            pipeline.write_data(folder / "data", options)
            how = (isolate.choose("zygote"), folder / "data", options)
            found, _ = pipeline.observe(task, collect.collect(folder / "network.py"), how, lambda _: None)
            graph = normalise.normalise(found.graphs["train"], task.input_shape, dict(found.tensors))
            yield expected.Expected(title=title, graph=graph, layers=expected.name_layers(graph, task))


# ---- cases and mutants -------------------------------------------------------------------------------------------


def tasks(task: Assignment, options: Options) -> list[Task]:
    """What there is to grade: the reference, and of the rest each so-manieth; of right cases, four times as many."""
    from grader.network import expected
    from grader.validate import mutate

    found = [
        Task(
            assignment=task.id,
            kind="reference",
            name="reference",
            path=str(checkout() / "reference" / f"{task.reference_file}.py"),
            learn=True,
        )
    ]
    rest: list[Task] = []
    for case in cases.find(checkout() / "tests" / "submissions" / task.id):
        kind = "right" if case.full else "status" if case.status else "wrong"
        made = Task(assignment=task.id, kind=kind, name=case.name, path=str(case.path), learn=options.learn)
        (found if case.full else rest).append(made)
    for mutant in mutate.mutants(task, expected.load(task)[0]) if options.mutants else ():
        rest.append(Task(assignment=task.id, kind="mutant", name=mutant.name, learn=options.learn))
    among_right = options.every if task.recipe is None else max(1, options.every // RIGHT_DENSITY)
    found = [found[0], *found[1::among_right]]
    if task.recipe is None and options.every > 1:  # large networks: a few of each are the sample
        few = FEW if len(task.layers) < MANY_LAYERS else 1
        rest = rest[:: max(1, len(rest) // (few * options.every) + 1) * options.every][:few]
    learning = [replace(one, learn=one.learn or position % options.every == 0) for position, one in enumerate(found)]
    return [*learning, *(rest if task.recipe is None and options.every > 1 else rest[:: options.every])]


def _validate(task: Assignment, options: Options) -> int:
    todo = tasks(task, options)
    jobs = options.jobs or os.cpu_count() or 1
    outcomes: list[Outcome] = []
    started = time.monotonic()
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            for future in as_completed([pool.submit(run, one) for one in todo]):
                outcomes.append(future.result())
                _say(outcomes[-1])
                _progress(task.id, len(outcomes), len(todo), started)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return _report(task, outcomes, options)


def _say(outcome: Outcome) -> None:
    """What is not as it must be is said at once: an interrupted run has told what it found."""
    if outcome.message:
        print(f"{outcome.task.assignment} {outcome.task.kind} {outcome.task.name}: {outcome.message}", flush=True)


def _progress(name: str, done: int, total: int, started: float) -> None:
    if sys.stderr.isatty() or done % 25 == 0 or done == total:
        rate = done / max(time.monotonic() - started, 1e-9)
        end = "\n" if done == total or not sys.stderr.isatty() else ""
        print(
            f"\r{name}: {done}/{total}, {rate:.1f} a second, {(total - done) / rate:.0f} s left  ",
            end=end,
            file=sys.stderr,
            flush=True,
        )


def run(task: Task) -> Outcome:
    """Grade one task, in a worker process."""
    from grader import pipeline

    spec = assignment.load(task.assignment)
    options = pipeline.Options(isolation="zygote", threads=1, quick=not task.learn)
    if task.kind == "mutant":
        return _run_mutant(task, spec, options)
    path = Path(task.path)
    if task.kind == "reference" and spec.recipe is None:
        return _run_case_study(task, spec, options)
    if task.kind == "reference":
        case = cases.Case(path=path, full=True)
    else:
        case = cases.read(path)
        if case.status == "time-limit":
            options = pipeline.Options(isolation="zygote", threads=1, quick=True, timeout_s=TIMEOUT_S)
    grade = pipeline.grade(spec, path, options)
    verdict = cases.judge(case, grade)
    return Outcome(task=task, right=verdict.right, caught=verdict.caught, score=grade.score, message=verdict.message)


def _run_case_study(task: Task, spec: Assignment, options: Any) -> Outcome:
    """The reference of a case study is one of several that its file builds."""
    import tempfile

    from grader import pipeline

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reference.py"
        program = Path(task.path).read_text(encoding="utf-8")
        path.write_text(f"{program}\n\nnetwork = {spec.reference}(**{dict(spec.arguments)!r})\n", encoding="utf-8")
        grade = pipeline.grade(spec, path, options)
    verdict = cases.judge(cases.Case(path=path, full=True), grade)
    return Outcome(task=task, right=verdict.right, caught=verdict.caught, score=grade.score, message=verdict.message)


def _run_mutant(task: Task, spec: Assignment, options: Any) -> Outcome:
    import tempfile

    from grader import pipeline
    from grader.network import expected
    from grader.validate import mutate

    mutant = next(one for one in mutate.mutants(spec, expected.load(spec)[0]) if one.name == task.name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant.py"
        path.write_text(mutant.source, encoding="utf-8")
        grade = pipeline.grade(spec, path, options)
    found = cases.charged(grade)
    named = [one for one in found if one.code in mutant.codes and (not mutant.layers or one.layer in mutant.layers)]
    caught = grade.status != "graded" or grade.score < grade.max_score
    right = caught and len(found) == 1 and len(named) == 1
    got = ", ".join(f"{one.code}:{one.layer}.{one.attribute}" for one in found) or "nothing charged"
    wanted = f"{'/'.join(mutant.codes)} {'/'.join(mutant.layers)}".strip()
    message = "" if right else f"expected {wanted}; {grade.status} {grade.score:g}: {got}"
    return Outcome(task=task, right=right, caught=caught, score=grade.score, message=message)


# ---- what is said ------------------------------------------------------------------------------------------------


def _report(task: Assignment, outcomes: list[Outcome], options: Options) -> int:
    wrong = 0
    for outcome in outcomes:
        tolerated = outcome.task.kind == "mutant" and outcome.caught  # named otherwise: counted below
        wrong += not outcome.right and not tolerated
    wrong += _scores(task, outcomes, options)
    counts = {
        kind: [one for one in outcomes if one.task.kind == kind] for kind in ("right", "wrong", "status", "mutant")
    }
    full = sum(one.right for one in counts["right"])
    reference = all(one.right for one in outcomes if one.task.kind == "reference")
    print(
        f"{task.id}: reference {'100' if reference else 'WRONG'}; "
        f"right styles at full marks {full}/{len(counts['right'])}; "
        f"statuses {sum(one.right for one in counts['status'])}/{len(counts['status'])}"
    )
    for kind, title in (("wrong", "mistakes"), ("mutant", "mutants")):
        some = counts[kind]
        if some:
            caught, exact = sum(one.caught for one in some), sum(one.right for one in some)
            print(
                f"{task.id}: {title} caught {caught}/{len(some)}, "
                f"explained by the exact code and layer {exact}/{len(some)} ({100 * exact / len(some):.1f} %)"
            )
    mutants = counts["mutant"]
    if options.every == 1 and sum(one.right for one in mutants) < 0.95 * len(mutants):
        print(f"{task.id}: fewer than 95 % of the mutants are explained exactly")
        wrong += 1
    return wrong


def _scores(task: Assignment, outcomes: list[Outcome], options: Options) -> int:
    """Every case at its committed points."""
    file = checkout() / "tests" / "submissions" / f"{task.id}-{SCORES}"
    found = {one.task.name: one.score for one in outcomes if one.task.kind in ("wrong", "status")}
    known: dict[str, float] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if options.update:
        merged = {name: score for name, score in sorted((known | found).items())}
        file.write_text(json.dumps(merged, indent=1) + "\n", encoding="utf-8")
        return 0
    wrong = 0
    for name, score in sorted(found.items()):
        if name in known and known[name] != score:
            print(
                f"{task.id} {name}: {score:g} points; expected {known[name]:g} ({file.name}). "
                "If that is meant: grade validate --update"
            )
            wrong += 1
    return wrong
