"""Finds who handed in what in a folder or zip, and collects one student's submission at a time.

A zip of a class is never unpacked as a whole: a student's members are copied out, counted while they are read, into a
folder that is gone when they have been collected.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader import collect
from grader.batch import platforms
from grader.batch.platforms import METADATA, Handed
from grader.errors import InputRejected, UsageError
from grader.records import Student, Submission

MOST_MEMBERS, MOST_BYTES = 2_000, 200 << 20  # of one student
MOST_ENTRIES = 2_000_000  # of a class
EXPECTED = "a folder of submissions, or a zip as Canvas, Moodle or Gradescope give it"


@dataclass
class Box:
    """A folder, or a zip's table of contents: what stands at its top, and what is below each of these names."""

    path: Path
    archive: zipfile.ZipFile | None = None
    top: dict[str, list[str]] = field(default_factory=dict)  # name at the top -> members, where it is a zip
    prefix: str = ""  # a zip or folder that holds only one folder is that folder

    def close(self) -> None:
        if self.archive is not None:
            self.archive.close()

    def bytes_of(self, name: str) -> bytes:
        if self.archive is not None:
            return self.archive.read(self.top[name][0])
        return (self.path / self.prefix / name).read_bytes()


@dataclass(frozen=True)
class Arrivals:
    """Everyone's submissions, in a fixed order."""

    box: Box
    platform: str
    everyone: tuple[Handed, ...]

    def collect(self, one: Handed) -> Submission:
        """Read one student's files. Raises InputRejected with a sentence for the student."""
        if not one.pieces:
            raise InputRejected("Nothing was handed in that could be graded: no file. Expected a program.")
        if self.box.archive is None and len(one.pieces) == 1:
            ((own, name),) = one.pieces.items()
            path = self.box.path / self.box.prefix / name
            if path.is_dir():
                return _collected(path)
        with tempfile.TemporaryDirectory(prefix="grade-arrival-") as place:
            folder = Path(place)
            budget = _Budget()
            for own, name in one.pieces.items():
                self._copy(name, folder / _own_name(own), budget)
            return _collected(next(folder.iterdir()) if len(one.pieces) == 1 else folder)

    def _copy(self, name: str, target: Path, budget: _Budget) -> None:
        if self.box.archive is not None:
            _extract(self.box, name, target, budget)
            return
        source = self.box.path / self.box.prefix / name
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, target, symlinks=True, ignore=_irregular)
        elif stat.S_ISREG(os.lstat(source).st_mode):
            budget.count(source.stat().st_size)
            shutil.copyfile(source, target, follow_symlinks=False)


@dataclass
class _Budget:
    members: int = 0
    size_bytes: int = 0

    def count(self, size_bytes: int, members: int = 1) -> None:
        self.members += members
        self.size_bytes += size_bytes
        if self.members > MOST_MEMBERS or self.size_bytes > MOST_BYTES:
            raise InputRejected(
                f"The submission holds more than {MOST_MEMBERS:,} files or {MOST_BYTES >> 20} MiB. Expected a program "
                "and the few files it needs. Leave out data and installed packages."
            )


def _collected(path: Path) -> Submission:
    try:
        return collect.collect(path)
    except UsageError as error:  # in a class, a student's unreadable file is that student's row
        raise InputRejected(str(error)) from error


def _irregular(folder: str, names: list[str]) -> list[str]:
    """What is neither a file nor a folder is not copied."""
    kinds = {name: os.lstat(os.path.join(folder, name)).st_mode for name in names}
    return [name for name, mode in kinds.items() if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))]


def _own_name(name: str) -> str:
    """A student's name for a file, as one path component."""
    plain = PurePosixPath(name.replace("\\", "/").replace("\0", "")).name
    if plain in ("", ".", "..") or len(plain.encode("utf-8", "replace")) > 255:
        raise InputRejected(f"{name[:80]!r} is no name that a file can have. Rename the file and hand it in again.")
    return plain


