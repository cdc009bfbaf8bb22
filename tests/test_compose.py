"""Composed programs: a seed names one, they are varied, and the grader gives each what it was made to get."""

from __future__ import annotations

import json

import pytest

from grader import assignment, cli
from grader.errors import UsageError
from grader.records import CheckResult, Finding, Grade, Where
from grader.validate import composed, mutate
from grader.validate.compose import compose, mistakes, text, tree
from grader.validate.compose.dice import Dice

QUIZZES = ("quiz1", "quiz2", "quiz3")
LONG = {"quiz1": 900, "quiz2": 200, "quiz3": 900}  # 2,000 right programs and as many wrong ones
SHORT = ("quiz1/right/0", "quiz1/right/3", "quiz1/wrong/2", "quiz3/right/1", "quiz3/wrong/4")


@pytest.mark.parametrize("name", SHORT)
def test_a_composed_program_gets_what_it_was_made_to_get(name: str) -> None:
    outcome = composed.run(name)
    assert outcome.message == ""
    assert outcome.full is ("/right/" in name)


@pytest.mark.long
@pytest.mark.timeout(6 * 3600)
@pytest.mark.parametrize("quiz", QUIZZES)
def test_no_right_program_loses_a_point_and_no_wrong_one_passes(quiz: str) -> None:
    names = [f"{quiz}/{kind}/{seed}" for seed in range(LONG[quiz]) for kind in composed.KINDS]
    outcomes = list(composed.grade_all(names))
    lines: list[str] = []
    composed.report(outcomes, lines.append)
    print(*lines, sep="\n")
    assert [one.name for one in outcomes if one.failed] == []
    assert sum(not one.exact for one in outcomes) <= (1 - composed.EXACT_SHARE) * LONG[quiz]


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("quiz", QUIZZES)
def test_composed_programs_compile_and_no_two_are_alike(quiz: str, wrong: bool) -> None:
    task = assignment.load(quiz)
    made = [compose(task, seed, wrong=wrong) for seed in range(60)]
    for one in made:
        compile(one.written.program, "program", "exec")
        assert bool(one.mistakes) is wrong
    assert len({one.written.source for one in made}) == len(made)
    assert any(one.written.notebook for one in made)
    for one in made:
        if one.written.notebook:
            assert json.loads(one.written.source)["nbformat"] == 4


def test_a_seed_names_a_program() -> None:
    task = assignment.load("quiz3")
    first, again = compose(task, 7, wrong=True), compose(task, 7, wrong=True)
    assert first == again
    assert compose(task, 8, wrong=True).written.source != first.written.source


def test_mistakes_come_from_the_whole_bank() -> None:
    task = assignment.load("quiz1")
    drawn = [one.name for seed in range(1200) for one in compose(task, seed, wrong=True).mistakes]
    assert {one.name for one in mistakes.bank(task)} <= set(drawn)
    assert any(len(compose(task, seed, wrong=True).mistakes) == 2 for seed in range(20))


def test_a_mark_is_gone_from_the_text_and_its_line_is_known() -> None:
    lines = ["import torch", text.CELL, f"net = Net({text.mark('fc')})", "    x = 1"]
    made = text.finish(lines, Dice("a seed"), notebook=False)
    assert made.places == {"fc": ("3",)}
    assert made.source.splitlines()[2] == "net = Net()"
    cells = text.finish(lines, Dice("a seed"), notebook=True)
    assert cells.places == {"fc": ("2/1",)}
    assert json.loads(cells.source)["cells"][0]["source"] == ["import torch"]


