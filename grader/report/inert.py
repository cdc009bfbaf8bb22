"""Student text made harmless: no character that moves a cursor, turns the reading direction or ends a stream.

Everything that a submission can choose (names, source lines, exception messages) passes through here before it is
shown. HTML strips such characters; a terminal shows them as escapes, so that a reader sees that they were there.
"""

from __future__ import annotations

import unicodedata

JOINERS = "\u200c\u200d"  # format characters that Persian, Indic scripts and emoji are written with
HARMLESS = "\n\t"
HARMFUL_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
LONGEST_LINE = 240  # characters quoted of one line: minified sources run to megabytes


def is_harmful(character: str) -> bool:
    """True for control characters, bidirectional overrides, lone surrogates and private-use characters."""
    if character.isascii():
        return not (character.isprintable() or character in HARMLESS)
    return unicodedata.category(character) in HARMFUL_CATEGORIES and character not in JOINERS


def strip(text: str) -> str:
    """The text without harmful characters."""
    return "".join(character for character in text if not is_harmful(character))


def escape(text: str) -> str:
    """The text with harmful characters written out, as ``\\x1b``."""
    return "".join(_written_out(character) if is_harmful(character) else character for character in text)


def clip(text: str, length: int = LONGEST_LINE) -> str:
    """At most ``length`` characters of the text."""
    return text if len(text) <= length else text[: length - 1] + "…"


def _written_out(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
