"""Case studies: assignments of which the network alone is graded, with the reference's graph as their layer table."""

from __future__ import annotations

import dataclasses
import time
from math import prod
from pathlib import Path

import pytest
from test_compare import nothing_seen

from grader import assignment
from grader.errors import AssignmentError
from grader.network import compare, expected, layer_table
from grader.network.graph import Graph
from grader.records import Finding
from grader.validate import cases, mutate

STUDIES = tuple(name for name in assignment.ids() if assignment.load(name).recipe is None)
CORPUS = Path(__file__).parent / "submissions"


def changed(graph: Graph, position: int, **attributes: object) -> Graph:
    node = graph.nodes[position]
    other = dataclasses.replace(node, attributes={**node.attributes, **attributes})
    return dataclasses.replace(graph, nodes=(*graph.nodes[:position], other, *graph.nodes[position + 1 :]))


def charged(name: str, layer: str, **attributes: object) -> tuple[list[Finding], float]:
    """What is charged where one layer deep inside is another, and how long the comparison took."""
    task = assignment.load(name)
    handout = expected.load(task)
    found = changed(handout[0].graph, handout[0].layers.index(layer), **attributes)
    began = time.perf_counter()
    findings = compare.compare(found, handout, task, nothing_seen()).findings
    return [one for one in findings if one.charged], time.perf_counter() - began


@pytest.mark.parametrize("name", STUDIES)
def test_a_case_study_has_a_name_for_each_layer_and_its_papers_parameters(name: str) -> None:
    task = assignment.load(name)
    known = expected.load(task)[0]
    assert [layer.name for layer in task.layers] == list(known.layers[1:])
    assert len(set(known.layers)) == len(known.layers)
    assert sum(prod(leaf.shape) for node in known.graph.nodes for leaf in node.leaves) == task.parameters


@pytest.mark.parametrize(
    ("name", "layer"),
    [("resnet50", "conv4_x.5.conv2"), ("densenet121", "blocks.5.20.layers.conv2")],
)
def test_a_wrong_layer_deep_inside_is_named_by_its_block_in_less_than_two_seconds(name: str, layer: str) -> None:
    found, took_s = charged(name, layer, dilation=[2, 2])
    assert [(one.code, one.layer, one.attribute) for one in found] == [("wrong-attribute", layer, "dilation")]
    assert took_s < 2


def test_a_layers_title_says_its_block_in_words() -> None:
    assert layer_table.title("conv4_x.17.conv2", "conv") == "conv4_x block 17, second convolution"
    assert layer_table.title("fc1", "linear") == "first fully connected layer"


def test_a_case_study_without_its_graph_has_no_layers_and_a_broken_one_is_said(tmp_path: Path) -> None:
    assert layer_table.load(tmp_path) == ()
    (tmp_path / layer_table.FILE).write_text("{}", encoding="utf-8")
    with pytest.raises(AssignmentError, match=r"grade validate --update"):
        layer_table.load(tmp_path)


def test_checks_of_the_training_need_a_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (assignment.folder() / "nin" / "assignment.toml").read_text(encoding="utf-8")
    (tmp_path / "nin").mkdir()
    (tmp_path / "nin" / "assignment.toml").write_text(text.replace('"parameters"', '"optimizer"'), encoding="utf-8")
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path))
    with pytest.raises(AssignmentError, match=r"'optimizer' and no .recipe."):
        assignment.load("nin")


@pytest.mark.parametrize("name", ["lenet5", "nin", "resnet18"])
def test_the_corpus_of_a_case_study_has_right_styles_and_mistakes(name: str) -> None:
    found = cases.find(CORPUS / name)
    assert sum(case.full for case in found) >= 6
    assert sum(bool(case.findings) for case in found) >= 10


@pytest.mark.parametrize("name", ["lenet5", "nin", "resnet18"])
def test_mutants_of_a_case_study_are_programs_without_a_loop(name: str) -> None:
    task = assignment.load(name)
    mutants = list(mutate.mutants(task, expected.load(task)[0]))
    for mutant in mutants:
        compile(mutant.source, mutant.name, "exec")
    assert len(mutants) > 50
    assert not any("backward" in mutant.source for mutant in mutants)
