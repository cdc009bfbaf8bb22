"""``grade gradescope-zip`` makes an autograder for Gradescope; ``grade gradescope-run`` is what runs in it."""

from __future__ import annotations

import importlib.metadata
import io
import json
import os
import re
import stat
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader import assignment
from grader.commands import PASSED, options
from grader.errors import UsageError
from grader.terminal import Terminal

if TYPE_CHECKING:
    from grader.records import Grade

PACKAGE = Path(__file__).resolve().parent.parent
LEFT_OUT = {"__pycache__", "validate"}  # what grading does not need
FIXED = (2020, 1, 1, 0, 0, 0)  # so that the same grader gives the same zip
RESULTS = Path("results") / "results.json"

SETUP = """#!/usr/bin/env bash
# Run once by Gradescope while it builds the image. Python 3.11 or newer, and torch for the CPU.
set -euo pipefail
python=$(command -v python3.13 || command -v python3.12 || command -v python3.11 || true)
if [[ -z $python ]]; then
    apt-get update
    apt-get install -y python3.11 python3.11-venv
    python=$(command -v python3.11)
fi
if ! "$python" -m venv /autograder/venv; then # Debian keeps venv in a package of its own
    apt-get update
    apt-get install -y python3-venv
    "$python" -m venv /autograder/venv
fi
/autograder/venv/bin/pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu \\
    -r /autograder/source/requirements.txt
"""
RUN = """#!/usr/bin/env bash
# Run by Gradescope for each submission: results/results.json says that nothing came of it until something has.
set -uo pipefail
root=${AUTOGRADER_ROOT:-/autograder}
mkdir -p "$root/results"
cp "$root/source/crashed.json" "$root/results/results.json"
export PYTHONPATH=$root/source OMP_NUM_THREADS=1
exec "${GRADER_PYTHON:-$root/venv/bin/python}" -m grader gradescope-run @ASSIGNMENT@ --root "$root" \\
    --isolation @ISOLATION@@QUICK@
"""
CRASHED = "The autograder did not come to its end. This is no fault of yours: please tell the course staff."


@click.command("gradescope-zip", short_help="An autograder for Gradescope.")
@click.argument("name", metavar="ASSIGNMENT")
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="[default: <ASSIGNMENT>-gradescope.zip]"
)
@click.option(
    "--isolation", type=click.Choice(options.SANDBOXES), default="auto", show_default=True,
    help="How the program is kept apart from the autograder.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="No learning runs: for the smallest of Gradescope's machines.")
def make(name: str, output: Path | None, isolation: str, quick: bool) -> int:
    """Make the zip that is uploaded at Gradescope under "Configure Autograder".

    It holds the grader, this one assignment, setup.sh and run_autograder. Half a core and 3 GB of memory are enough.

    \b
    Example:
      grade gradescope-zip quiz2
    """
    task = assignment.load(name)
    target = output or Path(f"{task.id}-gradescope.zip")
    try:
        target.write_bytes(archive(task.id, isolation, quick))
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}. Choose another place with -o.") from error
    click.echo(target)
    return PASSED


def archive(name: str, isolation: str, quick: bool) -> bytes:
    """The zip's bytes."""
    from grader.report import gradescope

    run = RUN.replace("@ASSIGNMENT@", name).replace("@ISOLATION@", isolation)
    contents = {
        "setup.sh": SETUP.encode(),
        "run_autograder": run.replace("@QUICK@", " --quick" if quick else "").encode(),
        "requirements.txt": "".join(f"{one}\n" for one in requirements()).encode(),
        "crashed.json": gradescope.crashed(CRASHED).encode(),
    }
    contents |= {f"grader/{path}": data for path, data in _below(PACKAGE) if not path.startswith("assignments/")}
    contents |= {f"grader/assignments/{name}/{path}": data for path, data in _below(assignment.folder() / name)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for path, data in sorted(contents.items()):
            info = zipfile.ZipInfo(path, FIXED)
            mode = 0o755 if path in ("setup.sh", "run_autograder") else 0o644
            info.external_attr = (stat.S_IFREG | mode) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(info, data)
    return held.getvalue()


def _below(folder: Path) -> list[tuple[str, bytes]]:
    found = []
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT & set(inner.parts) and inner.suffix != ".pyc":
            found.append((inner.as_posix(), path.read_bytes()))
    return found


def requirements() -> list[str]:
    """What this grader needs, without its extras."""
    try:
        listed = importlib.metadata.requires("nn-grader") or []
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            "The grader is not installed here, so what it needs is not known. Run: pip install -e ."
        ) from None
    return [one for one in listed if not re.search(r";.*\bextra\b", one)]


@click.command("gradescope-run", short_help="What runs at Gradescope.")
@click.argument("name", metavar="ASSIGNMENT")
@click.option("--root", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path("/autograder"))
@click.option("--isolation", type=click.Choice(options.SANDBOXES), default="auto")
@click.option("--quick", is_flag=True)
def run(name: str, root: Path, isolation: str, quick: bool) -> int:
    """Grade ROOT/submission into ROOT/results/results.json.

    \b
    Example:
      grade gradescope-run quiz2 --root /autograder
    """
    from grader.report import gradescope

    task = assignment.load(name)
    (root / "results").mkdir(exist_ok=True)
    if not (root / RESULTS).exists():
        _replace(root / RESULTS, gradescope.crashed(CRASHED))
    from grader import pipeline

    began = time.monotonic()
    chosen = pipeline.Options(isolation=isolation, quick=quick, threads=1)
    grade = pipeline.grade(task, root / "submission", chosen, Terminal().progress)
    _replace(root / RESULTS, results(grade, root / "submission_metadata.json", time.monotonic() - began))
    return PASSED


def results(grade: Grade, metadata: Path, wall_s: float) -> str:
    """results.json for one grade."""
    from grader.batch.rolls import row_of
    from grader.report import gradescope, result

    data = {**result.as_data(grade), "summary": grade.summary}
    return gradescope.render(row_of(data, _student(metadata), wall_s))


def _student(metadata: Path) -> str:
    """The name of the first of those who handed in, where Gradescope says it."""
    try:
        return str(json.loads(metadata.read_bytes())["users"][0]["name"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return ""


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(text, encoding="ascii")
    unfinished.replace(path)
