"""``grade validate``: the grader held against known solutions and mistakes."""

from __future__ import annotations

from typing import Any

import click

from grader import assignment
from grader.commands import PASSED
from grader.terminal import Terminal


@click.command(short_help="Grade known solutions and mistakes, for course staff.")
@click.argument("names", metavar="[ASSIGNMENT]...", nargs=-1)
@click.option("-j", "--jobs", type=int, default=0, help="So many at a time (one a core if left out).")
@click.option(
    "--every",
    type=click.IntRange(1),
    default=1,
    help="A sample: each so-manieth mistake and mutant, and right styles four times as densely."
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
