"""``grade batch``: a class at a time, from what the learning platform gave to rows, pages and an overview."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader import assignment
from grader.commands import OUR_FAULT, PASSED, options
from grader.errors import UsageError
from grader.terminal import Terminal

if TYPE_CHECKING:
    from grader.batch.run import Counts
    from grader.batch.work import Settings

# Code of a whole class is the code of strangers: the sandbox that is asked for, or none of it is run.
TOO_WEAK = ("process", "zygote")  # for what is chosen by itself
QUIET_S = 10.0  # between two lines of progress where no person watches
FORMATS = ("csv", "json", "gradescope", "canvas", "moodle", "junit", "nbgrader")


def _shared(*names: str) -> list[click.Option]:
    return [option for option in options.GRADING if option.name in names]


def _params() -> list[click.Parameter]:
    return [
        click.Argument(["name"], metavar="ASSIGNMENT"),
        click.Argument(["submissions"], type=click.Path(exists=True, path_type=Path)),
        click.Option(["--out"], type=options.FOLDER, required=True, help="Where the ledger and the reports go."),
        click.Option(
            ["-j", "--jobs"], type=click.IntRange(1), default=max(1, os.cpu_count() or 1),
            help="So many submissions at a time. [default: one a core]",
        ),
        click.Option(
            ["--from", "platform"], type=click.Choice(["auto", "folders", "canvas", "moodle", "gradescope"]),
            default="auto", show_default=True, help="Who named the files in SUBMISSIONS.",
        ),
        click.Option(
            ["--roster"], type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="CSV of the class; Canvas' gradebook or Moodle's worksheet will do.",
        ),
        click.Option(
            ["--late", "late_percent"], type=click.FloatRange(0, 100), metavar="PERCENT", default=0.0,
            help="Taken off the marks of what the platform calls late.",
        ),
        click.Option(["--force"], is_flag=True, help="Grade again what is graded."),
        click.Option(
            ["--cache"], type=options.FOLDER,
            help="Learning runs by network, of other classes too. [default: learning/ in --out]",
        ),
        click.Option(
            ["--isolation"], type=click.Choice([*options.SANDBOXES, "zygote"]), default="strict",
            show_default=True, help="How the programs are kept apart from this computer and from each other.",
        ),
        click.Option(
            ["--export", "formats"], type=click.Choice(FORMATS), multiple=True, help="Further files, as grade export."
        ),
        *_shared("data_dir", "device", "seed", "timeout_s", "quick", "quiet"),
    ]  # fmt: skip


def _batch(name: str, submissions: Path, out: Path, **arguments: Any) -> int:
    """Grade a whole class: everyone gets a row and a report, and nobody's program stops the run.

    SUBMISSIONS is a folder with a folder or file for each student, or what Canvas, Moodle or Gradescope give for
    download, as a zip or unpacked. The same command again goes on where it was interrupted, and grades what is new.

    \b
    Example:
      grade batch quiz2 submissions.zip --out quiz2-class --roster gradebook.csv
      grade export quiz2-class --format canvas --into gradebook.csv
    """
    terminal = Terminal(quiet=arguments["quiet"])
    click.get_current_context().obj["terminal"] = terminal
    task = assignment.load(name)
    from grader.batch import arrivals, roster, run
    from grader.batch.work import Settings

    settings = Settings(
        assignment=task.id,
        out=out.absolute(),
        cache=(arguments["cache"] or out / "learning").absolute(),
        isolation=_sandbox(arguments["isolation"]),
        device=arguments["device"],
        seed=arguments["seed"],
        quick=arguments["quick"],
        data_dir=arguments["data_dir"].absolute() if arguments["data_dir"] else None,
        timeout_s=arguments["timeout_s"],
    )
    _try_out(settings)
    known = roster.Roster(roster.read(arguments["roster"])) if arguments["roster"] else None
    bar = Bar(terminal)
    try:
        with arrivals.find(submissions, arguments["platform"]) as found:
            terminal.note(f"{len(found.everyone)} submissions ({found.platform}), {arguments['jobs']} at a time")
            counts = run.run(
                settings, found, jobs=arguments["jobs"], roster=known, force=arguments["force"],
                meta={"late_percent": arguments["late_percent"]}, watch=bar.show,
            )  # fmt: skip
    except KeyboardInterrupt:
        terminal.clear()
        terminal.note(f"What is graded is kept in {out}. The same command goes on from there.")
        raise
    finally:
        terminal.clear()
    return _conclude(out, counts, arguments["formats"], terminal)


def _try_out(settings: Settings) -> None:
    """What would fail for everyone fails here, once, before anything runs."""
    from grader import pipeline

    if settings.device not in ("auto", "cpu"):
        from grader.learn import device

        device.choose(settings.device)
    if settings.data_dir is not None:
        with tempfile.TemporaryDirectory(prefix="grade-data-") as place:
            pipeline.write_data(Path(place), settings.options())


def _conclude(out: Path, counts: Counts, formats: tuple[str, ...], terminal: Terminal) -> int:
    from grader.batch import files

    files.write_all(out, compare=True)
    for name in formats:
        terminal.note(f"Export: {files.export(out, name)}")
    seconds = time.monotonic() - counts.began
    graded = counts.done - counts.known
    again = f", {counts.known} of them as before or the same as another's" if counts.known else ""
    lines = [f"{counts.done} of {counts.total} have a row ({graded} graded in {seconds:.0f} s{again})"]
    lines += [f"  {status}: {number}" for status, number in sorted(counts.statuses.items(), key=lambda one: -one[1])]
    if counts.review:
        lines.append(f"{counts.review} need a person to look at them.")
    lines.append(f"Overview: {out / 'overview.html'}")
    terminal.result("\n".join(lines) + "\n")
    return OUR_FAULT if counts.review or counts.done < counts.total else PASSED


def _sandbox(asked: str) -> str:
    """The sandbox for strangers' code, or the reason why there is none: never a weaker one unasked."""
    from grader import isolate

    backend = isolate.choose(asked)
    problem = backend.unavailable()
    if problem:
        raise UsageError(f"The sandbox {asked} does not work here. {problem}")
    if asked == "auto" and backend.NAME in TOO_WEAK:
        reasons = " ".join(filter(None, (other.unavailable() for other in isolate.BACKENDS.values())))
        raise UsageError(
            f"No sandbox for the code of strangers works here. {reasons} "
            "For programs that you trust, say so: --isolation zygote"
        )
    return backend.NAME


