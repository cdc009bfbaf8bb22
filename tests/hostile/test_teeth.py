"""The corpus has teeth: take one layer away, and some program of it does what it must not."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.isolate import BACKENDS, confined
from hostile import corpus, ground, judging

CASES = {case.name: case for case in corpus.cases()}
TEETH = (
    ("namespaces", "view", "secrets/canary_file"),
    ("namespaces", "user", "secrets/becoming_root"),
    ("namespaces", "seccomp", "secrets/foreign_abi"),
    ("namespaces", "supervisor", "resources/memory_of_children"),
    ("slot", "user", "secrets/becoming_root"),
    ("slot", "landlock", "secrets/canary_file"),
    ("slot", "seccomp", "secrets/unix_sockets"),
    ("slot", "limits", "resources/fork_bomb_that_swallows"),
    ("slot", "supervisor", "resources/many_empty_files"),
    ("self", "landlock", "secrets/canary_file"),
    ("self", "seccomp", "secrets/unix_sockets"),
    ("self", "supervisor", "resources/many_empty_files"),
)  # the limits of namespaces and self are missing: the probe and the supervisor keep them, too
SEEN_AS = {"view": {"namespaces", "landlock"}}  # the self-tests that notice it


@pytest.fixture(scope="module")
def field() -> Iterator[judging.Range]:
    with ground.prepared() as place, tempfile.TemporaryDirectory(prefix="grade-data-", dir="/tmp") as data:
        try:
            yield judging.Range(ground=place, data_dir=Path(data))
        finally:
            confined.WARM.stop()


@pytest.fixture(autouse=True)
def whole_again() -> Iterator[None]:
    yield
    confined.DROPPED.clear()
    confined.UNTESTED.clear()
    for name in filter(str.isdigit, os.listdir("/proc")):  # what a sandbox without its supervisor leaves
        with contextlib.suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid in ground.OWN_USERS:
                os.kill(int(name), signal.SIGKILL)


@pytest.mark.hostile
@pytest.mark.parametrize(("name", "layer", "case"), TEETH)
def test_without_a_layer_a_program_breaks_out_or_is_judged_wrongly(
    name: str, layer: str, case: str, field: judging.Range
) -> None:
    backend = BACKENDS[name]
    if backend.unavailable():
        pytest.skip(backend.unavailable())
    if case not in CASES:
        pytest.skip("for another kind of processor")
    if name not in field.honest:
        field.prepare(backend)
    confined.DROPPED.add(layer)
    confined.UNTESTED.update({layer, *SEEN_AS.get(layer, ())})

    said = judging.wrongs(CASES[case], backend, field)

    assert [one for one in said if not one.startswith("the neighbour's")] != []


@pytest.mark.parametrize(("name", "layer"), sorted({(name, layer) for name, layer, _ in TEETH} - {
    ("namespaces", "supervisor"), ("slot", "supervisor"), ("self", "supervisor"),
}))  # fmt: skip
def test_a_worker_without_a_layer_stops_before_it_loads_student_code(name: str, layer: str) -> None:
    if BACKENDS[name].unavailable():
        pytest.skip(BACKENDS[name].unavailable())

    reason = confined.trial(name, (layer,))

    noticed = {"view": "namespaces"}.get(layer, layer)
    assert reason.startswith((f"The layer {noticed}: ", "The layer view: "))  # the view: Python may lie below /root
