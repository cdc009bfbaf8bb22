"""A long class: 1,000 submissions, a fifth of them hostile. Nothing grows, nothing is left, every row is there.

    pytest -m long tests/test_soak.py          GRADER_SOAK=200 for fewer
"""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile import corpus, ground, judging

from grader import evidence
from grader.isolate import BACKENDS, Backend, confined
from grader.records import Evidence

COUNT = int(os.environ.get("GRADER_SOAK", "1000"))
SIDE_BY_SIDE = 2
GROWTH_KB = 64 << 10
SLOW = ("time-limit",)  # a quarter of a minute each


def backends() -> list[Backend]:
    return [BACKENDS[name] for name in ("namespaces", "slot", "self") if not BACKENDS[name].unavailable()]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_submissions_leave_nothing_and_lose_nothing() -> None:
    found = backends()
    if not found:
        pytest.skip("no sandbox with a zygote works here: see grade doctor")
    with ground.prepared() as place, tempfile.TemporaryDirectory(prefix="grade-data-", dir="/tmp") as data:
        field = judging.Range(ground=place, data_dir=Path(data))
        field.prepare(found[0])
        work(field, found[0], COUNT // 10, seed=1)  # what is kept once is kept by now
        before, held = place.state(), _held()

        rows = work(field, found[0], COUNT, seed=2)

        grown = {name: after - held[name] for name, after in _held().items()}
        left = place.changed(before)
        confined.WARM.stop()
    print(f"{len(rows)} rows; grown by {grown}")
    assert [row for row in rows if row] == []
    assert len(rows) == COUNT
    assert left == []
    assert grown["descriptors"] <= 2
    assert grown["zygote descriptors"] <= 2
    assert grown["memory_kb"] < GROWTH_KB
    assert grown["zygote memory_kb"] < GROWTH_KB


def work(field: judging.Range, backend: Backend, count: int, seed: int) -> list[str]:
    """One line for each submission: what is wrong about it, or nothing."""
    dice = random.Random(seed)
    cases = [case for case in corpus.cases() if case.status not in SLOW and "twice" not in case.flags]
    todo = [dice.choice(cases) if dice.random() < 0.2 else None for _ in range(count)]

    def one(case: corpus.Case | None) -> str:
        source = corpus.homework("right") if case is None else case.program(field.ground.places)
        read: Evidence = evidence.read(backend.run(field.job(source), grace_s=judging.GRACE_S))
        if case is None:
            return "" if judging.row(read) == field.honest[backend.NAME] else f"honest work: {read.status} {read.notes}"
        expected = case.expected(backend.NAME)
        return "" if read.status == expected else f"{case.name}: {read.status}, expected {expected} {read.notes}"

    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        rows = list(pool.map(one, todo))
    print(Counter("hostile" if case else "honest" for case in todo))
    return rows


def _held() -> dict[str, int]:
    """What this process and the zygote hold."""
    zygote = confined.WARM.pid
    return {
        "descriptors": len(os.listdir("/proc/self/fd")),
        "memory_kb": _memory_kb(os.getpid()),
        "zygote descriptors": len(os.listdir(f"/proc/{zygote}/fd")),
        "zygote memory_kb": _memory_kb(zygote),
    }


def _memory_kb(pid: int) -> int:
    lines = Path("/proc", str(pid), "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:"))
