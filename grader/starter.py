"""What a student starts from: the handout and the starter files of an assignment, copied to a folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from grader.errors import AssignmentError, UsageError
from grader.records import Assignment

FILES = ("starter/starter.py", "starter/starter.ipynb", "handout.md")


def copy(task: Assignment, target: Path) -> tuple[Path, ...]:
    """Copy all files or none: what is there already may be a student's work of a night."""
    sources = [task.folder / file for file in FILES if task.recipe is not None or not file.endswith(".ipynb")]
    missing = [source.name for source in sources if not source.is_file()]
    if missing:
        raise AssignmentError(f"{task.folder} has no {' and no '.join(missing)}: nothing was copied.")
    copies = tuple(target / source.name for source in sources)
    taken = [copy.name for copy in copies if os.path.lexists(copy)]
    if taken:
        raise UsageError(f"{target} has {', '.join(taken)} already: nothing was overwritten. Choose another folder.")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for source, copied in zip(sources, copies, strict=True):
            shutil.copyfile(source, copied)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}. Choose another folder.") from error
    return copies
