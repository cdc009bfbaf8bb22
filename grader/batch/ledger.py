"""The ledger: an SQLite file (WAL) with a row for every submission and attempt. Every change is one transaction.

A submission is done when its ``grading`` is set, and that is set only after the grading's folder is in place. So a kill
at any moment leaves each submission either done or as if it had never been begun.
"""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.records import Override, Student

NAME = "ledger.sqlite"
SCHEMA = 1
TABLES = """
create table if not exists meta (key text primary key, value text not null);
create table if not exists submissions (
    id integer primary key, student text not null, attempt integer not null, person text not null,
    source text not null, late integer not null, submitted_at text not null, content text not null,
    grading text, unique (student, attempt));
create table if not exists gradings (
    key text primary key, folder text not null, status text not null, score real not null, max_score real not null,
    needs_review integer not null, network text, wall_s real not null, cpu_s real not null, graded_at text not null);
create table if not exists overrides (
    student text not null, check_id text not null, points real not null, why text not null, by text not null,
    at text not null, beneath real, primary key (student, check_id));
create table if not exists roster (student text primary key, person text not null);
"""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One submission in the ledger."""

    id: int
    student: Student
    attempt: int
    source: str
    late: bool
    submitted_at: str
    content: str
    grading: str | None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Grading:
    """What one content got, whoever handed it in."""

    key: str
    folder: str
    status: str
    score: float
    max_score: float
    needs_review: bool
    network: str | None
    wall_s: float
    cpu_s: float
    graded_at: str = ""


class Ledger:
    """An open ledger. Used by one process at a time; readers may look on."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        if not create and not (folder / NAME).is_file():
            raise UsageError(
                f"{folder} holds no {NAME}. Expected the output folder of a class. "
                f"Grade one first: grade batch ASSIGNMENT SUBMISSIONS --out {folder}"
            )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(folder / NAME, timeout=30, isolation_level=None)
            self._db.execute("pragma journal_mode=wal")
            self._db.executescript(TABLES)
            found = self.meta("schema")
        except (OSError, sqlite3.Error) as error:
            raise UsageError(f"The ledger in {folder} cannot be opened: {error}. Choose another folder.") from error
        if found is None:
            self.set_meta({"schema": SCHEMA})
        elif found != SCHEMA:
            raise UsageError(f"The ledger in {folder} has the form {found}, and this grader reads {SCHEMA}.")

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """All of it or nothing, at whatever point an interrupt comes."""
        try:
            self._db.execute("begin immediate")
            yield
            self._db.execute("commit")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise

    # ---- what the class is graded with --------------------------------------------------------------------------

    def meta(self, key: str) -> Any:
        row = self._db.execute("select value from meta where key = ?", (key,)).fetchone()
        return None if row is None else json.loads(row[0])

    def set_meta(self, values: Mapping[str, Any]) -> None:
        with self._at_once():
            self._db.executemany(
                "insert or replace into meta values (?, ?)", [(key, json.dumps(item)) for key, item in values.items()]
            )

    # ---- who handed in what -------------------------------------------------------------------------------------

    def register(self, student: Student, content: str, source: str, late: bool, submitted_at: str) -> Entry:
        """The row of this submission: the student's latest if it has the same content, otherwise the next attempt."""
        with self._at_once():
            latest = self._latest(student.id)
            person = json.dumps(dataclasses.asdict(student))
            if latest is not None and latest.content == content:
                self._db.execute(
                    "update submissions set person = ?, late = ?, submitted_at = ? where id = ?",
                    (person, late, submitted_at, latest.id),
                )
            else:
                self._db.execute(
                    "insert into submissions (student, attempt, person, source, late, submitted_at, content) "
                    "values (?, ?, ?, ?, ?, ?, ?)",
                    (student.id, (latest.attempt if latest else 0) + 1, person, source, late, submitted_at, content),
                )
        found = self._latest(student.id)
        assert found is not None
        return found

    def _latest(self, student: str) -> Entry | None:
        rows = self._entries("where student = ? order by attempt desc limit 1", (student,))
        return rows[0] if rows else None

    def entries(self) -> list[Entry]:
        """The latest attempt of everyone, in the order in which they came."""
        return self._entries(
            "where attempt = (select max(attempt) from submissions as other where other.student = submissions.student) "
            "order by id",
            (),
        )

    def _entries(self, which: str, values: tuple[Any, ...]) -> list[Entry]:
        columns = "id, person, attempt, source, late, submitted_at, content, grading"
        return [
            Entry(
                id=row[0],
                student=Student(**json.loads(row[1])),
                attempt=row[2],
                source=row[3],
                late=bool(row[4]),
                submitted_at=row[5],
                content=row[6],
                grading=row[7],
            )
            for row in self._db.execute(f"select {columns} from submissions {which}", values)
        ]

    def set_roster(self, students: Iterable[Student]) -> None:
        with self._at_once():
            self._db.execute("delete from roster")
            self._db.executemany(
                "insert or replace into roster values (?, ?)",
                [(student.id, json.dumps(dataclasses.asdict(student))) for student in students],
            )

    def roster(self) -> list[Student]:
        rows = self._db.execute("select person from roster order by rowid").fetchall()
        return [Student(**json.loads(row[0])) for row in rows]

    # ---- what it got --------------------------------------------------------------------------------------------

    def grading(self, key: str) -> Grading | None:
        found = self._gradings("where key = ?", (key,))
        return found[0] if found else None

    def gradings(self) -> list[Grading]:
        """Those that some student's latest attempt has."""
        return self._gradings("where key in (select grading from submissions) order by key", ())

    def _gradings(self, which: str, values: tuple[Any, ...]) -> list[Grading]:
        names = [field.name for field in dataclasses.fields(Grading)]
        rows = self._db.execute(f"select {', '.join(names)} from gradings {which}", values).fetchall()
        made = [Grading(**dict(zip(names, row, strict=True))) for row in rows]
        return [dataclasses.replace(one, needs_review=bool(one.needs_review)) for one in made]

    def finish(self, grading: Grading, entries: Iterable[int]) -> None:
        """The grading and whose it is, in one transaction."""
        at = grading.graded_at or time.strftime("%Y-%m-%dT%H:%M:%S%z")
        values = dataclasses.astuple(dataclasses.replace(grading, graded_at=at))
        with self._at_once():
            self._db.execute(f"insert or replace into gradings values ({', '.join('?' * len(values))})", values)
            self._db.executemany(
                "update submissions set grading = ? where id = ?", [(grading.key, entry) for entry in entries]
            )

    # ---- what a person decided ----------------------------------------------------------------------------------

    def override(self, student: str, override: Override) -> None:
        with self._at_once():
            self._db.execute(
                "insert or replace into overrides values (?, ?, ?, ?, ?, ?, ?)",
                (student, override.check, override.points, override.why, override.by, override.at, override.beneath),
            )

    def remove_override(self, student: str, check: str) -> bool:
        done = self._db.execute("delete from overrides where student = ? and check_id = ?", (student, check))
        return done.rowcount > 0

    def overrides(self) -> dict[str, list[Override]]:
        """By student."""
        found: dict[str, list[Override]] = {}
        for student, check, points, why, by, at, beneath in self._db.execute("select * from overrides order by rowid"):
            one = Override(check=check, points=points, why=why, by=by, at=at, beneath=beneath)
            found.setdefault(student, []).append(one)
        return found
