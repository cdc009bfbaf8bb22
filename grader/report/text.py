"""The grade on a terminal: score, checks, then what to fix, with the line it stands in."""

from __future__ import annotations

from collections.abc import Callable

from grader import pages
from grader.records import Finding, Grade
from grader.report import columns
from grader.report.inert import escape
from grader.report.story import (
    SHORTEST_WAY,
    Mistake,
    consequences,
    layer_tables,
    mark,
    mistakes,
    place,
    points,
    quote,
    reason,
    row_mark,
    sentence,
    subject,
    way,
)

Paint = Callable[[str, str], str]  # (text, tone) -> text; tones: good, bad, quiet, alarm, strong


def unpainted(text: str, tone: str) -> str:
    """No colour."""
    return text


def render(grade: Grade, width: int = 80, paint: Paint = unpainted, layers: bool = False) -> str:
    """The whole report. ``layers`` adds the layer tables."""
    lines = [paint(escape(f"{grade.assignment.id} · {grade.assignment.title}"), "strong")]
    lines.append(paint(escape(columns.cut(grade.submission, width)), "quiet"))
    lines += ["", *_headline(grade, width, paint), ""]
    lines += _checks(grade, width, paint)
    if layers:
        lines += _layers(grade, width, paint)
    lines += _mistakes(grade, width, paint)
    lines += _way(grade, width, paint)
    follows = consequences(grade)
    if follows:
        lines += ["", paint("Follows from this, not charged", "strong"), ""]
        lines += [paint(line, "quiet") for finding in follows for line in _consequence(finding, width)]
    if grade.notes:
        lines += ["", paint("Notes", "strong"), ""]
        lines += [paint(line, "quiet") for note in grade.notes for line in columns.wrap(escape(note), width, "  · ")]
    return "\n".join(lines) + "\n"


def headline(grade: Grade, width: int = 80, paint: Paint = unpainted) -> str:
    """Score and sentence only."""
    return "\n".join(_headline(grade, width, paint)) + "\n"


def _headline(grade: Grade, width: int, paint: Paint) -> list[str]:
    tone = "good" if grade.score >= grade.max_score else "strong"
    lines = [paint(f"{points(grade.score)} / {points(grade.max_score)} points", tone)]
    lines += columns.wrap(escape(grade.summary), width)
    if grade.status != "graded":
        lines += [paint(line, "bad") for line in columns.wrap(pages.statuses()[grade.status].advice, width, "→ ")]
        lines.append(paint(f"Read more: grade explain {grade.status}", "quiet"))
    if grade.needs_review:
        said = "A person has to look at this grade: the grader could not check everything."
        lines += [paint(line, "alarm") for line in columns.wrap(said, width)]
    return lines


def _checks(grade: Grade, width: int, paint: Paint) -> list[str]:
    if not grade.checks:
        return [paint("  Nothing could be checked.", "quiet")]
    names = max(columns.width(check.id) for check in grade.checks)
    figures = [f"{points(check.points)}/{points(check.max_points)}" for check in grade.checks]
    digits = max(len(figure) for figure in figures)
    lines = []
    for check, figure in zip(grade.checks, figures, strict=True):
        glyph, _, tone = mark(check)
        start = f"  {glyph} {columns.pad(check.id, names)}  {figure.rjust(digits)}  "
        wrapped = columns.wrap(escape(sentence(check)), max(width, columns.width(start) + 24), start)
        wrapped[0] = wrapped[0].replace(glyph, paint(glyph, tone), 1)
        lines += wrapped
    return lines


def _layers(grade: Grade, width: int, paint: Paint) -> list[str]:
    lines: list[str] = []
    for layers in layer_tables(grade):
        lines += ["", paint(escape(layers.title), "strong"), ""]
        names = max(columns.width(escape(row.layer)) for row in layers.rows)
        for row in layers.rows:
            glyph, _, tone = row_mark(row)
            start = f"  {glyph} {columns.pad(escape(row.layer), names)}  "
            body = row.expected if row.verdict == "pass" else f"expected {row.expected}, found {row.found}"
            wrapped = columns.wrap(escape(body), width, start)
            wrapped[0] = wrapped[0].replace(glyph, paint(glyph, tone), 1)
            lines += wrapped
    return lines


def _mistakes(grade: Grade, width: int, paint: Paint) -> list[str]:
    told = mistakes(grade)
    if not told:
        return []
    lines = ["", paint("What to do first", "strong")]
    for mistake in told:
        lines += ["", _heading(mistake, paint)]
        if mistake.told:
            lines.append(f"  For the same reason as {mistake.told}.")
        elif not mistake.findings:
            lines += columns.wrap(escape(mistake.check.message), width, "  ")
        for number, finding in enumerate(mistake.findings):
            lines += [""] * (number > 0) + _finding(grade, finding, width, paint)
    return lines


def _heading(mistake: Mistake, paint: Paint) -> str:
    glyph, _, tone = mark(mistake.check)
    cost = f"  \N{MINUS SIGN}{points(mistake.lost)} points" if mistake.lost > 0 else ""
    return f"{paint(glyph, tone)} {paint(mistake.check.id, 'strong')}{paint(cost, tone)}"


def _finding(grade: Grade, finding: Finding, width: int, paint: Paint) -> list[str]:
    about = "  ".join(part for part in (place(finding.where), subject(finding)) if part)
    lines = [paint(line, "strong") for line in columns.wrap(escape(about), width, "  ")] if about else []
    excerpt = quote(grade, finding.where)
    digits = len(str(excerpt[-1].number)) if excerpt else 0
    for line in excerpt:
        text = f"  {'>' if line.marked else ' '} {line.number:>{digits}} │ {escape(line.text)}".rstrip()
        lines.append(paint(columns.cut(text, width), "bad" if line.marked else "quiet"))
    lines += columns.wrap(escape(finding.message), width, "  ")
    if finding.hint:
        lines += columns.wrap(escape(finding.hint), width, "  → ")
    why = reason(finding)
    lines += [paint(line, "quiet") for line in columns.wrap(why, width, "  Why: ")] if why else []
    lines += [paint(f"  Read more: grade explain {escape(finding.code)}", "quiet")]
    return lines


def _way(grade: Grade, width: int, paint: Paint) -> list[str]:
    steps = way(grade.repair)
    if not steps:
        return []
    return ["", paint(SHORTEST_WAY, "strong"), "", *(line for step in steps for line in _step(step, width))]


def _step(step: str, width: int) -> list[str]:
    return columns.wrap(escape(step), width, "  → ")


def _consequence(finding: Finding, width: int) -> list[str]:
    where = place(finding.where)
    text = f"{finding.message} ({where})" if where else finding.message
    return columns.wrap(escape(text), width, "  · ")
