"""Runs one case in one sandbox beside an honest neighbour, and says everything that is not as it must be."""

from __future__ import annotations

import dataclasses
import html.parser
import json
import threading
from pathlib import Path

from grader import assignment, evidence, pipeline
from grader.isolate import Backend
from grader.records import Evidence, Grade, Job, Limits, RunResult, SourceFile, Submission
from grader.report import github, result, text
from grader.report import html as page
from hostile.corpus import Case, homework
from hostile.ground import CANARY, Ground

LIMITS = Limits(cpu_s=4, wall_s=12, memory_mb=3072, processes=64, file_mb=32, output_mb=1, evidence_mb=64)
GRACE_S = 3.0
TASK = assignment.load("quiz1")
OPTIONS = pipeline.Options(quick=True, threads=1, device="cpu")


@dataclasses.dataclass
class Range:
    """What one run of the corpus needs: the ground, the pictures, and what honest work gets."""

    ground: Ground
    data_dir: Path
    wrong_points: float = 0.0
    honest: dict[str, object] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        pipeline.write_data(self.data_dir, OPTIONS)

    def job(self, source: str, limits: Limits = LIMITS) -> Job:
        submission = Submission(name="hostile", programs=(SourceFile(path="work.py", source=source),))
        return Job(
            submission=submission, data_dir=self.data_dir, request=pipeline.request(TASK, OPTIONS), limits=limits
        )

    def prepare(self, backend: Backend) -> None:
        """What right and wrong homework get when nobody disturbs."""
        right = backend.run(self.job(homework("right")), grace_s=GRACE_S)
        assert evidence.read(right).status == "graded", evidence.read(right)
        self.honest[backend.NAME] = row(evidence.read(right))
        wrong = self.graded(evidence.read(backend.run(self.job(homework("wrong")), grace_s=GRACE_S)))
        self.wrong_points = wrong.score
        assert 0 < wrong.score < 80, wrong.score

    def graded(self, found: Evidence) -> Grade:
        facts = pipeline.judge(TASK, found, OPTIONS)
        source = SourceFile(path="work.py", source="")
        return pipeline.conclude(facts, Submission(name="hostile", programs=(source,)), OPTIONS, "tested")


def row(found: Evidence) -> object:
    """What of the evidence decides a grade: equal for the same program, whatever happens beside it."""
    steps = [] if found.training is None else [step.loss for step in found.training.steps]
    tensors = {name: hash(value.numpy().tobytes()) for name, value in found.tensors.items()}
    return found.status, found.graphs, steps, tensors, found.tests


def wrongs(case: Case, backend: Backend, field: Range) -> list[str]:
    """Everything about this case under this sandbox that is not as it must be."""
    before, said = field.ground.state(), []
    field.ground.heard.clear()
    neighbour: list[Evidence] = []

    def work() -> None:
        neighbour.append(evidence.read(backend.run(field.job(homework("right")), grace_s=GRACE_S)))

    beside = threading.Thread(target=work)
    beside.start()
    source = case.program(field.ground.places)
    results = [backend.run(field.job(source), grace_s=GRACE_S) for _ in range(2 if "twice" in case.flags else 1)]
    beside.join()
    for ran in results:
        said += _as_it_must_be(case, backend, ran, field)
    if not neighbour or row(neighbour[0]) != field.honest[backend.NAME]:
        what = neighbour[0].status if neighbour else "lost"
        said.append(f"the neighbour's row is another one ({what})")
    said += [f"left behind or changed: {what}" for what in field.ground.changed(before)]
    return said + field.ground.heard


def _as_it_must_be(case: Case, backend: Backend, ran: RunResult, field: Range) -> list[str]:
    found, said = evidence.read(ran), []
    if found.status != case.expected(backend.NAME):
        ended = f"{ran.ended} {ran.exit_code} {ran.limit}; {found.notes}; {ran.output_tail or ran.output_head:.300}"
        said.append(f"status {found.status}, expected {case.expected(backend.NAME)} ({ended!r})")
    if case.phase and found.phase != case.phase:
        said.append(f"phase {found.phase}, expected {case.phase}")
    printed = ran.output_head + ran.output_tail
    if "BREACH" in printed:
        said.append(printed[printed.index("BREACH") :][:200])
    if CANARY in printed or CANARY.encode() in ran.frames:
        said.append("the canary was read")
    if case.then or case.flags or case.family == "output":
        grade = field.graded(found)
        most = {"wrong": field.wrong_points, "right": 100.0}.get(case.then, 0.0) + case.gains
        if case.family == "output":
            said += inert(grade)
        elif grade.score > most or ("no-points" in case.flags and grade.score) or _too_full(case, grade):
            said.append(f"{grade.score:g} points; honest work gets {most:g}")
        elif case.then == "right" and grade.status == "graded" and not case.flags & {"not-full"} and grade.score < most:
            said.append(f"{grade.score:g} points for right work")
    return said


def _too_full(case: Case, grade: Grade) -> bool:
    return "not-full" in case.flags and grade.score == grade.max_score and not grade.needs_review


class _Tags(html.parser.HTMLParser):
    """The elements and attributes that a page really has."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{name}=" for name, _ in attributes)}


def inert(grade: Grade) -> list[str]:
    """Student text in reports is text: no element, no attribute, no escape sequence, no command of a runner."""
    said = []
    tags = _Tags()
    tags.feed(page.render(grade))
    odd = {one for one in tags.found if one in ("script", "img", "foreignobject") or one.startswith("on")}
    if odd:
        said.append(f"the page has {odd}")
    for name, shown in (("text", text.render(grade, 80, lambda words, *_: words)), ("json", result.render(grade))):
        if any(ord(one) < 32 and one not in "\n\t" for one in shown) or "\u202e" in shown:
            said.append(f"control characters in {name}")
    json.loads(result.render(grade))
    for line in github.render(grade, Path("work.py")).splitlines():
        if not line.startswith(("::error ", "::warning ", "::notice ")) or "owned" in line.partition("::")[0]:
            said.append("an annotation of the program's own")
        if line.startswith("::error file=x"):
            said.append("an annotation that the program wrote")
    return said
