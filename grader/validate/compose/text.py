"""From composed lines to a file as somebody would have typed it, with the line of everything that was marked.

Lines are composed with four spaces and double quotes; a mark is a private character around a name, and is gone in the
end.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from grader.validate.compose.dice import Dice

_MARK = re.compile("\ue000([^\ue001]*)\ue001")
CELL = "\ue002"  # a line of its own: here a notebook's next cell begins


def mark(name: str) -> str:
    """Stands in the line that the grade must name for ``name``."""
    return f"\ue000{name}\ue001"


def unmarked(text: str) -> str:
    return _MARK.sub("", text)


@dataclass(frozen=True, kw_only=True)
class Written:
    source: str  # of the file; a notebook's is JSON
    program: str  # as a reader wants to see it
    notebook: bool
    places: dict[str, tuple[str, ...]]  # mark -> where it stands: "12", or "3/2" in a notebook


def indented(lines: list[str], levels: int = 1) -> list[str]:
    return [f"{'    ' * levels}{line}" if line else line for line in lines]


def finish(lines: list[str], dice: Dice, *, notebook: bool) -> Written:
    """Cells or one file; the indentation and the quotes of this hand."""
    step = dice.pick("indentation", "    ", "    ", "    ", "  ", "\t")
    quotes = dice.pick("quotes", '"', "'")
    typed = [_typed(line, step, quotes) for line in lines]
    cells: list[list[str]] = [[]]
    for line in typed:
        if line == CELL:
            cells.append([])
        else:
            cells[-1].append(line)
    cells = [cell for cell in map(_stripped, cells) if cell]
    if not notebook:
        cells = [[line for cell in cells for line in (*cell, "")]]
    places: dict[str, tuple[str, ...]] = {}
    for number, cell in enumerate(cells, 1):
        for position, line in enumerate(cell, 1):
            for name in _MARK.findall(line):
                place = f"{number}/{position}" if notebook else str(position)
                places[name] = (*places.get(name, ()), place)
    plain = ["\n".join(unmarked(line) for line in cell) for cell in cells]
    shown = "\n\n# In[ ]:\n".join(plain)
    source = _notebook(plain) if notebook else plain[0].rstrip("\n") + "\n"
    return Written(source=source, program=shown, notebook=notebook, places=places)


def _typed(line: str, step: str, quotes: str) -> str:
    bare = line.lstrip(" ")
    depth = (len(line) - len(bare)) // 4
    bare = bare.replace('"', quotes) if "'" not in bare else bare
    return step * depth + " " * ((len(line) - len(bare)) % 4) + bare if depth else line[: len(line) - len(bare)] + bare


def _stripped(cell: list[str]) -> list[str]:
    while cell and not cell[0].strip():
        cell = cell[1:]
    while cell and not cell[-1].strip():
        cell = cell[:-1]
    return cell


def _notebook(cells: list[str]) -> str:
    made: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": cell.splitlines(True)}
        for cell in cells
    ]
    about = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": about, "nbformat": 4, "nbformat_minor": 4}, ensure_ascii=False)
