"""Reading what students hand in: encodings, notebooks, folders, and zips that mean harm."""

from __future__ import annotations

import json
import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from grader.collect import collect
from grader.collect.magics import Blanked, blank, blank_script
from grader.errors import InputRejected, UsageError
from grader.records import Cell, SourceFile, Submission


def write_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def write_member(path: Path, name: str, mode: int = 0o100644, data: bytes = b"x") -> Path:
    member = zipfile.ZipInfo(name)
    member.external_attr = mode << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, data)
    return path


def notebook(*sources: str | list[str], **metadata: object) -> bytes:
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": []} for source in sources
    ]
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "# Title"}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [markdown, *cells]}).encode()


def rejection(path: Path) -> str:
    with pytest.raises(InputRejected) as caught:
        collect(path)
    return str(caught.value)


def source_of(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return collect(path).programs[0].source


# ---- one program --------------------------------------------------------------------------------------------


def test_a_script_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("import torch\n")
    (tmp_path / "other.py").write_text("x = 1\n")
    expected = Submission(name="model.py", programs=(SourceFile(path="model.py", source="import torch\n"),))
    assert collect(tmp_path / "model.py") == expected


def test_a_script_behind_a_link_that_was_named_is_read(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("x = 1\n")
    (tmp_path / "link.py").symlink_to(tmp_path / "model.py")
    assert collect(tmp_path / "link.py").programs == (SourceFile(path="link.py", source="x = 1\n"),)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xef\xbb\xbfx = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        ("x = '\u00e9'\n".encode("utf-16"), "x = '\u00e9'\n"),
        ("# \uacfc\uc81c\nx = 1\n".encode("cp949"), "# \uacfc\uc81c\nx = 1\n"),
        ("# -*- coding: euc-kr -*-\n# \uacfc\uc81c\n".encode("euc-kr"), "# -*- coding: euc-kr -*-\n# \uacfc\uc81c\n"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=latin-1 :\n# caf\xe9\n", None),
        (b"# caf\xe9 au lait\n", "# caf\u00e9 au lait\n"),
        (b"# coding: zlib_codec\nx = 1\n", "# coding: zlib_codec\nx = 1\n"),
        (b"# coding: no-such-thing\nx = 1\n", "# coding: no-such-thing\nx = 1\n"),
        (b"a = 1\rb = 2\r", "a = 1\nb = 2\n"),
    ],
)
def test_any_encoding_is_read_and_lines_stay(tmp_path: Path, data: bytes, expected: str | None) -> None:
    if expected is None:
        expected = data.decode("latin-1")
    assert source_of(tmp_path / "model.py", data) == expected


def test_a_program_over_one_mebibyte_is_rejected_unread(tmp_path: Path) -> None:
    (tmp_path / "model.py").write_bytes(b"x=1\n" * (300 << 10))
    assert rejection(tmp_path / "model.py") == (
        "model.py is larger than 1 MiB. Expected a program. "
        "Hand in the code only; clear a notebook's outputs before saving it."
    )


def test_a_path_that_does_not_exist_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.py does not exist\. Expected a \.py file"):
        collect(tmp_path / "nothing.py")


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"%PDF")
    assert rejection(tmp_path / "report.pdf") == (
        "report.pdf is no program. Expected a .py file, a notebook (.ipynb), a folder or a .zip of these. "
        "Hand in the file with your network's code."
    )


# ---- folders ------------------------------------------------------------------------------------------------


