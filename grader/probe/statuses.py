"""What became of a program: its status, from how it ended and from its last exception."""

from __future__ import annotations

from typing import Any

from . import program

# What an exception says that a limit has caused, whoever raised it: the kernel, Python, torch, numpy.
SIGNS = {
    "memory-limit": ("can't allocate memory", "std::bad_alloc", "Cannot allocate memory", "Unable to allocate"),
    "process-limit": ("can't start new thread", "[Errno 11] Resource temporarily unavailable"),
    "disk-limit": ("[Errno 27]", "[Errno 28]", "[Errno 122]", "file write failed", " requested and "),
}


def limit(failures: list[dict[str, Any]]) -> str:
    """The limit that the last exception tells of, or nothing."""
    if not failures:
        return ""
    last = failures[-1]
    if last["kind"] == "MemoryError":
        return "memory-limit"
    return next((name for name, signs in SIGNS.items() if any(sign in last["message"] for sign in signs)), "")


def of_run(watcher: Any, entry: program.Program) -> str:
    """What became of the program whose network could be read: a run that ended before it trained has its own status,
    and its network is graded all the same."""
    if watcher.steps:
        return "graded"
    if entry.ended == "time":
        return "time-limit"
    if entry.ended == "exit":
        return "exited-early"
    stopping = entry.failures[-1]["kind"] if entry.ended == "error" and entry.failures else ""
    if stopping and limit(entry.failures):
        return limit(entry.failures)
    return "import-error" if stopping in ("ModuleNotFoundError", "ImportError") else "graded"


def without_network(entry: program.Program, failures: list[dict[str, Any]]) -> str:
    kinds = [failure["kind"] for failure in entry.failures]
    if any(kind in ("ModuleNotFoundError", "ImportError") for kind in kinds):
        return "import-error"
    if failures:
        return "construct-error"
    if entry.ended == "time":
        return "time-limit"
    if limit(entry.failures):
        return limit(entry.failures)
    if any(kind in ("SyntaxError", "IndentationError", "TabError") for kind in kinds):
        return "syntax-error"
    if entry.ended == "exit":
        return "exited-early"
    if entry.ended == "error":
        return "import-error"
    return "no-model"
