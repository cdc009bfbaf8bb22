"""Two networks side by side, on a terminal and as JSON."""

from __future__ import annotations

import json
from typing import Any

from grader.records import Side, SideBySide, SideRow, Where
from grader.report import columns
from grader.report.inert import escape
from grader.report.result import plain, where_data
from grader.report.story import place
from grader.report.text import Paint, unpainted


def headline(found: SideBySide) -> str:
    """The same or not, in a sentence or two."""
    if found.same_network is None:
        lacking = [f"{letter} ({side.name}) has no network." for letter, side in _sides(found) if side.lacking]
        return f"There is nothing to compare: {' '.join(lacking)}"
    count = len(found.differences)
    how = _how_trained(found)
    if found.same_network:
        return f"The same network, {how}."
    return f"Not the same network: {count} difference{'s' if count != 1 else ''}. {how[:1].upper()}{how[1:]}."


def _how_trained(found: SideBySide) -> str:
    if not found.training:
        return "no training was asked for"
    untrained = [letter for letter, at in (("A", "a"), ("B", "b")) if _untrained(found, at)]
    if len(untrained) == 2:
        return "neither trained"
    if untrained:
        return f"{untrained[0]} not trained"
    differing = [row.about for row in found.training if not row.same]
    return f"trained differently ({', '.join(differing)})" if differing else "trained in the same way"


def _untrained(found: SideBySide, side: str) -> bool:
    return any(row.about == "training-step" and getattr(row, side) == "none" for row in found.training)


def same(found: SideBySide) -> bool:
    """Nothing differs, in the network and in its training."""
    return bool(found.same_network) and found.same_training


def render(found: SideBySide, width: int = 80, paint: Paint = unpainted) -> str:
    """Who they are, whether they are the same, layer by layer, and how each is trained."""
    lines = []
    for letter, side in _sides(found):
        lines += columns.wrap(escape(side.name), width, f"{letter}  ")
    tone = "good" if same(found) else "strong"
    lines += ["", *(paint(line, tone) for line in columns.wrap(escape(headline(found)), width))]
    for letter, side in _sides(found):
        if side.lacking:
            lines += ["", *columns.wrap(escape(f"{side.name}: {side.lacking}"), width, f"{letter}  ", "   ")]
    if found.same_network is not None:
        lines += ["", paint(f"Layer by layer, with the names of {found.assignment}", "strong"), ""]
        lines += _rows((*found.layers, *_figures(found)), width, paint)
        if found.differences:
            lines += ["", paint("What differs", "strong"), ""]
            lines += _rows(found.differences, width, paint)
        if found.training:
            lines += ["", paint("Training", "strong"), "", *_rows(found.training, width, paint)]
    return "\n".join(lines) + "\n"


def _sides(found: SideBySide) -> tuple[tuple[str, Side], tuple[str, Side]]:
    return ("A", found.a), ("B", found.b)


def _figures(found: SideBySide) -> tuple[SideRow, ...]:
    """What is counted of the whole network, as rows."""
    figures = []
    for about, key in (("parameters", "parameters"), ("output", "output_shape"), ("hash", "hash")):
        a, b = (_figure(getattr(side, key)) for side in (found.a, found.b))
        figures.append(SideRow(about=about, a=a, b=b, a_where=None, b_where=None, same=a == b))
    return tuple(figures)


def _figure(value: Any) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(str(one) for one in value)})"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _rows(rows: tuple[SideRow, ...], width: int, paint: Paint) -> list[str]:
    """What is the same stands once; what differs, once for each side, with its line."""
    names = max((columns.width(escape(row.about)) for row in rows), default=0)
    lines: list[str] = []
    for row in rows:
        glyph, tone = ("=", "quiet") if row.same else ("≠", "bad")
        start = f"  {glyph} {columns.pad(escape(row.about), names)}  "
        if row.same:
            wrapped = columns.wrap(escape(row.a), width, start)
        else:
            wrapped = columns.wrap(_told("A", row.a, row.a_where), width, start)
            wrapped += columns.wrap(_told("B", row.b, row.b_where), width, " " * columns.width(start))
        wrapped[0] = wrapped[0].replace(glyph, paint(glyph, tone), 1)
        lines += wrapped
    return lines


def _told(letter: str, text: str, where: Where | None) -> str:
    found = place(where)
    return escape(f"{letter} {text} ({found})" if found else f"{letter} {text}")


def to_json(found: SideBySide) -> str:
    """Everything, for a script. ASCII, strict JSON."""
    data = {
        "schema": 1,
        "assignment": found.assignment,
        "same_network": found.same_network,
        "same_training": found.same_training if found.same_network is not None and found.training else None,
        "needs_review": found.needs_review,
        "message": headline(found),
        "a": _side(found.a),
        "b": _side(found.b),
        "layers": [_row(row) for row in found.layers],
        "differences": [_row(row) for row in found.differences],
        "training": [_row(row) for row in found.training],
    }
    return json.dumps(plain(data), indent=2, allow_nan=False, ensure_ascii=True) + "\n"


def _side(side: Side) -> dict[str, Any]:
    network = None
    if not side.lacking:
        network = {"parameters": side.parameters, "output_shape": side.output_shape, "hash": side.hash}
    return {"submission": side.name, "status": side.status, "message": side.lacking, "network": network}


def _row(row: SideRow) -> dict[str, Any]:
    return {
        "about": row.about,
        "same": row.same,
        "a": {"text": row.a, "where": where_data(row.a_where)},
        "b": {"text": row.b, "where": where_data(row.b_where)},
    }
