"""What rebuilding costs: a training step of the rebuilt network beside one of the module it was recorded from.

    python bench/rebuild.py [--repeats 15] [--threads 1] [--write]

For each reference: its program is run under the probe and the network rebuilt from what comes back, as in grading. Both
networks start from the same weights and must give the same outputs. A step is forward, loss, backward and SGD's step;
the two take turns.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import place

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BATCHES = (8, 32)
MOST_RATIO = 1.1
TURN_S = 0.2  # of steps in one turn, so that the clock's grain and the first step do not count


@dataclass(frozen=True, kw_only=True)
class Row:
    assignment: str
    batch: int
    native_ms: float
    rebuilt_ms: float
    ratio: float  # median over pairs of turns, which other work on the machine slows down alike
    deviation: float  # largest difference of the outputs


def networks(name: str, threads: int) -> tuple[object, object]:
    """(the reference's own module, the network rebuilt from its recording), with the same weights."""
    from grader import assignment, collect, isolate, pipeline
    from grader.network import build

    task = assignment.load(name)
    source = ROOT / "reference" / f"{name}.py"
    options = pipeline.Options(isolation="process", threads=threads)
    with tempfile.TemporaryDirectory(prefix="rebuild-") as folder:
        data_dir = Path(folder)
        pipeline.write_data(data_dir, options)
        how = (isolate.choose("process"), data_dir, options)
        found, _ = pipeline.observe(task, collect.collect(source), how, lambda _: None)
    rebuilt = build.rebuild(found.graphs, found.tensors, task.input_shape)
    namespace: dict[str, object] = {"__name__": "reference"}
    exec(compile(source.read_text(encoding="utf-8"), str(source), "exec"), namespace)
    constructor = namespace[task.reference]
    assert callable(constructor)
    native = constructor()
    native.load_state_dict({name: weight.detach() for name, weight in rebuilt.weights.items()})
    return native, rebuilt


def stepper(network: object, batch: int) -> Callable[[], None]:
    """A training step on one fixed batch."""
    import torch
    from torch import nn

    assert isinstance(network, nn.Module)
    generator = torch.Generator().manual_seed(batch)
    images = torch.randn((batch, 3, 32, 32), generator=generator)
    labels = torch.arange(batch) % 10
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4)  # small: the weights stay tame however long it runs

    def step() -> None:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()

    return step


def turn_ms(step: Callable[[], None], count: int) -> float:
    """Milliseconds of a step, over ``count`` of them."""
    began = time.perf_counter()
    for _ in range(count):
        step()
    return 1000 * (time.perf_counter() - began) / count


def compare(name: str, pair: tuple[object, object], batch: int, repeats: int) -> Row:
    import torch

    native, rebuilt = pair
    assert callable(native)
    assert callable(rebuilt)
    images = torch.randn((batch, 3, 32, 32), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        deviation = float((native(images) - rebuilt(images)).abs().max())
    steps = stepper(native, batch), stepper(rebuilt, batch)
    once_ms = min(turn_ms(step, 3) for step in steps)
    count = max(1, round(1000 * TURN_S / once_ms))
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(repeats):
        for which in (0, 1) if number % 2 else (1, 0):
            taken[which].append(turn_ms(steps[which], count))
    native_ms, rebuilt_ms = (statistics.median(one) for one in taken)
    ratio = statistics.median(second / first for first, second in zip(*taken, strict=True))
    return Row(
        assignment=name, batch=batch, native_ms=native_ms, rebuilt_ms=rebuilt_ms, ratio=ratio, deviation=deviation
    )


def report(rows: list[Row], repeats: int, load_before: float) -> list[str]:
    """The table as Markdown, with what must stand beside it."""
    table = [
        f"| {row.assignment} | {row.batch} | {row.native_ms:.2f} | {row.rebuilt_ms:.2f} | {row.ratio:.3f} "
        f"| {row.deviation:.1e} | {'met' if row.ratio <= MOST_RATIO else 'not met'} |"
        for row in rows
    ]
    return [
        "# Cost of the rebuilt network",
        "",
        "A training step of the network rebuilt from a recording, beside one of the module it was recorded from;",
        "written by `python bench/rebuild.py --write`.",
        "",
        *place.describe(load_before),
        f"- repeats: {repeats} turns each, in alternating order; medians; the ratio is the median over pairs of turns",
        "",
        f"| network | batch | module, ms | rebuilt, ms | ratio | outputs differ by | at most {MOST_RATIO:g} |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
        *table,
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--write", action="store_true", help="keep the table as bench/results/rebuild.md")
    chosen = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = str(chosen.threads)  # read when torch is first imported
    load_before = place.load_average()

    import torch

    from grader import assignment
    from grader.probe import vision  # torchvision, which the references import, beside a CPU build of torch

    print(f"torchvision {vision.torchvision.__version__}", file=sys.stderr)
    torch.set_num_threads(chosen.threads)
    rows = []
    for name in assignment.ids():
        pair = networks(name, chosen.threads)
        for batch in BATCHES:
            rows.append(compare(name, pair, batch, chosen.repeats))
            print(f"{name}, batch {batch}: {rows[-1].ratio:.3f}", file=sys.stderr)
    place.publish("rebuild", report(rows, chosen.repeats, load_before), chosen.write)


if __name__ == "__main__":
    main()
