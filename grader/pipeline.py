"""The whole flow on one screen; the only file that knows the order.

    collect -> isolate[probe] -> evidence -> rebuild, normalise, compare -> replay, memorise -> checks -> score
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import platform
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from grader import __version__, check, collect, evidence, isolate, score
from grader.errors import InputRejected, NetworkUnsupported
from grader.records import (
    Assignment,
    Comparison,
    Evidence,
    Facts,
    Grade,
    Job,
    LearningRun,
    Limits,
    Replay,
    RunResult,
    Status,
    Submission,
    Where,
)

if TYPE_CHECKING:
    from grader.network.build import Rebuilt

BATCH_CAP = 4  # of a student's loader: replay is exact at any batch size, and small ones are quick
MOST_TEST_IMAGES = 512
MOST_RIVALS = 4  # further networks of a submission that are looked at
# How many test images of each class: no two alike, so that a network which answers one class always (as one that has
# hardly trained does) and a program that counts wrongly do not come to the same accuracy.
TEST_CLASSES = (5, 12, 2, 9, 13, 7, 3, 11, 8, 10)
TRAIN_IMAGES, TEST_IMAGES = 256, sum(TEST_CLASSES)  # distinct images in the sandbox; its test split is no longer



@dataclass(frozen=True, kw_only=True)
class Options:
    data_dir: Path | None = None
    device: str = "auto"
    seed: int = 0
    timeout_s: float | None = None
    quick: bool = False
    isolation: str = "auto"
    threads: int = 2
    learned: Learned | None = None  # a class remembers its learning runs by network


Progress = Callable[[str], None]
Result = TypeVar("Result")
Learned = Callable[[str, Callable[[], LearningRun]], LearningRun]


def grade(assignment: Assignment, path: Path, options: Options, progress: Progress = lambda _: None) -> Grade:
    """Grade one submission. Raises UsageError for wrong use; everything about the submission itself is in the Grade."""
    backend = isolate.choose(options.isolation)
    if options.device not in ("auto", "cpu"):
        from grader.learn import device

        device.choose(options.device)  # before anything runs, if it cannot be had
    try:
        submission = collect.collect(path)
    except InputRejected as error:
        return ungraded(assignment, path.name, "input-rejected", str(error), options)
    warm = threading.Thread(target=warm_up, args=(options.threads,), daemon=True)
    warm.start()
    with tempfile.TemporaryDirectory(prefix="grade-data-") as folder:
        data_dir = Path(folder)
        write_data(data_dir, options)
        progress("running the program on the course's data")
        evidence_found, used = observe(assignment, submission, (backend, data_dir, options), progress)
    warm.join()
    facts = judge(assignment, evidence_found, options, progress)
    return conclude(facts, submission, options, used)


# ---- student code runs: isolate and evidence ---------------------------------------------------------------------


def observe(
    assignment: Assignment, submission: Submission, how: tuple[isolate.Backend, Path, Options], progress: Progress
) -> tuple[Evidence, str]:
    """Run the submission under the probe; where it trains several networks, once for each, for the one that is nearest
    to the handout's."""
    found, used = _observe_one(assignment, submission, how, progress, {})
    others: list[dict[str, Any]] = [{"entry": path} for path in found.rivals[:MOST_RIVALS]]
    others += [{"network": number} for number in range(1, min(len(found.trained), 1 + MOST_RIVALS))]
    if not others:
        return found, used
    nearest = _distance(assignment, found)
    for changes in others:
        if nearest == 0:
            break
        progress("looking for the network that is nearest to the handout")
        other, used_there = _observe_one(assignment, submission, how, progress, changes)
        distance = _distance(assignment, other)
        if distance < nearest:
            nearest, found, used = distance, other, used_there
    note = f"{1 + len(others)} networks are trained in the submission; the one nearest to the handout was graded."
    return dataclasses.replace(found, notes=(*found.notes, note)), used


def _distance(assignment: Assignment, found: Evidence) -> float:
    comparison = compare_network(_as_recorded(assignment, found), found)
    return math.inf if comparison is None or comparison.unsupported else comparison.distance


