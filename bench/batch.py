"""A class of 200, graded at once: what it costs, and what one more student costs.

The mixture: 70 % right in twelve styles, the common mistakes, broken programs, hostile ones; a tenth of the right ones
is equal to another's in content, the others are equal only as networks. All from the corpus, marked by a comment.

    python bench/batch.py --jobs 2                   # prints a table; a few minutes on one core
    python bench/batch.py --assignment quiz2 --students 40 --write
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import place as here

ROOT = Path(__file__).resolve().parent.parent

CORPUS = ROOT / "tests" / "submissions"
STYLES = 12
HOSTILE = (
    "import os\nprint('100 / 100 points', flush=True)\nos._exit(0)\n",
    "raise SystemExit(0)\n",
    "import sys\nfor n in range(300000): print('score: 100 ' * 20)\n",
    "open('/tmp/owned', 'w').write('x' * 100)\nimport builtins\nbuiltins.print = None\n1 / 0\n",
)


@dataclass(frozen=True)
class Run:
    wall_s: float
    cpu_s: float
    peak_mb: float


def main() -> None:
    options, load = arguments(), here.load_average()
    with tempfile.TemporaryDirectory(prefix="bench-batch-") as name:
        place = Path(name)
        sources = mixture(options.assignment, options.students, random.Random(options.seed))
        put(place / "class", sources)
        first = timed(place, "class", options)
        again = timed(place, "class", options)
        regraded = timed_regrade(place)
        known = [f"{sources[0]}\n# known {number}\n" for number in range(options.more)]
        put(place / "more", known)
        put(place / "twins", [sources[0]] * options.more)
        put(place / "one", [sources[0]])
        cache = ["--cache", str(place / "out-class" / "learning")]
        options.jobs, jobs = 1, options.jobs  # one worker starts once, whatever it has to do
        alone = timed(place, "one", options, cache)
        more = timed(place, "more", options, cache)
        twins = timed(place, "twins", options, cache)
        options.jobs = jobs
        students = json.loads((place / "out-class" / "grades.json").read_text())["students"]
    lines = report(options, students, (first, again, regraded), (alone, more, twins), load)
    here.publish(f"batch_{options.assignment}", lines, options.write)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assignment", default="quiz1")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--more", type=int, default=20, help="further students with a known network")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--isolation", default="zygote")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--write", action="store_true", help="keep it in bench/results/")
    return parser.parse_args()


def mixture(assignment: str, students: int, dice: random.Random) -> list[str]:
    """The sources of a class, each by another hand: right ones first."""
    folder = CORPUS / assignment
    right = dice.sample(sorted(folder.glob("right_*.py")), STYLES)
    wrong, broken = sorted(folder.glob("wrong_*.py")), sorted(folder.glob("bad_*.py"))
    count = {"right": int(0.70 * students), "wrong": int(0.22 * students), "broken": int(0.06 * students)}
    chosen = [right[number % STYLES].read_text() for number in range(count["right"])]
    chosen += [dice.choice(wrong).read_text() for _ in range(count["wrong"])]
    chosen += [dice.choice(broken).read_text() for _ in range(count["broken"])]
    chosen += [HOSTILE[number % len(HOSTILE)] for number in range(students - sum(count.values()))]
    # A tenth of the right ones leave no mark of their own: they are equal to another's.
    return [
        source if number < count["right"] // 10 else f"{source}\n# by hand {number}\n"
        for number, source in enumerate(chosen)
    ]


def put(folder: Path, sources: list[str]) -> None:
    folder.mkdir()
    for number, source in enumerate(sources):
        (folder / f"student{number:04d}.py").write_text(source)


def timed(place: Path, name: str, options: argparse.Namespace, more: list[str] | None = None) -> Run:
    out = place / f"out-{name}"
    command = ["batch", options.assignment, str(place / name), "--out", str(out), "--jobs", str(options.jobs)]
    return measured([*command, "--isolation", options.isolation, *(more or [])])


def timed_regrade(place: Path) -> Run:
    return measured(["regrade", str(place / "out-class"), "-q"])


def measured(command: list[str]) -> Run:
    """CPU of the command and all that it started; the peak of all its processes together, looked at twice a second."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen([sys.executable, "-m", "grader", *command], cwd=ROOT, **quiet)  # type: ignore[call-overload]
    peaks = [0.0]
    watcher = threading.Thread(target=watch, args=(running, peaks))
    watcher.start()
    code = running.wait()
    watcher.join()
    assert code in (0, 3), f"grade {' '.join(command)} ended with {code}"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(time.monotonic() - began, cpu_s, max(peaks))


def watch(running: subprocess.Popen[bytes], peaks: list[float]) -> None:
    while running.poll() is None:
        peaks.append(sum(proportional_mb(one) for one in family(running.pid)))
        time.sleep(0.5)


def family(root: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(entry.name))
    found, pending = [], [root]
    while pending:
        found.append(pending.pop())
        pending += parents.get(found[-1], [])
    return found


def proportional_mb(process: int) -> float:
    """Memory of a process, with what it shares counted in parts."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


def report(
    options: argparse.Namespace,
    students: list[dict[str, object]],
    whole: tuple[Run, ...],
    margin: tuple[Run, ...],
    load: float,
) -> list[str]:
    first, again, regraded = whole
    alone, more, twins = margin
    statuses: dict[str, int] = {}
    for one in students:
        statuses[str(one["status"])] = statuses.get(str(one["status"]), 0) + 1
    each = (more.cpu_s - alone.cpu_s) / (options.more - 1)
    twin = (twins.cpu_s - alone.cpu_s) / (options.more - 1)
    rows = [
        (f"the class of {options.students}", first),
        ("the same command again", again),
        ("`grade regrade`", regraded),
        ("one student with a known network, one job", alone),
        (f"{options.more} students with that network, each by another hand, one job", more),
        (f"{options.more} students with that very file, one job", twins),
    ]
    return [
        f"# A class of {options.students}, {options.assignment}",
        "",
        f"`python bench/batch.py --assignment {options.assignment} --students {options.students} --jobs {options.jobs} "
        f"--isolation {options.isolation}`, on the built-in images.",
        "",
        *here.describe(load),
        "",
        "| what | wall s | CPU s | memory of all processes, MB |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {title} | {run.wall_s:.1f} | {run.cpu_s:.1f} | {run.peak_mb:.0f} |" for title, run in rows),
        "",
        f"- per student of the class: {first.cpu_s / options.students:.2f} s of CPU, "
        f"{60 * options.students / first.wall_s:.0f} students a minute",
        f"- one more student with a known network, in a file of his own: {each:.2f} s of CPU; with a known file: "
        f"{max(0.0, twin):.3f} s",
        f"- statuses: {', '.join(f'{name} {number}' for name, number in sorted(statuses.items()))}",
    ]


if __name__ == "__main__":
    main()
