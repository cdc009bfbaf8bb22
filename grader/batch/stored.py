"""Records to JSON and back, for what the grader itself keeps on disk; and files that are whole or not there.

Unlike ``evidence``, what is read here was written by the trusted side.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Kind = TypeVar("Kind")


def encode(value: Any, leave_out: frozenset[str] = frozenset()) -> Any:
    """A record as plain data; fields whose name is in ``leave_out`` are left out wherever they stand."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: encode(getattr(value, field.name), leave_out)
            for field in dataclasses.fields(value)
            if field.name not in leave_out
        }
    if isinstance(value, Mapping):
        return {str(key): encode(item, leave_out) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item, leave_out) for item in value]
    return value


def decode(kind: type[Kind], value: Any, **given: Any) -> Kind:
    """The record that was encoded; ``given`` are the fields that were left out."""
    hints = _hints(typing.cast(typing.Hashable, kind))
    known = {name: _decode(hints[name], item) for name, item in value.items() if name in hints}
    return kind(**known, **given)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, value: Any) -> Any:
    if value is None or kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return decode(typing.cast(type, kind), value)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        inner = [one for one in arguments if one is not type(None)]
        return _decode(inner[0], value) if len(inner) == 1 else value
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return {arguments[0](key): _decode(arguments[1], item) for key, item in value.items()}
    return value


def write(path: Path, content: bytes) -> None:
    """The file with this content, or as it was before: never a part of it."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


def as_bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def packed(value: Any) -> bytes:
    return gzip.compress(as_bytes(value), compresslevel=4, mtime=0)


def unpacked(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))
