"""The options of grading, the same for every assignment."""

from __future__ import annotations

import re
from pathlib import Path

import click

FOLDER = click.Path(file_okay=False, path_type=Path)
DEFAULT_OUTPUT = Path("grade-report")
SANDBOXES = ("auto", "strict", "namespaces", "bubblewrap", "slot", "self", "process")


def device(ctx: click.Context, parameter: click.Parameter, value: str) -> str:
    """The device as written, if it is one."""
    if re.fullmatch(r"auto|cpu|cuda(:\d+)?", value):
        return value
    raise click.BadParameter(f"{value!r} is no device: auto, cpu, cuda or cuda:0 (or another number).")


TIMEOUT = click.Option(
    ["--timeout", "timeout_s"],
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="CPU time for your program; wall time is 3 times that and 10 s. [default: as the assignment says]",
)
ISOLATION = click.Option(
    ["--isolation"],
    type=click.Choice(SANDBOXES),
    default="auto",
    show_default=True,
    help="How your program is kept apart from this computer.",
)
GRADING = (
    click.Option(["--json", "as_json"], is_flag=True, help="Result to standard output, and nothing else there."),
    click.Option(
        ["-o", "--output-dir"],
        type=FOLDER,
        help=f"Where report.html and report.json go. [default: {DEFAULT_OUTPUT}; with --json: nowhere]",
    ),
    click.Option(
        ["--data", "data_dir"],
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="GRADER_DATA",
        show_envvar=True,
        help="Folder of the real CIFAR-10. Without it a small stand-in is used.",
    ),
    click.Option(
        ["--device"],
        default="auto",
        show_default=True,
        callback=device,
        metavar="DEVICE",
        help="auto, cpu, cuda or cuda:N.",
    ),
    click.Option(
        ["--seed"], type=click.IntRange(min=0), default=0, show_default=True, metavar="N", help="Seed of the grader."
    ),
    TIMEOUT,
    click.Option(["--quick"], is_flag=True, help="No learning runs: a few seconds less."),
    ISOLATION,
    click.Option(["-q", "--quiet"], is_flag=True, help="Score and summary only, no progress."),
    click.Option(["-v", "--verbose"], is_flag=True, help="The layer table too, and tracebacks of the grader."),
)
COMPARING = (
    click.Option(["--json", "as_json"], is_flag=True, help="Result to standard output, and nothing else there."),
    click.Option(
        ["--assignment", "task"],
        metavar="ASSIGNMENT",
        help="Whose handout names the layers and says the training. [default: the one that they come nearest to]",
    ),
    TIMEOUT,
    ISOLATION,
    click.Option(["-q", "--quiet"], is_flag=True, help="Whether they are the same, in a sentence."),
)