def test_a_folder_gives_programs_and_other_files_and_says_what_was_left_out(tmp_path: Path) -> None:
    root = tmp_path / "work"
    for name in ("net", ".git", "__pycache__", "env39", "data/cifar-10-batches-py"):
        (root / name).mkdir(parents=True)
    (root / "env39/pyvenv.cfg").write_text("")
    for name in ("train.py", "net/model.py", ".git/x.py", "__pycache__/y.py", "env39/z.py", ".hidden.py"):
        (root / name).write_text("x = 1\n")
    (root / "config.json").write_text("{}")
    (root / "weights.pth").write_bytes(bytes(2 << 20))
    (root / "data/cifar-10-batches-py/data_batch_1").write_bytes(b"x")
    (root / "cifar-10-python.tar.gz").write_bytes(b"x")
    (root / "link.py").symlink_to("/etc/passwd")
    os.mkfifo(root / "pipe.py")
    assert collect(root) == Submission(
        name="work",
        programs=(SourceFile(path="net/model.py", source="x = 1\n"), SourceFile(path="train.py", source="x = 1\n")),
        other_files={"config.json": b"{}"},
        notes=(
            "cifar-10-python.tar.gz was left out: the grader brings the data set itself.",
            "link.py was left out: it is a link. Hand in the file itself.",
            "pipe.py was left out: it is no regular file.",
            "weights.pth was left out: it is larger than 1 MiB.",
            "data/cifar-10-batches-py was left out: the grader brings the data set itself.",
        ),
    )


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert rejection(tmp_path / "empty") == (
        "empty is empty. Expected at least one .py or .ipynb file in it. Hand in your program."
    )


def test_a_folder_without_a_program_names_what_was_seen(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "b.pdf"):
        (tmp_path / "sub" / name).write_text("")
    assert rejection(tmp_path / "sub") == (
        "sub holds no program, only a.txt, b.pdf. Expected a .py or .ipynb file. Add your program to it."
    )


def test_a_folder_of_one_zip_is_that_zip(tmp_path: Path) -> None:
    (tmp_path / "Kim_assignsubmission_file").mkdir()
    write_zip(tmp_path / "Kim_assignsubmission_file/hw.zip", {"hw/model.py": b"x = 1\n"})
    assert collect(tmp_path / "Kim_assignsubmission_file") == Submission(
        name="Kim_assignsubmission_file",
        programs=(SourceFile(path="model.py", source="x = 1\n"),),
        notes=("The folder holds only hw.zip: what is inside it was graded.",),
    )


