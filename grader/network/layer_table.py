"""The layer table of a case study: its rows are made from the reference's graph, and named by their blocks.

A block is the reference's own module: ``conv4_x.17.conv2`` is the second convolution of block 17 of conv4_x. Numbers
count from 1, as a paper counts.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError
from grader.network.graph import Graph, Node
from grader.records import LayerSpec

FILE = "expected.json"
SHORT = {"batch_norm": "bn", "max_pool": "pool", "avg_pool": "pool", "linear": "fc", "concat": "concat"}
WORDS = {"conv": "convolution", "batch_norm": "batch normalization", "linear": "fully connected layer"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def names(made: Graph) -> tuple[str, ...]:
    """A name for each node: its block, its kind, and which of the kind it is there."""
    blocks = [_block(node) for node in made.nodes[1:]]
    kinds = [SHORT.get(node.kind, node.kind) for node in made.nodes[1:]]
    total: dict[tuple[str, str], int] = {}
    for key in zip(blocks, kinds, strict=True):
        total[key] = total.get(key, 0) + 1
    seen: dict[tuple[str, str], int] = {}
    found = [""]
    for block, kind in zip(blocks, kinds, strict=True):
        seen[block, kind] = place = seen.get((block, kind), 0) + 1
        alone = total[block, kind] == 1 and kind in ("add", "concat")
        found.append(".".join(filter(None, (block, kind if alone else f"{kind}{place}"))))
    return tuple(found)


def _block(node: Node) -> str:
    """The module that holds the layer; a container that only lists layers is no block of its own."""
    path = node.leaves[0].name.rpartition(".")[0] if node.leaves and node.leaves[0].name else node.origin.module
    parts = path.split(".") if path else []
    if node.leaves or node.origin.constructed is not None:
        parts = parts[:-1]  # the layer itself
    while len(parts) > 1 and parts[-1].isdigit() and not _counts(parts):
        parts = parts[:-1]
    return ".".join(str(int(part) + 1) if part.isdigit() else part for part in parts)


def _counts(parts: list[str]) -> bool:
    """conv4_x.16 is a block; the 0 of stem.0 or of branch2.1 is a place in a row of layers."""
    return not any(parts[-2].startswith(word) for word in ("branch", "stem", "features", "classifier", "shortcut"))


def load(folder: Path) -> tuple[LayerSpec, ...]:
    """The rows of the committed graph; none before it was made."""
    file = folder / FILE
    if not file.exists():
        return ()
    try:
        entry = json.loads(file.read_text(encoding="utf-8"))[""]
        nodes, named = entry["graph"]["nodes"][1:], entry["layers"][1:]
        return tuple(_row(name, node) for name, node in zip(named, nodes, strict=True))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssignmentError(
            f"{file} cannot be read ({error}). Expected the graph that `grade validate --update` writes."
        ) from None


def _row(name: str, node: dict[str, Any]) -> LayerSpec:
    kind = str(node["attributes"].get("function", node["op"]))
    return LayerSpec(name=name, kind=kind, title=title(name, kind), source="", attributes=node["attributes"])


def title(name: str, kind: str) -> str:
    """``conv4_x.17.conv2`` in words: conv4_x block 17, second convolution."""
    *block, last = name.split(".")
    place = last[len(last.rstrip("0123456789")) :]
    word = WORDS.get(kind, kind.replace("_", " "))
    ordinal = f"{ORDINALS[int(place) - 1]} " if place and int(place) <= len(ORDINALS) else ""
    said = []
    for part in block:
        said.append(f"block {part}" if part.isdigit() else part)
    return f"{' '.join(said)}, {ordinal}{word}" if said else f"{ordinal}{word}"
