"""Writes what Python 2's pickle wrote, protocol 2: strings are bytes, and read as the reader's ``encoding`` says."""

from __future__ import annotations

import struct
from typing import Any


def dump(entries: dict[str, bytes]) -> bytes:
    inside = b"".join(string(key.encode()) + value for key, value in entries.items())
    return b"\x80\x02}(" + inside + b"u."


def string(text: bytes) -> bytes:
    return b"U" + bytes([len(text)]) + text if len(text) < 256 else b"T" + struct.pack("<i", len(text)) + text


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def listed(items: list[bytes]) -> bytes:
    return b"](" + b"".join(items) + b"e"


def array(rows: Any) -> bytes:
    """A (N, 3072) array of bytes as numpy pickled it under Python 2."""
    kind = b"cnumpy\ndtype\n" + string(b"u1") + b"K\x00K\x01\x87R(K\x03" + string(b"|") + b"NNN"
    kind += number(-1) * 2 + b"K\x00tb"
    made = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + string(b"b") + b"\x87R"
    shape = number(rows.shape[0]) + number(rows.shape[1]) + b"\x86"
    return made + b"(K\x01" + shape + kind + b"\x89" + string(rows.tobytes()) + b"tb"
