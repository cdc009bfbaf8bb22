"""Checks: pure functions from facts to a result. One check is one file and one page.

The file name is the registration: the check ``output-shape`` of an assignment is ``grader/check/output_shape.py``
with ``check(facts, points) -> CheckResult``. Its docstring is the page that ``grade explain`` shows.
"""

from __future__ import annotations

import re
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

UNSEEN = {
    "graded": "no network was recorded",
    "no-model": "no network was found",
    "ambiguous-model": "it is not clear which network is meant",
}
# What torch says where a fully connected layer is given another number of features than it takes.
SHAPES = re.compile(r"mat1 and mat2 shapes cannot be multiplied \(\d+x(\d+) and \d+x\d+\)")

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
    if finding.code.startswith("extra-"):  # stands behind the layer, or on the output
        return f"{finding.code} {'on the' if finding.layer == 'output' else 'after'} {finding.layer}"
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
    return (_program_error(failure, "What needs this line cannot be graded before it runs."),)


def obstacle(facts: Facts) -> str:
    """What kept the network, or the whole program, from being looked at."""
    failure = obstructing(facts)
    if failure is None:
        status = facts.evidence.status
        return UNSEEN.get(status, f"the submission has the status {status}")
    where = place(failure.where)
    return f"the program stopped with {failure.kind}{f' ({where})' if where else ''}"


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
    return _program_error(failure, "What comes after this line was not run.")


def _program_error(failure: Failure, so: str) -> Finding:
    """An exception as a finding: what Python said, and the way out of the usual ones."""
    said = f"{failure.kind}: {_line(failure.message)}" if failure.message else failure.kind
    found, hint = f"The program stopped with {said}", "Fix this line, and run the program from top to bottom."
    if failure.kind in ("SyntaxError", "IndentationError", "TabError"):
        found = f"Python cannot read the program: {said}"
        hint = "Look in this line and the one before it for a missing bracket, colon or quote, or a wrong indentation."
    elif failure.kind == "TimeLimit":
        found = "The program was still running here when its time was up"
        hint = "Give this loop an end; where it is only long, train for fewer epochs."
    elif failure.kind == "SystemExit":
        found = f"The program ended itself here ({said})"
        hint = "Remove exit() or sys.exit() from this line."
    elif failure.kind == "NotImplementedError":
        hint = "Write the code that is still missing here."
    elif failure.kind in ("ModuleNotFoundError", "ImportError"):
        hint = "Hand in the module that is imported here, or correct its name."
    elif match := SHAPES.search(failure.message):
        hint = f"Set in_features={match[1]} here, the numbers that arrive, if the layers before it are the handout's."
    return Finding(
        code="program-error",
        message=f"{found}; expected a program that runs to its end. {so}",
        hint=hint,
        expected="the program runs to its end",
        found=failure.kind,
        where=failure.where,
    )


def _first(failures: tuple[Failure, ...], phases: tuple[str, ...]) -> Failure | None:
    """The first one, since later ones are often its consequences: a cell fails, and the next ones miss its names."""
    return next((failure for failure in failures if failure.phase in phases), None)


def _line(message: str) -> str:
    """The first line of what an exception says, without a full stop of its own."""
    lines = message.strip().splitlines() or [""]
    return lines[0][:160].rstrip().rstrip(".")


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
    return f", but for {', '.join(others)}, charged elsewhere" if others else ""
