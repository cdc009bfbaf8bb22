"""Start of a zygote whose workers confine themselves: ``python -I start.py PROBE SOCKET``. Or a worker that
does nothing but test its layers: ``python -I start.py --try JOB_FOLDER``.

Loads the probe and this folder by their paths, and takes everything off sys.path that is not Python's own: what a
development install puts there is none of the student's business.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any


def load(name: str, file: Path) -> ModuleType:
    """A file as a module, or with ``__init__.py`` its folder as a package."""
    below = [str(file.parent)] if file.name == "__init__.py" else None
    spec = importlib.util.spec_from_file_location(name, file, submodule_search_locations=below)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def main(probe: Path, socket: str) -> None:
    prefixes = tuple({sys.prefix, sys.base_prefix, os.path.realpath(sys.prefix), os.path.realpath(sys.base_prefix)})
    sys.path[:] = [path for path in sys.path if path.startswith(prefixes)]
    entry = load("grader_probe_main", probe)
    load("grader_layers", Path(__file__).resolve().parent / "__init__.py")
    entry.load_package()
    from grader_layers import worker
    from grader_probe import zygote

    def work(job: Path, frames: int) -> None:
        worker.work(job, frames, entry.work)

    serve: Any = zygote.serve
    serve(socket, work, gentle=True)


def attempt(job: Path) -> None:
    load("grader_layers", Path(__file__).resolve().parent / "__init__.py")
    from grader_layers import worker

    os.setsid() if os.getsid(0) != os.getpid() else None
    worker.work(job, os.open(os.devnull, os.O_WRONLY), lambda _job, _frames: os._exit(0))


if __name__ == "__main__":
    if sys.argv[1] == "--try":
        attempt(Path(sys.argv[2]))
    else:
        main(Path(sys.argv[1]), sys.argv[2])
