"""GitHub Actions annotations: a grade's mistakes beside the lines of a pull request.

A line that begins with ``::``, or holds ``##[``, is a command to the runner, whoever printed it. Our own
commands are escaped as the runner asks; any other text passes through ``tame`` before it is printed.
"""

from __future__ import annotations

from pathlib import PurePath

from grader.records import Finding, Grade
from grader.report.inert import strip
from grader.report.story import mistakes, place


def render(grade: Grade, path: PurePath) -> str:
    """One ``::error`` line for each thing that cost points. ``path`` is what was graded: a folder or a file."""
    lines = []
    for mistake in mistakes(grade):
        if not mistake.findings:
            lines.append(f"::error title={_property(mistake.check.id)}::{_data(mistake.check.message)}")
        for finding in mistake.findings:
            lines.append(_annotation(finding, mistake.check.id, path))
    return "".join(line + "\n" for line in lines)


def tame(text: str) -> str:
    """The text with nothing in it that the runner takes for a command."""
    lines = (": :" + line.lstrip()[2:] if line.lstrip().startswith("::") else line for line in text.split("\n"))
    return "\n".join(lines).replace("##[", "## [")


def _annotation(finding: Finding, check: str, path: PurePath) -> str:
    properties = []
    message = " ".join(part for part in (finding.message, finding.hint) if part)
    where = finding.where
    if where is not None and where.cell is not None:
        # A notebook's line counts in the cell; in the file that GitHub shows it would point elsewhere.
        properties.append(f"file={_property(str(_file(path, where.file)))}")
        message = f"{place(where)}: {message}"
    elif where is not None:
        properties += [f"file={_property(str(_file(path, where.file)))}", f"line={where.line}"]
    properties.append(f"title={_property(check)}")
    return f"::error {','.join(properties)}::{_data(message)}"


def _file(path: PurePath, file: str) -> PurePath:
    return path if path.suffix in (".py", ".ipynb", ".zip") else path / file


def _data(text: str) -> str:
    return strip(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
