"""``grade figures``: the numbers on the lectures' slides, recomputed from the references."""

from __future__ import annotations

import json
from pathlib import Path

import click

from grader.commands import PASSED
from grader.errors import UsageError
from grader.terminal import Terminal


@click.command("figures", short_help="The lectures' figures, recomputed.")
@click.option("--model", metavar="MODEL", help="Only the rows of one model, such as vgg-D or resnet-50.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--html", "page", type=click.Path(dir_okay=False, path_type=Path), help="Write a page to this file.")
@click.option("--differing", is_flag=True, help="Only where slide and reference differ.")
@click.option("--update", is_flag=True, help="Compute the values anew from reference/ (in a clone; a minute).")
def command(model: str | None, as_json: bool, page: Path | None, differing: bool, update: bool) -> int:
    """Show what the slides state and what the references give: shapes, parameters, operations, memory, receptive
    fields; and why the two differ where they do.

    \b
    Example:
      grade figures --model vgg-D
      grade figures --differing
      grade figures --html figures.html
    """
    from grader import figures
    from grader.figures import page as pages

    known = list(dict.fromkeys(figure.model for figure in figures.figures()))
    if model is not None and model not in known:
        raise UsageError(f"No figure is about {model!r}. The models: {', '.join(known)}.")
    if update:
        from grader.figures import quantities

        text = json.dumps(quantities.all_values(), indent=0, ensure_ascii=False)
        figures.COMPUTED.write_text(f"{text}\n", encoding="utf-8")
    rows = [row for row in figures.compared(model) if not (differing and row.agrees)]
    terminal = Terminal()
    if page is not None:
        try:
            page.write_text(pages.html(rows), encoding="utf-8")
        except OSError as error:
            advice = "Name a file in a folder that exists."
            raise UsageError(f"{page} cannot be written ({error.strerror}). {advice}") from None
        terminal.note(f"{page}: {pages.headline(rows)}")
    if as_json:
        terminal.result(json.dumps(figures.chosen(rows), indent=1, ensure_ascii=False) + "\n")
    elif page is None:
        terminal.result(pages.render(rows, terminal.paint))
    return PASSED
