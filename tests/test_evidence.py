"""The trust boundary: whatever bytes come out of the sandbox, evidence is a status and never an exception."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
import recordings
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from grader import evidence
from grader.records import Evidence, Status

JSON, TENSOR, END = evidence.JSON, evidence.TENSOR, evidence.END
PLACE = {"file": "net.py", "line": 7, "cell": None}
LEAF = {
    "name": "fc.weight",
    "role": "parameter",
    "shape": [10, 4],
    "dtype": "float32",
    "registered": True,
    "requires_grad": True,
    "where": PLACE,
}
NODE = {
    "op": "aten.linear.default",
    "arguments": [{"value": 0}, {"value": 1}],
    "keywords": {},
    "outputs": [2],
    "shapes": [[2, 10]],
    "where": [PLACE],
    "module": "fc",
    "constructed": PLACE,
    "site": 3,
    "constructed_site": 4,
}
GRAPH = {
    "mode": "train",
    "batch": 2,
    "input": 0,
    "leaves": {"1": LEAF},
    "nodes": [NODE],
    "output": 2,
    "output_shape": [2, 10],
}
STEP = {
    "index": 0,
    "inputs": "step/0/inputs",
    "labels": None,
    "events": [{"kind": "backward", "where": PLACE, "value": 2.3}],
    "loss": 2.3,
    "outputs": None,
    "output_gradient": None,
    "targets": None,
    "training_mode": True,
    "generator": None,
}
TRAINING = {
    "steps": [STEP],
    "snapshots": [{"fc.weight": "train/1"}, {"fc.weight": "train/1"}],
    "optimizers": [],
    "losses": [],
    "schedulers": [],
    "on_test_data": False,
    "where": PLACE,
}


def frame(kind: int, payload: bytes) -> bytes:
    return struct.pack("<IB", len(payload), kind) + payload


def said(kind: str, **content: Any) -> bytes:
    return frame(JSON, json.dumps({"kind": kind, **content}).encode())


def sent(name: str, shape: list[int], body: bytes, dtype: str = "float32", **more: Any) -> bytes:
    header = json.dumps({"name": name, "dtype": dtype, "shape": shape, **more}).encode()
    return frame(TENSOR, struct.pack("<I", len(header)) + header + body)


BEGIN, LAST = said("begin", python="3.11.0"), frame(END, b"")
WEIGHT, INPUTS = sent("train/1", [10, 4], bytes(160)), sent("step/0/inputs", [2, 4], bytes(32))
RESULT = said("result", status="graded")
PARTS = [
    BEGIN,
    said("phase", phase="forward"),
    said("program", entry="net.py", reason="the only program", ended="finished", failures=[], stand_ins=["tqdm"]),
    WEIGHT,
    INPUTS,
    said("training", **TRAINING),
    said("graph", graph=GRAPH, symbolic_batch=True),
    said("network", chosen={"name": "Net", "where": PLACE, "reason": "it was trained"}, unused=[], output_count=1),
    RESULT,
    LAST,
]
VALID = b"".join(PARTS)


def read(data: bytes, **ended: Any) -> Evidence:
    return evidence.read(recordings.run_result(data, **ended))


def status(*parts: bytes) -> Status:
    """Of a stream that begins and ends as it should."""
    return read(b"".join([BEGIN, *parts, RESULT, LAST])).status


def test_a_valid_stream_is_read_whole() -> None:
    found = read(VALID)
    assert (found.status, found.phase, found.entry, found.ended, found.stand_ins, found.notes) == (
        "graded", "forward", "net.py", "finished", ("tqdm",), (),
    )  # fmt: skip
    graph = found.graphs["train"]
    assert (graph.batch, graph.symbolic_batch, graph.leaves[1].shape, graph.nodes[0].op) == (
        2, True, (10, 4), "aten.linear.default",
    )  # fmt: skip
    assert found.training is not None
    assert (found.training.steps[0].loss, found.training.steps[0].events[0].where) == (2.3, graph.leaves[1].where)
    assert {name: tuple(one.shape) for name, one in found.tensors.items()} == {
        "train/1": (10, 4),
        "step/0/inputs": (2, 4),
    }


@pytest.mark.parametrize("length", [*range(0, 30), *range(30, len(VALID), 61), len(VALID) - 1])
def test_a_stream_cut_anywhere_has_a_status(length: int) -> None:
    found = read(VALID[:length])
    assert found.status in ("sandbox-error", "exited-early", "evidence-rejected")
    assert (found.status == "sandbox-error") == (length < len(BEGIN))


def test_a_stream_without_its_end_mark_is_an_early_exit() -> None:
    found = read(b"".join(PARTS[:-2]))
    assert (found.status, found.entry, list(found.graphs)) == ("exited-early", "net.py", ["train"])


def test_a_result_without_the_end_mark_does_not_count() -> None:
    assert read(b"".join(PARTS[:-1])).status == "exited-early"


def test_bytes_after_the_end_mark_are_not_read() -> None:
    assert read(VALID + b"\xff" * 100).status == "graded"


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ({"ended": "limit", "limit": "time-limit"}, "time-limit"),
        ({"ended": "limit", "limit": "output-limit"}, "output-limit"),
        ({"ended": "signalled"}, "crashed"),
        ({"ended": "unavailable", "reason": "no bubblewrap"}, "sandbox-error"),
    ],
)
def test_how_the_process_ended_is_the_status_of_a_broken_stream(ended: dict[str, Any], expected: Status) -> None:
    assert read(b"".join(PARTS[:6]), **ended).status == expected


def test_a_result_that_was_sent_counts_however_the_process_ended() -> None:
    assert read(VALID, ended="signalled").status == "graded"


def test_a_fault_of_the_probe_is_ours() -> None:
    found = read(BEGIN + said("fault", trace="KeyError: 1") + RESULT + LAST)
    assert (found.status, found.notes) == ("sandbox-error", ("KeyError: 1",))


MALFORMED = {
    "an unknown frame": frame(9, b""),
    "a frame longer than the stream": struct.pack("<IB", 1 << 31, JSON),
    "an empty JSON frame": frame(JSON, b""),
    "no JSON": frame(JSON, b"{kind: 1}"),
    "a pickle": frame(JSON, b"\x80\x04\x95\x10\x00\x00\x00"),
    "a list": frame(JSON, b"[1, 2]"),
    "no kind": frame(JSON, b"{}"),
    "half a character": frame(JSON, b'{"kind": "x", "a": "\\uD800"}'),
    "half a character in a name": sent("\ud800", [1], bytes(4)),
    "a kind that is a number": frame(JSON, b'{"kind": 3}'),
    "NaN": frame(JSON, b'{"kind": "inputs", "inputs": NaN}'),
    "minus infinity": frame(JSON, b'{"kind": "inputs", "inputs": -Infinity}'),
    "a key twice": frame(JSON, b'{"kind": "x", "a": 1, "a": 2}'),
    "a kind twice": frame(JSON, b'{"kind": "result", "kind": "begin"}'),
    "a key twice inside": frame(JSON, b'{"kind": "x", "a": [{"b": 1, "b": 1}]}'),
    "no UTF-8": frame(JSON, b'{"kind": "x", "a": "\xff"}'),
    "deep nesting": frame(JSON, b'{"kind": "x", "a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deep objects": frame(JSON, b'{"kind": "x", "a": ' + b'{"b":' * 50_000 + b"1" + b"}" * 50_000 + b"}"),
    "a number of a million digits": frame(JSON, b'{"kind": "x", "a": ' + b"9" * 1_000_000 + b"}"),
    "a tensor without a header": frame(TENSOR, b"ab"),
    "a header longer than its frame": frame(TENSOR, struct.pack("<I", 4000) + b"{}"),
    "a header that is a list": frame(TENSOR, struct.pack("<I", 2) + b"[]"),
    "a header that lacks a name": frame(TENSOR, struct.pack("<I", 2) + b"{}"),
    "a header that is no JSON": frame(TENSOR, struct.pack("<I", 2) + b"\xff\xff"),
    "a header of brackets": frame(TENSOR, struct.pack("<I", 4096) + b"[" * 4096),
    "a tensor that is too short": sent("t", [10, 4], bytes(159)),
    "a tensor that is too long": sent("t", [10, 4], bytes(161)),
    "a negative shape": sent("t", [-1, -40], bytes(160)),
    "a shape of floats": sent("t", [10.0, 4], bytes(160)),
    "a shape of truths": sent("t", [True, True], bytes(4)),
    "a shape that is a number": sent("t", 40, bytes(160)),  # type: ignore[arg-type]
    "a shape beyond all memory": sent("t", [1 << 31, 1 << 31], bytes(8)),
    "a shape that overflows": sent("t", [1 << 31, 1 << 31, 4], bytes(8)),
    "too many dimensions": sent("t", [1] * 40, bytes(4)),
    "an empty tensor of many dimensions": sent("t", [0] * 40, b""),
    "an unknown data type": sent("t", [1], bytes(8), dtype="complex64"),
    "a data type that is a list": sent("t", [1], bytes(8), dtype=["float32"]),  # type: ignore[arg-type]
    "a data type that is an attribute": sent("t", [1], bytes(8), dtype="load"),
    "a name that is a number": sent(3, [1], bytes(4)),  # type: ignore[arg-type]
    "a name twice": WEIGHT + WEIGHT,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_frame_is_rejected(name: str) -> None:
    assert status(MALFORMED[name]) == "evidence-rejected"


def changed(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**record, **changes}


def graph(**changes: Any) -> bytes:
    return said("graph", graph=changed(GRAPH, **changes), symbolic_batch=True)


def training(**changes: Any) -> bytes:
    return WEIGHT + INPUTS + said("training", **changed(TRAINING, **changes))


def lacking(record: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: item for name, item in record.items() if name != key}


WRONG = {
    "an unknown key in a graph": graph(surprise=1),
    "an unknown key in a node": graph(nodes=[changed(NODE, surprise=1)]),
    "an unknown key in a leaf": graph(leaves={"1": changed(LEAF, surprise=1)}),
    "an unknown key in a place": graph(nodes=[changed(NODE, where=[changed(PLACE, column=1)])]),
    "a node without its operation": graph(nodes=[lacking(NODE, "op")]),
    "a leaf without its shape": graph(leaves={"1": lacking(LEAF, "shape")}),
    "a mode that there is not": graph(mode="test"),
    "a mode that is a list": graph(mode=["train"]),
    "a role that there is not": graph(leaves={"1": changed(LEAF, role="spy")}),
    "a leaf by a word": graph(leaves={"one": LEAF}),
    "leaves in a list": graph(leaves=[LEAF]),
    "nodes in an object": graph(nodes={"1": NODE}),
    "a shape of words": graph(leaves={"1": changed(LEAF, shape=["10"])}),
    "a shape of truths": graph(leaves={"1": changed(LEAF, shape=[True])}),
    "outputs of floats": graph(nodes=[changed(NODE, outputs=[2.0])]),
    "a batch that is a word": graph(batch="2"),
    "a batch that is a truth": graph(batch=True),
    "a batch that is nothing": graph(batch=None),
    "an operation that is a number": graph(nodes=[changed(NODE, op=3)]),
    "a line that is a word": graph(nodes=[changed(NODE, where=[changed(PLACE, line="7")])]),
    "a symbolic batch that is a word": said("graph", graph=GRAPH, symbolic_batch="yes"),
    "a graph that is nothing": said("graph", graph=None, symbolic_batch=True),
    "a graph that is a list": said("graph", graph=[GRAPH], symbolic_batch=True),
    "a graph that is a word": said("graph", graph="abc", symbolic_batch=True),
    "no graph": said("graph"),
    "a tensor that was not sent": training(steps=[changed(STEP, inputs="step/9/inputs")]),
    "a snapshot that was not sent": training(snapshots=[{"fc.weight": "a"}, {"fc.weight": "b"}]),
    "too few snapshots": training(snapshots=[{"fc.weight": "train/1"}]),
    "snapshots that do not agree": training(snapshots=[{"fc.weight": "train/1"}, {"fc.bias": "train/1"}]),
    "snapshots of other shapes": training(snapshots=[{"fc.weight": "train/1"}, {"fc.weight": "step/0/inputs"}]),
    "a loss that is a word": training(steps=[changed(STEP, loss="low")]),
    "a loss out of range": training(steps=[changed(STEP, loss=1 << 60)]),
    "a step that is a number": training(steps=[3]),
    "steps that are a number": training(steps=3),
    "steps in an object": training(steps={"0": STEP}),
    "an unknown key in training": training(surprise=1),
    "training that was on nobody knows what": training(on_test_data="perhaps"),
    "an optimizer of words": training(optimizers=["SGD"]),
    "snapshots of numbers": training(snapshots=[{"fc.weight": 1}, {"fc.weight": 1}]),
    "passes in an object": said("tests", passes={}),
    "a pass of nothing": said("tests", passes=[{}]),
    "loaders of numbers": said("loaders", loaders=[1]),
    "statistics of words": said("inputs", inputs=[{"split": "train", "minimum": ["low"]}]),
    "failures of numbers": said("program", failures=[1]),
    "failures in an object": said("program", failures={"a": 1}),
    "an entry that is a number": said("program", entry=3),
    "a phase that is nothing": said("phase", phase=None),
    "stand-ins of numbers": said("program", stand_ins=[1]),
    "a chosen network that is a word": said("network", chosen="Net"),
    "a count that is a float": said("network", output_count=1.5),
    "probes in a list": said("network", probes=[1]),
    "unused that is nothing": said("network", unused=None),
    "candidates of nothing": said("candidates", candidates=[None]),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_field_of_the_wrong_kind_is_rejected(name: str) -> None:
    found = read(BEGIN + WRONG[name] + RESULT + LAST)
    assert (found.status, found.graphs, found.training, found.tensors) == ("evidence-rejected", {}, None, {})
    assert len(found.notes) == 1


@pytest.mark.parametrize("claimed", ["full marks", 100, None, ["graded"], {"status": "graded"}, True])
def test_a_status_that_there_is_not_is_no_status(claimed: Any) -> None:
    assert read(BEGIN + said("result", status=claimed) + LAST).status in ("exited-early", "evidence-rejected")


def test_lone_surrogates_are_rejected_and_pairs_are_not() -> None:
    data = BEGIN + frame(JSON, b'{"kind": "program", "entry": "\\ud800.py", "ended": "finished"}') + RESULT + LAST
    assert read(data).status == "evidence-rejected"
    pair = BEGIN + frame(JSON, b'{"kind": "program", "entry": "\\ud83d\\ude00.py"}') + RESULT + LAST
    assert (read(pair).status, read(pair).entry) == ("graded", "\U0001f600.py")


def test_two_million_small_frames_are_rejected() -> None:
    found = read(BEGIN + frame(JSON, b'{"kind":"x"}') * 2_000_000 + RESULT + LAST)
    assert (found.status, found.notes) == ("evidence-rejected", ("the evidence holds more than 200000 frames",))


def test_infinities_and_nan_come_by_their_names() -> None:
    data = INPUTS + WEIGHT + said("training", **changed(TRAINING, steps=[changed(STEP, loss={"float": "inf"})]))
    found = read(BEGIN + data + RESULT + LAST)
    assert found.training is not None
    assert found.training.steps[0].loss == float("inf")


@pytest.mark.parametrize("dtype", list(evidence.DTYPES))
def test_tensors_of_every_kind_arrive_as_they_were(dtype: str) -> None:
    tensor = (torch.arange(6) % 2).reshape(2, 3).to(getattr(torch, dtype))
    body = bytes(tensor.untyped_storage())
    found = read(BEGIN + sent("t", [2, 3], body, dtype) + sent("none", [0, 3], b"", dtype) + RESULT + LAST)
    assert torch.equal(found.tensors["t"], tensor)
    assert (found.tensors["none"].shape, found.tensors["none"].dtype) == ((0, 3), tensor.dtype)


QUICK = settings(deadline=None, derandomize=True, database=None)
STATUSES = {"graded", "evidence-rejected", "exited-early", "sandbox-error"}


@settings(QUICK, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_changed_bytes_never_raise(changes: list[tuple[int, int]]) -> None:
    data = bytearray(VALID)
    for position, value in changes:
        data[position] = value
    assert read(bytes(data)).status in STATUSES


@settings(QUICK, max_examples=100)
@given(st.permutations(range(len(PARTS))), st.integers(0, len(PARTS)))
def test_frames_in_any_order_never_raise(order: list[int], count: int) -> None:
    assert read(b"".join(PARTS[index] for index in order[:count])).status in STATUSES


@settings(QUICK, max_examples=100)
@given(st.binary(max_size=200))
def test_noise_never_raises(noise: bytes) -> None:
    assert read(noise).status in STATUSES
    assert read(BEGIN + noise).status in STATUSES


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = ["program", "network", "tests", "loaders", "inputs", "candidates", "result", "phase", "versions"]
FIELDS = ["failures", "entry", "probes", "chosen", "unsupported", "status", "passes", "torch", "phase"]
KEYS = [("graph", key) for key in GRAPH] + [("node", key) for key in NODE] + [("leaf", key) for key in LEAF]
KEYS += [("step", key) for key in STEP] + [("training", key) for key in TRAINING]


@settings(QUICK, max_examples=300)
@given(st.sampled_from(KEYS), ANYTHING)
def test_any_value_in_any_field_never_raises(key: tuple[str, str], value: Any) -> None:
    record, name = key
    spoilt = {name: value}
    made = {
        "graph": lambda: graph(**spoilt),
        "node": lambda: graph(nodes=[changed(NODE, **spoilt)]),
        "leaf": lambda: graph(leaves={"1": changed(LEAF, **spoilt)}),
        "step": lambda: training(steps=[changed(STEP, **spoilt)]),
        "training": lambda: training(**spoilt),
    }[record]()
    assert read(BEGIN + made + RESULT + LAST).status in STATUSES


@settings(QUICK, max_examples=200)
@given(st.sampled_from(MESSAGES), st.sampled_from(FIELDS), ANYTHING)
def test_any_value_in_any_message_never_raises(kind: str, name: str, value: Any) -> None:
    assert isinstance(read(BEGIN + said(kind, **{name: value}) + LAST), Evidence)
