"""Reads the regular files of a folder. Follows no link, opens no device, and holds no more than the limits allow."""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

from grader.collect.entries import LIMIT_ENTRIES, Found, data_note, is_data, limit_of, size_of, skip_file, skip_folder
from grader.errors import InputRejected


def read(path: Path) -> Found:
    found = Found(source=path.name)
    pending = [""]
    while pending:
        inner = pending.pop()
        with os.scandir(path / inner) as scan:
            listing = list(itertools.islice(scan, LIMIT_ENTRIES + 1))
        for entry in sorted(listing, key=lambda entry: entry.name):
            name = _readable(f"{inner}/{entry.name}" if inner else entry.name)
            if entry.is_symlink():
                found.count_entry()
                found.notes.append(f"{name} was left out: it is a link. Hand in the file itself.")
            elif entry.is_dir(follow_symlinks=False):
                if not _skip_folder(entry, name, found):
                    found.count_entry()
                    pending.append(f"{inner}/{entry.name}" if inner else entry.name)
            elif not skip_file(entry.name):
                found.count_entry()
                found.seen.append(name)
                _read_into(found, Path(entry.path), name)
    return found


def read_one(path: Path) -> Found:
    """A program on its own: the files beside it are none of ours."""
    found = Found(source=path.name, seen=[path.name])
    # Resolved, since the user may well name a link; inside a folder links are left out.
    data = _read_file(Path(os.path.realpath(path)), limit_of(path.name))
    if data is None:
        raise InputRejected(
            f"{path.name} is larger than {size_of(limit_of(path.name))}. Expected a program. "
            "Hand in the code only; clear a notebook's outputs before saving it."
        )
    found.files[path.name] = data
    return found


def _skip_folder(entry: os.DirEntry[str], name: str, found: Found) -> bool:
    if is_data(entry.name):
        found.notes.append(data_note(name))
        return True
    # A virtual environment may have any name, but always has this file.
    return skip_folder(entry.name) or os.path.lexists(os.path.join(entry.path, "pyvenv.cfg"))


def _read_into(found: Found, path: Path, name: str) -> None:
    if is_data(path.name):
        found.notes.append(data_note(name))
        return
    if not stat.S_ISREG(os.lstat(path).st_mode):
        found.notes.append(f"{name} was left out: it is no regular file.")
        return
    data = _read_file(path, limit_of(name))
    if data is None:
        found.skip_large(name)
    else:
        found.count_bytes(len(data))
        found.files[name] = data


def _read_file(path: Path, limit_bytes: int) -> bytes | None:
    """The file's bytes, or None if there are more than the limit."""
    # NOFOLLOW and NONBLOCK: what lstat saw may have become a link or a pipe since.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise InputRejected(f"{path.name} is no regular file. Expected a program. Hand in the file itself.")
        data = file.read(limit_bytes + 1)
    return None if len(data) > limit_bytes else data


def _readable(name: str) -> str:
    """A name that can be printed and stored, whatever bytes the file system holds."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace(os.sep, "/")
