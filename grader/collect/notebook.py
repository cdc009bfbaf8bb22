"""A Jupyter notebook -> a program of code cells, numbered as the student counts them: from 1 over the code cells."""

from __future__ import annotations

import importlib
import json
import posixpath
from typing import Any

from grader.collect import magics, text
from grader.errors import InputRejected
from grader.records import Cell, SourceFile

SKIP_TAG = "skip-execution"  # Jupyter's own tag for cells that no tool runs


def read(name: str, data: bytes) -> tuple[SourceFile, dict[str, str]]:
    """The notebook's program, and the .py files that its %%writefile cells write."""
    content = _parse(name, data)
    _check_language(name, content)
    cells: list[Cell] = []
    written: dict[str, str] = {}
    count = 0
    for number, source in _code_cells(name, content):
        blanked = magics.blank(_clean(source))
        count += blanked.magics
        cells.append(Cell(number=number, source=blanked.source))
        target = posixpath.normpath(blanked.writes or "")
        if target.endswith(".py") and not target.startswith(("/", "../")) and "\\" not in target:
            before = written.get(target, "") if blanked.appends else ""
            written[target] = before + blanked.content
    return SourceFile(path=name, cells=tuple(cells), magics=count), written


def _parse(name: str, data: bytes) -> dict[str, Any]:
    """The notebook in format 4. That format is plain JSON; nbformat, slow to import, upgrades older ones."""
    if not data.strip():
        raise InputRejected(_corrupt(name, "is empty"))
    try:
        content = json.loads(text.decode(data))
    except (ValueError, RecursionError) as error:
        raise InputRejected(_corrupt(name, "is no readable notebook")) from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise InputRejected(_corrupt(name, "is no readable notebook"))
    if content["nbformat"] == 4:
        return content
    nbformat: Any = importlib.import_module("nbformat")
    try:
        upgraded: dict[str, Any] = nbformat.reads(text.decode(data), as_version=4)
    except Exception as error:  # nbformat's upgrade raises whatever the broken file makes it stumble over
        raise InputRejected(_corrupt(name, f"has notebook format {content['nbformat']}, not readable")) from error
    return upgraded


def _corrupt(name: str, found: str) -> str:
    return f"{name} {found}. Expected a saved Jupyter notebook. Open it in Jupyter, save it and hand it in again."


def _check_language(name: str, content: dict[str, Any]) -> None:
    try:
        language = str(content["metadata"]["kernelspec"]["language"])
    except (KeyError, TypeError):
        return
    if language.lower() not in ("python", ""):
        raise InputRejected(f"{name} is a notebook in {language[:20]}. Expected Python. Hand in your Python notebook.")


def _code_cells(name: str, content: dict[str, Any]) -> list[tuple[int, str]]:
    try:
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        skipped = _skipped(cells)
        sources = [(number, _joined(cell["source"])) for number, cell in enumerate(cells, 1)]
    except (KeyError, TypeError, AttributeError) as error:
        raise InputRejected(_corrupt(name, "is no readable notebook")) from error
    return [(number, source) for number, source in sources if number not in skipped]


def _skipped(cells: list[dict[str, Any]]) -> set[int]:
    """Numbers of the cells that the student tagged to be skipped, as nbconvert judges it."""
    tags = [cell.get("metadata", {}).get("tags", []) for cell in cells]
    if not any(SKIP_TAG in tag for tag in tags):
        return set()
    nbformat: Any = importlib.import_module("nbformat")
    preprocessors: Any = importlib.import_module("nbconvert.preprocessors")
    remover = preprocessors.TagRemovePreprocessor(remove_cell_tags={SKIP_TAG}, enabled=True)
    numbered = [
        {"cell_type": "code", "metadata": {"tags": [str(item) for item in tag], "number": number}}
        for number, tag in enumerate(tags, 1)
    ]
    book = nbformat.from_dict({"metadata": {}, "cells": numbered})
    kept = {cell.metadata["number"] for cell in remover.preprocess(book, {})[0].cells}
    return set(range(1, len(cells) + 1)) - kept


def _joined(source: Any) -> str:
    return source if isinstance(source, str) else "".join(str(line) for line in source)


def _clean(source: str) -> str:
    """Text that can be encoded: JSON may escape half of a character pair."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    return source.encode("utf-8", "replace").decode("utf-8")
