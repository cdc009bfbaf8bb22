"""The corpus's grammar, the mutants, and how a grade is held against what a case must get."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import assignment
from grader.errors import UsageError
from grader.network import expected
from grader.records import Finding, Where
from grader.validate import cases, mutate

QUIZZES = ("quiz1", "quiz2", "quiz3")
CORPUS = Path(__file__).parent / "submissions"


def finding(code: str, layer: str | None, attribute: str | None, line: int) -> Finding:
    return Finding(code=code, message="", layer=layer, attribute=attribute, where=Where(file="a/model.py", line=line))


@pytest.mark.parametrize("quiz", QUIZZES)
def test_the_corpus_is_large_enough_and_says_what_each_case_must_get(quiz: str) -> None:
    found = cases.find(CORPUS / quiz)
    assert sum(case.full for case in found) >= 25
    assert sum(bool(case.findings) for case in found) >= 40
    assert sum(bool(case.status) for case in found) >= 8
    assert all(case.full or case.findings or case.status for case in found)


@pytest.mark.parametrize("quiz", QUIZZES)
def test_every_mutant_is_a_program_of_its_own_that_compiles(quiz: str) -> None:
    task = assignment.load(quiz)
    mutants = list(mutate.mutants(task, expected.load(task)[0]))
    for mutant in mutants:
        compile(mutant.source, mutant.name, "exec")
    assert len(mutants) > 100
    assert len({mutant.name for mutant in mutants}) == len(mutants)
    assert len({mutant.source for mutant in mutants}) == len(mutants)


@pytest.mark.parametrize(
    ("word", "fits"),
    [
        ("wrong-attribute", True),
        ("wrong-attribute:conv2", True),
        ("wrong-attribute:conv2.kernel_size", True),
        ("wrong-attribute:conv2.kernel_size@14", True),
        ("wrong-attribute:conv2.kernel_size@model.py:14", True),
        ("wrong-attribute:conv2.kernel_size@15", False),
        ("wrong-attribute:conv2.kernel_size@train.py:14", False),
        ("wrong-attribute:conv2.stride", False),
        ("wrong-attribute:conv1", False),
        ("missing-layer:conv2", False),
    ],
)
def test_a_wanted_finding_fits_by_code_layer_attribute_and_place(word: str, fits: bool, tmp_path: Path) -> None:
    case = tmp_path / "case.py"
    case.write_text(f"# expect: {word}\n", encoding="utf-8")
    (wanted,) = cases.read(case).findings
    assert wanted.fits(finding("wrong-attribute", "conv2", "kernel_size", 14)) is fits


def test_a_place_in_a_notebook_is_a_cell_and_a_line() -> None:
    where = Where(file="a.ipynb", line=3, cell=2)
    assert cases.fits_place("2/3", where)
    assert not cases.fits_place("3/2", where)
    assert not cases.fits_place("2/3", None)


def test_a_case_without_a_first_line_is_wrong_use(tmp_path: Path) -> None:
    case = tmp_path / "case.py"
    case.write_text("import torch\n", encoding="utf-8")
    with pytest.raises(UsageError, match="does not say what it must get"):
        cases.read(case)
