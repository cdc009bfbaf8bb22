"""The files of a class that people open: the overview, tables, and what a gradebook takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from grader.batch import rolls, similar, stored
from grader.batch.ledger import Ledger
from grader.errors import UsageError
from grader.records import Roll, Row
from grader.report import canvas, class_json, csv, gradescope, junit, moodle, nbgrader, overview

TABLES: dict[str, tuple[str, Callable[[Roll], str]]] = {
    "csv": ("grades.csv", csv.render),
    "json": ("grades.json", class_json.render),
    "junit": ("junit.xml", junit.render),
    "nbgrader": ("nbgrader.csv", nbgrader.render),
}
PLATFORMS: dict[str, tuple[str, Callable[[Roll, str, str], str]]] = {
    "canvas": ("canvas.csv", canvas.render),
    "moodle": ("moodle.csv", moodle.render),
}


def load(out: Path) -> Roll:
    ledger = Ledger(out)
    try:
        return rolls.roll(ledger)
    finally:
        ledger.close()


def write_all(out: Path, *, compare: bool = False) -> None:
    """Everyone's pages, the overview and the two tables; with ``compare`` it is looked anew at who is alike."""
    ledger = Ledger(out)
    try:
        if compare:
            similar.write(ledger)
        rolls.write_reports(ledger)
        roll = rolls.roll(ledger)
    finally:
        ledger.close()
    stored.write(out / "overview.html", overview.render(roll, _alike(out, roll)).encode("utf-8", "replace"))
    for name in ("csv", "json"):
        file, render = TABLES[name]
        stored.write(out / file, render(roll).encode("utf-8", "replace"))


def _alike(out: Path, roll: Roll) -> list[tuple[Row, Row, int]]:
    rows = {row.student.id: row for row in roll.rows}
    return [
        (rows[pair["a"]], rows[pair["b"]], pair["percent"])
        for pair in similar.read(out)
        if pair["a"] in rows and pair["b"] in rows
    ]


def export(out: Path, format: str, target: Path | None = None, into: str = "", column: str = "") -> Path:
    """Write one export; returns where. ``into`` is the text of the platform's own table, which is filled in."""
    roll = load(out)
    try:
        if format == "gradescope":
            return _gradescope(out, roll, target or out / "gradescope")
        if format in PLATFORMS:
            file, fill = PLATFORMS[format]
            content = fill(roll, into, column)
        else:
            file, render = TABLES[format]
            content = render(roll)
        place = target or out / file
        place.parent.mkdir(parents=True, exist_ok=True)
        stored.write(place, content.encode("utf-8", "replace"))
        return place
    except OSError as error:
        raise UsageError(f"The export cannot be written: {error}. Choose another place with -o.") from error


def _gradescope(out: Path, roll: Roll, folder: Path) -> Path:
    """One results.json a student, under the number of his report."""
    for row in roll.rows:
        if row.report:
            place = folder / Path(row.report).stem / "results.json"
            place.parent.mkdir(parents=True, exist_ok=True)
            stored.write(place, gradescope.render(row).encode("ascii"))
    return folder
