"""torch._dynamo, put off until somebody compiles.

torchvision and the first optimizer of a process import torch's compiler for a handful of calls that do nothing outside
of it, which takes longer than grading a small network. Stand-ins answer those; anything else loads the real one.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any

import torch

NAMES = ("torch._dynamo", "torch._dynamo.utils")


def _disable(fn: Any = None, recursive: bool = True, **_keywords: Any) -> Any:
    return fn if fn is not None else (lambda inner: inner)


ANSWERS: dict[str, Any] = {
    "graph_break": lambda msg="": None,
    "is_compiling": lambda: False,
    "disable": _disable,
    "is_compile_supported": lambda device_type: False,
}


class Deferred(ModuleType):
    """A module that answers ANSWERS and becomes the real one when asked for more."""

    def __getattr__(self, name: str) -> Any:
        if name in ANSWERS:
            return ANSWERS[name]
        if name.startswith("__"):
            raise AttributeError(name)
        if any(isinstance(sys.modules.get(module), Deferred) for module in NAMES):
            for module in NAMES:
                sys.modules.pop(module, None)
            del torch._dynamo
        return getattr(importlib.import_module(self.__name__), name)


def defer() -> None:
    """Put the stand-ins in place, unless the compiler is there already."""
    if NAMES[0] in sys.modules:
        return
    for name in NAMES:
        sys.modules[name] = Deferred(name)
    sys.modules[NAMES[0]].__path__ = [f"{path}/_dynamo" for path in torch.__path__]
    torch._dynamo = sys.modules[NAMES[0]]
