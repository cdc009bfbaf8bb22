"""The names that learning platforms give to what they export, and which platform made a folder or zip.

Canvas      <sortablename>[_LATE]_<user>_<attachment>_<file>, or anon[_LATE]_<id>_<attachment>_<file>; all side by side
Moodle      <Full name>_<participant>_assignsubmission_file[_]/<file>, or the same before a file's own name
Gradescope  submission_<id>/<file> beside submission_metadata.yml, whose keys are Ruby's symbols
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.errors import UsageError
from grader.records import Student

PLATFORMS = ("folders", "canvas", "moodle", "gradescope")
CANVAS = re.compile(
    r"(?P<name>[^_/]+)_(?P<late>LATE_)?(?P<user>\d+)_(?:question_\d+_)?(?P<attachment>\d+)_(?P<file>[^/]+)"
)
CANVAS_ANONYMOUS = re.compile(r"anon_(?P<late>LATE_)?(?P<user>[A-Za-z0-9]+)_(?P<attachment>\d+)_(?P<file>[^/]+)")
MOODLE = re.compile(r"(?P<name>.+)_(?P<user>\d+)_assignsubmission_(?P<kind>file|onlinetext)_?(?P<file>[^/]*)")
METADATA = "submission_metadata.yml"
AGAIN = re.compile(r"-\d+(?=\.[A-Za-z0-9]+$)")  # Canvas numbers a file that is handed in again


@dataclass
class Handed:
    """What one student handed in: the name that each file or folder had, by the name that it has here."""

    student: Student
    source: str
    pieces: dict[str, str] = field(default_factory=dict)  # own name -> name at the top of the folder or zip
    late: bool = False
    submitted_at: str = ""


def recognise(names: Iterable[str]) -> str:
    """Which platform gave these names to the top of its export; "folders" is none of them."""
    names = [name for name in names if not name.startswith((".", "__"))]
    if METADATA in names:
        return "gradescope"
    if any(MOODLE.fullmatch(name) for name in names):
        return "moodle"
    canvas = [name for name in names if CANVAS.fullmatch(name) or CANVAS_ANONYMOUS.fullmatch(name)]
    return "canvas" if names and len(canvas) > len(names) / 2 else "folders"


def folders(names: Iterable[str]) -> list[Handed]:
    """Everything at the top is a student's: a folder's name, or a file's without its ending, is the id."""
    names = sorted(names)
    stems = [_stem(name) for name in names]
    found = []
    for name, stem in zip(names, stems, strict=True):
        id = stem if stems.count(stem) == 1 else name
        # A file that is called as its student gets one name for all, so that equal contents are found to be equal.
        own = f"submission{name[len(stem) :].lower()}" if name != stem else name
        found.append(Handed(student=Student(id=id, name=id), source=name, pieces={own: name}))
    return found


def _stem(name: str) -> str:
    return re.sub(r"\.(py|ipynb|zip)$", "", name, flags=re.IGNORECASE)


def canvas(names: Iterable[str]) -> list[Handed]:
    found: dict[str, Handed] = {}
    for name in sorted(names):
        match = CANVAS_ANONYMOUS.fullmatch(name) or CANVAS.fullmatch(name)
        if match is None:
            id = _stem(name)
            found[name] = Handed(student=Student(id=id, name=id), source=name, pieces={name: name})
            continue
        user = match["user"]
        student = Student(id=user, name=match.groupdict().get("name") or f"anon {user}", platform_id=user)
        one = found.setdefault(user, Handed(student=student, source=name))
        own = AGAIN.sub("", match["file"])
        one.pieces[own if own not in one.pieces else match["file"]] = name
        one.late = one.late or match["late"] is not None
    return list(found.values())


def moodle(names: Iterable[str]) -> list[Handed]:
    found: dict[str, Handed] = {}
    for name in sorted(names):
        match = MOODLE.fullmatch(name)
        if match is None:
            id = _stem(name)
            found[name] = Handed(student=Student(id=id, name=id), source=name, pieces={name: name})
            continue
        user = match["user"]
        student = Student(id=user, name=match["name"], platform_id=user)
        one = found.setdefault(user, Handed(student=student, source=name))
        if match["kind"] == "file":
            one.pieces[match["file"] or "submission"] = name
    return list(found.values())


def gradescope(names: Iterable[str], metadata: bytes) -> list[Handed]:
    """One for each submitter: those who hand in as a group share what they handed in."""
    content = _yaml(metadata)
    found = []
    for name in sorted(names):
        if name == METADATA:
            continue
        facts = content.get(name)
        facts = facts if isinstance(facts, Mapping) else {}
        number = name.removeprefix("submission_")
        people = [one for one in facts.get(":submitters") or [{}] if isinstance(one, Mapping)]
        for person in people:
            text = {key: str(person.get(f":{key}") or "") for key in ("name", "sid", "email")}
            id = text["sid"] or text["email"] or number
            student = Student(id=id, name=text["name"] or id, email=text["email"], platform_id=number)
            at = _time(facts.get(":created_at"))
            found.append(Handed(student=student, source=name, pieces={name: name}, submitted_at=at))
    return found


def _time(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.datetime) else str(value or "")


def _yaml(content: bytes) -> Mapping[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(content.decode("utf-8", "replace"))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise UsageError(
            f"{METADATA} cannot be read: {str(error).splitlines()[0]}. Expected Gradescope's export. Download it again."
        ) from None
    if not isinstance(found, Mapping):
        raise UsageError(f"{METADATA} holds no table of submissions. Download Gradescope's export again.")
    return found
