"""The terminal that ``grade`` speaks to: what goes to which stream, in which colour and width."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass

import click

from grader.report import columns
from grader.report.github import tame
from grader.report.inert import escape

NARROWEST, WIDEST = 40, 100
STYLES: dict[str, dict[str, str | bool]] = {
    "good": {"fg": "green"},
    "bad": {"fg": "red"},
    "alarm": {"fg": "yellow"},
    "quiet": {"dim": True},
    "strong": {"bold": True},
}


@dataclass(frozen=True, kw_only=True)
class Terminal:
    """Standard output for results, standard error for everything else."""

    quiet: bool = False
    verbose: bool = False

    @property
    def width(self) -> int:
        return min(max(shutil.get_terminal_size((80, 24)).columns, NARROWEST), WIDEST)

    @property
    def coloured(self) -> bool:
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR")

    def paint(self, text: str, tone: str) -> str:
        """The text in the tone's colour, where a person reads it and wants colour."""
        return click.style(text, **STYLES[tone]) if self.coloured else text  # type: ignore[arg-type]

    def result(self, text: str) -> None:
        """To standard output. A CI runner must not take a student's words for its commands."""
        click.echo(tame(text) if os.environ.get("GITHUB_ACTIONS") else text, nl=False, color=self.coloured)

    def note(self, text: str) -> None:
        """To standard error, unless quiet."""
        if not self.quiet:
            click.echo(escape(text), err=True)

    def progress(self, text: str) -> None:
        """What is being done: on a terminal a line that the next one replaces."""
        if self.quiet:
            return
        if sys.stderr.isatty():
            line = columns.cut(escape(text).replace("\n", " "), self.width - 1)
            click.echo(f"\r\x1b[2K{click.style(line, dim=True)}", err=True, nl=False)
        else:
            click.echo(escape(text), err=True)

    def clear(self) -> None:
        """Take the progress line away."""
        if sys.stderr.isatty() and not self.quiet:
            click.echo("\r\x1b[2K", err=True, nl=False)
