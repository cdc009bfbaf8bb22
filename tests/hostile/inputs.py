"""Hostile submissions that are no plain program: archives, links, encodings, notebooks, names. The first line of each
maker's docstring says the status that its submission must get."""

from __future__ import annotations

import json
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

from hostile.corpus import homework

Maker = Callable[[Path, Path], Path]  # (where to put it, a canary) -> the submission
MAKERS: dict[str, Maker] = {}


def hostile(maker: Maker) -> Maker:
    MAKERS[maker.__name__] = maker
    return maker


def status_of(maker: Maker) -> str:
    return str(maker.__doc__).splitlines()[0].removeprefix("status: ")


def _zip(folder: Path, members: dict[str, bytes], mode: int = 0) -> Path:
    path = folder / "work.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = mode << 16
            archive.writestr(member, data)
    return path


def _program(folder: Path, data: bytes, name: str = "work.py") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


@hostile
def zip_that_climbs(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {"../../planted.py": b"x = 1\n"})


@hostile
def zip_with_an_absolute_name(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {str(canary.parent / "planted.py"): b"x = 1\n"})


@hostile
def zip_with_a_drive(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {"C:\\planted.py": b"x = 1\n"})


@hostile
def zip_with_a_link(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {"work.py": str(canary).encode()}, stat.S_IFLNK | 0o777)


@hostile
def zip_with_a_device(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {"work.py": b""}, stat.S_IFCHR | 0o666)


@hostile
def zip_with_one_file_twice(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {"work.py": b"x = 1\n", "WORK.py": b"x = 2\n"})


@hostile
def zip_bomb(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {f"part{number}.py": bytes(1 << 20) for number in range(300)})


@hostile
def zip_of_very_many_files(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _zip(folder, {f"part{number}.py": b"" for number in range(5000)})


@hostile
def zip_torn(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    path = _zip(folder, {"work.py": homework("right").encode()})
    path.write_bytes(path.read_bytes()[:-40])
    return path


@hostile
def folder_with_links(folder: Path, canary: Path) -> Path:
    """status: graded"""
    work = folder / "work"
    work.mkdir()
    (work / "work.py").write_text(homework("right") + "\nprint(open('found.txt').read())\n")
    (work / "found.txt").symlink_to(canary)
    (work / "everything").symlink_to("/")
    return work


@hostile
def folder_with_pipes_and_sockets(folder: Path, canary: Path) -> Path:
    """status: graded"""
    work = folder / "work"
    work.mkdir()
    (work / "work.py").write_text(homework("right"))
    os.mkfifo(work / "other.py")
    return work


@hostile
def folder_that_ships_our_modules(folder: Path, canary: Path) -> Path:
    """status: graded"""
    work = folder / "work"
    work.mkdir()
    (work / "main.py").write_text(homework("wrong"))
    lie = "import os\nos._exit(0)\n"
    for name in ("conftest.py", "sitecustomize.py", "usercustomize.py", "json.py", "resource.py", "grader_probe.py"):
        (work / name).write_text(lie)
    return work


@hostile
def folder_that_ships_torch(folder: Path, canary: Path) -> Path:
    """status: graded"""
    work = folder / "work"
    work.mkdir()
    (work / "main.py").write_text(homework("wrong"))
    (work / "torch.py").write_text("def __getattr__(name):\n    return lambda *a, **k: True\n")
    return work


@hostile
def source_of_48_megabytes(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _program(folder, b"x=1\n" * (12 << 20))


@hostile
def source_of_deep_brackets(folder: Path, canary: Path) -> Path:
    """status: syntax-error"""
    return _program(folder, b"x = " + b"(" * 50_000 + b")" * 50_000)


@hostile
def source_of_deep_signs(folder: Path, canary: Path) -> Path:
    """status: syntax-error"""
    return _program(folder, b"x = " + b"-" * 200_000 + b"1")


@hostile
def source_with_null_bytes(folder: Path, canary: Path) -> Path:
    """status: syntax-error"""
    return _program(folder, b"x = 1\0\n")


@hostile
def source_in_an_encoding_that_there_is_not(folder: Path, canary: Path) -> Path:
    """status: no-model"""
    return _program(folder, b"# coding: evil-8\nx = 1\n")


@hostile
def source_of_noise(folder: Path, canary: Path) -> Path:
    """status: syntax-error"""
    return _program(folder, bytes(range(128, 256)) * 100)


@hostile
def notebook_torn(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _program(folder, b'{"cells": [{"cell_type": "code", "source": ["x', "work.ipynb")


@hostile
def notebook_of_deep_lists(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _program(folder, b"[" * 100_000 + b"]" * 100_000, "work.ipynb")


@hostile
def notebook_of_odd_kinds(folder: Path, canary: Path) -> Path:
    """status: input-rejected"""
    return _program(folder, json.dumps({"cells": 7, "nbformat": "x", "metadata": None}).encode(), "work.ipynb")


@hostile
def name_of_markup(folder: Path, canary: Path) -> Path:
    """status: graded"""
    return _program(folder, homework("right").encode(), "<img src=x onerror=alert(1)>.py")


@hostile
def name_of_escapes(folder: Path, canary: Path) -> Path:
    """status: graded"""
    return _program(folder, homework("right").encode(), "a\x1b[31m\n::error::b\udcff.py")