def _observe_one(
    assignment: Assignment,
    submission: Submission,
    how: tuple[isolate.Backend, Path, Options],
    progress: Progress,
    asked: Mapping[str, Any],
) -> tuple[Evidence, str]:
    """One run; once more with the program's own batch size where the smaller one was in its way."""
    backend, data_dir, options = how

    def attempt(**changes: int) -> tuple[Evidence, RunResult]:
        job = Job(
            submission=submission,
            data_dir=data_dir,
            request={**request(assignment, options), **asked, **changes},
            limits=_limits(assignment.limits, options.timeout_s),
        )
        result, in_company = isolate.turns.run(backend, job)
        found = evidence.read(result)
        if in_company and found.status in evidence.SHARED_LIMITS:
            progress("running it once more, with nothing beside it")
            result = isolate.turns.run_alone(backend, job)
            found = evidence.read(result)
        return found, result

    found, result = attempt()
    if _stumbled_over_the_cap(found, assignment):
        progress("running it once more with its own batch size")
        sizes = [loader.batch_size for loader in found.loaders if loader.batch_size > 0]
        # Whole batches in the test split, as 10,000 mostly are, of whatever size if that is not too much.
        own = math.lcm(*sizes) if math.lcm(*sizes) <= MOST_TEST_IMAGES else max(sizes)
        again, result_again = attempt(batch_cap=0, test_images=own * math.ceil(TEST_IMAGES / own))
        if not _stumbled_over_the_cap(again, assignment):
            return again, result_again.backend
    return found, result.backend


def request(assignment: Assignment, options: Options) -> dict[str, Any]:
    """What the probe is told: nothing that a submission could use."""
    return {
        "input_shape": list(assignment.input_shape),
        "classes": assignment.classes,
        "training_steps": assignment.training_steps,
        "test_images": TEST_IMAGES,
        "batch_cap": BATCH_CAP,
        "probe_seed": 1000 + options.seed,
        "threads": options.threads,
    }


def _limits(limits: Limits, timeout_s: float | None) -> Limits:
    return limits if timeout_s is None else dataclasses.replace(limits, cpu_s=timeout_s, wall_s=3 * timeout_s + 10)


def _stumbled_over_the_cap(found: Evidence, assignment: Assignment) -> bool:
    """The program failed in its loops, and its loaders had been given smaller batches than it asked for."""
    failed = any(failure.phase == "run" for failure in found.failures)
    trained = found.training is not None and len(found.training.steps) >= assignment.training_steps
    tested = any(one.complete for one in found.tests)
    return failed and any(loader.batch_size > BATCH_CAP for loader in found.loaders) and not (trained and tested)


def write_data(folder: Path, options: Options) -> None:
    """The small arrays that the sandbox reads: raw images and labels of both splits."""
    import numpy

    from grader import data

    for split, count in (("train", TRAIN_IMAGES), ("test", TEST_IMAGES)):
        wanted = count if split == "train" else 4 * count  # enough of every class
        images, labels = data.load(options.data_dir, split == "train", wanted)
        if split == "test":
            seen = [(labels[:place] == label).sum() for place, label in enumerate(labels)]
            kept = [place for place, label in enumerate(labels) if seen[place] < TEST_CLASSES[label]]
            images, labels = images[kept], labels[kept]
        numpy.save(folder / f"{split}.npy", images)
        numpy.save(folder / f"{split}_labels.npy", labels)
    for file in folder.iterdir():
        file.chmod(0o444)
    folder.chmod(0o755)


def warm_up(threads: int) -> None:
    """Import what the trusted side needs while the student's program runs."""
    import torch

    from grader.learn import device, memorise, replay  # noqa: F401
    from grader.network import build, compare, normalise  # noqa: F401

    torch.set_num_threads(threads)
    device.keep_memory()
    # The first convolution on the meta device imports sympy.
    torch.conv2d(torch.empty(1, 1, 1, 1, device="meta"), torch.empty(1, 1, 1, 1, device="meta"))


# ---- the trusted side: from evidence to facts --------------------------------------------------------------------