def _extract(box: Box, name: str, target: Path, budget: _Budget) -> None:
    assert box.archive is not None
    for member in box.top[name]:
        inner = PurePosixPath(member).relative_to(PurePosixPath(box.prefix, name))
        if member.endswith("/"):
            continue
        info = box.archive.getinfo(member)
        if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            continue
        place = target.joinpath(*inner.parts)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            with box.archive.open(info) as source, open(place, "xb") as written:
                budget.count(0)
                while chunk := source.read(1 << 16):
                    budget.count(len(chunk), members=0)
                    written.write(chunk)
        except (OSError, zipfile.BadZipFile, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
            raise InputRejected(
                f"{inner.name or name} in the class's zip cannot be read ({error}). Ask for it again."
            ) from error
    if not target.exists():
        raise InputRejected("An empty folder was handed in. Expected at least one .py or .ipynb file.")


@contextmanager
def find(path: Path, platform: str = "auto") -> Iterator[Arrivals]:
    """Look at what a platform, or a person, put together."""
    box = _zip(path) if path.is_file() else _folder(path)
    try:
        if platform == "auto":
            platform = platforms.recognise(box.top)
        names = [name for name in box.top if not name.startswith((".", "__MACOSX"))]
        if platform == "gradescope":
            if METADATA not in box.top:
                raise UsageError(f"{path} holds no {METADATA}. Expected Gradescope's export. Leave --from out.")
            found = platforms.gradescope(names, box.bytes_of(METADATA))
        else:
            found = {"canvas": platforms.canvas, "moodle": platforms.moodle, "folders": platforms.folders}[platform](
                names
            )
        if not found:
            raise UsageError(f"{path} is empty. Expected {EXPECTED}.")
        yield Arrivals(box, platform, tuple(_told_apart(found)))
    finally:
        box.close()


def _told_apart(everyone: list[Handed]) -> list[Handed]:
    """Names as text that can be stored, and no two submissions under one id: neither may hide the other."""
    seen: set[str] = set()
    for one in everyone:
        one.source = one.source.encode("utf-8", "replace").decode("utf-8")
        texts = {key: str(text).encode("utf-8", "replace").decode("utf-8") for key, text in vars(one.student).items()}
        if texts["id"] in seen:
            texts["id"] = f"{texts['id']} ({one.source})"
        while texts["id"] in seen:
            texts["id"] += "'"
        seen.add(texts["id"])
        one.student = Student(**texts)
    return everyone


def _folder(path: Path) -> Box:
    if not path.is_dir():
        raise UsageError(f"{path} does not exist. Expected {EXPECTED}.")
    try:
        with os.scandir(path) as scan:
            entries = {entry.name: entry for entry in scan if not entry.is_symlink()}
        names = sorted(name for name in entries if not name.startswith("."))
        # Gradescope's zip unpacks to one folder, assignment_<id>_export, in which all is.
        if len(names) == 1 and (path / names[0] / METADATA).is_file():
            return Box(path, top={name: [] for name in sorted(os.listdir(path / names[0]))}, prefix=names[0])
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Check its permissions.") from error
    return Box(path, top={name: [] for name in names})


def _zip(path: Path) -> Box:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise UsageError(f"{path} is no readable zip ({error}). Expected {EXPECTED}.") from error
    members = [name for name in archive.namelist()[:MOST_ENTRIES] if _plain(name)]
    tops = {name.split("/")[0] for name in members}
    only = next(iter(tops)) if len(tops) == 1 and all("/" in name for name in members) else ""
    # One folder around everything is no student, unless it is named as a platform names a student's.
    prefix = "" if platforms.MOODLE.fullmatch(only) else only
    box = Box(path, archive=archive, prefix=prefix)
    for member in members:
        inner = member[len(prefix) + 1 :] if prefix else member
        if inner:
            box.top.setdefault(inner.split("/")[0], []).append(member)
    return box


def _plain(name: str) -> bool:
    """A member that stays below the folder it is unpacked to."""
    parts = name.split("/")
    return not (name.startswith("/") or "\\" in name or "\0" in name or ".." in parts or parts[0] == "__MACOSX")
