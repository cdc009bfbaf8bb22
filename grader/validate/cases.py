"""The corpus under tests/submissions/: what each case must get, and whether a grade gives it.

# expect: full
# expect: <finding> [<finding> ...]       exactly these are charged; code[:layer[.attribute]][@[file:]line | @cell/line]
# expect: status=<status> [@line] [<finding> ...]       these are charged, and beside them only program errors
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import UsageError
from grader.records import Finding, Grade, Where

_FINDING = re.compile(r"(?P<code>[a-z-]+)(:(?P<subject>[\w.]+))?(@(?P<place>\S+))?")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One finding that must be charged. Empty parts are left open."""

    code: str
    subject: str = ""  # layer, or layer.attribute
    place: str = ""

    def fits(self, finding: Finding) -> bool:
        return finding.code == self.code and self._names(finding) and fits_place(self.place, finding.where)

    def fits_but_for_place(self, finding: Finding) -> bool:
        return finding.code == self.code and self._names(finding)

    def _names(self, finding: Finding) -> bool:
        whole = f"{finding.layer}.{finding.attribute}"
        return not self.subject or self.subject in (finding.layer, whole)


@dataclass(frozen=True, kw_only=True)
class Case:
    path: Path
    full: bool = False
    status: str = ""
    place: str = ""
    findings: tuple[Wanted, ...] = ()

    @property
    def name(self) -> str:
        return self.path.name


def fits_place(place: str, where: Where | None) -> bool:
    """``place``: "12", "model.py:12" or "3/12" (cell 3, line 12); "" fits all."""
    if not place:
        return True
    if where is None:
        return False
    if "/" in place and ":" not in place:
        cell, line = place.split("/")
        return where.cell == int(cell) and where.line == int(line)
    file, _, line = place.rpartition(":")
    return where.line == int(line) and (not file or where.file == file or where.file.endswith("/" + file))


def find(folder: Path) -> tuple[Case, ...]:
    """The cases of one assignment, by name."""
    inside = sorted(folder.iterdir()) if folder.is_dir() else []
    entries = [path for path in inside if not path.name.startswith((".", "__")) and path.suffix != ".expect"]
    return tuple(read(path) for path in entries)


def read(path: Path) -> Case:
    line = _first_line(path)
    text = line.lstrip("\ufeff# ").strip()
    if not text.startswith("expect:"):
        raise UsageError(
            f"{path} does not say what it must get. Expected a first line `# expect: ...`, found {line[:60]!r}."
        )
    words = text.removeprefix("expect:").split()
    if words == ["full"]:
        return Case(path=path, full=True)
    if words and words[0].startswith("status="):
        places = [word.lstrip("@") for word in words[1:] if word.startswith("@")]
        wanted = tuple(_wanted(word, path) for word in words[1:] if not word.startswith("@"))
        return Case(
            path=path, status=words[0].removeprefix("status="), place=places[0] if places else "", findings=wanted
        )
    return Case(path=path, findings=tuple(_wanted(word, path) for word in words))


def _wanted(word: str, path: Path) -> Wanted:
    match = _FINDING.fullmatch(word)
    if match is None:
        raise UsageError(f"{path}: {word!r} is no finding. Expected code[:layer[.attribute]][@line].")
    return Wanted(code=match["code"], subject=match["subject"] or "", place=match["place"] or "")


def _first_line(path: Path) -> str:
    if path.is_dir():
        return (path / "expect.txt").read_text(encoding="utf-8").splitlines()[0]
    if path.suffix == ".zip":
        return path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()[0]
    if path.suffix == ".ipynb":
        text = path.read_text(encoding="utf-8-sig")
        try:
            cells = json.loads(text)["cells"]
        except (ValueError, KeyError):  # a broken notebook, or one of nbformat 3, says it somewhere in its text
            found = re.search(r"# expect: [^\"\\\n]+", text)
            return found.group() if found else ""
        source = next(cell["source"] for cell in cells if cell["cell_type"] == "code")
        return str((source if isinstance(source, str) else "".join(source)).splitlines()[0])
    return path.read_text(encoding="utf-8-sig", errors="replace").splitlines()[0]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a grade compares with what its case must get."""

    case: Case
    right: bool  # as expected, to the code, layer and line
    caught: bool  # loses points, or has another status than graded
    message: str  # what is different, "" where nothing is


def charged(grade: Grade) -> list[Finding]:
    """The charged findings, a code at one place once however many checks it costs."""
    found: list[Finding] = []
    for check in grade.checks:
        for finding in check.findings:
            known = any(
                one.code == finding.code and one.layer == finding.layer and one.attribute == finding.attribute
                for one in found
            )
            if finding.charged and not (known and finding.code in ("no-training", "program-error", "no-training-data")):
                found.append(finding)
    return found


def judge(case: Case, grade: Grade) -> Verdict:
    found = charged(grade)
    caught = grade.status != "graded" or grade.score < grade.max_score
    got = ", ".join(f"{one.code}:{one.layer}.{one.attribute}@{say(one.where)}" for one in found) or "nothing charged"
    said = f"{grade.status} {grade.score:g}/{grade.max_score:g}: {got}"
    if case.full:
        return Verdict(
            case=case, right=not caught and not found, caught=caught, message="" if not caught and not found else said
        )
    if case.status:
        places = [finding.where for check in grade.checks for finding in check.findings]
        right = grade.status == case.status and (
            not case.place or any(fits_place(case.place, where) for where in places)
        )
        if case.findings:
            own = [one for one in found if one.code != "program-error" or one.layer is not None]
            right = right and len(own) == len(case.findings) and _matched(case.findings, own)
        return Verdict(case=case, right=right, caught=caught, message="" if right else said)
    right = grade.status == "graded" and caught and len(found) == len(case.findings) and _matched(case.findings, found)
    return Verdict(case=case, right=right, caught=caught, message="" if right else said)


def _matched(wanted: tuple[Wanted, ...], found: list[Finding]) -> bool:
    left = list(found)
    for one in wanted:
        fitting = next((finding for finding in left if one.fits(finding)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return not left


def say(where: Where | None) -> str:
    if where is None:
        return "?"
    return f"{where.file}:{where.line}" if where.cell is None else f"{where.cell}/{where.line}"
