"""The report that a student opens: one HTML file, with nothing to fetch and nothing to run."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup
from markupsafe import escape as escape_html

from grader import pages
from grader.records import Grade, LearningRun
from grader.report import story
from grader.report.chart import Chart, draw
from grader.report.inert import clip, strip

TEMPLATES = Path(__file__).parent / "templates"


def render(grade: Grade) -> str:
    """One self-contained page."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    page = environment().get_template("report.html.j2")
    return page.render(
        grade=grade,
        style=Markup(style),  # ours, not the student's
        policy=policy(style),
        advice=pages.statuses()[grade.status].advice,
        mistakes=story.mistakes(grade),
        way=story.way(grade.repair),
        way_title=story.SHORTEST_WAY,
        consequences=story.consequences(grade),
        layer_tables=story.layer_tables(grade),
        segments=_segments(grade),
        curves=[(run, _curve(run, grade)) for run in grade.learning],
    )


def policy(style: str, script: str = "") -> str:
    """A content security policy that lets nothing in but this very style sheet, and this script if there is one."""
    scripts = f"; script-src 'sha256-{_digest(script)}'" if script else ""
    return f"default-src 'none'; style-src 'sha256-{_digest(style)}'{scripts}; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def environment() -> jinja2.Environment:
    # autoescape=True, not select_autoescape: that one overlooks names that end in .html.j2.
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters.update(points=story.points, name=story.name, prose=_prose, place=story.place, code=_code)
    environment.globals.update(mark=story.mark, row_mark=story.row_mark, quote=story.quote, subject=story.subject)
    environment.globals.update(sentence=story.sentence, reason=story.reason)
    return environment


def _finalize(value: object) -> object:
    """Every text that the template puts out loses its harmful characters, whoever wrote it."""
    if isinstance(value, Markup):
        return value
    return strip(value) if isinstance(value, str) else value


def _prose(text: str) -> Markup:
    """A sentence, with what stands between backticks set as code."""
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape_html(strip(text)))))


def _code(text: str) -> str:
    return clip(strip(text))


def _segments(grade: Grade) -> list[tuple[float, float, float]]:
    """The score bar: for each check where it starts, its width and the earned part of it, in percent."""
    total = sum(check.max_points for check in grade.checks) or 1.0
    segments = []
    start = 0.0
    for check in grade.checks:
        width = 100 * check.max_points / total
        earned = 100 * min(max(check.points, 0.0), check.max_points) / total
        segments.append((round(start, 3), round(width, 3), round(earned, 3)))
        start += width
    return segments


def _curve(run: LearningRun, grade: Grade) -> Chart | None:
    """The curve, beside the loss of guessing: ln(classes) under cross-entropy."""
    return draw(run.losses, math.log(max(2, grade.assignment.classes)))
