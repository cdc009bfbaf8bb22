"""The command ``grade``: the commands gathered, and the only place where errors become exit codes.

    0 all passed   1 some check failed   2 wrong use   3 the grader could not do its job   130 interrupted

Results go to standard output; progress, notes and errors to standard error. Nothing heavy is imported up here:
``list``, ``show``, ``explain``, ``init`` and ``--help`` start without torch.
"""

from __future__ import annotations

import difflib
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from grader import __version__, assignment
from grader.commands import (
    INTERRUPTED,
    OUR_FAULT,
    PASSED,
    WRONG_USE,
    afterwards,
    batch,
    compare,
    doctor,
    figures,
    gradescope,
    grading,
    lookup,
    summary,
    validate,
)
from grader.errors import AssignmentError, GraderError, InputRejected, UsageError
from grader.terminal import Terminal


class Grader(click.Group):
    """The group of commands, in which the id of every assignment is a command too."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of ours, or the grading of an assignment."""
        command = super().get_command(ctx, cmd_name)
        if command is None and cmd_name in assignment.ids():
            return grading.command(assignment.load(cmd_name))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """An unknown name is answered with the nearest ones."""
        if not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], [*self.commands, *assignment.ids()], n=2, cutoff=0.5)
            advice = f"Did you mean {' or '.join(near)}?" if near else "`grade list` shows the assignments."
            raise UsageError(f"There is no assignment and no command named {args[0]!r}. {advice}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Assignments first: they are what a student looks for."""
        with formatter.section("Assignments"):
            formatter.write_dl([(name, _title(name)) for name in assignment.ids()])
        super().format_commands(ctx, formatter)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Ids of assignments complete like commands."""
        tasks = [CompletionItem(name, help=_title(name)) for name in assignment.ids() if name.startswith(incomplete)]
        return [*tasks, *super().shell_complete(ctx, incomplete)]


def _title(name: str) -> str:
    try:
        return assignment.load(name).title
    except GraderError:  # one broken folder must not take the help of the others away
        return "(its folder does not hold together)"


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Grader, context_settings=CONTEXT)
@click.version_option(__version__, "--version", prog_name="grade")
def cli() -> None:
    """Grade an assignment of a neural-network course, and see what is wrong, in which line, and why.

    \b
    Example:
      grade init quiz1 my-quiz1        start from the starter files
      grade quiz1 my-quiz1             grade a folder, a .py, an .ipynb or a .zip
      grade explain no-zero-grad       read more about a finding
    """


for command in (
    batch.command,
    afterwards.regrade,
    afterwards.override,
    afterwards.export,
    compare.command,
    gradescope.make,
    gradescope.run,
    figures.command,
    summary.command,
    lookup.list_assignments,
    lookup.show,
    lookup.explain,
    lookup.init,
    doctor.doctor,
    validate.validate,
):
    cli.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a console that lacks a character shows "?", and the grade stands
    shared: dict[str, Any] = {}
    try:
        code = cli.main(arguments, prog_name="grade", standalone_mode=False, obj=shared)
        return code if isinstance(code, int) else PASSED
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except GraderError as error:
        click.echo(f"grade: {error}", err=True)
        return WRONG_USE if isinstance(error, UsageError | AssignmentError | InputRejected) else OUR_FAULT
    except Exception as error:
        _report_crash(error, shared.get("terminal", Terminal()))
        return OUR_FAULT


def _report_crash(error: Exception, terminal: Terminal) -> None:
    if terminal.verbose:
        traceback.print_exception(error)
    advice = "" if terminal.verbose else " and the output of the same command with -v"
    click.echo(
        f"grade: the grader itself stopped ({type(error).__name__}); this is no fault of the submission. "
        f"Please report it to the course staff, with the command{advice}.",
        err=True,
    )
