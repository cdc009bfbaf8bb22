"""The part of YAML that configuration files are written in: nested maps and lists, flow lists and maps, scalars."""

from __future__ import annotations

import re
from typing import Any

Line = tuple[int, str]  # indentation, text

_INTEGER = re.compile(r"[-+]?\d[\d_]*")
_FLOAT = re.compile(r"[-+]?(\d[\d_]*\.?\d*|\.\d+)([eE][-+]?\d+)?")
_KEY = re.compile(r"(\"[^\"]*\"|'[^']*'|[^\s#\[\]{},&*!|>\"'][^#]*?)\s*:(?:\s+|$)")
_WORDS = {
    "": None, "~": None, "null": None, "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False
}  # fmt: skip


class YAMLError(ValueError):
    pass


def load(stream: Any, *_loader: Any, **_options: Any) -> Any:
    text = stream.read() if hasattr(stream, "read") else stream
    text = text.decode() if isinstance(text, bytes) else text
    lines = [line for line in map(_stripped, text.splitlines()) if line[1] and line[1] not in ("---", "...")]
    if not lines:
        return None
    value, rest = _block(lines, lines[0][0])
    if rest:
        raise YAMLError(f"not understood: {rest[0][1]!r}")
    return value


def _stripped(line: str) -> Line:
    """Without comment and trailing blanks; a # inside quotes or inside a word is none."""
    quote, kept = "", len(line)
    for position, sign in enumerate(line):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "#" and (position == 0 or line[position - 1].isspace()):
            kept = position
            break
    text = line[:kept].rstrip()
    return len(text) - len(text.lstrip(" ")), text.lstrip(" ")


def _block(lines: list[Line], indent: int) -> tuple[Any, list[Line]]:
    """The value that starts at the first line, and the lines behind it."""
    if lines[0][1] == "-" or lines[0][1].startswith("- "):
        return _list(lines, indent)
    if _KEY.match(lines[0][1]):
        return _map(lines, indent)
    return _scalar(lines[0][1]), lines[1:]


def _list(lines: list[Line], indent: int) -> tuple[list[Any], list[Line]]:
    found: list[Any] = []
    while lines and lines[0][0] == indent and (lines[0][1] == "-" or lines[0][1].startswith("- ")):
        text = lines[0][1][1:].lstrip(" ")
        inner = indent + len(lines[0][1]) - len(text)
        if text:
            value, lines = _block([(inner, text), *lines[1:]], inner)
        else:
            value, lines = _nested(lines[1:], indent + 1)
        found.append(value)
    return found, lines


def _map(lines: list[Line], indent: int) -> tuple[dict[Any, Any], list[Line]]:
    found: dict[Any, Any] = {}
    while lines and lines[0][0] == indent and (key := _KEY.match(lines[0][1])):
        text = lines[0][1][key.end() :]
        if text:
            value, lines = _scalar(text), lines[1:]
        else:
            at_dash = len(lines) > 1 and lines[1][1].startswith("-")  # a list may stand at its key's indentation
            value, lines = _nested(lines[1:], indent + (not at_dash))
        found[_scalar(key[1])] = value
    return found, lines


def _nested(lines: list[Line], least: int) -> tuple[Any, list[Line]]:
    return _block(lines, lines[0][0]) if lines and lines[0][0] >= least else (None, lines)


def _scalar(text: str) -> Any:
    if text[:1] in "[{":
        value, rest = _flow(text)
        if rest.strip():
            raise YAMLError(f"not understood: {text!r}")
        return value
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if text[:1] in ("&", "*", "!", "|", ">"):
        raise YAMLError(f"not understood: {text!r}")
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def _flow(text: str) -> tuple[Any, str]:
    """``[1, 2]`` or ``{a: 1}`` or one of their items, and the text behind it."""
    text = text.lstrip()
    if text[:1] not in ("[", "{"):
        item = re.match(r"\"[^\"]*\"|'[^']*'|[^,\]}]*", text)
        assert item is not None  # the last alternative fits everything
        return _scalar(item[0].strip()), text[item.end() :]
    closing, is_map = ("}", True) if text[0] == "{" else ("]", False)
    items: list[Any] = []
    table: dict[Any, Any] = {}
    text = text[1:].lstrip()
    while text and text[0] != closing:
        if is_map:
            key, colon, text = text.partition(":")
            if not colon:
                raise YAMLError(f"a key without a value: {key!r}")
            table[_scalar(key.strip())], text = _flow(text)
        else:
            value, text = _flow(text)
            items.append(value)
        text = text.lstrip().removeprefix(",").lstrip()
    if not text:
        raise YAMLError(f"{closing} is missing")
    return (table if is_map else items), text[1:]
