"""The command ``grade``: arguments in, one pipeline call, text out; the only place where errors become exit codes.

    0 all passed   1 some check failed   2 wrong use   3 the grader could not do its job   130 interrupted

Results go to standard output; progress, notes and errors to standard error. Nothing heavy is imported up here:
``list``, ``show``, ``explain``, ``init`` and ``--help`` start without torch.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from grader import __version__, assignment, options, starter
from grader.errors import AssignmentError, GraderError, InputRejected, UsageError
from grader.records import Assignment, Grade
from grader.report.inert import escape
from grader.terminal import Terminal

PASSED, FAILED, WRONG_USE, OUR_FAULT, INTERRUPTED = 0, 1, 2, 3, 130
Arguments = dict[str, Any]


class Grader(click.Group):
    """The group of commands, in which the id of every assignment is a command too."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command of ours, or the grading of an assignment."""
        command = super().get_command(ctx, cmd_name)
        if command is None and cmd_name in assignment.ids():
            return _grading(assignment.load(cmd_name))
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


# ---- grading ------------------------------------------------------------------------------------------------


def _grading(task: Assignment) -> click.Command:
    """The command that grades one assignment."""
    total = sum(check.points for check in task.checks)
    described = f"""Grade {task.id}: {task.title}.

    PATH is a folder, a .py file, a notebook or a .zip. {total:g} points. Source: {task.source}.

    \b
    Example:
      grade {task.id} my-{task.id}/            what is right, what is wrong, and in which line
      grade {task.id} net.ipynb --quick    without the learning run
      grade show {task.id}                 what is asked
    """
    path = click.Argument(["path"], type=click.Path(exists=True, path_type=Path))

    def callback(**arguments: Any) -> int:
        return _grade(task, arguments)

    return click.Command(
        task.id, params=[path, *options.GRADING], callback=callback, help=described, short_help=task.title
    )


def _grade(task: Assignment, arguments: Arguments) -> int:
    terminal = Terminal(quiet=arguments["quiet"], verbose=arguments["verbose"])
    click.get_current_context().obj["terminal"] = terminal
    from grader import pipeline  # imports torch

    chosen = pipeline.Options(
        data_dir=arguments["data_dir"],
        device=arguments["device"],
        seed=arguments["seed"],
        timeout_s=arguments["timeout_s"],
        quick=arguments["quick"],
        isolation=arguments["isolation"],
    )
    try:
        grade = pipeline.grade(task, arguments["path"], chosen, progress=terminal.progress)
    finally:
        terminal.clear()
    present(grade, arguments["path"], terminal, as_json=arguments["as_json"])
    folder = arguments["output_dir"] or (None if arguments["as_json"] else options.DEFAULT_OUTPUT)
    if folder is not None:
        terminal.note(f"Report: {write(grade, folder)}")
    return exit_code(grade)


def present(grade: Grade, path: Path, terminal: Terminal, *, as_json: bool) -> None:
    """Show a grade: the result on standard output, annotations on standard error."""
    from grader.report import github, result, text

    if as_json:
        terminal.result(result.render(grade))
    elif terminal.quiet:
        terminal.result(text.headline(grade, terminal.width, terminal.paint))
    else:
        terminal.result(text.render(grade, terminal.width, terminal.paint, layers=terminal.verbose))
    if os.environ.get("GITHUB_ACTIONS") == "true":
        click.echo(github.render(grade, path), err=True, nl=False)


def write(grade: Grade, folder: Path) -> Path:
    """Write report.html and report.json, each whole or not at all; returns the page's path."""
    from grader.report import html, result

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("report.json", result.render(grade)), ("report.html", html.render(grade))):
            unfinished = folder / f".{name}.{os.getpid()}"
            unfinished.write_text(content, encoding="utf-8")
            unfinished.replace(folder / name)
    except OSError as error:
        raise UsageError(
            f"The report cannot be written to {folder}: {error.strerror}. Choose another folder with -o."
        ) from error
    return folder / "report.html"


def exit_code(grade: Grade) -> int:
    """0 all passed, 1 some check failed, 3 a person has to look."""
    from grader.report.story import failed

    if grade.needs_review or any(check.verdict == "error" for check in grade.checks):
        return OUR_FAULT
    return FAILED if failed(grade) else PASSED


# ---- comparing ----------------------------------------------------------------------------------------------


def _comparing() -> click.Command:
    """The command that lays two networks side by side."""
    described = """Lay two networks side by side: layers, sizes, and how each is trained.

    A and B are each a folder, a .py file, a notebook, a .zip, or the id of an assignment, whose handout's network is
    meant. Exit code 0: the same network, trained in the same way; 1: something differs, or one has no network.

    \b
    Example:
      grade compare quiz1 my-quiz1/          the handout's network and mine
      grade compare old.py new.ipynb         what has changed?
      grade compare a.zip b.zip --json       for a script
    """
    pair = [click.Argument(["a"], metavar="A"), click.Argument(["b"], metavar="B")]

    def callback(**arguments: Any) -> int:
        return _compare(arguments)

    short = "Lay two networks side by side."
    return click.Command(
        "compare", params=[*pair, *options.COMPARING], callback=callback, help=described, short_help=short
    )


