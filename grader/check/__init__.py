"""Checks: pure functions from facts to a result. One check is one file and one page.

The file name is the registration: the check ``output-shape`` of an assignment is ``grader/check/output_shape.py``
with ``check(facts, points) -> CheckResult``. Its docstring is the page that ``grade explain`` shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib import import_module

from grader.records import CheckResult, CheckSpec, Facts, Failure, Fault, Finding, LayerRow, Where

# A network's mistake, already charged, that makes a mistake of the training loop inevitable: shown, not charged again.
CAUSES = {
    "partial-optimizer": ("unregistered-layer",),
    "frozen-parameters": ("unregistered-layer",),
}

# Steps of ours, and the checks that cannot be made without them.
NEEDED = {
    "compare": ("layers", "activations", "output-shape", "parameters", "loss", "optimizer", "training-step"),
    "rebuild": ("loss", "optimizer", "training-step", "learns"),
    "replay": ("loss", "optimizer", "training-step"),
    "learn": ("learns",),
}

# Phases of a failure in which it is the program itself that stopped, rather than our own call of its network.
RUNNING = ("import", "run", "train", "test", "time", "exit")


def run(facts: Facts) -> tuple[CheckResult, ...]:
    """All checks of the assignment, in its order."""
    return tuple(_run_one(spec, facts) for spec in facts.assignment.checks)


def _run_one(spec: CheckSpec, facts: Facts) -> CheckResult:
    name = f"{__name__}.{spec.id.replace('-', '_')}"
    page = Page(name, None)
    try:
        module = import_module(name)
        page = Page(name, module.__doc__)
        stumble = next((what for step, what in facts.stumbles.items() if spec.id in NEEDED[step]), "")
        if stumble:
            return page.broken(spec.points, f"The grader stumbled ({stumble}). No points are lost.")
        result: CheckResult = module.check(facts, spec.points)
    except Exception as error:  # whatever went wrong here is ours: the student loses nothing and a person looks
        return page.broken(spec.points, f"The grader stumbled ({type(error).__name__}: {error}). No points are lost.")
    return result


@dataclass(frozen=True)
class Page:
    """The file of a check: its name gives the id, the first line of its docstring the sentence."""

    name: str
    docstring: str | None

    def passed(self, points: float, message: str, findings: tuple[Finding, ...] = ()) -> CheckResult:
        return replace(self._blank(points), verdict="pass", points=points, message=message, findings=findings)

    def failed(self, points: float, lost: float, message: str, findings: tuple[Finding, ...]) -> CheckResult:
        kept = round(max(0.0, points - lost), 2)
        return replace(self._blank(points), verdict="fail", points=kept, message=message, findings=findings)

    def skipped(self, points: float, message: str, kept: float = 0.0) -> CheckResult:
        return replace(self._blank(points), verdict="skip", points=kept, message=message)

    def broken(self, points: float, message: str) -> CheckResult:
        """Our fault: all points stay, and the grade asks for a person's eyes."""
        return replace(self._blank(points), verdict="error", points=points, message=message)

    def _blank(self, points: float) -> CheckResult:
        check_id = self.name.rsplit(".", 1)[-1].replace("_", "-")
        lines = (self.docstring or check_id).strip().splitlines()
        return CheckResult(id=check_id, title=lines[0], verdict="error", points=0.0, max_points=points, message="")


def with_rows(result: CheckResult, rows: tuple[LayerRow, ...]) -> CheckResult:
    return replace(result, rows=rows)


def place(where: Where | None) -> str:
    """``net.py, line 7``, ``quiz.ipynb, cell 3, line 7``, or nothing."""
    if where is None:
        return ""
    cell = f"cell {where.cell}, " if where.cell is not None else ""
    return f"{where.file}, {cell}line {where.line}"


def named(finding: Finding) -> str:
    """A finding in a word: ``conv2.kernel_size``, ``pool1 (missing-layer)``, ``no-zero-grad``."""
    if finding.layer is None:
        return finding.code
    if finding.attribute is not None:
        return f"{finding.layer}.{finding.attribute}"
    return f"{finding.layer} ({finding.code})"


def listed(findings: tuple[Finding, ...]) -> str:
    """The findings in a word each, none twice."""
    return ", ".join(dict.fromkeys(named(finding) for finding in findings))


