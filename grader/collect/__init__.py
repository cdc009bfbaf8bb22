"""A .py file, a notebook, a folder or a .zip of these -> Submission. Reads only: never runs nor parses what it reads.

Whatever cannot be read is an InputRejected with one sentence: what was found, what was expected, what to do.
"""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass, field
from pathlib import Path

from grader.collect import archive, folder, magics, notebook, text
from grader.collect.entries import LIMIT_OTHER_BYTES, LIMIT_SOURCE_BYTES, Found, size_of, suffix_of
from grader.errors import InputRejected, UsageError
from grader.records import SourceFile, Submission

__all__ = ["collect"]

EXPECTED = "a .py file, a notebook (.ipynb), a folder or a .zip of these"


def collect(path: Path) -> Submission:
    """Read what a student handed in."""
    found = _find(path)
    sorting = _Sorting(notes=list(found.notes))
    for name in sorted(found.files):
        sorting.add(name, found.files[name])
    sorting.add_written()
    if not sorting.programs:
        raise InputRejected(_nothing_to_grade(path, found, sorting.problems))
    return Submission(
        name=Path(os.path.abspath(path)).name,
        programs=tuple(sorting.programs[name] for name in sorted(sorting.programs)),
        other_files=sorting.other_files,
        notes=tuple(sorting.notes + sorting.problems),
    )


def _find(path: Path) -> Found:
    try:
        if not path.exists():
            raise UsageError(f"{path} does not exist. Expected {EXPECTED}. Check the path for a typing mistake.")
        if path.is_dir():
            return _find_in_folder(path)
        if not path.is_file():
            raise InputRejected(f"{path.name} is no regular file. Expected {EXPECTED}.")
        suffix = suffix_of(path.name)
        if suffix == ".zip":
            return archive.read(path)
        if suffix in (".py", ".ipynb"):
            return folder.read_one(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}. Check its permissions.") from error
    raise InputRejected(f"{path.name} is no program. Expected {EXPECTED}. Hand in the file with your network's code.")


def _find_in_folder(path: Path) -> Found:
    """The folder's files; where it holds no program but one zip, as learning platforms unpack it, that zip's."""
    found = folder.read(path)
    zips = [name for name in found.seen if suffix_of(name) == ".zip"]
    if len(zips) != 1 or any(suffix_of(name) in (".py", ".ipynb") for name in found.files):
        return found
    inside = archive.read(path / zips[0])
    inside.notes.append(f"The folder holds only {zips[0]}: what is inside it was graded.")
    return inside


@dataclass
class _Sorting:
    """Puts each file where it belongs: programs, other files, or a note that says why it was left out."""

    notes: list[str]
    programs: dict[str, SourceFile] = field(default_factory=dict)
    other_files: dict[str, bytes] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)  # programs that cannot be read
    written: dict[str, str] = field(default_factory=dict)  # by %%writefile

    def add(self, name: str, data: bytes) -> None:
        suffix = suffix_of(name)
        try:
            if suffix == ".py":
                self._add_script(name, data)
            elif suffix == ".ipynb":
                self._add_notebook(name, data)
            else:
                self._add_other(name, data)
        except InputRejected as problem:
            self.problems.append(str(problem))

    def _add_script(self, name: str, data: bytes) -> None:
        _check_size(name, len(data))
        blanked = magics.blank_script(text.decode(data))
        self.programs[name] = SourceFile(path=name, source=blanked.source, magics=blanked.magics)

    def _add_notebook(self, name: str, data: bytes) -> None:
        program, written = notebook.read(name, data)
        _check_size(name, sum(len(cell.source.encode("utf-8")) for cell in program.cells))
        self.programs[name] = program
        for target, source in written.items():
            self.written[posixpath.join(posixpath.dirname(name), target)] = source

    def _add_other(self, name: str, data: bytes) -> None:
        if sum(map(len, self.other_files.values())) + len(data) > LIMIT_OTHER_BYTES:
            self.notes.append(
                f"{name} was left out: the files beside the programs exceed {size_of(LIMIT_OTHER_BYTES)}."
            )
        else:
            self.other_files[name] = data

    def add_written(self) -> None:
        """Files that notebook cells write for import; a file that was handed in under that name comes first."""
        for name, source in self.written.items():
            if name not in self.programs:
                self.programs[name] = SourceFile(path=name, source=source)


def _check_size(name: str, size_bytes: int) -> None:
    if size_bytes > LIMIT_SOURCE_BYTES:
        raise InputRejected(
            f"{name} has {size_of(size_bytes)} of code. Expected at most {size_of(LIMIT_SOURCE_BYTES)} a program. "
            "Hand in the code only, and load data and weights from files."
        )


def _nothing_to_grade(path: Path, found: Found, problems: list[str]) -> str:
    if problems:
        return " ".join(problems[:5])
    if any(suffix_of(name) in (".py", ".ipynb") for name in found.seen):
        return " ".join([*found.notes[:5], "Expected a program. Hand in the code only, without outputs and data."])
    if not found.seen:
        return f"{path.name} is empty. Expected at least one .py or .ipynb file in it. Hand in your program."
    shown = ", ".join(found.seen[:5]) + (f" and {len(found.seen) - 5} more" if len(found.seen) > 5 else "")
    reasons = " ".join(["", *found.notes[:5]])
    return (
        f"{path.name} holds no program, only {shown}. Expected a .py or .ipynb file. Add your program to it.{reasons}"
    )
