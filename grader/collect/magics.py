"""Notebook magics, shell lines and help questions -> comments, line for line, so that line numbers stay.

A small scanner follows strings, brackets and continued lines, for a ``%`` inside an expression is no magic. It reads
each character once and parses nothing: a cell may be hostile, or not Python at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# Cell magics whose cell is still Python that runs in the notebook; every other one hands its cell to something else.
PYTHON_CELLS = frozenset(
    {
        "time",
        "timeit",
        "capture",
        "prun",
        "memit",
        "mprun",
        "lprun",
        "debug",
        "wandb",
        "notify",
        "heat",
        "snakeviz",
        "scalene",
        "pyinstrument",
    }
)
WRITES = frozenset({"writefile", "file"})
LONGEST_LINE = 2_000  # characters of a line that may hold a magic

CELL_MAGIC = re.compile(r"%%(\S*)[ \t]*(.*)")
LINE_MAGIC = re.compile(r"[ \t]*(?:%|!|\?)")
TIMED = re.compile(r"([ \t]*)%time[ \t]+(?=\S)")
ASSIGNED = re.compile(r"([ \t]*[A-Za-z_][\w.]*(?:\[[^\]=]*\])?)[ \t]*=[ \t]*([!%].*)")
HELP = re.compile(r"[ \t]*%{0,2}[A-Za-z_*][\w.*]*(?:\[[^\]]*\])?[ \t]*\?\??[ \t]*;?[ \t]*$")
INSTALLER = re.compile(r"[ \t]*(?:pip3?|conda|mamba|uv[ \t]+pip)[ \t]+(?:install|uninstall|list|show|freeze)\b")
SCRIPT = re.compile(rf"^(?:%{{1,2}}[A-Za-z]|!\S|{INSTALLER.pattern})", re.MULTILINE)
BLOCK = re.compile(r":[ \t]*(?:#.*)?$")
TOKEN = re.compile(r"\"\"\"|'''|\"|'|#|[()\[\]{}]|\\$")
STRING_ENDS = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}", re.DOTALL) for quote in ('"""', "'''", '"', "'")}


@dataclass(frozen=True, kw_only=True)
class Blanked:
    """A cell as Python: its source, how many magics were taken out, and the file that it writes, if it does."""

    source: str
    magics: int
    writes: str | None = None  # name of the file
    content: str = ""
    appends: bool = False


@dataclass(frozen=True)
class _Replaced:
    text: str
    runs: bool  # still a statement, which may go on in the next line


@dataclass
class _Context:
    """Where a line ended: within brackets, within a string, or continued by a backslash."""

    depth: int = 0
    quote: str = ""
    continued: bool = False

    def at_statement(self) -> bool:
        return not (self.depth or self.quote or self.continued)

    def advance(self, line: str) -> None:
        position, self.continued = 0, False
        while True:
            if self.quote:
                end = STRING_ENDS[self.quote].match(line, position)
                if end is None:
                    self._end_of_line_in_string(line)
                    return
                position, self.quote = end.end(), ""
            token = TOKEN.search(line, position)
            if token is None or token[0] == "#":
                return
            position = token.end()
            self._take(token[0])

    def _take(self, token: str) -> None:
        if token in STRING_ENDS:
            self.quote = token
        elif token in "([{":
            self.depth += 1
        elif token in ")]}":
            self.depth = max(0, self.depth - 1)
        else:
            self.continued = True

    def _end_of_line_in_string(self, line: str) -> None:
        if len(self.quote) == 1 and not line.endswith("\\"):
            self.quote = ""  # an error of the student's; the next line starts afresh


def blank(source: str) -> Blanked:
    """Take the magics out of a cell's source."""
    lines = _without_indent(source.split("\n"))
    first = next((index for index, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), 0)
    magic = CELL_MAGIC.match(lines[first])
    if magic is None:
        return _blank_lines(lines, 0, 0)
    if magic[1] in PYTHON_CELLS:
        lines[first] = f"# {lines[first]}"
        return _blank_lines(lines, first + 1, 1)
    words = magic[2].split() if magic[1] in WRITES else []
    target = words[-1].strip("\"'") if words else None
    content = "\n".join([*lines[first + 1 :], ""])
    commented = "\n".join(f"# {line}" if line else line for line in lines)
    return Blanked(source=commented, magics=1, writes=target, content=content, appends="-a" in words[:-1])


def blank_script(source: str) -> Blanked:
    """The same for a .py file that was copied from a notebook, magics and all. No statement of Python begins so."""
    if SCRIPT.search(source) is None:
        return Blanked(source=source, magics=0)
    return _blank_lines(source.split("\n"), 0, 0)


def _without_indent(lines: list[str]) -> list[str]:
    """A cell that is indented as a whole is not, to Jupyter."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    return [line.removeprefix(indent) for line in lines] if indent else lines


def _blank_lines(lines: list[str], start: int, magics: int) -> Blanked:
    context = _Context()
    opens_block = False  # the line before opened a block
    inside_magic = False  # the line before was a magic that a backslash continues
    for index in range(start, len(lines)):
        line = lines[index]
        if inside_magic:
            lines[index], inside_magic = f"# {line}", line.endswith("\\")
            continue
        replaced = _replace(line, opens_block) if context.at_statement() and len(line) <= LONGEST_LINE else None
        if replaced is not None:
            magics += 1
            lines[index] = replaced.text
            inside_magic = line.endswith("\\") and not replaced.runs
        if replaced is None or replaced.runs:
            context.advance(lines[index])
        if line.strip() and not line.lstrip().startswith("#"):
            opens_block = bool(BLOCK.search(lines[index][-LONGEST_LINE:]))
    return Blanked(source="\n".join(lines), magics=magics)


def _replace(line: str, opens_block: bool) -> _Replaced | None:
    """The line without its magic, or None if it has none."""
    if timed := TIMED.match(line):
        rest = timed[1] + line[timed.end() :]  # %time runs the rest as it stands
        return _replace(rest, opens_block) or _Replaced(rest, runs=True)
    if assigned := ASSIGNED.match(line):
        return _Replaced(f"{assigned[1]} = None  # {assigned[2]}", runs=False)
    if LINE_MAGIC.match(line) or HELP.match(line) or INSTALLER.match(line):
        # A magic may be all there is in its block; anywhere else its indent may be a slip of the hand.
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        return _Replaced(f"{indent}pass  # {line.lstrip()}" if opens_block else f"# {line}", runs=False)
    return None
