"""Two networks side by side: what is the same, what differs and where, and what the command prints and returns."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_compare import ONE, Change, Student, change, student

from grader import assignment
from grader.cli import main
from grader.network import beside, expected
from grader.records import Side, SideBySide, SideRow, Where
from grader.report import beside as page

CASES = Path(__file__).parent / "submissions"
Short = list[tuple[str, str, str]]


def pair(quiz: str, a: tuple[Change, ...], b: tuple[Change, ...]) -> beside.Pairing:
    handout = expected.load(assignment.load(quiz))[0]
    return beside.pairing(student(quiz, *a).graph(), student(quiz, *b).graph(), handout)


def short(rows: tuple[SideRow, ...]) -> Short:
    return [(row.about, row.a, row.b) for row in rows]


# ---- graphs ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quiz", assignment.ids())
def test_a_network_beside_itself_differs_in_nothing(quiz: str) -> None:
    found, names = pair(quiz, (), ()), expected.load(assignment.load(quiz))[0].layers
    assert beside.differences(found) == ()
    assert [row.about for row in beside.layers(found) if row.same] == [*names[1:]]


@pytest.mark.parametrize("name", ONE)
def test_what_a_comparison_charges_is_a_difference_from_either_side(name: str) -> None:
    quiz, spoil, _ = ONE[name]
    forth, back = (beside.differences(pair(quiz, *sides)) for sides in (((), (spoil,)), ((spoil,), ())))
    assert len(forth) == len(back) == 1
    assert [(row.a, row.b) for row in forth] == [(row.b, row.a) for row in back]


def unregistered(made: Student) -> None:
    node = made.nodes["fc2"]
    made.nodes["fc2"] = replace(node, leaves=tuple(replace(leaf, registered=False) for leaf in node.leaves))


def padded(made: Student) -> None:
    made.set("conv2", padding=[1, 1])
    made.set("fc1", in_features=576)


def skip_from_before(made: Student) -> None:
    made.inputs["block1.add"] = ["conv1", "block1.conv2"]


SAID: dict[str, tuple[str, Change, Short]] = {
    "an attribute": ("quiz1", change("set", "conv2", kernel_size=[3, 3]), [("conv2.kernel_size", "5", "3")]),
    "and not what it forces": ("quiz1", padded, [("conv2.padding", "0", "1")]),
    "a function": ("quiz1", change("set", "relu3", function="tanh"), [("relu3", "ReLU", "tanh")]),
    "a missing layer": ("quiz1", change("drop", "pool2"), [("pool2", "max-pool 2/2", "—")]),
    "a layer more": (
        "quiz1",
        change("add", "x", "relu3", "dropout", p=0.5),
        [("dropout", "—", "dropout, p 0.5")],
    ),
    "another source": (
        "quiz3",
        skip_from_before,
        [("block1.add reads", "relu1 and block1.conv2", "conv1 and block1.conv2")],
    ),
    "shared weights": (
        "quiz2",
        change("like", "conv6", "conv5"),
        [("conv6's weights", "its own", "those of conv5")],
    ),
    "weights that the optimizer cannot find": (
        "quiz1",
        unregistered,
        [("fc2's weights", "its own", "its own, not registered")],
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_a_difference_says_what_stands_on_either_side(name: str) -> None:
    quiz, spoil, wanted = SAID[name]
    assert short(beside.differences(pair(quiz, (), (spoil,)))) == wanted


def test_a_difference_has_both_lines() -> None:
    found = beside.differences(pair("quiz1", (), (change("set", "conv2", padding=[1, 1]),)))
    line = Where(file="net.py", line=100 + student("quiz1").line("conv2"))
    assert [(row.a_where, row.b_where) for row in found] == [(line, line)]


# ---- words -------------------------------------------------------------------------------------------------------

LINE = Where(file="net.py", line=14)
SIDE = Side(name="a.py", status="graded", lacking="", parameters=62006, output_shape=("N", 10), hash="ab")
ALIKE = SideRow(about="loss", a="cross-entropy", b="cross-entropy", a_where=None, b_where=None, same=True)
PADDING = SideRow(about="conv2.padding", a="0", b="1", a_where=None, b_where=LINE, same=False)
STEP = SideRow(about="training-step", a="the handout's", b="none", a_where=None, b_where=None, same=False)
FOUND = SideBySide(
    assignment="quiz1",
    a=SIDE,
    b=replace(SIDE, name="b.py"),
    layers=(),
    differences=(),
    training=(ALIKE,),
    same_network=True,
)
SENTENCES = {
    "The same network, trained in the same way.": FOUND,
    "The same network, trained differently (lr).": replace(
        FOUND, training=(ALIKE, replace(STEP, about="lr", a="0.1", b="0.2"))
    ),
    "The same network, B not trained.": replace(FOUND, training=(STEP,)),
    "The same network, neither trained.": replace(FOUND, training=(replace(STEP, a="none", same=True),)),
    "Not the same network: 1 difference. Trained in the same way.": replace(
        FOUND, same_network=False, differences=(PADDING,)
    ),
    "There is nothing to compare: B (b.py) has no network.": replace(
        FOUND, same_network=None, b=Side(name="b.py", status="no-model", lacking="No network was found.")
    ),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_first_sentence_says_whether_they_are_the_same(sentence: str) -> None:
    assert page.headline(SENTENCES[sentence]) == sentence


def test_what_differs_stands_on_two_lines_with_its_place() -> None:
    shown = page.render(replace(FOUND, same_network=False, differences=(PADDING,)))
    assert "  ≠ conv2.padding  A 0\n                   B 1 (net.py:14)\n" in shown


def test_names_and_places_cannot_move_a_cursor() -> None:
    hostile = "\x1b[2J\u202e"
    found = replace(
        FOUND,
        a=replace(SIDE, name=hostile),
        same_network=False,
        differences=(replace(PADDING, b=hostile, b_where=Where(file=hostile, line=1)),),
    )
    assert "\x1b" not in page.render(found) + page.to_json(found)
    assert "\u202e" not in page.render(found) + page.to_json(found)


# ---- the command -------------------------------------------------------------------------------------------------


def compared(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = main(["compare", *arguments, "--isolation", "process", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_handouts_networks_are_compared_without_running_anything(capsys: pytest.CaptureFixture[str]) -> None:
    code, same = compared(capsys, "quiz1", "quiz1")
    assert (code, same["same_network"], same["same_training"]) == (0, True, True)
    code, other = compared(capsys, "quiz1", "quiz2")
    assert (code, other["same_network"]) == (1, False)
    assert [side["network"]["parameters"] for side in (other["a"], other["b"])] == [62006, 9225610]


def test_two_right_submissions_are_the_same_whatever_their_form(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A notebook, and a zip of a folder."""
    zipped = shutil.make_archive(str(tmp_path / "net"), "zip", CASES / "quiz1" / "right_folder_package")
    code, found = compared(capsys, str(CASES / "quiz1" / "right_notebook.ipynb"), zipped)
    assert (code, found["same_network"], found["same_training"], found["assignment"]) == (0, True, True, "quiz1")


