"""A class on one page: marks, checks, mistakes by cause, what is the same, and who needs a person. One static file.

The script on it only hides lines of the last table; the page says all that it says without it.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from markupsafe import Markup

from grader.records import Roll, Row
from grader.report import html
from grader.report.csv import mistakes

BINS = 10
SLOWEST = 10
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of a chart: its share of the longest one, in percent."""

    title: str
    count: int
    percent: float
    told: str = ""
    rows: tuple[Row, ...] = ()


def render(roll: Roll, alike: Sequence[tuple[Row, Row, int]] = ()) -> str:
    """One self-contained page. ``alike`` are pairs of different submissions, and by how many percent they agree."""
    style = "".join((html.TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "overview.css"))
    script = (html.TEMPLATES / "overview.js").read_text(encoding="utf-8")
    marks = [row.score for row in roll.rows if row.score is not None]
    page = html.environment().get_template("overview.html.j2")
    return page.render(
        roll=roll,
        alike=alike,
        style=Markup(style),
        script=Markup(script),
        policy=html.policy(style, script),
        handed_in=len(marks),
        mean=statistics.fmean(marks) if marks else 0.0,
        median=statistics.median(marks) if marks else 0.0,
        marks=_histogram(roll),
        checks=_checks(roll),
        causes=_causes(roll),
        statuses=_bars(_groups(roll.rows, lambda row: row.status).items()),
        same_content=_same(roll, lambda row: row.content or None),
        same_network=_same(roll, lambda row: (row.result.get("network") or {}).get("hash")),
        same_mistakes=_same(roll, lambda row: "  ".join(mistakes(row)) or None),
        review=[row for row in roll.rows if row.needs_review],
        slowest=sorted((row for row in roll.rows if row.wall_s), key=lambda row: -row.wall_s)[:SLOWEST],
        found={row.student.id: mistakes(row) for row in roll.rows},
    )


def _groups(rows: Iterable[Row], key: Callable[[Row], Key | None]) -> dict[Key, list[Row]]:
    """Rows by key, the largest group first; those without a key in none."""
    found: dict[Key, list[Row]] = {}
    for row in rows:
        name = key(row)
        if name is not None:
            found.setdefault(name, []).append(row)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))


def _bars(groups: Iterable[tuple[str, list[Row]]], told: dict[str, str] | None = None) -> list[Bar]:
    listed = list(groups)
    longest = max((len(rows) for _, rows in listed), default=1) or 1
    return [
        Bar(
            title=title,
            count=len(rows),
            percent=round(100 * len(rows) / longest, 1),
            told=(told or {}).get(title, ""),
            rows=tuple(rows),
        )
        for title, rows in listed
    ]


def _histogram(roll: Roll) -> list[Bar]:
    """How many marks in each tenth of the maximum; full marks on their own."""
    most = roll.max_score or 1.0
    bins: dict[str, list[Row]] = {f"{most * n / BINS:g}–{most * (n + 1) / BINS:g}": [] for n in range(BINS)}
    bins[f"{most:g}"] = []
    titles = list(bins)
    for row in roll.rows:
        if row.score is not None:
            place = BINS if row.score >= most else max(0, int(BINS * row.score / most))
            bins[titles[place]].append(row)
    return _bars(bins.items())


def _checks(roll: Roll) -> list[Bar]:
    """For every check, who passes it."""
    seen = list(dict.fromkeys(check.id for row in roll.rows for check in row.checks))
    found = []
    for id in seen:
        having = [(row, check) for row in roll.rows for check in row.checks if check.id == id]
        passed = [row for row, check in having if check.points >= check.max_points]
        failed = tuple(row for row, check in having if check.points < check.max_points)
        percent = round(100 * len(passed) / len(having), 1)
        found.append(Bar(title=id, count=len(passed), percent=percent, told=f"of {len(having)}", rows=failed))
    return found


def _causes(roll: Roll) -> list[Bar]:
    """The charged findings with who has them; the sentence is the first one's."""
    groups: dict[str, list[Row]] = {}
    told: dict[str, str] = {}
    for row in roll.rows:
        for check in row.result.get("checks", []):
            for finding in check["findings"]:
                if finding["charged"]:
                    spot = ".".join(filter(None, (finding["layer"], finding["layer"] and finding["attribute"])))
                    title = f"{finding['code']} ({spot})" if spot else finding["code"]
                    told.setdefault(title, finding["message"])
                    rows = groups.setdefault(title, [])
                    if not rows or rows[-1] is not row:
                        rows.append(row)
    return _bars(sorted(groups.items(), key=lambda item: -len(item[1])), told)


def _same(roll: Roll, key: Callable[[Row], str | None]) -> list[Bar]:
    """Those who have something in common with somebody else."""
    shared = [(name, rows) for name, rows in _groups(roll.rows, key).items() if len(rows) > 1]
    return _bars(shared)
