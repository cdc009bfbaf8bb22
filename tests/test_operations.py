"""docs/operations.md tells what the code does with each operation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rare_spellings
import rare_weights
import spellings

from grader.errors import NetworkUnsupported
from grader.network import allowed, operators, pointwise

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
UNDERSTOOD = {*operators.LAYERS, *operators.LAYOUTS, *operators.IDENTITIES, *pointwise.OPERATIONS}
REBUILT = allowed.ALLOWED | allowed.CONVERSIONS


def section(title: str) -> str:
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


REFUSED = [op for row in rows("Refused") for op in quoted(row[0])]
TRIED = [name for row in rows("Around the operations") for name in quoted(row[2])]


def test_the_operations_that_are_understood_are_listed() -> None:
    assert {name for row in rows("Understood") for name in quoted(row[1])} == UNDERSTOOD


def test_what_is_understood_can_be_rebuilt() -> None:
    assert not UNDERSTOOD - REBUILT


def test_the_layers_stand_in_the_row_of_their_node() -> None:
    by_row = {row[0]: set(quoted(row[1])) for row in rows("Understood")}
    assert by_row["no node: where values stand"] == operators.LAYOUTS
    assert by_row["no node: copies, types, what drops nothing"] == operators.IDENTITIES
    assert by_row["`pointwise`, named by its values on a grid"] == pointwise.OPERATIONS


def test_the_operations_that_are_run_and_not_read_are_listed() -> None:
    listed = section("Run, but not read").partition("have.\n")[2]
    assert set(quoted(listed)) == REBUILT - UNDERSTOOD


@pytest.mark.parametrize("op", REFUSED)
def test_what_is_said_to_be_refused_is(op: str) -> None:
    with pytest.raises(NetworkUnsupported):
        allowed.resolve(op)


@pytest.mark.parametrize("name", TRIED)
def test_what_is_said_to_be_tried_is(name: str) -> None:
    family, _, member = name.partition(".")
    sets = [(one.SAME, one.OTHER) for one in (spellings, rare_spellings, rare_weights)]
    every = [*(found for pair in sets for found in pair), spellings.SPECIAL]
    assert any(member in found.get(family, {}) for found in every)