def test_a_difference_of_network_and_one_of_training_are_both_found(capsys: pytest.CaptureFixture[str]) -> None:
    cases = [str(CASES / "quiz1" / name) for name in ("wrong_conv2_padding.py", "wrong_adam.py")]
    code, found = compared(capsys, *cases)
    assert code == 1
    assert [(row["about"], row["a"]["text"], row["b"]["text"]) for row in found["differences"]] == [
        ("conv2.padding", "2", "0")
    ]
    assert [row["about"] for row in found["training"] if not row["same"]] == ["optimizer"]
    assert found["differences"][0]["a"]["where"] == {"file": "wrong_conv2_padding.py", "line": 25, "cell": None}


def test_of_case_studies_the_networks_are_compared_and_no_training(capsys: pytest.CaptureFixture[str]) -> None:
    cases = [str(CASES / "nin" / name) for name in ("right_view.py", "wrong_first_width.py")]
    code, found = compared(capsys, *cases)
    differing = [(row["about"], row["a"]["text"], row["b"]["text"]) for row in found["differences"]]
    assert (code, found["assignment"], found["training"]) == (1, "nin", [])
    assert differing == [("block1.conv1.out_channels", "192", "128")]
    assert main(["compare", "nin", "nin"]) == 0
    assert "The same network, no training was asked for." in capsys.readouterr().out


def test_a_submission_without_a_network_is_told_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("x = 1 +\n", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    code, found = compared(capsys, str(tmp_path / "net.py"), str(tmp_path / "empty"))
    assert (code, found["same_network"], found["same_training"]) == (1, None, None)
    assert [found[side]["status"] for side in ("a", "b")] == ["syntax-error", "input-rejected"]
    assert "(net.py:1)" in found["a"]["message"]
    assert found["b"]["message"]


def test_a_name_that_is_nothing_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "quiz1", "no-such-file.py"]) == 2
    assert "no file and no assignment named 'no-such-file.py'" in capsys.readouterr().err


def test_an_unknown_assignment_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "quiz1", "quiz1", "--assignment", "quiz77"]) == 2
    assert "quiz77" in capsys.readouterr().err


def test_quiet_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "quiz1", "quiz1", "-q"]) == 0
    assert capsys.readouterr().out == "The same network, trained in the same way.\n"