def _compare(arguments: Arguments) -> int:
    terminal = Terminal(quiet=arguments["quiet"])
    click.get_current_context().obj["terminal"] = terminal
    task = assignment.load(arguments["task"]) if arguments["task"] else None
    from grader import comparing, pipeline
    from grader.report import beside

    chosen = pipeline.Options(timeout_s=arguments["timeout_s"], isolation=arguments["isolation"], quick=True)
    try:
        found = comparing.compare((arguments["a"], arguments["b"]), task, chosen, terminal.progress)
    finally:
        terminal.clear()
    if arguments["as_json"]:
        terminal.result(beside.to_json(found))
    elif terminal.quiet:
        terminal.result(f"{escape(beside.headline(found))}\n")
    else:
        terminal.result(beside.render(found, terminal.width, terminal.paint))
    if found.needs_review:
        return OUR_FAULT
    return PASSED if beside.same(found) else FAILED


cli.add_command(_comparing())


# ---- looking things up --------------------------------------------------------------------------------------


@cli.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_assignments(as_json: bool) -> None:
    """List the assignments.

    \b
    Example:
      grade list
    """
    from grader.report import spec

    tasks = [assignment.load(name) for name in assignment.ids()]
    if as_json:
        rows = [{"id": task.id, "title": task.title, "parameters": task.parameters} for task in tasks]
        click.echo(json.dumps(rows, indent=2))
    else:
        click.echo(spec.overview(tasks, Terminal().width), nl=False)


@cli.command()
@click.argument("name", metavar="ASSIGNMENT")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(name: str, as_json: bool) -> None:
    """Show what an assignment asks: layers, training, points.

    \b
    Example:
      grade show quiz2
    """
    from grader.report import spec

    terminal, task = Terminal(), assignment.load(name)
    if as_json:
        click.echo(json.dumps(spec.as_data(task), indent=2))
    else:
        terminal.result(spec.render(task, terminal.width, terminal.paint))


@cli.command(short_help="Explain a check, a finding or a status.")
@click.argument("name", metavar="[NAME]", required=False)
def explain(name: str | None) -> None:
    """Explain a check, a finding or a status: what it means, why it matters, how to fix it.

    \b
    Example:
      grade explain training-step      a check
      grade explain no-zero-grad       a finding
      grade explain forward-error      a status
      grade explain                    every name
    """
    from grader import explain as pages

    terminal = Terminal()
    if name is None:
        click.echo("".join(f"{known}\n" for known in pages.names()), nl=False)
    else:
        terminal.result(pages.render(pages.explain(name), terminal.width, terminal.paint))


@cli.command(short_help="Copy the handout and the starter files to a folder.")
@click.argument("name", metavar="ASSIGNMENT")
@click.argument("folder", metavar="[DIR]", required=False, type=options.FOLDER)
def init(name: str, folder: Path | None) -> None:
    """Copy the handout and the starter files to DIR (a new folder, named as the assignment, if left out).

    \b
    Example:
      grade init quiz2 my-quiz2
    """
    task = assignment.load(name)
    target = folder or Path(task.id)
    copies = starter.copy(task, target)
    click.echo("".join(f"{copy}\n" for copy in copies), nl=False)
    click.echo(f"Keep one of the two starters, fill it in, then: grade {task.id} {target / 'starter.py'}", err=True)


@cli.command(short_help="Grade known solutions and mistakes, for course staff.")
@click.argument("names", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option("-j", "--jobs", type=int, default=0, help="So many at a time (one a core if left out).")
@click.option(
    "--every", type=click.IntRange(1), default=1, help="Only each so-manieth mistake and mutant; all right ones."
)
@click.option("--mutants/--no-mutants", default=True, help="Mutants of the reference, beside the corpus.")
@click.option("--learn", is_flag=True, help="Learning runs for mistakes and mutants, too.")
@click.option("--update", is_flag=True, help="Write expected.json and the scores anew.")
@click.option(
    "--random",
    "composed",
    type=click.IntRange(1),
    metavar="N",
    help="Instead: N right and N wrong programs of each assignment, composed at random.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the first one composed.")
@click.option("--random-show", "shown", metavar="NAME", help="Print a composed program by its name, and end.")
@click.option("-v", "--verbose", is_flag=True, help="Tracebacks of the grader.")
def validate(
    names: tuple[str, ...], verbose: bool, composed: int | None, seed: int, shown: str | None, **chosen: Any
) -> int:
    """Grade the course's own solutions and known mistakes, and hold each grade against what it must be.

    \b
    Example:
      grade validate quiz1 quiz2
      grade validate quiz1 --random 100 --seed 500         100 right and 100 wrong programs, composed
      grade validate --random-show quiz1/wrong/517         one of them, to look at
    """
    click.get_current_context().obj["terminal"] = Terminal(verbose=verbose)
    for name in names:
        assignment.load(name)
    if shown is not None or composed is not None:
        from grader.validate import composed as programs

        if shown is not None:
            click.echo(programs.described(shown))
            return PASSED
        return int(programs.main(names, composed or 0, seed, chosen["jobs"]) or PASSED)
    from grader import validate as validation

    return int(validation.main(names, validation.Options(**chosen)) or PASSED)


# ---- errors -------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")  # a console that lacks a character shows "?", and the grade stands
    shared: Arguments = {}
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
