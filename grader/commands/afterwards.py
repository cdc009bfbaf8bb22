"""``grade regrade``, ``override`` and ``export``: what is done with a class once it is graded."""

from __future__ import annotations

import getpass
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.commands import OUR_FAULT, PASSED
from grader.commands.batch import FORMATS
from grader.errors import UsageError
from grader.report.story import points as as_points
from grader.terminal import Terminal

if TYPE_CHECKING:
    from grader.batch.regrade import Regraded
    from grader.records import Roll, Row

CLASS = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(short_help="Every grade anew, from what is kept.")
@click.argument("folder", metavar="DIR", type=CLASS)
@click.option("--json", "as_json", is_flag=True, help="The list of moves as JSON.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def regrade(folder: Path, as_json: bool, quiet: bool) -> int:
    """Bring every grade to what the rubric and the checks say now, and list whose grade moves and why.

    No student code runs: the evidence is kept beside each grade. Marks that a person gave stay; where the automatic
    mark beneath one has changed, the row asks for a look. A few milliseconds a student.

    \b
    Example:
      grade regrade quiz2-class      after another number of points in assignments/quiz2/assignment.toml
    """
    from grader.batch import files
    from grader.batch.regrade import regrade as again

    terminal = Terminal(quiet=quiet)
    click.get_current_context().obj["terminal"] = terminal
    found = again(folder, terminal.progress)
    terminal.clear()
    files.write_all(folder)
    if as_json:
        from grader.batch import stored

        click.echo(json.dumps(stored.encode(found), indent=2))
    else:
        terminal.result(_moves(found))
    return OUR_FAULT if found.lost else PASSED


def _moves(found: Regraded) -> str:
    from grader.report.inert import escape

    lines = []
    for move in found.moves:
        name = move.student if move.name == move.student else f"{move.student} ({move.name})"
        lines.append(escape(f"{name}: {_points(move.before)} -> {_points(move.after)}"))
        for change in move.changes:
            lines.append(escape(f"  {change.check} {_points(change.before)} -> {_points(change.after)}: {change.why}"))
        lines += [f"  {check}: the mark given by hand stays; the automatic one has changed" for check in move.kept]
    lines += [escape(f"{student}: no evidence is kept; the grade stays as it was") for student in found.lost]
    moved = len(found.moves)
    lines.append(
        f"{found.gradings} gradings looked at; {moved or 'no'} {'student' if moved == 1 else 'students'} moved."
    )
    return "\n".join(lines) + "\n"


def _points(value: float | None) -> str:
    return "none" if value is None else as_points(value)


@click.command(short_help="Give a mark by hand.")
@click.argument("folder", metavar="DIR", type=CLASS)
@click.argument("student")
@click.argument("check")
@click.argument("points", type=float, required=False)
@click.option("--why", metavar="TEXT", help="What the student and your colleagues read.")
@click.option("--by", default=None, metavar="NAME", help="Who decides. [default: your user name]")
@click.option("--remove", is_flag=True, help="Let the automatic mark count again.")
def override(
    folder: Path, student: str, check: str, points: float | None, why: str | None, by: str | None, remove: bool
) -> int:
    """Give STUDENT so many POINTS for CHECK, or for "total", whatever the grader says.

    The mark is kept apart from the automatic one, wins over it, and survives regrades. When the automatic mark
    beneath it changes, the row is flagged. STUDENT is an id, a name, a login or an e-mail address.

    \b
    Example:
      grade override quiz2-class smithjohn learns 5 --why "trains at home; the seed was unlucky"
      grade override quiz2-class smithjohn learns --remove
    """
    from grader.batch import files

    terminal = Terminal()
    row = _find(files.load(folder), student)
    if not remove and (points is None or not why):
        raise UsageError("A mark by hand needs POINTS and a reason. Say, for instance: 5 --why 'seen in the office'")
    if remove:
        text = _remove(folder, row, check)
    else:
        assert points is not None
        assert why is not None
        text = _give(folder, row, check, (points, why, by or getpass.getuser()))
    files.write_all(folder)
    terminal.result(text)
    return PASSED


def _find(roll: Roll, asked: str) -> Row:
    wanted = asked.casefold()
    for name in ("id", "email", "login", "platform_id", "name"):
        found = [row for row in roll.rows if getattr(row.student, name).casefold() == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(row.student.id for row in found)
            raise UsageError(f"{asked!r} is {len(found)} students: {ids}. Expected one of them. Give the id.")
    raise UsageError(f"There is no student {asked!r} in this class. Expected an id, a name, a login or an e-mail.")


def _give(folder: Path, row: Row, check: str, mark: tuple[float, str, str]) -> str:
    from grader.batch import ledger, rolls
    from grader.records import Override

    points, why, by = mark
    limits = {one.id: one.max_points for one in row.checks} | {rolls.TOTAL: row.max_score}
    if check not in limits:
        raise UsageError(f"{row.student.id} has no check {check!r}. Expected one of {', '.join(limits)}.")
    if not 0 <= points <= limits[check]:
        raise UsageError(f"{points:g} points for {check}. Expected 0 to {limits[check]:g}.")
    beneath = row.automatic if check == rolls.TOTAL else rolls.automatic_mark(row.result, check)
    at = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    book = ledger.Ledger(folder)
    try:
        book.override(row.student.id, Override(check=check, points=points, why=why, by=by, at=at, beneath=beneath))
    finally:
        book.close()
    return f"{row.student.id}: {check} {_points(beneath)} -> {_points(points)}, by hand: {why}\n"


def _remove(folder: Path, row: Row, check: str) -> str:
    from grader.batch import ledger

    book = ledger.Ledger(folder)
    try:
        if not book.remove_override(row.student.id, check):
            raise UsageError(f"{row.student.id} has no mark by hand for {check!r}. Nothing was changed.")
    finally:
        book.close()
    return f"{row.student.id}: {check} is marked automatically again\n"


@click.command(short_help="The class for a gradebook.")
@click.argument("folder", metavar="DIR", type=CLASS)
@click.option("--format", "format_", type=click.Choice(FORMATS), required=True, help="Who is to read it.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to. [default: a file in DIR]")
@click.option(
    "--into",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Canvas' gradebook or Moodle's worksheet, as downloaded: its students, ids and columns are kept.",
)
@click.option("--column", default="", metavar="TITLE", help="The gradebook's column. [default: the assignment's title]")
def export(folder: Path, format_: str, output: Path | None, into: Path | None, column: str) -> int:
    """Write the marks of a class in the form that another program takes.

    \b
    Example:
      grade export quiz2-class --format canvas --into gradebook.csv --column "Quiz 2 (4711)"
      grade export quiz2-class --format moodle --into worksheet.csv -o upload.csv
      grade export quiz2-class --format gradescope         one results.json for each student
    """
    from grader.batch import files

    text = into.read_bytes().decode("utf-8-sig", "replace") if into else ""
    if text and format_ not in files.PLATFORMS:
        raise UsageError(f"--into is for canvas and moodle. Expected no such table for {format_}. Leave it out.")
    click.echo(files.export(folder, format_, output, text, column))
    return PASSED
