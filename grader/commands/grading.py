"""``grade quiz1 PATH``: one command for each assignment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from grader.commands import exit_code, options
from grader.errors import UsageError
from grader.records import Assignment, Grade
from grader.terminal import Terminal


def command(task: Assignment) -> click.Command:
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


def _grade(task: Assignment, arguments: dict[str, Any]) -> int:
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
