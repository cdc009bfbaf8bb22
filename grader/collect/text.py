"""Bytes of a source file -> text, the way Python reads it, and kinder: what is in no known encoding is still read."""

from __future__ import annotations

import codecs
import re

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
CODING = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
BLANK = re.compile(rb"[ \t\f]*(?:#.*)?\r?$")
# Only encodings of plain text: Python knows others, some of which are slow or are no text at all.
TRUSTED = frozenset(
    {
        "utf-8",
        "ascii",
        "iso8859-1",
        "iso8859-2",
        "iso8859-15",
        "cp1252",
        "cp1250",
        "cp1251",
        "koi8-r",
        "cp949",
        "euc_kr",
        "johab",
        "cp932",
        "shift_jis",
        "euc_jp",
        "gbk",
        "gb2312",
        "gb18030",
        "big5",
        "mac-roman",
    }
)


def decode(data: bytes) -> str:
    """The text, lines ended by \\n alone; no line is added or lost."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _with_newlines(data[len(mark) :].decode(encoding, "replace"))
    for encoding in (*_declared(data), "utf-8", "cp949"):
        try:
            return _with_newlines(data.decode(encoding))
        except UnicodeDecodeError:
            continue
    return _with_newlines(data.decode("latin-1"))


def _declared(data: bytes) -> tuple[str, ...]:
    """The encoding of a PEP 263 line, if there is one that is trusted."""
    for line in data[:1000].split(b"\n", 2)[:2]:
        if declared := CODING.match(line):
            try:
                name = codecs.lookup(declared[1].decode("ascii", "replace")).name
            except LookupError:
                return ()
            return (name,) if name in TRUSTED else ()
        if not BLANK.match(line):
            return ()
    return ()


def _with_newlines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")
