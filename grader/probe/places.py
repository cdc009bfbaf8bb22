"""Places in the student's sources: which frames are theirs, and how a file, line and cell are said."""

from __future__ import annotations

import linecache
import os
import sys
from types import FrameType, TracebackType
from typing import Any

Place = dict[str, Any]  # {"file", "line", "cell"}


class Sources:
    """Knows the student's code objects by file name: real files below the root, and notebook cells."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root) + os.sep
        self.cells: dict[str, tuple[str, int]] = {}
        self.known: dict[str, tuple[str, int | None] | None] = {}
        self.folders: dict[str, str] = {}  # their real names: there are a thousand modules in a hundred of them

    def name_cell(self, file: str, number: int, source: str) -> str:
        """Register a cell's source and give the file name to compile it under; inspect.getsource works on it."""
        name = f"<cell {number} of {file}>"
        self.cells[name] = (file, number)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return name

    def resolve(self, name: str) -> tuple[str, int | None] | None:
        """(file, cell) if the code object's file name is the student's, else None."""
        if name not in self.known:
            self.known[name] = self._resolve(name)
        return self.known[name]

    def _real(self, name: str) -> str:
        """``os.path.realpath``, which asks for every folder of a path, with the folders remembered."""
        folder, base = os.path.split(name)
        if folder not in self.folders:
            self.folders[folder] = os.path.realpath(folder)
        path = os.path.join(self.folders[folder], base)
        return os.path.realpath(path) if os.path.islink(path) else path

    def _resolve(self, name: str) -> tuple[str, int | None] | None:
        if name in self.cells:
            return self.cells[name]
        path = self._real(name)
        if path.startswith(self.root):
            return path[len(self.root) :].replace(os.sep, "/"), None
        return None

    def stack(self, frame: FrameType | None = None, most: int = 4) -> list[Place]:
        """The student's frames, innermost first."""
        frame = sys._getframe(1) if frame is None else frame
        found: list[Place] = []
        while frame is not None and len(found) < most:
            place = self.resolve(frame.f_code.co_filename)
            if place is not None:
                found.append({"file": place[0], "line": frame.f_lineno, "cell": place[1]})
            frame = frame.f_back
        return found

    def site(self, frame: FrameType | None = None) -> int:
        """Which call on its line the innermost of the student's frames is at: the same number whenever it runs."""
        frame = sys._getframe(1) if frame is None else frame
        while frame is not None:
            if self.resolve(frame.f_code.co_filename) is not None:
                return frame.f_code.co_firstlineno * 100_000 + frame.f_lasti
            frame = frame.f_back
        return 0

    def here(self) -> Place | None:
        """The innermost line of the student's that led to the caller."""
        found = self.stack(sys._getframe(1), 1)
        return found[0] if found else None

    def of_traceback(self, trace: TracebackType | None) -> Place | None:
        """The innermost line of the student's in a traceback."""
        last: Place | None = None
        while trace is not None:
            place = self.resolve(trace.tb_frame.f_code.co_filename)
            if place is not None:
                last = {"file": place[0], "line": trace.tb_lineno, "cell": place[1]}
            trace = trace.tb_next
        return last

    def of_syntax_error(self, error: SyntaxError) -> Place | None:
        place = self.resolve(error.filename or "")
        return {"file": place[0], "line": error.lineno or 1, "cell": place[1]} if place else None