class Bar:
    """Progress on standard error: how many, by status, how fast, and how long still."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.live = sys.stderr.isatty()
        self.said = 0.0
        self.last = -1

    def show(self, counts: Counts) -> None:
        now = time.monotonic()
        over = counts.done == counts.total
        if now - self.said < (0.1 if self.live else QUIET_S) and not (over and counts.done != self.last):
            return
        if not self.live and counts.done == self.last:
            return
        self.said, self.last = now, counts.done
        self.terminal.progress(line(counts, now))


def line(counts: Counts, now: float) -> str:
    """The bar as text."""
    part = counts.done / counts.total if counts.total else 1.0
    filled = int(20 * part)
    elapsed = max(now - counts.began, 1e-9)
    graded = counts.done - counts.known
    left = (counts.total - counts.done) * elapsed / counts.done if counts.done else 0.0
    by_status = ", ".join(f"{name} {number}" for name, number in sorted(counts.statuses.items()))
    pace = f" · {60 * graded / elapsed:.0f}/min · {_span(left)} left" if counts.done and part < 1 else ""
    return f"{'█' * filled}{'░' * (20 - filled)} {counts.done}/{counts.total}{pace} · {by_status or 'starting'}"


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


command = click.Command("batch", params=_params(), callback=_batch, help=_batch.__doc__, short_help="Grade a class.")
