"""Programs that are nearly the same: information for a person, never a mark.

Compared is what remains of a program without comments, blank lines, spaces and the lines of the handout's starter. The
measure is rapidfuzz's ratio (twice the common subsequence over both lengths). Looked at once a run of ``grade batch``.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader import assignment
from grader.batch import stored
from grader.batch.ledger import Ledger
from grader.batch.work import EVIDENCE

NAME = "similar.json"
LEAST = 0.9  # of 1: from here on a pair is listed
SHORTEST = 400  # characters that remain: less says nothing
MOST = 3_000  # programs: 4.5 million pairs
MOST_CHARACTERS = 20_000
MOST_PAIRS = 200


def available() -> bool:
    return importlib.util.find_spec("rapidfuzz") is not None


def write(ledger: Ledger) -> None:
    """similar.json: pairs of students, the likest first, of contents that differ."""
    if not available():
        return
    texts: dict[str, str] = {}
    whose: dict[str, str] = {}
    common = _starter(ledger.meta("settings")["assignment"])
    folders = {one.key: one.folder for one in ledger.gradings()}
    for entry in ledger.entries():
        folder = folders.get(entry.grading or "")
        if folder is None or entry.content in texts or len(texts) >= MOST:
            continue
        left = _left(ledger.folder / "gradings" / folder / EVIDENCE, common)
        if len(left) >= SHORTEST:
            texts[entry.content], whose[entry.content] = left, entry.student.id
    pairs = [{"a": whose[a], "b": whose[b], "percent": percent} for a, b, percent in _pairs(texts)]
    stored.write(ledger.folder / NAME, stored.as_bytes(pairs))


def read(out: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads((out / NAME).read_bytes())
    except FileNotFoundError:
        return []
    assert isinstance(found, list)
    return found


def _pairs(texts: Mapping[str, str]) -> list[tuple[str, str, int]]:
    from rapidfuzz import fuzz

    found = []
    for (a, first), (b, second) in itertools.combinations(texts.items(), 2):
        if 2 * min(len(first), len(second)) / (len(first) + len(second)) < LEAST:
            continue  # no two of these lengths can be so alike
        percent = fuzz.ratio(first, second, score_cutoff=100 * LEAST)
        if percent:
            found.append((a, b, round(percent)))
    return sorted(found, key=lambda pair: -pair[2])[:MOST_PAIRS]


def _starter(name: str) -> frozenset[str]:
    folder = assignment.folder() / name / "starter"
    return frozenset(
        _plain(line) for path in folder.glob("*.py") for line in path.read_text(encoding="utf-8").splitlines()
    )


def _left(evidence: Path, common: frozenset[str]) -> str:
    try:
        submission = stored.unpacked(evidence)["submission"]
    except (OSError, ValueError, EOFError):
        return ""
    if isinstance(submission, str):  # nothing was collected
        return ""
    sources = [
        source
        for program in submission["programs"]
        for source in (program["source"], *(cell["source"] for cell in program["cells"]))
    ]
    lines = (_plain(line) for source in sources for line in source.splitlines())
    return "\n".join(line for line in lines if line and line not in common)[:MOST_CHARACTERS]


def _plain(line: str) -> str:
    return "".join(line.split("#", 1)[0].split())