def test_a_block_is_what_stands_between_a_layer_and_the_sum_with_it() -> None:
    conv = {"in_channels": 4, "out_channels": 4}
    network = (
        mutate.Stage(name="a", op="conv", inputs=("x",), attributes=conv),
        mutate.Stage(name="b", op="conv", inputs=("a",), attributes=conv),
        mutate.Stage(name="c", op="relu", inputs=("b",)),
        mutate.Stage(name="sum", op="add", inputs=("a", "c"), attributes={"weights": [0.5, 1.0]}),
    )
    first, block = tree.tree(network)
    assert first == network[0]
    assert isinstance(block, tree.Block)
    assert block.body == network[1:3]
    assert block.weights == (1.0, 0.5)


@pytest.mark.parametrize("name", ["quiz1/right", "quiz1/odd/3", "quiz1/right/x"])
def test_what_names_no_program_is_wrong_use(name: str) -> None:
    with pytest.raises(UsageError, match="names no composed program"):
        composed.parsed(name)


def graded(task: str, *findings: Finding, score: float) -> Grade:
    check = CheckResult(id="layers", title="", verdict="fail", points=score, max_points=100.0, message="",
                        findings=findings)  # fmt: skip
    return Grade(
        assignment=assignment.load(task), submission="", status="graded", score=score, max_score=100.0,
        needs_review=False, summary="", checks=(check,), parameters=None, output_shape=None, network_hash=None,
        learning=(), environment={}, notes=(), sources={},
    )  # fmt: skip


def first_with(code: str) -> tuple[str, composed.Composed]:
    """The first wrong program whose one mistake has this code."""
    task = assignment.load("quiz1")
    for seed in range(2000):
        made = compose(task, seed, wrong=True)
        if len(made.mistakes) == 1 and made.mistakes[0].codes == (code,):
            return f"quiz1/wrong/{seed}", made
    raise AssertionError(code)


def test_a_wrong_program_must_lose_and_be_named_by_its_code() -> None:
    name, made = first_with("no-step")
    right = composed.judged(name, made, graded("quiz1", Finding(code="no-step", message=""), score=90.0))
    assert (right.exact, right.failed) == (True, False)
    other = composed.judged(name, made, graded("quiz1", Finding(code="no-backward", message=""), score=90.0))
    assert (other.exact, other.failed) == (False, False)
    assert "expected no-step" in other.message
    passed = composed.judged(name, made, graded("quiz1", score=100.0))
    assert (passed.exact, passed.failed) == (False, True)


def test_a_wrong_optimizer_must_be_named_at_its_line() -> None:
    name, made = first_with("wrong-momentum")
    (place,) = made.written.places[made.mistakes[0].name]
    cell, line = place.split("/") if "/" in place else (None, place)

    def at(where: int) -> composed.Outcome:
        there = Where(file="program.py", line=where, cell=int(cell) if cell else None)
        return composed.judged(
            name, made, graded("quiz1", Finding(code="wrong-momentum", message="", where=there), score=95.0)
        )

    assert at(int(line)).exact
    assert not at(int(line) + 1).exact


def test_a_program_is_shown_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["validate", "--random-show", "quiz1/right/5"]) == cli.PASSED
    shown = capsys.readouterr().out
    assert shown.startswith("# quiz1/right/5; expect: full\n")
    assert compose(assignment.load("quiz1"), 5, wrong=False).written.program in shown


def test_counts_and_failures_are_reported() -> None:
    outcomes = [
        composed.Outcome(name="quiz1/right/0", full=True, exact=True, message=""),
        composed.Outcome(name="quiz1/right/1", full=False, exact=False, message="lost"),
        composed.Outcome(name="quiz1/wrong/0", full=False, exact=True, message=""),
        composed.Outcome(name="quiz1/wrong/1", full=True, exact=False, message="passed"),
    ]
    lines: list[str] = []
    wrong = composed.report(outcomes, lines.append)
    assert wrong == 3  # two failures, and too few explained exactly
    assert lines[0] == (
        "quiz1: composed right programs at full marks 1/2; wrong ones caught 1/2, explained exactly 1/2"
    )
    assert "failed quiz1/right/1 quiz1/wrong/1" in lines[-1]


