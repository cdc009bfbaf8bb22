"""``grade list``, ``show``, ``explain`` and ``init``: what is asked, what a word means, and a start."""

from __future__ import annotations

import json
from pathlib import Path

import click

from grader import assignment, starter
from grader.commands import options
from grader.terminal import Terminal


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_assignments(as_json: bool) -> None:
    """List the assignments.

    \b
    Example:
      grade list
    """
    from grader.report import spec

    tasks = [assignment.load(name) for name in assignment.grouped()]
    if as_json:
        rows = [{"id": task.id, "title": task.title, "parameters": task.parameters} for task in tasks]
        click.echo(json.dumps(rows, indent=2))
    else:
        click.echo(spec.overview(tasks, Terminal().width), nl=False)


@click.command()
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


@click.command(short_help="Explain a check, a finding or a status.")
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


@click.command(short_help="Copy the handout and the starter files to a folder.")
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
