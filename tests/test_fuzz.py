"""The trusted side survives any bytes: what a real run left, spoilt at random, through the whole grader.

    pytest -m long tests/test_fuzz.py          GRADER_FUZZ=20000 for more
"""

from __future__ import annotations

import json
import os
import random
import struct
import tempfile
from pathlib import Path
from typing import Any, get_args

import pytest

from grader import evidence, isolate, pipeline
from grader.records import RunResult, Status, Submission
from grader.report import html, result, text

COUNT = int(os.environ.get("GRADER_FUZZ", "4000"))
EACH_JUDGED = 25  # judging takes a second
SPOILT: tuple[Any, ...] = (
    None, True, False, 0, -1, 1 << 31, 1 << 63, 10**40, 1e308, -0.0, "", "\0", "\x1b[2J", "<script>", "x" * 5000,
    [], {}, [[]], {"": None}, {"float": "nan"}, {"float": "inf"}, ["train"], [1 << 40, 10], {"kind": "value"},
)  # fmt: skip


@pytest.fixture(scope="module")
def frames() -> list[tuple[int, bytes]]:
    """Of a right program, one by one."""
    from hostile import judging
    from hostile.corpus import homework
    from hostile.ground import Ground

    with tempfile.TemporaryDirectory(prefix="grade-data-") as name:
        field = judging.Range(ground=Ground(scratch=Path(name), places={}), data_dir=Path(name))
        ran = isolate.choose("auto").run(field.job(homework("right")))
    return [(kind, bytes(payload)) for kind, payload in evidence.frames(ran.frames)]


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_spoilt_evidence_never_stops_the_grader_nor_earns_more(frames: list[tuple[int, bytes]]) -> None:
    from hostile import judging

    dice = random.Random(5)
    for number in range(COUNT):
        spoilt = _joined(_spoil(frames, dice))
        found = evidence.read(RunResult(backend="fuzz", frames=spoilt, ended="exited", exit_code=0))
        assert found.status in get_args(Status)
        if number % EACH_JUDGED == 0:
            facts = pipeline.judge(judging.TASK, found, judging.OPTIONS)
            grade = pipeline.conclude(facts, Submission(name="fuzz", programs=()), judging.OPTIONS, "fuzz")
            assert 0 <= grade.score <= grade.max_score
            json.loads(result.render(grade))
            html.render(grade)
            text.render(grade, 80, lambda words, *_: words)


def _spoil(frames: list[tuple[int, bytes]], dice: random.Random) -> list[tuple[int, bytes]]:
    made = list(frames)
    for _ in range(dice.choice((1, 1, 1, 2, 5))):
        place = dice.randrange(len(made))
        kind, payload = made[place]
        how = dice.random()
        if how < 0.6 and kind == evidence.JSON:
            made[place] = kind, json.dumps(_changed(json.loads(payload), dice)).encode()
        elif how < 0.8 and payload:
            data = bytearray(payload)
            data[dice.randrange(min(len(data), 400))] = dice.randrange(256)
            made[place] = kind, bytes(data)
        elif how < 0.9:
            del made[place]
        else:
            made.insert(dice.randrange(len(made)), made[place])
        if not made:
            return made
    return made


def _changed(value: Any, dice: random.Random) -> Any:
    """The same with one value somewhere in it replaced, or gone."""
    if isinstance(value, dict) and value and dice.random() < 0.9:
        key = dice.choice(sorted(value))
        if dice.random() < 0.05:
            return {name: one for name, one in value.items() if name != key}
        return {**value, key: _changed(value[key], dice)}
    if isinstance(value, list) and value and dice.random() < 0.9:
        place = dice.randrange(len(value))
        return [*value[:place], _changed(value[place], dice), *value[place + 1 :]]
    return dice.choice(SPOILT)


def _joined(frames: list[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack("<IB", len(payload), kind) + payload for kind, payload in frames)
