"""Start of the probe: limits, torch, the student's program, the network, the end mark.

    python -I main.py JOB_FOLDER --frames FD
    python -I main.py --zygote SOCKET

JOB_FOLDER holds request.json and submission/. Whatever happens, the frames say how far it came.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent


def load_package() -> ModuleType:
    """Load this folder as the package ``grader_probe`` without putting it on sys.path, where it could hide the
    student's modules or be hidden by them."""
    spec = importlib.util.spec_from_file_location(
        "grader_probe", HERE / "__init__.py", submodule_search_locations=[str(HERE)]
    )
    assert spec is not None and spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["grader_probe"] = package
    spec.loader.exec_module(package)
    return package


def main(arguments: list[str]) -> None:
    load_package()
    if arguments[0] == "--zygote":
        from grader_probe import zygote  # type: ignore[import-not-found]

        zygote.serve(arguments[1], work)
        return
    work(Path(arguments[0]), int(arguments[arguments.index("--frames") + 1]))


def work(job: Path, descriptor: int) -> None:
    """Grade one job folder; ends the process."""
    from grader_probe import frames, limits, session  # type: ignore[import-not-found]

    request: dict[str, Any] = json.loads((job / "request.json").read_text(encoding="utf-8"))
    channel = frames.Channel(descriptor)
    clock = limits.apply(request["limits"])
    try:
        session.run(request, job, channel, clock)
    except BaseException:
        # Ours: the student's exceptions are caught where their code runs.
        trace = traceback.format_exc()
        sys.__stderr__.write(trace)  # type: ignore[union-attr]
        channel.json("fault", trace=trace[-4000:])
    finally:
        channel.end()
        sys.stdout.flush()
        sys.stderr.flush()
        # Threads, atexit handlers and daemons of the student's program have nothing more to say.
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
