"""``grade compare A B``: two networks side by side."""

from __future__ import annotations

from typing import Any

import click

from grader import assignment
from grader.commands import FAILED, OUR_FAULT, PASSED, options
from grader.report.inert import escape
from grader.terminal import Terminal


def _command() -> click.Command:
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


def _compare(arguments: dict[str, Any]) -> int:
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


command = _command()