def judge(assignment: Assignment, found: Evidence, options: Options, progress: Progress = lambda _: None) -> Facts:
    """Everything that checks may see, computed from the evidence and nothing else."""
    from grader.learn import device
    from grader.network import inputs

    place = device.choose(options.device)
    stumbles: dict[str, str] = {}
    usual, assignment = assignment, _as_recorded(assignment, found)

    def attempt(step: str, work: Callable[[], Result]) -> Result | None:
        """A failure of ours in one step costs no points, and asks for a person: the other steps go on."""
        try:
            return work()
        except Exception as error:
            stumbles[step] = f"{type(error).__name__}: {str(error)[:300]}"
            return None

    comparison = attempt("compare", lambda: compare_network(assignment, found))
    rebuilt: Rebuilt | None = None
    reproduced: bool | None = None
    replay: Replay | None = None
    learning: LearningRun | None = None
    if found.graphs and found.status not in ("forward-error", "trace-unsupported"):
        rebuilt = attempt("rebuild", lambda: _rebuild(assignment, found))
        if rebuilt is not None:
            known = rebuilt
            reproduced = attempt("rebuild", lambda: reproduces(known, found, assignment))
    trained = found.training is not None and bool(found.training.steps) and usual.recipe is not None
    if rebuilt is not None and trained and comparison is not None:
        progress("replaying the training steps")
        compared, original = comparison, rebuilt
        replay = attempt("replay", lambda: _replay(assignment, found, compared, original))
    learns = not options.quick and usual.recipe is not None
    if rebuilt is not None and learns and assignment.input_shape == usual.input_shape:
        progress("training the rebuilt network on one batch")
        first = rebuilt
        learning = attempt("learn", lambda: _learn(found, first, comparison, options, place))
    seen = attempt("compare", lambda: inputs.as_seen(found, assignment.input_shape)) or found
    return Facts(
        assignment=usual,
        evidence=seen,
        comparison=comparison,
        rebuilt=bool(reproduced),
        replay=replay,
        learning=learning,
        quick=options.quick,
        stumbles=stumbles,
    )


def _as_recorded(assignment: Assignment, found: Evidence) -> Assignment:
    """The assignment with the size of pictures that the program trains on: it may have made them grey, or larger."""
    return dataclasses.replace(assignment, input_shape=found.input_shape or assignment.input_shape)


def compare_network(assignment: Assignment, found: Evidence) -> Comparison | None:
    from grader.network import compare, prefix

    raw = found.graphs.get("train")
    if raw is None:
        return None
    return compare.read(assignment, found) if raw.output is not None else prefix.read(assignment, found)


def _rebuild(assignment: Assignment, found: Evidence) -> Rebuilt | None:
    from grader.network import build

    try:
        return build.rebuild(found.graphs, found.tensors, assignment.input_shape)
    except NetworkUnsupported:
        return None


def reproduces(rebuilt: Rebuilt, found: Evidence, assignment: Assignment) -> bool:
    from grader.network import build

    return build.reproduces(rebuilt, found.probes, assignment.input_shape)


def _replay(assignment: Assignment, found: Evidence, comparison: Comparison, rebuilt: Rebuilt) -> Replay:
    from grader.learn import replay

    assert found.training is not None and assignment.recipe is not None
    frozen = frozenset(
        leaf.name
        for leaf in found.graphs["train"].leaves.values()
        if leaf.role == "parameter" and not leaf.requires_grad
    )

    def network() -> Rebuilt:
        return rebuilt.another().whole()  # as the handout means it: every parameter trained, nothing cut off

    result = replay.replay(found.training, found.tensors, network, assignment.recipe, comparison.tail, frozen=frozen)
    return _at_their_lines(result, comparison)


def _at_their_lines(result: Replay, comparison: Comparison) -> Replay:
    """A softmax or a detach inside the network is fixed where it stands, and not where the loss is called."""
    lines: dict[str, Where | None] = {
        one.code: one.where for one in comparison.findings if one.code == "detached-graph"
    }
    if comparison.tail == "softmax":
        lines["softmax-before-cross-entropy"] = next(
            (one.where for one in comparison.findings if one.layer == "output"), None
        )
    faults = tuple(dataclasses.replace(fault, where=lines.get(fault.code) or fault.where) for fault in result.faults)
    return dataclasses.replace(result, faults=faults)


def _learn(
    found: Evidence, rebuilt: Rebuilt, comparison: Comparison | None, options: Options, place: str
) -> LearningRun:
    """Train the network, or know how it went: networks that are the same learn the same."""
    key = None if options.learned is None else _learning_key(found, comparison, options, place)
    if options.learned is None or key is None:
        return _memorise(found, rebuilt, options, place)
    return options.learned(key, lambda: _memorise(found, rebuilt, options, place))


