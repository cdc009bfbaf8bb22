"""How long a student waits, in multiples of the floor: a bare process that imports torch and torchvision.

    python bench/latency.py [--repeats 3] [--write]

Every command is the real one, in a process of its own, on the reference of its assignment. Floor and commands take
turns, so that whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import place

ROOT = Path(__file__).resolve().parent.parent
# The probe's own way to import torchvision, which also works beside a CPU build of torch.
FLOOR = ("-c", f"import runpy; runpy.run_path({str(ROOT / 'grader' / 'probe' / 'vision.py')!r})")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A command and its goal: so many times the floor, or so many seconds."""

    title: str
    arguments: tuple[str, ...]
    most_floors: float | None = None
    most_s: float | None = None

    def met(self, median_s: float, floor_s: float) -> bool:
        floors = self.most_floors is None or median_s <= self.most_floors * floor_s
        return floors and (self.most_s is None or median_s <= self.most_s)

    @property
    def goal(self) -> str:
        if self.most_floors is not None:
            return f"at most {self.most_floors:g} floors"
        return f"at most {self.most_s:g} s" if self.most_s is not None else ""


def grading(assignment: str, *options: str, most_floors: float | None = None, most_s: float | None = None) -> Measured:
    return Measured(
        title=" ".join(["grade", assignment, *options]),
        arguments=("-m", "grader", assignment, str(ROOT / "reference" / f"{assignment}.py"), "--quiet", *options),
        most_floors=most_floors,
        most_s=most_s,
    )


ALL = (
    Measured(title="import torch, torchvision", arguments=FLOOR),
    grading("quiz1", "--quick", most_floors=2.0),
    grading("quiz1", most_floors=3.0),
    grading("quiz2", most_s=30.0),
    grading("quiz3", most_s=30.0),
)


@dataclass(frozen=True, kw_only=True)
class Run:
    wall_s: float
    cpu_s: float  # of the command and all that it started: hardly longer on a busy machine


def run(measured: Measured, folder: str) -> Run:
    """One run of a command; it must succeed, for a failure is no latency."""
    began, began_cpu_s = time.perf_counter(), children_cpu_s()
    done = subprocess.run(
        [sys.executable, *measured.arguments, *(["-o", folder] if "grader" in measured.arguments else [])],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    taken = Run(wall_s=time.perf_counter() - began, cpu_s=children_cpu_s() - began_cpu_s)
    if done.returncode != 0:
        raise SystemExit(f"{measured.title} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return taken


def children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(repeats: int) -> dict[str, list[Run]]:
    """Every command, ``repeats`` times in turn, after one round that fills the file cache."""
    taken: dict[str, list[Run]] = {one.title: [] for one in ALL}
    with tempfile.TemporaryDirectory(prefix="latency-") as folder:
        run(ALL[0], folder)
        run(ALL[1], folder)
        for number in range(repeats):
            for one in ALL:
                taken[one.title].append(run(one, folder))
            print(f"round {number + 1} of {repeats}", file=sys.stderr)
    return taken


def report(taken: dict[str, list[Run]], load_before: float) -> list[str]:
    floor_s = statistics.median(one.wall_s for one in taken[ALL[0].title])
    rows = []
    for one in ALL:
        walls_s = [each.wall_s for each in taken[one.title]]
        median_s, cpu_s = statistics.median(walls_s), statistics.median(each.cpu_s for each in taken[one.title])
        verdict = ("met" if one.met(median_s, floor_s) else "not met") if one.goal else ""
        cells = (
            f"`{one.title}`",
            f"{median_s:.2f}",
            f"{min(walls_s):.2f} to {max(walls_s):.2f}",
            f"{cpu_s:.2f}",
            f"{median_s / floor_s:.2f}",
            one.goal,
            verdict,
        )
        rows.append(f"| {' | '.join(cells)} |")
    return [
        "# Latency",
        "",
        "Wall time of the whole command, from the shell's point of view; written by `python bench/latency.py --write`.",
        "",
        *place.describe(load_before),
        f"- repeats: {len(taken[ALL[0].title])}, in turn; medians",
        "",
        "| command | seconds | least to most | CPU seconds | floors | goal | |",
        "| --- | ---: | ---: | ---: | ---: | --- | --- |",
        *rows,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the table as bench/results/latency.md")
    chosen = parser.parse_args()
    load_before = place.load_average()
    place.publish("latency", report(measure(chosen.repeats), load_before), chosen.write)


if __name__ == "__main__":
    main()
