"""bytes -> Evidence: the trust boundary. Frames, JSON and tensors are parsed strictly; anything odd is rejected.

Nothing here runs, unpickles or believes what it reads: the fields are claims, and their sizes and types are all that
this file vouches for.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import struct
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from grader import records
from grader.errors import EvidenceRejected
from grader.records import Evidence, RunResult, Status

JSON, TENSOR, END = 1, 2, 3
MOST_FRAMES = 200_000
MOST_JSON_BYTES = 64 << 20
MOST_DIMENSIONS = 8
SHARED_LIMITS = ("time-limit", "memory-limit", "process-limit")  # which neighbours can bring about
LIMITS = ("time-limit", "memory-limit", "disk-limit", "output-limit", "process-limit")
DTYPES = {
    "float64": 8, "float32": 4, "float16": 2, "bfloat16": 2,
    "int64": 8, "int32": 4, "int16": 2, "int8": 1, "uint8": 1, "bool": 1,
}  # fmt: skip


def frames(data: bytes) -> Iterator[tuple[int, memoryview]]:
    """(type, payload) of each frame up to END. EvidenceRejected for a broken or missing one."""
    view, position = memoryview(data), 0
    for _ in range(MOST_FRAMES):
        if len(view) - position < 5:
            raise EvidenceRejected("the evidence breaks off before its end mark")
        size, kind = struct.unpack_from("<IB", view, position)
        position += 5
        if kind not in (JSON, TENSOR, END) or size > len(view) - position:
            raise EvidenceRejected("the evidence holds a broken frame")
        yield kind, view[position : position + size]
        position += size
        if kind == END:
            return
    raise EvidenceRejected(f"the evidence holds more than {MOST_FRAMES} frames")


def read_json(data: memoryview) -> dict[str, Any]:
    if len(data) > MOST_JSON_BYTES:
        raise EvidenceRejected("a JSON frame is too large")
    try:
        value = json.loads(bytes(data).decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_unique)
        _refuse_lone_surrogates(data, value)
    except (ValueError, RecursionError) as error:
        raise EvidenceRejected(f"a JSON frame cannot be read: {type(error).__name__}") from None
    if not isinstance(value, dict) or not isinstance(value.get("kind"), str):
        raise EvidenceRejected("a JSON frame is not an object with a kind")
    return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _refuse_lone_surrogates(data: memoryview, value: Any) -> None:
    """Half a character, which JSON can spell and no report can print. UnicodeEncodeError is a ValueError."""
    if b"\\ud" in bytes(data).lower():
        json.dumps(value, ensure_ascii=False).encode("utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def read_tensor(data: memoryview) -> tuple[str, Any]:
    """(name, torch.Tensor) of a tensor frame: u32 header length | header JSON | raw little-endian values."""
    import torch

    if len(data) < 4:
        raise EvidenceRejected("a tensor frame is too short")
    (size,) = struct.unpack_from("<I", data, 0)
    if size > len(data) - 4 or size > 4096:
        raise EvidenceRejected("a tensor frame has a broken header")
    try:
        header = json.loads(bytes(data[4 : 4 + size]).decode("utf-8"))
        _refuse_lone_surrogates(data[4 : 4 + size], header)
        name, dtype, shape = header["name"], header["dtype"], header["shape"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvidenceRejected("a tensor frame has a broken header") from None
    body = data[4 + size :]
    known = isinstance(name, str) and isinstance(dtype, str) and dtype in DTYPES
    if not known or not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS:
        raise EvidenceRejected("a tensor frame has a broken header")
    if not all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one <= 1 << 31 for one in shape):
        raise EvidenceRejected(f"tensor {name[:80]!r} has an impossible shape")
    if math.prod(shape) * DTYPES[dtype] != len(body):
        raise EvidenceRejected(f"tensor {name[:80]!r} does not hold what its shape says")
    if not len(body):
        return name, torch.empty(shape, dtype=getattr(torch, dtype))
    return name, torch.frombuffer(bytearray(body), dtype=getattr(torch, dtype)).reshape(shape)


def decode(kind: Any, value: Any, path: str) -> Any:
    """``value`` (parsed JSON) as the annotated type ``kind``; EvidenceRejected where it does not fit."""
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if dataclasses.is_dataclass(kind):
        return _record(kind, value, path)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        inner = [one for one in typing.get_args(kind) if one is not type(None)]
        return decode(inner[0], value, path)
    if origin is typing.Literal:
        if value not in typing.get_args(kind):
            raise EvidenceRejected(f"{path} is {str(value)[:40]!r}")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise EvidenceRejected(f"{path} is no list")
        return tuple(decode(typing.get_args(kind)[0], item, path) for item in value)
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(typing.get_args(kind), value, path)
    return _plain(kind, value, path)


@functools.cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


def _record(kind: Any, value: Any, path: str) -> Any:
    hints = _hints(kind)
    if not isinstance(value, dict) or not value.keys() <= hints.keys():
        raise EvidenceRejected(f"{path} is no {kind.__name__}")
    try:
        return kind(**{name: decode(hints[name], item, f"{path}.{name}") for name, item in value.items()})
    except TypeError:
        raise EvidenceRejected(f"{path} lacks a field of {kind.__name__}") from None


def _mapping(arguments: tuple[Any, ...], value: Any, path: str) -> Any:
    if not isinstance(value, dict):
        raise EvidenceRejected(f"{path} is no object")
    try:
        return {arguments[0](key): decode(arguments[1], item, path) for key, item in value.items()}
    except ValueError:
        raise EvidenceRejected(f"{path} has an odd key") from None


def _plain(kind: Any, value: Any, path: str) -> Any:
    if kind is float:
        if isinstance(value, dict) and value.keys() == {"float"} and value["float"] in ("nan", "inf", "-inf"):
            return float(value["float"])
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53:
            return float(value)
    if kind is int and isinstance(value, bool):
        raise EvidenceRejected(f"{path} is no {kind.__name__}")
    if not isinstance(value, kind):
        raise EvidenceRejected(f"{path} is no {kind.__name__}")
    return value


@dataclasses.dataclass
class _Draft:
    """Evidence under construction: JSON frames by kind, the last of each, and lists where there are several."""

    last: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    graphs: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    failures: list[Any] = dataclasses.field(default_factory=list)
    tensors: dict[str, Any] = dataclasses.field(default_factory=dict)
    broken: str = ""

    def get(self, kind: str, key: str, default: Any) -> Any:
        return self.last.get(kind, {}).get(key, default)


def _draft(data: bytes) -> _Draft:
    draft = _Draft()
    try:
        for kind, payload in frames(data):
            if kind == JSON:
                content = read_json(payload)
                draft.last[content["kind"]] = content
                failures = content.get("failures", [])
                if not isinstance(failures, list):
                    raise EvidenceRejected("the failures are no list")
                draft.failures.extend(failures)
                if content["kind"] == "graph":
                    draft.graphs.append(content)
            elif kind == TENSOR:
                name, tensor = read_tensor(payload)
                if name in draft.tensors:
                    raise EvidenceRejected(f"tensor {name[:80]!r} was sent twice")
                draft.tensors[name] = tensor
    except EvidenceRejected as error:
        draft.broken = str(error)
    return draft


def read(result: RunResult) -> Evidence:
    """What a sandboxed run left. Broken frames give evidence-rejected, or the status of the limit that cut them off."""
    draft = _draft(result.frames)
    status = _status(result, draft)
    try:
        return _evidence(result, draft, status)
    except EvidenceRejected as error:
        empty = _Draft(failures=[], broken=str(error))
        return _evidence(result, empty, "evidence-rejected")


def _status(result: RunResult, draft: _Draft) -> Status:
    if result.ended == "unavailable":
        return "sandbox-error"
    if "fault" in draft.last:
        return "sandbox-error"  # the probe itself stumbled: ours
    claimed = draft.get("result", "status", None)
    if not draft.broken and claimed in typing.get_args(Status):
        return typing.cast(Status, claimed)
    if result.ended == "limit" and result.limit is not None:
        return result.limit
    if draft.get("program", "ended", "") == "time":
        return "time-limit"  # it was slow to end, too
    if result.ended == "signalled":
        return "crashed"
    if "begin" not in draft.last:
        return "sandbox-error"  # the probe never came to the student's code: ours
    return (
        "exited-early"
        if draft.broken.startswith("the evidence breaks off") or not draft.broken
        else "evidence-rejected"
    )


def _phase(status: Status, draft: _Draft) -> str:
    """How far it had come; where a limit ended the program itself, how far that had come."""
    told = draft.get("phase", "phase", "collect")
    if status in LIMITS and draft.get("program", "ended", "") in ("time", "error"):
        told = draft.get("program", "stage", told)
    if told not in typing.get_args(records.Phase):
        raise EvidenceRejected("phase.phase is none")
    return typing.cast(str, told)


def _evidence(result: RunResult, draft: _Draft, status: Status) -> Evidence:
    def field(kind: str, key: str, hint: Any, default: Any) -> Any:
        return decode(hint, draft.get(kind, key, default), f"{kind}.{key}")

    graphs = {}
    for content in draft.graphs:
        if not isinstance(content.get("graph"), dict):
            raise EvidenceRejected("graph is no object")
        raw = {**content["graph"], "symbolic_batch": content.get("symbolic_batch")}
        graph = decode(records.RawGraph, raw, "graph")
        graphs[graph.mode] = graph
    training = draft.last.get("training")
    decoded = None
    if training is not None and training.get("steps") is not None:
        decoded = decode(records.Training, {key: item for key, item in training.items() if key != "kind"}, "training")
        _known_tensors(decoded, draft.tensors)
    notes = [
        note
        for note in (
            draft.broken,
            result.reason,
            str(draft.get("network", "unsupported", "") or ""),
            str(draft.get("fault", "trace", ""))[-300:],
        )
        if note
    ]
    versions = {
        key: str(item)[:80]
        for kind in ("begin", "versions")
        for key, item in draft.last.get(kind, {}).items()
        if key in ("python", "torch", "torchvision")
    }
    return Evidence(
        status=status,
        phase=_phase(status, draft),
        entry=field("program", "entry", str, ""),
        route=field("program", "reason", str, ""),
        ended=field("program", "ended", str, "not-run"),
        failures=decode(tuple[records.Failure, ...], draft.failures, "failures"),
        candidates=field("candidates", "candidates", tuple[records.Candidate, ...], []),
        chosen=field("network", "chosen", records.Candidate | None, None),
        graphs=graphs,
        unused=field("network", "unused", tuple[records.Leaf, ...], []),
        output_count=field("network", "output_count", int, 0),
        input_shape=field("network", "input_shape", tuple[int, ...], []),
        probes=field("network", "probes", Mapping[str, Any], {}),
        training=decoded if decoded is not None and (decoded.steps or decoded.optimizers or decoded.losses) else None,
        tests=field("tests", "passes", tuple[records.TestPass, ...], []),
        loaders=field("loaders", "loaders", tuple[records.LoaderFacts, ...], []),
        inputs=field("inputs", "inputs", tuple[records.InputStatistics, ...], []),
        rivals=field("program", "rivals", tuple[str, ...], []),
        trained=field("networks", "trained", tuple[str, ...], []),
        stand_ins=field("program", "stand_ins", tuple[str, ...], []),
        notes=(*notes, *field("program", "notes", tuple[str, ...], [])),
        tensors=draft.tensors,
        versions=versions,
        output_head=result.output_head,
        output_tail=result.output_tail,
        wall_s=result.wall_s,
        cpu_s=result.cpu_s,
    )


def _known_tensors(training: records.Training, tensors: Mapping[str, Any]) -> None:
    """Every tensor that the training record names must have been sent, and snapshots must agree in their shapes."""
    named = [
        name
        for step in training.steps
        for name in (step.inputs, step.labels, step.outputs, step.output_gradient, step.targets, step.generator)
    ]
    named += [name for snapshot in training.snapshots for name in snapshot.values()]
    missing = next((name for name in named if name is not None and name not in tensors), None)
    if missing is not None:
        raise EvidenceRejected(f"tensor {missing[:80]!r} is named but was not sent")
    if training.steps and len(training.snapshots) != len(training.steps) + 1:
        raise EvidenceRejected("the snapshots do not fit the steps")
    for snapshot in training.snapshots[1:]:
        first = training.snapshots[0]
        if snapshot.keys() != first.keys() or any(
            tensors[snapshot[key]].shape != tensors[first[key]].shape for key in first
        ):
            raise EvidenceRejected("the snapshots do not agree with each other")
