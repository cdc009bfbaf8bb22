"""What isolation costs: milliseconds for each submission in every sandbox, beside a fresh process and bubblewrap.

    python bench/isolation.py [--repeats 20] [--write]

The submission does nothing, so that what is measured is the sandbox: from a job to its result. "Until student code" is
the same work up to the end of the student's first line. Sandboxes take turns, so that whatever else the machine does
falls on all of them. The last row forks 32 workers one after the other while two are under way.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import place

from grader import isolate
from grader.records import Job, Limits, SourceFile, Submission

FRESH = ("process", "bubblewrap")
LEAST_TIMES = 20  # cheaper than a fresh process
REQUEST = {
    "input_shape": [3, 32, 32], "classes": 10, "training_steps": 4, "test_images": 80, "batch_cap": 4,
    "probe_seed": 1000, "threads": 1,
}  # fmt: skip
LEAVES = "import os\nos._exit(0)\n"  # at its first line: all that comes before it is the sandbox's
NETWORK = "import torch\nnet = torch.nn.Linear(3072, 10)\n"


def job(source: str, data_dir: Path) -> Job:
    submission = Submission(name="nothing", programs=(SourceFile(path="work.py", source=source),))
    return Job(submission=submission, data_dir=data_dir, request=REQUEST, limits=Limits())


def timed(backend: isolate.Backend, one: Job) -> float:
    began = time.perf_counter()
    result = backend.run(one)
    if result.ended == "unavailable":
        raise SystemExit(f"{backend.NAME}: {result.reason}")
    return 1000 * (time.perf_counter() - began)


def measure(backends: list[isolate.Backend], repeats: int, data_dir: Path) -> dict[str, dict[str, list[float]]]:
    """Milliseconds by sandbox and by submission, after one round that starts the zygotes and fills the file cache."""
    jobs = {"until student code": job(LEAVES, data_dir), "with a small network": job(NETWORK, data_dir)}
    taken: dict[str, dict[str, list[float]]] = {one.NAME: {title: [] for title in jobs} for one in backends}
    for number in range(repeats + 1):
        for backend in backends:
            for title, one in jobs.items():
                found = timed(backend, one)
                if number:
                    taken[backend.NAME][title].append(found)
        print(f"round {number} of {repeats}", file=sys.stderr)
    return taken


def in_pairs(backend: isolate.Backend, data_dir: Path, count: int = 32) -> float:
    """Milliseconds for each of many, two at a time."""
    began = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: timed(backend, job(LEAVES, data_dir)), range(count)))
    return 1000 * (time.perf_counter() - began) / count


def report(taken: dict[str, dict[str, list[float]]], pairs: dict[str, float], load_before: float) -> list[str]:
    fresh = statistics.median(taken["process"]["until student code"])
    rows = []
    for name, by_job in taken.items():
        medians = [statistics.median(found) for found in by_job.values()]
        cells = [
            f"`{name}`",
            *(f"{median:.0f}" for median in medians),
            f"{min(by_job['until student code']):.0f} to {max(by_job['until student code']):.0f}",
            f"{fresh / medians[0]:.1f}",
            f"{pairs[name]:.0f}" if name in pairs else "",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return [
        "# Isolation",
        "",
        "Milliseconds from a job to its result; written by `python bench/isolation.py --write`.",
        "",
        *place.describe(load_before),
        f"- repeats: {len(taken['process']['until student code'])}, in turn; medians. Goal: a forked worker at least "
        f"{LEAST_TIMES} times cheaper than a fresh process",
        "",
        "| sandbox | until student code | with a small network | least to most | times cheaper | each, two at a time |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *rows,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--write", action="store_true", help="keep the table as bench/results/isolation.md")
    chosen = parser.parse_args()
    load_before = place.load_average()
    backends = [one for one in isolate.BACKENDS.values() if not one.unavailable()]
    with tempfile.TemporaryDirectory(prefix="isolation-") as name:
        data_dir = Path(name)
        data_dir.chmod(0o755)
        from grader import pipeline

        pipeline.write_data(data_dir, pipeline.Options())
        taken = measure(backends, chosen.repeats, data_dir)
        pairs = {one.NAME: in_pairs(one, data_dir) for one in backends if one.NAME not in FRESH}
    place.publish("isolation", report(taken, pairs, load_before), chosen.write)


if __name__ == "__main__":
    main()