def _learning_key(found: Evidence, comparison: Comparison | None, options: Options, place: str) -> str | None:
    """All that decides a learning run, or None: where something is frozen or cut off, its graph does not tell all."""
    import torch

    from grader.learn import memorise

    graph = found.graphs["train"]
    whole = all(leaf.requires_grad and leaf.registered for leaf in graph.leaves.values() if leaf.role == "parameter")
    gradients = dict(found.probes.get("gradients", {}))
    if comparison is None or not comparison.hash or comparison.stopped or comparison.unsupported:
        return None
    if not whole or not gradients or None in gradients.values():
        return None
    decided = {
        "network": comparison.hash,
        "tail": comparison.tail,
        "findings": sorted(
            [one.code, str(one.layer), str(one.attribute), str(one.found)] for one in comparison.findings
        ),
        "parameters": comparison.parameters,
        "input": [*found.input_shape],
        "recipe": hashlib.sha256(Path(memorise.__file__).read_bytes()).hexdigest(),
        "data": "synthetic",
        "seed": options.seed,
        "device": torch.cuda.get_device_name(place) if place.startswith("cuda") else place,
        "versions": [__version__, torch.__version__],
    }
    return json.dumps(decided, sort_keys=True)


def _memorise(found: Evidence, rebuilt: Rebuilt, options: Options, place: str) -> LearningRun:
    import torch

    from grader import data
    from grader.learn import memorise

    images, labels = data.load(None, True, memorise.BATCH)
    unreached = {name for name, digest in dict(found.probes.get("gradients", {})).items() if digest is None}
    inputs = (torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().float() / 255 - 0.5) / 0.5

    def network() -> Rebuilt:
        made = rebuilt.another()
        made.freeze(unreached)
        return made

    return memorise.memorise(network, inputs, torch.from_numpy(labels), options.seed, place)


# ---- the end: checks, score, grade -------------------------------------------------------------------------------


def conclude(facts: Facts, submission: Submission, options: Options, isolation: str) -> Grade:
    results = check.run(facts)
    network = None if facts.comparison is None or facts.comparison.stopped else facts.comparison
    points, most, needs_review = score.score(facts, results)
    found = facts.evidence
    status: Status = found.status
    return Grade(
        assignment=facts.assignment,
        submission=submission.name,
        status=status,
        score=points,
        max_score=most,
        needs_review=needs_review,
        summary=score.summary(facts, results),
        checks=results,
        parameters=network.parameters if network else None,
        output_shape=network.output_shape if network else None,
        network_hash=network.hash if network else None,
        learning=(facts.learning,) if facts.learning else (),
        environment=environment(found.versions, facts, options, isolation),
        notes=(
            *submission.notes,
            *notes(found, submission),
            *(f"The grader stumbled ({what})." for what in facts.stumbles.values()),
        ),
        sources=sources(submission),
        repair=facts.comparison.repair if facts.comparison else None,
    )


def environment(versions: Mapping[str, str], facts: Facts | None, options: Options, isolation: str) -> dict[str, Any]:
    return {
        "grader": __version__,
        "python": versions.get("python", platform.python_version()),
        "torch": versions.get("torch", ""),
        "torchvision": versions.get("torchvision", ""),
        "device": facts.learning.device if facts is not None and facts.learning else "cpu",
        "isolation": isolation,
        "seed": options.seed,
        "data": "CIFAR-10" if options.data_dir else "synthetic",
    }


def notes(found: Evidence, submission: Submission) -> tuple[str, ...]:
    said = list(found.notes)
    if len(submission.programs) > 1 and found.entry:
        said.append(f"{found.entry} was run: {found.route}.")
    if found.chosen is not None:
        said.append(f"The network graded is {found.chosen.name}: {found.chosen.reason}.")
    if found.stand_ins:
        said.append(f"Replaced by stand-ins here: {', '.join(found.stand_ins)}.")
    magics = sum(program.magics for program in submission.programs)
    if magics:
        said.append(f"{magics} {'line' if magics == 1 else 'lines'} of notebook magic or shell left out.")
    if found.output_count > 1:
        said.append(f"forward returns {found.output_count} tensors; the class scores among them were graded.")
    return tuple(said)


def sources(submission: Submission) -> dict[str, str]:
    """What reports quote from: "file", or "file#cell" for a notebook's cells."""
    quoted = {program.path: program.source for program in submission.programs if not program.cells}
    for program in submission.programs:
        quoted.update({f"{program.path}#{cell.number}": cell.source for cell in program.cells})
    return quoted


def ungraded(assignment: Assignment, name: str, status: Status, reason: str, options: Options) -> Grade:
    """Of a submission that never ran."""
    return Grade(
        assignment=assignment,
        submission=name,
        status=status,
        score=0.0,
        max_score=sum(spec.points for spec in assignment.checks),
        needs_review=status in score.OURS,
        summary=reason,
        checks=(),
        parameters=None,
        output_shape=None,
        network_hash=None,
        learning=(),
        environment=environment({}, None, options, "none"),
        notes=(),
        sources={},
    )


