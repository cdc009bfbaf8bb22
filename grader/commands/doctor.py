"""``grade doctor``: what of the sandboxes works on this machine, found by trying."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import click

from grader.commands import FAILED, PASSED
from grader.errors import UsageError
from grader.terminal import Terminal


@click.command(short_help="Try which sandboxes work on this machine.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> int:
    """Try every layer and every sandbox on this machine: what works, what does not, and the fix.

    Exit code 0: a sandbox that is fit for strangers' code works here (--isolation strict); 1: none does.

    \b
    Example:
      grade doctor
      grade doctor --json     for a script
    """
    from grader import isolate
    from grader.isolate import doctor as trials

    found = {"layers": trials.layers(), "sandboxes": trials.backends(isolate.BACKENDS)}
    picks = {name: _pick(name) for name in ("auto", "strict")}
    if as_json:
        rows: dict[str, Any] = {name: [dataclasses.asdict(one) for one in some] for name, some in found.items()}
        click.echo(json.dumps({**rows, **picks}, indent=2))
    else:
        for title, some in found.items():
            click.echo(f"{title}")
            click.echo("".join(_line(one) for one in some))
        strict = picks["strict"] or "none: there is none here"
        click.echo(f"--isolation auto takes {picks['auto']}; strict takes {strict}.")
    click.get_current_context().obj["terminal"] = Terminal()
    return PASSED if picks["strict"] else FAILED


def _pick(name: str) -> str | None:
    from grader import isolate

    try:
        return isolate.choose(name).NAME
    except UsageError:
        return None


def _line(trial: Any) -> str:
    mark = "works" if trial.works else "no   "
    said = "".join(f"\n           {text}" for text in (trial.found, trial.fix) if text)
    return f"  {mark}  {trial.name}{said}\n"
