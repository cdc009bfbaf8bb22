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
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import numpy

from . import old_pickle
from .vision import torchvision

FOLDER = "cifar-10-batches-py"
BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))
FILES = (*BATCHES, "test_batch", "batches.meta")
BATCH = 10_000  # pictures in one of the training files
FILE = re.compile(r"(^|[/\\])(data_batch_[1-5]|test_batch|batches\.meta)$")
ARCHIVE = re.compile(r"cifar-?10[\w.-]*\.(tar\.gz|tgz|zip)$", re.IGNORECASE)

FETCHERS = ("wget", "curl", "tar", "unzip", "gdown", "kaggle")


class CifarFiles:
    def __init__(self, train: Any, test: Any, classes: Sequence[str]) -> None:
        """``train`` and ``test``: datasets.Repeated, whose pictures are (N, 32, 32, 3) bytes."""
        self.splits = {"train": train, "test": test}
        self.classes = classes
        self.home = os.getcwd()
        self.opened = builtins.open

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
        os.scandir = self._with_folder(os.scandir)  # type: ignore[assignment]
        for name in ("stat", "lstat"):
            setattr(os, name, self._with_folder(getattr(os, name)))
        _install_downloads()

    def _with_folder(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """Questions that only a real folder can answer are put to an empty likeness of the published one."""

        def ask(path: Any = ".", *positional: Any, **keywords: Any) -> Any:
            if (_is_folder(path) or FILE.search(str(path))) and not _there(path):
                name = "" if _is_folder(path) else os.path.basename(path)
                path = os.path.join(self._likeness(), name)
            return original(path, *positional, **keywords)

        return ask

    def _likeness(self) -> str:
        folder = os.path.join(self.home, ".elsewhere", FOLDER)
        if not _there(folder):
            os.makedirs(folder)
            for name in FILES:
                with self.opened(os.path.join(folder, name), "wb") as file:
                    file.truncate(158 if name == "batches.meta" else 31_035_704)  # sparse; as long as the published
        return folder

    def content(self, name: str) -> bytes:
        """One of the files."""
        if name == "batches.meta":
            names = [old_pickle.string(one.encode()) for one in self.classes]
            sizes = {"num_cases_per_batch": old_pickle.number(BATCH), "num_vis": old_pickle.number(3072)}
            return old_pickle.dump({**sizes, "label_names": old_pickle.listed(names)})
        split = "test" if name == "test_batch" else "train"
        source = self.splits[split]
        count = source.length if split == "test" else BATCH
        first = 0 if split == "test" else BATCH * BATCHES.index(name)
        places = numpy.arange(first, first + count) % len(source.images)
        rows = numpy.ascontiguousarray(source.images[places].transpose(0, 3, 1, 2)).reshape(count, -1)
        label = "testing batch 1 of 1" if split == "test" else f"training batch {name[-1]} of 5"
        files = [old_pickle.string(b"%d.png" % place) for place in range(first, first + count)]
        return old_pickle.dump({
            "batch_label": old_pickle.string(label.encode()),
            "labels": old_pickle.listed([old_pickle.number(int(one)) for one in source.labels[places]]),
            "data": old_pickle.array(rows),
            "filenames": old_pickle.listed(files),
        })


class Nothing:
    """An archive that is unpacked already."""

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, *error: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        return lambda *_positional, **_keywords: []


def _install_downloads() -> None:
    """Downloads leave nothing and say that they went well; what unpacks the archive finds it unpacked."""
    urllib.request.urlretrieve = lambda url, filename=None, *_rest, **_keywords: (filename or "download", {})
    urllib.request.urlopen = lambda *_positional, **_keywords: io.BytesIO()
    utils = torchvision.datasets.utils
    for name in ("download_url", "download_and_extract_archive", "extract_archive"):
        setattr(utils, name, lambda *_positional, **_keywords: None)
    utils.check_integrity = lambda *_positional, **_keywords: True
    unpack = shutil.unpack_archive

    def unpack_archive(filename: Any, *positional: Any, **keywords: Any) -> None:
        if not ARCHIVE.search(str(filename)):
            unpack(filename, *positional, **keywords)

    shutil.unpack_archive = unpack_archive
    for holder, name in ((os, "system"), (subprocess, "call"), (subprocess, "check_call"), (subprocess, "run")):
        setattr(holder, name, _without_fetching(getattr(holder, name), 0 if name != "run" else None))


def _without_fetching(original: Callable[..., Any], answer: int | None) -> Callable[..., Any]:
    def run(command: Any, *positional: Any, **keywords: Any) -> Any:
        words = command.split() if isinstance(command, str) else [str(word) for word in command]
        if not words or os.path.basename(words[0]) not in FETCHERS:
            return original(command, *positional, **keywords)
        return subprocess.CompletedProcess(command, 0, "", "") if answer is None else answer

    return run


def _virtual(path: Any) -> str:
    """The name of the CIFAR-10 file that a path means and that is not there, else ""."""
    if not isinstance(path, (str, os.PathLike)):
        return ""
    found = FILE.search(str(os.fspath(path)))
    likeness = f".elsewhere/{FOLDER}/" in str(path)
    return found.group(2) if found and (likeness or not _there(path)) else ""


def _is_folder(path: Any) -> bool:
    return isinstance(path, (str, os.PathLike)) and os.path.basename(str(path).rstrip("/\\")) == FOLDER


_LSTAT = os.lstat


def _there(path: Any) -> bool:
    try:
        _LSTAT(path)
    except (OSError, ValueError):
        return False
    return True


def _or(original: Callable[..., bool], known: Callable[[Any], bool]) -> Callable[..., bool]:
    def ask(path: Any, *positional: Any, **keywords: Any) -> bool:
        return original(path, *positional, **keywords) or known(path)

    return ask
