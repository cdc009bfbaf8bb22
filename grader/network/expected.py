"""The handout's network as a canonical graph, and its accepted alternatives: generated from reference/ and committed as
assignments/<id>/expected.json, so that grading needs no reference. ``grade validate`` fails when the two disagree."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError
from grader.network import graph, layer_table
from grader.records import Assignment, LayerSpec

FILE = "expected.json"
POOLS = frozenset({"max_pool", "avg_pool"})


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One network that earns full marks; ``layers[i]`` is the handout's name of node i ("" for the input)."""

    title: str  # "" for the reference itself
    graph: graph.Graph
    layers: tuple[str, ...]


def load(assignment: Assignment) -> tuple[Expected, ...]:
    return _load(assignment.folder / FILE)


@cache
def _load(path: Path) -> tuple[Expected, ...]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssignmentError(
            f"{path} cannot be read ({error}). Expected the graph that `grade validate --update` writes."
        ) from None
    return tuple(
        Expected(title=title, graph=graph.from_json(entry["graph"]), layers=tuple(entry["layers"]))
        for title, entry in data.items()
    )


def to_json(expected: tuple[Expected, ...]) -> dict[str, Any]:
    return {one.title: {"graph": graph.to_json(one.graph), "layers": list(one.layers)} for one in expected}


def compact(data: dict[str, Any]) -> str:
    """A line for each node: a network of hundreds of layers stays readable, and small."""
    parts = []
    for title, entry in data.items():
        made = entry["graph"]
        rest = {key: item for key, item in made.items() if key != "nodes"}
        nodes = ",\n".join(json.dumps(node, separators=(",", ":")) for node in made["nodes"])
        names = json.dumps(entry["layers"], separators=(",", ":"))
        graph_text = f'{{"nodes":[\n{nodes}\n],{json.dumps(rest)[1:]}'
        parts.append(f'{json.dumps(title)}:{{"graph":{graph_text},\n"layers":{names}}}')
    return "{" + ",\n".join(parts) + "}\n"


def name_layers(made: graph.Graph, assignment: Assignment) -> tuple[str, ...]:
    """The handout's layer of each node: within a kind, rows and nodes stand in the same order. Of a case study the
    reference's own modules give the names."""
    if assignment.recipe is None:
        return layer_table.names(made)
    rows: dict[str, list[LayerSpec]] = {}
    for layer in assignment.layers:
        rows.setdefault(family(layer.kind), []).append(layer)
    names = [""]
    for node in made.nodes[1:]:
        waiting = rows.get(family(node.kind), [])
        if not waiting:
            raise AssignmentError(
                f"{assignment.id}: the reference has more {node.kind} than the layer table of assignment.toml."
            )
        row = waiting.pop(0)
        wrong = {
            key
            for key, item in row.attributes.items()
            if key in node.attributes and plain(node.attributes[key]) != plain(item)
        }
        if wrong and not (family(row.kind) == "pool" and row.kind != node.kind):
            raise AssignmentError(
                f"{assignment.id}: layer {row.name} of assignment.toml differs from the reference in "
                f"{', '.join(sorted(wrong))}."
            )
        names.append(row.name)
    left = [row.name for waiting in rows.values() for row in waiting]
    if left:
        raise AssignmentError(f"{assignment.id}: the reference lacks the layers {', '.join(left)} of assignment.toml.")
    return tuple(names)


def family(kind: str) -> str:
    return "pool" if kind in POOLS else kind


def plain(item: Any) -> Any:
    return list(item) if isinstance(item, tuple) else item
