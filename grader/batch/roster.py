"""A roster: who is in the class, and how the platforms call them. CSV with a heading, in any order of columns.

Canvas' gradebook and Moodle's grading worksheet are rosters too. Students who are on it and handed nothing in get a row
that says so; those who handed in and are not on it are graded all the same.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.records import Student

COLUMNS = {
    "id": ("studentid", "sisuserid", "sid", "idnumber", "matriculation", "id"),
    "name": ("name", "student", "fullname", "studentname"),
    "first": ("firstname", "givenname"),
    "last": ("lastname", "surname", "familyname"),
    "email": ("email", "emailaddress", "mail"),
    "login": ("login", "loginid", "sisloginid", "username"),
    "section": ("section", "group", "sections"),
    "platform_id": ("canvasid", "participant", "identifier", "platformid"),
}


def read(path: Path) -> list[Student]:
    try:
        text = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as error:
        raise UsageError(f"The roster {path} cannot be read: {error.strerror}.") from error
    rows = list(csv.reader(io.StringIO(text)))
    heading = [_plain(cell) for cell in rows[0]] if rows else []
    places = {key: next((heading.index(n) for n in names if n in heading), None) for key, names in COLUMNS.items()}
    if "sisuserid" in heading and "id" in heading:  # Canvas' own gradebook
        places["platform_id"] = heading.index("id")
    if all(places[key] is None for key in ("id", "name", "email", "login", "platform_id")):
        raise UsageError(
            f"The roster {path} has the columns {', '.join(rows[0])[:200] if rows else '(none)'}. "
            "Expected a heading with at least one of id, name, email, login. Add one."
        )
    found = [_student({key: _cell(row, place) for key, place in places.items()}) for row in rows[1:]]
    return [one for one in found if one is not None]


def _student(cells: dict[str, str]) -> Student | None:
    name = cells["name"] or " ".join(filter(None, (cells["first"], cells["last"])))
    number = re.sub(r"^participant\s+", "", cells["platform_id"], flags=re.IGNORECASE)
    id = cells["id"] or cells["login"] or cells["email"] or number or name
    if not id or name.strip().lower() == "points possible":  # the second row of Canvas' gradebook
        return None
    return Student(
        id=id, name=name or id, email=cells["email"], login=cells["login"], section=cells["section"],
        platform_id=number,
    )  # fmt: skip


def _cell(row: list[str], place: int | None) -> str:
    return row[place].strip() if place is not None and place < len(row) else ""


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


class Roster:
    """Finds a student on the roster by whatever a platform calls him."""

    def __init__(self, students: list[Student]) -> None:
        self.students = students
        self._by_name: dict[tuple[str, str], list[Student]] = {}
        for student in students:
            for kind in ("platform_id", "id", "email", "login", "name"):
                value = getattr(student, kind)
                if value:
                    known = self._by_name.setdefault((kind, _key(kind, value)), [])
                    known.append(student)

    def match(self, student: Student) -> Student:
        """The student of the roster, or the same one if there is none, or more than one."""
        tried = [("platform_id", student.platform_id), ("id", student.id), ("email", student.email)]
        tried += [("login", student.id), ("email", student.id), ("name", student.name)]
        for kind, value in tried:
            found = self._by_name.get((kind, _key(kind, value)), []) if value else []
            if len(found) == 1:
                number = found[0].platform_id or student.platform_id
                return dataclasses.replace(found[0], platform_id=number, email=found[0].email or student.email)
        return student

    def match_all(self, students: Sequence[Student]) -> dict[str, Student]:
        """By the platform's id. Where two would be one student of the roster, a name was taken in vain: both keep the
        row that the platform gives them."""
        found = {student.id: self.match(student) for student in students}
        times = Counter(student.id for student in found.values())
        return {student.id: found[student.id] if times[found[student.id].id] == 1 else student for student in students}


def _key(kind: str, value: str) -> str:
    folded = value.casefold().strip()
    # Canvas writes "Smith, John" as smithjohn.
    return "".join(letter for letter in folded if letter.isalnum()) if kind == "name" else folded
