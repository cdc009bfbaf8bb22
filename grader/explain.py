"""What a check, a finding or a status means: the pages behind ``grade explain``.

A check's page is the docstring of its file, read and never run; a finding's page is its row of grader/check/codes.py
with its lesson of grader/pages/findings.toml; a status's page is its sentence of grader/score.py with its part of
grader/pages/statuses.toml.
"""

from __future__ import annotations

import ast
import difflib
import inspect
from dataclasses import dataclass
from pathlib import Path

from grader import pages
from grader.check.codes import CODES
from grader.errors import UsageError
from grader.report import columns
from grader.report.text import Paint, unpainted
from grader.score import SENTENCES

CHECKS = Path(__file__).parent / "check"
HEADINGS = ("What it checks", "Why it matters", "How to fix", "Fails", "Passes")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a page. A ``verbatim`` body is program text, never rewrapped."""

    heading: str
    body: str
    verbatim: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """What there is to say about one name."""

    name: str
    kind: str  # "check", "finding", "check and finding", "status"
    sentence: str
    sections: tuple[Section, ...]


def explain(name: str) -> Page:
    """The page of a check, a finding code or a status; UsageError with the nearest names for anything else."""
    wanted = name.strip().lower().replace("_", "-")
    if wanted in checks() and wanted in CODES:
        check, finding = _check_page(wanted), _finding_page(wanted)
        own = Section(heading="As a finding", body=finding.sentence)
        return Page(name=wanted, kind="check and finding", sentence=check.sentence, sections=(*check.sections, own))
    if wanted in checks():
        return _check_page(wanted)
    if wanted in CODES:
        return _finding_page(wanted)
    if wanted in pages.statuses():
        return _status_page(wanted)
    near = difflib.get_close_matches(wanted, names(), n=3, cutoff=0.5)
    advice = f"Did you mean {' or '.join(near)}?" if near else "`grade explain` alone lists every name."
    raise UsageError(f"There is no check, finding or status named {name!r}. {advice}")


def checks() -> tuple[str, ...]:
    """The ids of the checks there are: each file of grader/check/ whose docstring is a page."""
    files = sorted(CHECKS.glob("*.py"))
    return tuple(file.stem.replace("_", "-") for file in files if "What it checks" in _docstring(file))


def names() -> tuple[str, ...]:
    """Everything that can be explained: checks, then findings, then statuses."""
    return tuple(dict.fromkeys((*checks(), *CODES, *pages.statuses())))


def parse(name: str, docstring: str) -> Page:
    """A check's docstring as a page: the first line, then the sections under the fixed headings."""
    lines = inspect.cleandoc(docstring).split("\n")
    bodies: dict[str, list[str]] = {}
    heading = ""
    for line in lines[1:]:
        title, _, start = line.partition(":")
        if title.strip() in HEADINGS and line[:1].strip():
            heading = title.strip()
            bodies[heading] = [start.strip()] if start.strip() else []
        elif heading and not _is_underline(line):
            bodies[heading].append(line)
    sections = tuple(_section(heading, body) for heading, body in bodies.items())
    return Page(name=name, kind="check", sentence=lines[0].strip(), sections=sections)


def render(page: Page, width: int = 80, paint: Paint = unpainted) -> str:
    """The page as text for a terminal."""
    lines = [f"{paint(page.name, 'strong')} ({page.kind})", "", *columns.wrap(page.sentence, width)]
    for section in page.sections:
        lines += ["", paint(section.heading, "strong"), ""]
        if section.verbatim:
            lines += [f"    {line}".rstrip() for line in section.body.split("\n")]
        else:
            lines += [line.rstrip() for line in columns.wrap(_reflowed(section.body), width, "  ")]
    return "\n".join(lines) + "\n"


def _reflowed(body: str) -> str:
    """Paragraphs as single lines, so that they wrap anew; a list keeps its lines."""
    paragraphs = []
    for paragraph in body.split("\n\n"):
        lines = paragraph.split("\n")
        is_list = all(" " not in line for line in lines) or any(line.startswith(("-", "*", " ")) for line in lines)
        paragraphs.append("\n".join(lines) if is_list else " ".join(lines))
    return "\n\n".join(paragraphs)


def _section(heading: str, body: list[str]) -> Section:
    return Section(heading=heading, body=inspect.cleandoc("\n" + "\n".join(body)), verbatim=heading in HEADINGS[3:])


def _is_underline(line: str) -> bool:
    return len(line) > 2 and not line.strip("-=~")


def _check_page(name: str) -> Page:
    page = parse(name, _docstring(CHECKS / f"{name.replace('-', '_')}.py"))
    codes = [code for code, (_, _, check) in CODES.items() if check == name]
    if not codes:
        return page
    found = Section(heading="What it can find", body="\n".join(codes))
    return Page(name=name, kind="check", sentence=page.sentence, sections=(*page.sections, found))


def _finding_page(code: str) -> Page:
    sentence, mend, check = CODES[code]
    lesson = pages.lessons().get(code)
    why = () if lesson is None else (Section(heading="Why it matters", body=lesson.why),)
    example = () if lesson is None else (
        Section(heading="Before", body=lesson.before, verbatim=True),
        Section(heading="After", body=lesson.after, verbatim=True),
    )
    sections = (
        *why,
        Section(heading="How to fix", body=mend),
        *example,
        Section(heading="Charged to", body=f"{check} (`grade explain {check}`)"),
    )
    return Page(name=code, kind="finding", sentence=sentence, sections=sections)


def _status_page(name: str) -> Page:
    page = pages.statuses()[name]
    sections = (
        Section(heading="What happened", body=page.happened),
        Section(heading="What still has points", body=page.points),
        Section(heading="What to do", body=page.todo),
    )
    sentence = next(f"{said}." for status, said in SENTENCES.items() if status == name)
    return Page(name=name, kind="status", sentence=sentence, sections=sections)


def _docstring(file: Path) -> str:
    try:
        return ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")), clean=False) or ""
    except (OSError, SyntaxError):
        return ""
