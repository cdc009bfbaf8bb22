"""The figures as text and as a page of HTML."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from itertools import groupby

from grader.figures import Compared, Value

STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#1c1c1c}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #ddd;"
    "vertical-align:top}td.number{text-align:right;white-space:nowrap}tr.differs{background:#fdeeee}"
    "h2{margin-top:2.5rem}code{color:#555}"
)


def written(value: Value) -> str:
    if isinstance(value, tuple):
        return "x".join(str(size) for size in value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.4g}"


def headline(rows: Sequence[Compared]) -> str:
    wrong = sum(not row.agrees for row in rows)
    lectures = len({row.figure.lecture for row in rows})
    return f"{len(rows)} figures of {lectures} lectures: {len(rows) - wrong} agree, {wrong} differ."


def render(rows: Sequence[Compared], paint: Callable[[str, str], str]) -> str:
    """Slide by slide: quantity, stated, computed; a note where there is one."""
    lines = []
    for (lecture, slide, model), group in groupby(rows, key=_place):
        lines += ["", paint(f"lecture {lecture}, {slide} — {model}", "strong")]
        for row in group:
            mark = paint("✓", "good") if row.agrees else paint("✗", "bad")
            lines.append(
                f"  {mark} {row.figure.quantity:<52} {row.figure.stated:>14} {written(row.computed):>16}".rstrip()
            )
            if row.figure.note:
                lines.append(f"      {paint(row.figure.note, 'quiet')}")
    return "\n".join([headline(rows), "Columns: quantity, stated on the slide, computed.", *lines, ""])


def html(rows: Sequence[Compared]) -> str:
    """One page that needs nothing beside it."""
    parts = [
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
        f"<title>The lectures' figures, recomputed</title><style>{STYLE}</style>",
        f"<h1>The lectures' figures, recomputed</h1><p>{escape(headline(rows))}</p>",
    ]
    for (lecture, slide, model), group in groupby(rows, key=_place):
        parts.append(f"<h2>Lecture {escape(lecture)}: {escape(slide)}</h2><p>Model: <code>{escape(model)}</code></p>")
        parts.append("<table><tr><th>Quantity<th>Stated<th>Computed<th>Agrees<th>Note")
        parts += [_row(row) for row in group]
        parts.append("</table>")
    return "\n".join(parts) + "\n"


def _row(row: Compared) -> str:
    figure = row.figure
    kind, word = ("agrees", "yes") if row.agrees else ("differs", "no")
    return (
        f'<tr class="{kind}"><td>{escape(figure.quantity)}<br><code>{escape(figure.compute)}</code>'
        f'<td class="number">{escape(figure.stated)}<td class="number">{escape(written(row.computed))}'
        f"<td>{word}<td>{escape(figure.note)}"
    )


def _place(row: Compared) -> tuple[str, str, str]:
    return row.figure.lecture, row.figure.slide, row.figure.model
