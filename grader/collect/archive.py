"""Reads a .zip without unpacking it to disk: every name is judged, every byte is counted while it is read."""

from __future__ import annotations

import io
import lzma
import posixpath
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from pathlib import Path

from grader.collect.entries import Found, data_note, is_data, limit_of, skip_file, skip_folder
from grader.errors import InputRejected

LIMIT_DIRECTORY_BYTES = 4 << 20
CHUNK_BYTES = 64 << 10
UTF8_NAME = 0x800
ENCRYPTED = 0x1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


class _Archive(io.FileIO):
    """A zip file whose table of contents may not be huge: zipfile reads and parses it whole, before anything is
    counted."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > LIMIT_DIRECTORY_BYTES:
            raise zipfile.BadZipFile("its table of contents is too large")
        return super().read(size) or b""


def read(path: Path) -> Found:
    try:
        with _Archive(path) as file, zipfile.ZipFile(file) as archive:
            return _without_top_folder(_read_members(archive, path.name))
    except BROKEN as error:
        raise InputRejected(
            f"{path.name} is no readable zip ({error}). Expected an ordinary .zip file. Make it again and hand it in."
        ) from error


def _read_members(archive: zipfile.ZipFile, source: str) -> Found:
    found = Found(source=source)
    originals: dict[str, str] = {}
    for member in archive.infolist():
        found.count_entry()
        name = _safe_name(member, source)
        parts = name.split("/")
        data_parts = [index for index, part in enumerate(parts) if is_data(part)]
        if data_parts:
            note = data_note("/".join(parts[: data_parts[0] + 1]))
            found.notes += [] if note in found.notes else [note]
        elif member.is_dir() or member.filename.endswith("\\") or skip_file(parts[-1]):
            continue
        elif not any(skip_folder(part) for part in parts[:-1]):
            _refuse_second(originals, name, source)
            found.seen.append(name)
            _read_member(archive, member, name, found)
    _refuse_files_as_folders(originals, source)
    return found


def _safe_name(member: zipfile.ZipInfo, source: str) -> str:
    """The member's name as a relative posix path; a name that could leave the folder, and a link, are refused."""
    name = _decoded_name(member).replace("\\", "/")
    shown = name.encode("unicode_escape").decode("ascii")[:80]
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise InputRejected(_refusal(source, shown, "is a link or a device", "Put the file itself into the zip."))
    if name.startswith("/") or re.match("[A-Za-z]:", name) or ".." in name.split("/"):
        raise InputRejected(_refusal(source, shown, "points outside the zip", "Make the zip again from your folder."))
    name = posixpath.normpath(name)
    if not name.isprintable() or any(len(part.encode("utf-8", "replace")) > 255 for part in name.split("/")):
        raise InputRejected(_refusal(source, shown, "has a name that cannot be stored", "Rename that file."))
    if member.flag_bits & ENCRYPTED:
        raise InputRejected(_refusal(source, shown, "is encrypted", "Make the zip again without a password."))
    return name


def _refusal(source: str, shown: str, found: str, remedy: str) -> str:
    return f"{shown!r} in {source} {found}. Expected plain files below one folder. {remedy}"


def _decoded_name(member: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 flag are, by the standard, cp437; in practice they are UTF-8, or Korean Windows'."""
    if member.flag_bits & UTF8_NAME:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "cp949"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _refuse_second(originals: dict[str, str], name: str, source: str) -> None:
    """Two names that some file systems hold to be the same would overwrite one another."""
    folded = _fold(name)
    if folded in originals:
        raise InputRejected(
            f"{source} holds {originals[folded]!r} and {name!r}, which are one file on some computers. "
            "Expected every file once. Remove or rename one of them."
        )
    originals[folded] = name


def _refuse_files_as_folders(originals: dict[str, str], source: str) -> None:
    for folded, name in originals.items():
        parts = folded.split("/")
        if any("/".join(parts[:depth]) in originals for depth in range(1, len(parts))):
            raise InputRejected(
                f"{source} holds {name!r} below something that is a file too. Expected plain files below one folder. "
                "Make the zip again from your folder."
            )


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, found: Found) -> None:
    limit_bytes = limit_of(name)
    if member.file_size > limit_bytes:
        found.skip_large(name)
        return
    data = bytearray()
    with archive.open(member) as stream:
        # The size in the table of contents is a claim: only what comes out counts.
        while chunk := stream.read(CHUNK_BYTES):
            found.count_bytes(len(chunk))
            data += chunk
            if len(data) > limit_bytes:
                found.skip_large(name)
                return
    found.files[name] = bytes(data)


def _without_top_folder(found: Found) -> Found:
    """A zip of one folder is that folder: its own name is no part of the paths."""
    tops = {name.split("/")[0] for name in found.files}
    if len(tops) == 1 and all("/" in name for name in found.files):
        found.files = {name.split("/", 1)[1]: data for name, data in found.files.items()}
    return found