def network_unread(page: Page, facts: Facts, points: float, whole: bool = True) -> CheckResult | None:
    """The result of a check of the network where there is no network to look at; None where there is one.
    Not ``whole``: a part of it will do, as much as ran before forward failed."""
    if facts.comparison is not None and facts.comparison.stopped and whole:
        return page.skipped(points, f"Not checked: {obstacle(facts)}.")
    if facts.comparison is None:
        result = page.skipped(points, f"Not checked: {obstacle(facts)}.")
        # Said once, with its line, in the first check that it keeps from being made.
        first = facts.assignment.checks[0].id == result.id
        return replace(result, findings=stoppers(facts)) if first else result
    if facts.comparison.unsupported:
        reason = facts.comparison.unsupported.rstrip(".")
        return page.broken(
            points,
            f"The grader cannot read this network: {reason}. No points are lost, and a person will look at it. "
            "Written with torch.nn or torch.nn.functional instead, it can be graded at once.",
        )
    return None


def obstructing(facts: Facts) -> Failure | None:
    """The failure that kept the network from being read: its own, unless the program never came to it."""
    failures = facts.evidence.failures
    first = failures[0] if failures else None
    if facts.evidence.status in ("import-error", "syntax-error", "time-limit", "exited-early"):
        return first
    return _first(failures, ("construct", "forward")) or first


def stoppers(facts: Facts) -> tuple[Finding, ...]:
    """The exception that kept the network from being read, as a finding."""
    failure = obstructing(facts)
    if failure is None:
        return ()
    finding = Finding(
        code="program-error",
        message=f"The program stopped with {_said(failure)}.",
        hint="Mend this line; nothing else can be graded before it runs.",
        expected="the program runs",
        found=failure.kind,
        where=failure.where,
    )
    return (finding,)


def obstacle(facts: Facts) -> str:
    """What kept the network, or the whole program, from being looked at."""
    failure = obstructing(facts)
    if failure is None:
        status = facts.evidence.status
        return "no network was recorded" if status == "graded" else f"the submission has the status {status}"
    return f"the program stopped with {_said(failure)}"


def not_run(page: Page, facts: Facts, points: float) -> CheckResult | None:
    """The result of a check of the program where none of it ran; None where something did."""
    evidence = facts.evidence
    seen = evidence.training is not None or evidence.tests or evidence.loaders or evidence.inputs
    if evidence.status == "graded" or seen:
        return None
    result = page.skipped(points, f"Not checked: {obstacle(facts)}.")
    first = facts.comparison is not None and not facts.comparison.stopped and result.id == "training-step"
    return replace(result, findings=stoppers(facts)) if first else result


def stopped(facts: Facts) -> Finding | None:
    """The exception that ended the program, if one did."""
    failure = _first(facts.evidence.failures, RUNNING)
    if failure is None:
        return None
    return Finding(
        code="program-error",
        message=f"The program stopped with {_said(failure)}; what comes after that line was not run.",
        hint="Mend this line, and run the program from top to bottom before you hand it in.",
        expected="the program runs to its end",
        found=failure.kind,
        where=failure.where,
    )


def _first(failures: tuple[Failure, ...], phases: tuple[str, ...]) -> Failure | None:
    """The first one, since later ones are often its consequences: a cell fails, and the next ones miss its names."""
    return next((failure for failure in failures if failure.phase in phases), None)


def _said(failure: Failure) -> str:
    message = f"{failure.kind}: {failure.message}" if failure.message else failure.kind
    where = place(failure.where)
    return f"{message} ({where})" if where else message


def proved(facts: Facts, check: str) -> tuple[Finding, ...] | None:
    """What replaying the training steps proved against a check; None where it proved nothing."""
    replay = facts.replay
    if replay is None or not (replay.matched or replay.explained):
        return None
    return tuple(as_finding(fault, facts) for fault in replay.faults if fault.check == check)


def as_finding(fault: Fault, facts: Facts) -> Finding:
    """A fault of the training loop; not charged where the network's mistake behind it is."""
    charged = () if facts.comparison is None else facts.comparison.findings
    behind = (fault.code, *CAUSES.get(fault.code, ()))
    cause = next((finding for finding in charged if finding.charged and finding.code in behind), None)
    message = fault.message if cause is None else f"{fault.message} This follows from {named(cause)}."
    return Finding(
        code=fault.code,
        message=message,
        hint=fault.hint,
        expected=fault.expected,
        found=fault.found,
        charged=cause is None,
        where=fault.where,
    )


def faults_elsewhere(facts: Facts, check: str) -> str:
    """The tail of a sentence that names the faults proved against other checks: ``, but for no-zero-grad``."""
    replay = facts.replay
    others = () if replay is None else tuple(dict.fromkeys(f.code for f in replay.faults if f.check != check))
    return f", but for {', '.join(others)} (charged elsewhere)" if others else ""
