"""Text in the columns of a terminal: display widths, wrapping with an indent, tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns that a terminal gives the text: two for a Korean or Chinese character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def pad(text: str, columns: int) -> str:
    """The text with spaces to the right, up to ``columns``."""
    return text + " " * (columns - width(text))


def wrap(text: str, columns: int, first: str = "", rest: str | None = None) -> list[str]:
    """The text in lines of at most ``columns``; ``first`` stands before the first line, ``rest`` before the others."""
    rest = " " * width(first) if rest is None else rest
    lines = []
    prefix = first
    for paragraph in text.split("\n"):
        line = ""
        for word in _words(paragraph, max(8, columns - width(rest))):
            if line and width(prefix) + width(line) + 1 + width(word) > columns:
                lines.append(prefix + line)
                prefix, line = rest, word
            else:
                line = f"{line} {word}" if line else word
        lines.append((prefix + line).rstrip())
        prefix = rest
    return lines


def cut(text: str, columns: int) -> str:
    """The text, ended with an ellipsis where it is wider than ``columns``."""
    if width(text) <= columns:
        return text
    kept = ""
    for character in text:
        if width(kept) + _character_width(character) > columns - 1:
            break
        kept += character
    return kept + "…"


def table(rows: Sequence[Sequence[str]], columns: int, gap: str = "  ") -> list[str]:
    """Rows with aligned columns; the last column wraps under itself."""
    widths = [max(width(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first = "".join(pad(cell, columns_) + gap for cell, columns_ in zip(row[:-1], widths[:-1], strict=True))
        lines += wrap(row[-1], max(columns, width(first) + 20), first)
    return lines


def _character_width(character: str) -> int:
    if unicodedata.combining(character) or character in "\u200c\u200d":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _words(paragraph: str, longest: int) -> list[str]:
    """The words, those too long for a line in pieces."""
    pieces = []
    for word in paragraph.split():
        while width(word) > longest:
            kept = cut(word, longest + 1).removesuffix("…") or word[0]
            pieces.append(kept)
            word = word[len(kept) :]
        pieces.append(word)
    return pieces
