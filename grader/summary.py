"""The table of a submission's own network: what each layer gives, has and costs, as it ran and not as it was declared.

The network is recorded by the probe as for a grade, so that functions called in forward are rows too, a layer that is
used twice brings its parameters once, and one that never runs is told apart. No module's mode or statistics are touched
in a process of ours.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import assignment, collect, isolate, pages, pipeline
from grader.errors import NetworkUnsupported, UsageError
from grader.records import Evidence, Leaf
from grader.report.story import no_network, place

if TYPE_CHECKING:
    from grader.network.measure import Measured

BYTES = 4  # of a float32


@dataclass(frozen=True, kw_only=True)
class Summary:
    """``lacking`` says why there are no rows."""

    path: str
    network: str  # the class, or ""
    input_shape: tuple[int, ...]
    rows: tuple[Measured, ...] = ()
    places: tuple[str, ...] = ()  # of each row
    unused: tuple[str, ...] = ()  # layers with parameters that no output needs
    unused_parameters: int = 0
    unregistered: tuple[str, ...] = ()  # parameters that optimizer and state_dict do not see
    lacking: str = ""
    ours: bool = False  # the sandbox failed, not the submission

    def total(self, count: str) -> int:
        return sum(getattr(row, count) for row in self.rows)


def summarise(path: str, task: str | None, options: pipeline.Options, progress: pipeline.Progress) -> Summary:
    """The summary of what is at ``path``, on the pictures of the assignment that is named, or of the first."""
    if not Path(path).exists():
        raise UsageError(f"There is no file {path!r}. Expected a folder, a .py file, a notebook or a .zip.")
    submission = collect.collect(Path(path))
    runner = assignment.load(task or assignment.grouped()[0])
    backend = isolate.choose(options.isolation)
    with tempfile.TemporaryDirectory(prefix="grade-data-") as folder:
        pipeline.write_data(Path(folder), options)
        progress(f"running {path} on the course's data")
        found, _ = pipeline.observe(runner, submission, (backend, Path(folder), options), lambda _: None)
    return read(path, found)


def read(path: str, found: Evidence) -> Summary:
    """Evidence -> the table. What evaluation does is measured: without dropout."""
    from grader.network import measure, normalise

    name = found.chosen.name if found.chosen is not None else ""
    empty = Summary(path=path, network=name, input_shape=found.input_shape, ours=found.status == "sandbox-error")
    raw = found.graphs.get("train")
    if raw is None or raw.output is None:
        return _lacking(empty, no_network(found))
    try:
        graph = normalise.normalise(raw, found.input_shape, found.tensors)
    except NetworkUnsupported as error:
        return _lacking(empty, f"{pages.statuses()['trace-unsupported'].happened} {error}.")
    used = {id(leaf) for node in graph.nodes for leaf in node.leaves}
    idle = [*found.unused, *(leaf for node in graph.dead for leaf in node.leaves if id(leaf) not in used)]
    idle = [leaf for leaf in idle if leaf.role == "parameter"]
    leaves = {leaf.name: leaf for node in graph.nodes for leaf in node.leaves}
    places = [node.origin.place for node in graph.nodes]
    return Summary(
        path=path, network=name, input_shape=found.input_shape, rows=tuple(measure.table(graph)),
        places=tuple(place(where) for where in places),
        unused=tuple(dict.fromkeys(_owner(leaf) for leaf in idle)),
        unused_parameters=sum(measure.count(leaf.shape) for leaf in idle),
        unregistered=tuple(
            name for name, leaf in leaves.items() if leaf.role == "parameter" and not leaf.registered
        ),
    )  # fmt: skip


def _owner(leaf: Leaf) -> str:
    """The layer of a parameter: conv4 of conv4.weight."""
    return leaf.name.rpartition(".")[0] or leaf.name


def _lacking(empty: Summary, reason: str) -> Summary:
    return Summary(
        path=empty.path, network=empty.network, input_shape=empty.input_shape, lacking=reason, ours=empty.ours
    )


def as_data(found: Summary) -> dict[str, Any]:
    """For a script. Sizes are of one sample; memory is of float32."""
    return {
        "schema": 1, "submission": found.path, "network": found.network, "input_shape": list(found.input_shape),
        "lacking": found.lacking,
        "layers": [
            {
                "name": row.name, "kind": row.kind, "output_shape": list(row.shape), "parameters": row.parameters,
                "shared": row.shared, "multiply_adds": row.multiply_accumulates,
                "memory_bytes": BYTES * row.activations, "receptive_field": list(row.field), "where": at,
            }
            for row, at in zip(found.rows, found.places, strict=True)
        ],
        "parameters": found.total("parameters"), "multiply_adds": found.total("multiply_accumulates"),
        "memory_bytes": BYTES * found.total("activations"), "unused_layers": list(found.unused),
        "unused_parameters": found.unused_parameters, "unregistered": list(found.unregistered),
    }  # fmt: skip


HEADS = ("layer", "kind", "output", "parameters", "multiply-adds", "memory", "sees", "at")


def cells(found: Summary) -> list[Sequence[str]]:
    """The table as text, head first."""
    lines: list[Sequence[str]] = [HEADS]
    for row, at in zip(found.rows, found.places, strict=True):
        count = f"{row.parameters:,}" if row.parameters else "again" if row.shared else ""
        lines.append(
            (
                row.name or "(in forward)" if row.kind != "input" else "", row.kind,
                "x".join(str(size) for size in row.shape), count,
                f"{row.multiply_accumulates:,}" if row.multiply_accumulates else "",
                f"{BYTES * row.activations / 1024:,.1f}K", f"{row.field[0]}x{row.field[1]}", at,
            )
        )
    return lines
