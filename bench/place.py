"""Where and when a benchmark ran: what must stand beside its figures for them to mean anything."""

from __future__ import annotations

import datetime
import os
import platform
from importlib import metadata
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"
BUSY_LOAD = 0.5  # of one process waiting for each core, before the benchmark itself began


def describe(load_before: float) -> list[str]:
    """Lines of a Markdown list: date, device, versions, and whether other work was running."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = load_before > BUSY_LOAD * cores  # afterwards it is the benchmark's own load, too
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("torch", "torchvision", "numpy"))
    return [
        f"- date: {datetime.datetime.now(datetime.UTC):%Y-%m-%d}",
        f"- device: {_processor()}, {cores} cores; no GPU used",
        f"- versions: Python {platform.python_version()}, {versions}, {platform.system()} {platform.release()}",
        f"- threads: OMP_NUM_THREADS={os.environ.get('OMP_NUM_THREADS', 'unset')}",
        f"- load average before the run {load_before:.2f}, after it {load_average():.2f}"
        + (" — the machine was busy with other work, so times are longer than on an idle one" if busy else ""),
    ]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def load_average() -> float:
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def publish(name: str, lines: list[str], write: bool) -> None:
    """Print a report; keep it as bench/results/<name>.md where asked to."""
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if write:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
