"""What normalising does not read is decided by numbers: the handout's function, however it is written, and no other."""

from __future__ import annotations

import pytest
import rare_spellings
import rare_weights
import recordings
import spellings

from grader.errors import NetworkUnsupported
from grader.network import build, transplant
from grader.network.graph import Graph
from grader.records import Evidence

MODULES = {"rare_spellings": rare_spellings, "rare_weights": rare_weights}
SAME = [(module, family, name) for module, found in MODULES.items() for family, members in found.SAME.items()
        for name in members]  # fmt: skip
OTHER = [(module, family, name) for module, found in MODULES.items() for family, members in found.OTHER.items()
         for name in members]  # fmt: skip


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Evidence]]:
    return {module: recordings.record(module) for module in MODULES}


def first_of(recorded: dict[str, Evidence], module: str, family: str) -> Graph:
    name = next(iter(MODULES[module].SAME[family]))
    return recordings.graph_of(recorded[f"same.{family}.{name}"], spellings.SHAPE)


def canonical(found: Evidence) -> Graph | None:
    try:
        return recordings.graph_of(found, spellings.SHAPE)
    except NetworkUnsupported:
        return None


def twin(found: Evidence, expected: Graph) -> Graph | None:
    if not transplant.fits(found.graphs["train"], expected):
        return None
    try:
        rebuilt = build.rebuild(found.graphs, found.tensors, spellings.SHAPE)
    except NetworkUnsupported:
        return None
    return transplant.twin(rebuilt, expected)


@pytest.mark.parametrize(("module", "family", "name"), SAME)
def test_a_rare_spelling_is_the_same_network(
    recorded: dict[str, dict[str, Evidence]], module: str, family: str, name: str
) -> None:
    expected, found = first_of(recorded[module], module, family), recorded[module][f"same.{family}.{name}"]
    graph = canonical(found)
    if graph is None or graph.hash != expected.hash:
        graph = twin(found, expected)
    assert graph is not None and graph.hash == expected.hash
    assert sorted(leaf.name for node in graph.nodes for leaf in node.leaves) == sorted(
        leaf.name for leaf in found.graphs["train"].leaves.values() if leaf.role == "parameter"
    )


@pytest.mark.parametrize(("module", "family", "name"), OTHER)
def test_another_function_is_not_taken_for_it(
    recorded: dict[str, dict[str, Evidence]], module: str, family: str, name: str
) -> None:
    expected, found = first_of(recorded[module], module, family), recorded[module][f"other.{family}.{name}"]
    graph = canonical(found)
    assert graph is None or graph.hash != expected.hash
    assert twin(found, expected) is None


def test_the_twin_of_a_network_ends_with_its_softmax_and_has_its_lines() -> None:
    every = recordings.record("spellings")
    scores = recordings.graph_of(every["same.flat_linear.flatten"], spellings.SHAPE)
    found = twin(every["other.log_softmax.softmax"], scores)
    assert found is not None
    assert [node.op for node in found.nodes] == ["input", "linear", "softmax"]
    source = (recordings.HERE / "spellings.py").read_text(encoding="utf-8").splitlines()
    line = next(number for number, text in enumerate(source, 1) if "F.softmax(m.fc" in text)
    assert [node.origin.call.line for node in found.nodes if node.origin.call] == [line, line]
