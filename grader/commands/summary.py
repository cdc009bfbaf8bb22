"""``grade summary PATH``: a submission's network, layer by layer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from grader.commands import FAILED, OUR_FAULT, PASSED, options
from grader.report import columns
from grader.report.inert import escape
from grader.terminal import Terminal

if TYPE_CHECKING:
    from grader.summary import Summary

RIGHT = (3, 4, 5, 6)  # columns of numbers


def _command() -> click.Command:
    described = """Show a network layer by layer: output shape, parameters, multiply-adds, memory of the output,
    receptive field, for one picture. PATH is a folder, a .py file, a notebook or a .zip; it is run as for a grade, in a
    sandbox.

    \b
    Example:
      grade summary my-quiz1/
      grade summary model.py --assignment quiz2 --json
    """

    def callback(**arguments: Any) -> int:
        return _summary(arguments)

    parameters: list[click.Parameter] = [
        click.Argument(["path"], metavar="PATH"),
        click.Option(["--json", "as_json"], is_flag=True, help="Result to standard output, and nothing else there."),
        click.Option(["--assignment", "task"], metavar="ASSIGNMENT", help="Whose pictures the network is run on."),
        options.TIMEOUT,
        options.ISOLATION,
    ]
    return click.Command(
        "summary", params=parameters, callback=callback, help=described, short_help="A network, layer by layer."
    )


def _summary(arguments: dict[str, Any]) -> int:
    terminal = Terminal()
    click.get_current_context().obj["terminal"] = terminal
    from grader import pipeline, summary

    chosen = pipeline.Options(timeout_s=arguments["timeout_s"], isolation=arguments["isolation"], quick=True)
    try:
        found = summary.summarise(arguments["path"], arguments["task"], chosen, terminal.progress)
    finally:
        terminal.clear()
    if arguments["as_json"]:
        terminal.result(json.dumps(summary.as_data(found), indent=1) + "\n")
    else:
        terminal.result(_rendered(found))
    if found.ours:
        return OUR_FAULT
    return FAILED if found.lacking else PASSED


def _rendered(found: Summary) -> str:
    from grader import summary

    if found.lacking:
        return f"{escape(found.path)} has no network to show. {escape(found.lacking)}\n"
    rows = [[escape(cell) for cell in row] for row in summary.cells(found)]
    widths = [max(columns.width(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [f"{escape(found.network)} on {'x'.join(str(size) for size in found.input_shape)}", ""]
    for row in rows:
        filled = [
            " " * (wide - columns.width(cell)) + cell if column in RIGHT else columns.pad(cell, wide)
            for column, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(filled).rstrip())
    memory = summary.BYTES * found.total("activations") / 2**20
    lines += [
        "",
        f"{found.total('parameters'):,} parameters in use, {found.total('multiply_accumulates'):,} multiply-adds and "
        f"{memory:,.2f} MiB of outputs for one picture.",
    ]
    if found.unused:
        names = ", ".join(escape(name) for name in found.unused)
        lines.append(f"Never used for the output, and not counted: {names} ({found.unused_parameters:,} parameters).")
    if found.unregistered:
        names = ", ".join(escape(name) for name in found.unregistered)
        lines.append(f"Used, but unknown to parameters() and so to the optimizer: {names}.")
    return "\n".join([*lines, ""])


command = _command()
