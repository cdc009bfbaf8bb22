"""What every report tells, in the order in which a student should read it: what cost points, what follows from it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from grader import pages
from grader.records import CheckResult, Evidence, Finding, Grade, LayerRow, Repair, RepairStep, Where


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A check that cost points, with what it found: one heading of "what to do first"."""

    check: CheckResult
    findings: tuple[Finding, ...]
    lost: float
    told: str = ""  # the check under which all of it was told already


@dataclass(frozen=True, kw_only=True)
class QuotedLine:
    number: int
    text: str
    marked: bool


@dataclass(frozen=True, kw_only=True)
class LayerTable:
    """The layers of one check, what the handout asks beside what was found."""

    title: str
    rows: tuple[LayerRow, ...]


def mistakes(grade: Grade) -> tuple[Mistake, ...]:
    """What cost points, the dearest check first; a failed check that explains nothing still has its message."""
    found = []
    for check in grade.checks:
        findings = tuple(finding for finding in check.findings if finding.charged)
        lost = check.max_points - check.points
        if findings or (check.verdict == "fail" and lost > 0):
            found.append(Mistake(check=check, findings=findings, lost=lost))
    ordered = sorted(found, key=lambda mistake: -mistake.lost)  # stable: equal losses keep the handout's order
    return tuple(_told_once(ordered))


def _told_once(ordered: list[Mistake]) -> Iterator[Mistake]:
    """A program that stopped costs several checks, and is told under the first of them."""
    first: dict[Where | None, str] = {}
    for mistake in ordered:
        stop = next((finding for finding in mistake.findings if finding.code == "program-error"), None)
        if stop is not None and stop.where in first and len(mistake.findings) == 1:
            yield replace(mistake, findings=(), told=first[stop.where])
            continue
        if stop is not None:
            first.setdefault(stop.where, mistake.check.id)
        yield mistake


def sentence(check: CheckResult) -> str:
    """What the list of checks says of one: its finding stands in full under "what to do first"."""
    if check.verdict == "pass":
        return check.title
    if any(finding.message == check.message for finding in check.findings):
        return f"{check.message.partition('; expected ')[0].rstrip('.')}."
    return check.message or check.title


def consequences(grade: Grade) -> tuple[Finding, ...]:
    """What follows from the mistakes and cost nothing, each told once."""
    uncharged = (finding for check in grade.checks for finding in check.findings if not finding.charged)
    return tuple(dict.fromkeys(uncharged))


def layer_tables(grade: Grade) -> tuple[LayerTable, ...]:
    """The layer tables of the checks that have one; the same table twice is told once."""
    tables: dict[tuple[LayerRow, ...], LayerTable] = {}
    for check in grade.checks:
        if check.rows:
            tables.setdefault(check.rows, LayerTable(title=name(check), rows=check.rows))
    return tuple(tables.values())


SHORTEST_WAY = "The shortest way to the handout's network"


def way(repair: Repair | None) -> tuple[str, ...]:
    """The steps of a repair, each with its line, and what they make other layers expect; nothing untried."""
    if repair is None or not repair.verified:
        return ()
    steps = [_with_place(step) for step in repair.steps]
    forced = [_with_place(step) for step in repair.consequences]
    if not forced:
        return tuple(f"{step}." for step in steps)
    also = f"that also makes {' and '.join([', '.join(forced[:-1]), forced[-1]] if len(forced) > 1 else forced)}."
    if len(steps) == 1:
        return (f"{steps[0]}; {also}",)
    return (*(f"{step}." for step in steps), f"T{also[1:]}")


def _with_place(step: RepairStep) -> str:
    where = place(step.where)
    text = step.text.removesuffix(".")
    return f"{text} ({where})" if where else text


def mark(check: CheckResult) -> tuple[str, str, str]:
    """A check's glyph, word and tone ("good", "bad", "quiet", "alarm")."""
    if check.verdict == "pass":
        return "✓", "passed", "good"
    if check.verdict == "error":
        return "!", "to be reviewed", "alarm"
    if check.verdict == "skip":
        return "\N{EN DASH}", "not checked", "quiet"
    if check.points >= check.max_points and not any(finding.charged for finding in check.findings):
        return "↳", "follows", "quiet"
    return "✗", "failed", "bad"


def row_mark(row: LayerRow) -> tuple[str, str, str]:
    """A layer's glyph, word and tone."""
    marks = {
        "pass": ("✓", "right", "good"),
        "fail": ("✗", "differs", "bad"),
        "skip": ("\N{EN DASH}", "not checked", "quiet"),
        "error": ("!", "to be reviewed", "alarm"),
    }
    return marks[row.verdict]


def failed(grade: Grade) -> bool:
    """True where the student has something to fix. No check at all is no pass."""
    if grade.status != "graded" or not grade.checks:
        return True
    return any(check.verdict in ("fail", "error") for check in grade.checks)


def subject(finding: Finding) -> str:
    """What a finding is about: "conv2.kernel_size", "conv2", "after conv2", or ""."""
    if finding.code.startswith("extra-") and finding.layer:
        return f"{'on the' if finding.layer == 'output' else 'after'} {finding.layer}"
    return ".".join(part for part in (finding.layer, finding.attribute) if part)


def reason(finding: Finding) -> str:
    """The lecture's reason, where it is more than that a program should run."""
    return "" if finding.code == "program-error" else pages.why(finding.code)


def place(where: Where | None) -> str:
    """ "model.py:14", or "net.ipynb, cell 3, line 2"; "" where no line can be named."""
    if where is None:
        return ""
    if where.cell is None:
        return f"{where.file}:{where.line}"
    return f"{where.file}, cell {where.cell}, line {where.line}"


def quote(grade: Grade, where: Where | None, around: int = 2) -> tuple[QuotedLine, ...]:
    """The line that a finding points at with the lines around it; nothing where the source is not at hand."""
    key = _source_key(where)
    if where is None or key not in grade.sources:
        return ()
    # str.splitlines also splits at form feeds and U+2028, which Python's line numbers do not count.
    lines = grade.sources[key].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not 1 <= where.line <= len(lines):
        return ()
    first, last = max(1, where.line - around), min(len(lines), where.line + around)
    numbered = [(number, lines[number - 1].expandtabs(4)) for number in range(first, last + 1)]
    while numbered and not numbered[0][1].strip() and numbered[0][0] != where.line:
        numbered.pop(0)
    while numbered and not numbered[-1][1].strip() and numbered[-1][0] != where.line:
        numbered.pop()
    margin = min((len(text) - len(text.lstrip()) for _, text in numbered if text.strip()), default=0)
    return tuple(
        QuotedLine(number=number, text=text[margin:], marked=number == where.line) for number, text in numbered
    )


def name(check: CheckResult) -> str:
    """ "Training step": what a heading calls a check. Its title would claim what a failed check denies."""
    return check.id.replace("-", " ").capitalize()


def points(value: float) -> str:
    """ "87.5", "40", "32.33": no digit that says nothing."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if math.isfinite(value) else "?"


def _source_key(where: Where | None) -> str:
    """Grade.sources holds programs by file, notebook cells by "file#cell"."""
    if where is None:
        return ""
    return where.file if where.cell is None else f"{where.file}#{where.cell}"


def no_network(found: Evidence) -> str:
    """Why there is no network, with the exception and its line where there was one."""
    sentence = pages.statuses()["no-model" if found.status == "graded" else found.status].happened
    if not found.failures:
        return sentence
    failure = found.failures[0]
    where = place(failure.where)
    return f"{sentence} {failure.kind}: {failure.message}" + (f" ({where})" if where else "")