def test_too_many_files_are_rejected(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for index in range(2001):
        (tmp_path / f"many/{index}.txt").touch()
    assert rejection(tmp_path / "many") == (
        "many holds more than 2,000 files. Expected your program and the few files it needs. "
        "Leave out data and installed packages."
    )


def test_other_files_are_kept_up_to_their_limit_together(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir()
    (tmp_path / "big/model.py").write_text("x = 1\n")
    for index in range(33):
        (tmp_path / f"big/{index:02}.bin").write_bytes(bytes(1 << 20))
    collected = collect(tmp_path / "big")
    assert (len(collected.other_files), collected.notes) == (
        32,
        ("32.bin was left out: the files beside the programs exceed 32 MiB.",),
    )


# ---- zips ---------------------------------------------------------------------------------------------------


def test_a_zip_of_one_folder_is_that_folder(tmp_path: Path) -> None:
    members = {
        "hw/model.py": b"x = 1\r\n",
        "hw/notes.txt": b"hi",
        "hw/cifar-10-batches-py/test_batch": b"x",
        "__MACOSX/hw/._model.py": b"\x00",
        "hw/.DS_Store": b"\x00",
    }
    assert collect(write_zip(tmp_path / "hw.zip", members)) == Submission(
        name="hw.zip",
        programs=(SourceFile(path="model.py", source="x = 1\n"),),
        other_files={"notes.txt": b"hi"},
        notes=("hw/cifar-10-batches-py was left out: the grader brings the data set itself.",),
    )


def test_a_zip_from_korean_windows_keeps_its_names(tmp_path: Path) -> None:
    # The name as the archiver stores it: cp949 bytes without the UTF-8 flag.
    raw = write_zip(tmp_path / "ascii.zip", {"AAAA.py": b"x = 1\n"}).read_bytes()
    (tmp_path / "hw.zip").write_bytes(raw.replace(b"AAAA.py", "\uacfc\uc81c.py".encode("cp949")))
    assert collect(tmp_path / "hw.zip").programs == (SourceFile(path="\uacfc\uc81c.py", source="x = 1\n"),)


@pytest.mark.parametrize(
    ("name", "mode", "found"),
    [
        ("../model.py", 0o100644, "points outside the zip"),
        ("a/../../model.py", 0o100644, "points outside the zip"),
        ("a\\..\\..\\model.py", 0o100644, "points outside the zip"),
        ("/etc/model.py", 0o100644, "points outside the zip"),
        ("C:/model.py", 0o100644, "points outside the zip"),
        ("c:model.py", 0o100644, "points outside the zip"),
        ("\\\\server\\share\\model.py", 0o100644, "points outside the zip"),
        ("model.py", 0o120777, "is a link or a device"),
        ("model.py", 0o020666, "is a link or a device"),
        ("model.py", 0o060666, "is a link or a device"),
        ("model.py", 0o010666, "is a link or a device"),
        ("a\x1b[31m.py", 0o100644, "has a name that cannot be stored"),
        ("a" * 300 + ".py", 0o100644, "has a name that cannot be stored"),
    ],
)
def test_a_hostile_member_is_refused(tmp_path: Path, name: str, mode: int, found: str) -> None:
    assert f" in hw.zip {found}. Expected plain files below one folder." in rejection(
        write_member(tmp_path / "hw.zip", name, mode)
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [("model.py", "Model.PY"), ("caf\u00e9.py", "cafe\u0301.py"), ("stra\u00dfe.py", "strasse.py"), ("x.py", "./x.py")],
)
def test_names_that_are_one_file_elsewhere_are_refused(tmp_path: Path, first: str, second: str) -> None:
    path = write_zip(tmp_path / "hw.zip", {first: b"x = 1\n", second: b"x = 2\n"})
    assert "which are one file on some computers. Expected every file once." in rejection(path)


def test_a_file_that_is_a_folder_too_is_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "hw.zip", {"a.py": b"x = 1\n", "a.py/b.py": b"x = 2\n"})
    assert "'a.py/b.py' below something that is a file too" in rejection(path)


def test_a_zip_bomb_is_counted_while_it_is_read(tmp_path: Path) -> None:
    page = b" " * (15 << 20)
    path = write_zip(tmp_path / "bomb.zip", {f"{index}.ipynb": page for index in range(14)})
    assert rejection(path) == (
        "bomb.zip holds more than 200 MiB. Expected your program and the few files it needs. "
        "Leave out data, weights and the output of cells."
    )


def test_a_large_member_is_left_out_without_expanding_it(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "hw.zip", {"model.py": b"x = 1\n", "weights.pth": bytes(300 << 20)})
    assert collect(path).notes == ("weights.pth was left out: it is larger than 1 MiB.",)


def test_a_member_that_lies_about_its_size_is_not_believed(tmp_path: Path) -> None:
    raw = bytearray(write_zip(tmp_path / "hw.zip", {"model.py": b"x" * (3 << 20)}).read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 100)
    (tmp_path / "hw.zip").write_bytes(raw)
    assert "hw.zip is no readable zip" in rejection(tmp_path / "hw.zip")


def test_a_huge_table_of_contents_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    raw = bytearray(write_zip(tmp_path / "hw.zip", {"model.py": b"x"}).read_bytes())
    end = raw.index(b"PK\x05\x06")
    raw[end:end] = bytes(5 << 20)
    end += 5 << 20
    raw[end + 12 : end + 20] = struct.pack("<II", 5 << 20, end - (5 << 20))
    (tmp_path / "hw.zip").write_bytes(raw)
    assert "its table of contents is too large" in rejection(tmp_path / "hw.zip")


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "hw.zip", {f"{index}.txt": b"" for index in range(2001)})
    assert "hw.zip holds more than 2,000 files." in rejection(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 torn", b"Rar!\x1a\x07"])
def test_a_broken_zip_is_told_kindly(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "hw.zip").write_bytes(data)
    assert rejection(tmp_path / "hw.zip") == (
        "hw.zip is no readable zip (File is not a zip file). Expected an ordinary .zip file. "
        "Make it again and hand it in."
    )


def test_a_zip_with_a_flipped_byte_is_broken(tmp_path: Path) -> None:
    raw = bytearray(write_zip(tmp_path / "hw.zip", {"model.py": os.urandom(500)}).read_bytes())
    raw[200] ^= 0xFF
    (tmp_path / "hw.zip").write_bytes(raw)
    assert "hw.zip is no readable zip" in rejection(tmp_path / "hw.zip")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    raw = bytearray(write_zip(tmp_path / "hw.zip", {"model.py": b"x = 1\n"}).read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "hw.zip").write_bytes(raw)
    assert "'model.py' in hw.zip is encrypted." in rejection(tmp_path / "hw.zip")


def test_nothing_is_written_while_a_zip_is_read(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "hw.zip", {"hw/model.py": b"x = 1\n"})
    path.chmod(stat.S_IRUSR)
    collect(path)
    assert os.listdir(tmp_path) == ["hw.zip"]


# ---- notebooks ----------------------------------------------------------------------------------------------


def test_cells_are_numbered_over_the_code_cells(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(notebook("import torch\r\n", ["%matplotlib inline\n", "x = 1"]))
    assert collect(tmp_path / "hw.ipynb") == Submission(
        name="hw.ipynb",
        programs=(
            SourceFile(
                path="hw.ipynb",
                cells=(
                    Cell(number=1, source="import torch\n"),
                    Cell(number=2, source="# %matplotlib inline\nx = 1"),
                ),
                magics=1,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("typed", "read", "count"),
    [
        ("%matplotlib inline\nx = 1", "# %matplotlib inline\nx = 1", 1),
        ("!pip install \\\n  torch\nx = 1", "# !pip install \\\n#   torch\nx = 1", 1),
        ("if x:\n    !ls", "if x:\n    pass  # !ls", 1),
        ("if x:  # why\n    %pwd\n    !ls\n    y = 1", "if x:  # why\n    pass  # %pwd\n#     !ls\n    y = 1", 2),
        ("x = 1\n  !ls\ny = 2", "x = 1\n#   !ls\ny = 2", 1),
        ("  !ls\n  x = 1", "# !ls\nx = 1", 1),
        ("torch.nn?\n?x\nx??", "# torch.nn?\n# ?x\n# x??", 3),
        ("pip install torch", "# pip install torch", 1),
        ("files = !ls\nt = %pwd", "files = None  # !ls\nt = None  # %pwd", 2),
        ("%time net = f(\n  2\n  % 3)", "net = f(\n  2\n  % 3)", 1),
        ("%time !ls", "# !ls", 1),
        ("%%time\nx = 1\n%%capture", "# %%time\nx = 1\n# %%capture", 2),
        ("# note\n%%bash\nls\n\nrm x", "# # note\n# %%bash\n# ls\n\n# rm x", 1),
        ("%%html\n<b>%</b>", "# %%html\n# <b>%</b>", 1),
        ("x = (5\n% 3)", "x = (5\n% 3)", 0),
        ("x = 5 \\\n  % 3", "x = 5 \\\n  % 3", 0),
        ('s = """\n%d items\n!\n"""\n%pwd', 's = """\n%d items\n!\n"""\n# %pwd', 1),
        ("s = 'it\\'s (' # [\n%pwd", "s = 'it\\'s (' # [\n# %pwd", 1),
        ("s = 'a\\\n% b'\n!ls", "s = 'a\\\n% b'\n# !ls", 1),
        ("s = 'never closed\n!ls", "s = 'never closed\n# !ls", 1),
        ("assert a != b\nx = '%d' % 3", "assert a != b\nx = '%d' % 3", 0),
        ("", "", 0),
    ],
)
def test_magics_become_comments_and_lines_stay(typed: str, read: str, count: int) -> None:
    blanked = blank(typed)
    assert (blanked.source, blanked.magics) == (read, count)
    assert typed.count("\n") == blanked.source.count("\n")


def test_a_cell_that_writes_a_file_keeps_its_content() -> None:
    assert blank("%%writefile -a net.py\nx = 1\n") == Blanked(
        source="# %%writefile -a net.py\n# x = 1\n", magics=1, writes="net.py", content="x = 1\n\n", appends=True
    )


def test_a_cell_a_mebibyte_wide_is_read_in_a_moment() -> None:
    for hostile in ('"' * (1 << 20), "\\" * (1 << 20), "((" * (1 << 19), "'\\" * (1 << 19), "%time " * (1 << 17)):
        assert len(blank(hostile).source) >= len(hostile)


def test_written_modules_are_programs_and_never_leave_the_submission(tmp_path: Path) -> None:
    (tmp_path / "sub/nb").mkdir(parents=True)
    (tmp_path / "sub/nb/hw.ipynb").write_bytes(
        notebook(
            "%%writefile net.py\nx = 1",
            "%%writefile -a net.py\ny = 2",
            "%%writefile ../../evil.py\nx = 1",
            "%%writefile /evil.py\nx = 1",
            "%%writefile taken.py\nx = 1",
        )
    )
    (tmp_path / "sub/nb/taken.py").write_text("handed_in = 1\n")
    assert [(program.path, program.source) for program in collect(tmp_path / "sub").programs] == [
        ("nb/hw.ipynb", ""),
        ("nb/net.py", "x = 1\ny = 2\n"),
        ("nb/taken.py", "handed_in = 1\n"),
    ]


def test_an_old_notebook_is_upgraded(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "language": "python", "input": "x = 1", "outputs": [], "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": [cell]}]}
    (tmp_path / "old.ipynb").write_text(json.dumps(old))
    assert collect(tmp_path / "old.ipynb").programs == (
        SourceFile(path="old.ipynb", cells=(Cell(number=1, source="x = 1"),)),
    )


def test_a_cell_tagged_to_be_skipped_is_skipped_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    book = json.loads(notebook("a = 1", "b = 2", "c = 3"))
    book["cells"][2]["metadata"]["tags"] = ["skip-execution"]
    (tmp_path / "hw.ipynb").write_text(json.dumps(book))
    assert collect(tmp_path / "hw.ipynb").programs[0].cells == (
        Cell(number=1, source="a = 1"),
        Cell(number=3, source="c = 3"),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"not json", b"[]", b'{"cells": []}', b'{"nbformat": 4, "cells": 3}', b"[" * 100_000, b'{"nbformat": 3}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": null, "metadata": []}]}', b"", b"\xff\xfe",
    ],
)
def test_a_broken_notebook_is_told_kindly(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "hw.ipynb").write_bytes(data)
    sentence = rejection(tmp_path / "hw.ipynb")
    assert sentence.startswith("hw.ipynb ")
    assert sentence.endswith("Expected a saved Jupyter notebook. Open it in Jupyter, save it and hand it in again.")


def test_a_notebook_in_another_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(notebook("x <- 1", kernelspec={"language": "R"}))
    assert rejection(tmp_path / "hw.ipynb") == (
        "hw.ipynb is a notebook in R. Expected Python. Hand in your Python notebook."
    )


def test_half_a_character_pair_does_not_break_the_source(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(notebook("x = '\ud800'"))
    assert collect(tmp_path / "hw.ipynb").programs[0].cells == (Cell(number=1, source="x = '?'"),)


def test_a_broken_notebook_beside_a_program_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/model.py").write_text("x = 1\n")
    (tmp_path / "sub/broken.ipynb").write_text("oops")
    sentence = "Expected a saved Jupyter notebook. Open it in Jupyter, save it and hand it in again."
    assert collect(tmp_path / "sub").notes == (f"broken.ipynb is no readable notebook. {sentence}",)


def test_code_of_a_notebook_has_the_limit_of_a_program(tmp_path: Path) -> None:
    (tmp_path / "hw.ipynb").write_bytes(notebook("x = 1\n" * (200 << 10)))
    assert rejection(tmp_path / "hw.ipynb").startswith("hw.ipynb has 1.17 MiB of code. Expected at most 1 MiB")


@pytest.mark.parametrize(
    ("typed", "read", "count"),
    [
        ("%matplotlib inline\nimport torch\n", "# %matplotlib inline\nimport torch\n", 1),
        ("!pip install tqdm\n%cd data\nx = 1\n", "# !pip install tqdm\n# %cd data\nx = 1\n", 2),
        ("pip3 install torch torchvision\nimport torch\n", "# pip3 install torch torchvision\nimport torch\n", 1),
        ("print('%d images'\n      % 3)\n", "print('%d images'\n      % 3)\n", 0),
        ("text = '''\\n%d images\\n!\\n''' % 3\\n", "text = '''\\n%d images\\n!\\n''' % 3\\n", 0),
        ("share = 7 \\\n% 3\n", "share = 7 \\\n% 3\n", 0),
    ],
)
def test_a_script_that_was_copied_from_a_notebook_loses_its_magics(typed: str, read: str, count: int) -> None:
    blanked = blank_script(typed)
    assert (blanked.source, blanked.magics) == (read, count)
