"""CIFAR-10's own files for programs that open them: the grader's pictures in the form of ``cifar-10-batches-py``.

Whatever folder a program looks in, files named data_batch_1 .. data_batch_5, test_batch and batches.meta are there: for
open(), for questions whether they exist, in listings. Downloads of the archive and its unpacking do nothing. The files
are written as the published ones are, by Python 2's pickle, so ``encoding="bytes"`` and ``"latin1"`` give what they
give there. (Format: https://www.cs.toronto.edu/~kriz/cifar.html)
"""

from __future__ import annotations

import builtins
import fnmatch
import glob
import io
import os
import pathlib
import re
import struct
import tarfile
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import numpy

FOLDER = "cifar-10-batches-py"
BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
FILES = (*BATCHES, "test_batch", "batches.meta")
BATCH = 10_000  # pictures in one of the training files
FILE = re.compile(r"(^|[/\\])(data_batch_[1-5]|test_batch|batches\.meta)$")
ARCHIVE = re.compile(r"cifar-?10[\w.-]*\.(tar\.gz|tgz|zip)$", re.IGNORECASE)


class CifarFiles:
    def __init__(self, train: Any, test: Any, classes: Sequence[str]) -> None:
        """``train`` and ``test``: datasets.Repeated, whose pictures are (N, 32, 32, 3) bytes."""
        self.splits = {"train": train, "test": test}
        self.classes = classes

    def install(self) -> None:
        opened = builtins.open

        def open_file(file: Any, mode: str = "r", *positional: Any, **keywords: Any) -> Any:
            name = _virtual(file)
            if name and "b" in mode and "r" in mode:
                return io.BytesIO(self.content(name))
            return opened(file, mode, *positional, **keywords)

        builtins.open = io.open = open_file  # type: ignore[assignment]
        for name in ("exists", "isfile"):
            setattr(os.path, name, _or(getattr(os.path, name), lambda path: bool(_virtual(path))))
        os.path.exists = _or(os.path.exists, _is_folder)
        os.path.isdir = _or(os.path.isdir, _is_folder)
        for name, extra in (("exists", True), ("is_file", True), ("is_dir", False)):
            known = (lambda path: bool(_virtual(path)) or _is_folder(path)) if extra else _is_folder
            setattr(pathlib.Path, name, _or(getattr(pathlib.Path, name), known))
        listed, globbed, unpacked = os.listdir, glob.glob, tarfile.open

        def listdir(path: Any = ".") -> Any:
            return sorted(FILES) if _is_folder(path) and not _there(path) else listed(path)

        def glob_files(pattern: Any, **keywords: Any) -> Any:
            folder, name = os.path.split(os.fspath(pattern))
            found = [os.path.join(folder, one) for one in sorted(FILES) if fnmatch.fnmatch(one, name)]
            return globbed(pattern, **keywords) or (found if _is_folder(folder) else [])

        def unpack(name: Any = None, *positional: Any, **keywords: Any) -> Any:
            return Nothing() if ARCHIVE.search(str(name)) else unpacked(name, *positional, **keywords)

        os.listdir, glob.glob, tarfile.open = listdir, glob_files, unpack  # type: ignore[assignment]
        urllib.request.urlretrieve = lambda url, filename=None, *_rest, **_keywords: (filename or "download", {})

    def content(self, name: str) -> bytes:
        """One of the files."""
        if name == "batches.meta":
            names = [_string(one.encode()) for one in self.classes]
            sizes = {"num_cases_per_batch": _number(BATCH), "num_vis": _number(3072)}
            return _pickle({**sizes, "label_names": _list(names)})
        split = "test" if name == "test_batch" else "train"
        source = self.splits[split]
        count = source.length if split == "test" else BATCH
        first = 0 if split == "test" else BATCH * BATCHES.index(name)
        places = numpy.arange(first, first + count) % len(source.images)
        rows = numpy.ascontiguousarray(source.images[places].transpose(0, 3, 1, 2)).reshape(count, -1)
        label = "testing batch 1 of 1" if split == "test" else f"training batch {name[-1]} of 5"
        return _pickle({
            "batch_label": _string(label.encode()),
            "labels": _list([_number(int(one)) for one in source.labels[places]]),
            "data": _array(rows),
            "filenames": _list([_string(b"%d.png" % place) for place in range(first, first + count)]),
        })


class Nothing:
    """An archive that is unpacked already."""

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return lambda *_positional, **_keywords: []


def _virtual(path: Any) -> str:
    """The name of the CIFAR-10 file that a path means and that is not there, else ""."""
    if not isinstance(path, (str, os.PathLike)):
        return ""
    found = FILE.search(str(os.fspath(path)))
    return found.group(2) if found and not _there(path) else ""


def _is_folder(path: Any) -> bool:
    return isinstance(path, (str, os.PathLike)) and os.path.basename(str(path).rstrip("/\\")) == FOLDER


_EXISTS = os.path.lexists


def _there(path: Any) -> bool:
    return _EXISTS(os.fspath(path))


def _or(original: Callable[..., bool], known: Callable[[Any], bool]) -> Callable[..., bool]:
    def ask(path: Any, *positional: Any, **keywords: Any) -> bool:
        return original(path, *positional, **keywords) or known(path)

    return ask


# ---- Python 2's pickle, protocol 2 -------------------------------------------------------------------------------


def _pickle(entries: dict[str, bytes]) -> bytes:
    inside = b"".join(_string(key.encode()) + value for key, value in entries.items())
    return b"\x80\x02}(" + inside + b"u."


def _string(text: bytes) -> bytes:
    return b"U" + bytes([len(text)]) + text if len(text) < 256 else b"T" + struct.pack("<i", len(text)) + text


def _number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def _list(items: list[bytes]) -> bytes:
    return b"](" + b"".join(items) + b"e"


def _array(rows: Any) -> bytes:
    """A (N, 3072) array of bytes as numpy pickled it under Python 2."""
    kind = b"cnumpy\ndtype\n" + _string(b"u1") + b"K\x00K\x01\x87R(K\x03" + _string(b"|") + b"NNN"
    kind += _number(-1) * 2 + b"K\x00tb"
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + _string(b"b") + b"\x87R"
    shape = _number(rows.shape[0]) + _number(rows.shape[1]) + b"\x86"
    return made + b"(K\x01" + shape + kind + b"\x89" + _string(rows.tobytes()) + b"tb"
