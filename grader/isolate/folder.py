"""The job folder: what the probe is handed, and its removal, whatever student code has made of it."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from grader.errors import SandboxUnavailable
from grader.records import Job

CODING = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)")


@contextmanager
def temporary() -> Iterator[Path]:
    """A folder that only this user can enter, gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="grade-")).resolve()
    try:
        yield root
    finally:
        _remove(root)


def write(folder: Path, job: Job, data_dir: Path) -> None:
    """Lay out ``folder``: submission/, home/, tmp/ and request.json."""
    for name in ("submission", "home", "tmp"):
        (folder / name).mkdir(parents=True)
    for path, content in job.submission.other_files.items():
        _write_below(folder / "submission", path, content)
    for program in job.submission.programs:
        if not program.cells:  # a notebook is no file that Python could import: it goes into the request
            _write_below(folder / "submission", program.path, _encode(program.source))
    request = {
        **job.request,
        "programs": [dataclasses.asdict(program) for program in job.submission.programs],
        "data_dir": str(data_dir),
        "limits": dataclasses.asdict(job.limits),
    }
    (folder / "request.json").write_text(json.dumps(request), encoding="utf-8")


def _write_below(folder: Path, path: str, content: bytes) -> None:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\0" in path:
        raise SandboxUnavailable(f"{path!r} is no place below the submission")
    target = folder.joinpath(*pure.parts)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def _encode(source: str) -> bytes:
    """The source as UTF-8, and saying so: the encoding it once had is no longer its own."""
    lines = source.split("\n", 2)
    for index, line in enumerate(lines[:2]):
        if CODING.match(line):
            lines[index] = CODING.sub(r"\1utf-8", line)
            break
    return "\n".join(lines).encode("utf-8", "replace")


def _remove(root: Path) -> None:
    try:
        shutil.rmtree(root)
    except (OSError, RecursionError):
        # Folders without permissions, or nested deeper than Python can follow. Neither command follows links.
        for command in (("chmod", "-R", "u+rwx"), ("rm", "-rf")):
            subprocess.run([*command, "--", str(root)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
