"""Networks as the trusted side gets them: recorded by the probe in a process of its own, parsed by grader.evidence."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from grader import evidence
from grader.network import normalise
from grader.network.graph import Graph
from grader.records import Evidence, RunResult

HERE = Path(__file__).resolve().parent


def run_result(frames: bytes, **changes: object) -> RunResult:
    return RunResult(**{"backend": "test", "frames": frames, "ended": "exited", "exit_code": 0, **changes})  # type: ignore[arg-type]


def record(module: str) -> dict[str, Evidence]:
    """Evidence of every network in ``tests/<module>.py``, by name."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-I", str(HERE / "record_networks.py"), str(HERE / f"{module}.py"), folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={"OMP_NUM_THREADS": "1"})
        assert done.returncode == 0, done.stderr[-2000:]
        return {path.stem: evidence.read(run_result(path.read_bytes())) for path in sorted(Path(folder).iterdir())}


def graph_of(found: Evidence, shape: tuple[int, ...], mode: str = "train") -> Graph:
    return normalise.normalise(found.graphs[mode], shape, found.tensors)
