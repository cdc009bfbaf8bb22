"""How a backend starts the probe for one job: its command and all the environment that student code gets."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.records import Job


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a backend starts the probe for one job."""

    command: tuple[str, ...]  # `--frames FD` is added
    environment: dict[str, str]
    working_folder: Path
    data_dir: Path  # as the probe sees it
    own_errors: tuple[str, ...] = ()  # how the backend's own complaints start, when nothing came of the probe
    passes_signals_on: bool = False  # a program that was killed by signal n shows as exit code 128 + n
    orders: Mapping[str, Any] | None = None  # of a worker that confines itself; it answers in ended.json


def search_path() -> str:
    return os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])


def environment(job: Job, job_folder: Path) -> dict[str, str]:
    """All that student code gets of the environment; ``job_folder`` as the probe sees it."""
    return {
        "PATH": search_path(),
        "HOME": str(job_folder / "home"),
        "TMPDIR": str(job_folder / "tmp"),
        "USER": "student",  # asked for by getpass, and so by parts of torch, where there is no passwd file
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": str(job.request.get("threads", 1)),
        "OMP_WAIT_POLICY": "PASSIVE",
        "MPLBACKEND": "Agg",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
        "GRADER_EXECUTION": "grade",
    }
