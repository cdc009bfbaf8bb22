"""The figures of the lectures: every row is computed, no answer is typed in, and no computed value changes unseen."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from grader import figures
from grader.cli import main
from grader.figures import page, quantities

# Outlined in more than half a second each; `pytest -m long` computes their rows too.
SLOW = ("resnet-101", "resnet-152", "densenet", "preact", "resnet-cifar", "resnet-stochastic", "fractalnet", "wide")
ROWS = figures.figures()
SLOWLY = [row for row in ROWS if any(name in row.model + row.compute for name in SLOW)]
QUICKLY = [row for row in ROWS if row not in SLOWLY]


def committed() -> dict[str, figures.Value]:
    values = json.loads(figures.COMPUTED.read_text(encoding="utf-8"))
    return {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}


def assert_unchanged(rows: list[figures.Figure]) -> None:
    values = committed()
    now = {row.key: quantities.compute(row.compute, row.model) for row in rows}
    assert now == {row.key: values[row.key] for row in rows}, "if that is meant: grade figures --update"


def test_no_computed_value_has_changed() -> None:
    assert_unchanged(QUICKLY)


@pytest.mark.long
def test_no_computed_value_of_a_deep_network_has_changed() -> None:
    assert_unchanged(SLOWLY)


def test_the_committed_values_are_those_of_the_rows() -> None:
    keys = [row.key for row in ROWS]
    assert len(keys) >= 250 and len(set(keys)) == len(keys)
    assert set(committed()) == set(keys)


def test_every_row_asks_a_reference_and_holds_no_typed_answer() -> None:
    for row in ROWS:
        calls = [node for node in ast.walk(ast.parse(row.compute)) if isinstance(node, ast.Call)]
        assert calls, row.key


def test_every_slide_that_differs_says_why() -> None:
    silent = [row.figure.key for row in figures.compared() if not row.agrees and not row.figure.note]
    assert silent == []


def test_the_known_mistakes_of_the_slides_are_found() -> None:
    wrong = {(row.figure.model, row.figure.stated) for row in figures.compared() if not row.agrees}
    assert {
        ("vgg-D", "24M"), ("googlenet", "2.7K"), ("googlenet", "5M"), ("alexnet-two-gpus", "253,440"),
        ("alexnet", "60M"), ("inception-reduced", "358M"), ("stack-3x3", "55%"),
    } <= wrong  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "computed", "agrees"),
    [
        ("3.2M", 3_211_264, True), ("800K", 802_816, True), ("800K", 880_000, False), ("7", 7, True),
        ("12", 8.7, False),
        ("60M", 60_965_224, True), ("60M", 62_378_344, False), ("112Ki", 114_688, True), ("112K", 114_688, False),
        ("253,440", 290_400, False), ("1728", 1728, True), ("1728", 1792, False), ("55x55x96", (55, 55, 96), True),
        ("55%", 0.449, False), ("3.8G", 3_857_973_248, True), ("3.8G", 4_089_184_256, False), ("4096", 4097, False),
        ("100", 101, False), ("133M", 131_900_000, False),
    ],
)  # fmt: skip
def test_a_value_agrees_when_it_is_the_stated_one_rounded_or_cut(
    stated: str, computed: figures.Value, agrees: bool
) -> None:
    assert figures.agrees(stated, computed) == agrees


NO_QUANTITIES = ["__import__('os')", "parameters().real", "unknown('conv 1')", "[1 for _ in 'a']"]


@pytest.mark.parametrize("expression", NO_QUANTITIES)
def test_an_expression_can_ask_for_quantities_only(expression: str) -> None:
    with pytest.raises(figures.AssignmentError, match="is not a quantity"):
        quantities.compute(expression, "lenet5")


def test_a_layer_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(figures.AssignmentError, match=r"no layer 'c9'.*c1, squash, s2"):
        quantities.compute("parameters('c9')", "lenet5")


def test_the_command_prints_a_model_and_its_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", "--model", "inception-reduced", "--differing"]) == 0
    shown = capsys.readouterr().out
    assert "1 figures of 1 lectures: 0 agree, 1 differ." in shown
    assert "358M      271,351,808" in shown and "counted twice" in shown


def test_the_command_gives_json_and_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "figures.html"
    assert main(["figures", "--model", "lenet5", "--json", "--html", str(file)]) == 0
    rows = json.loads(capsys.readouterr().out)["figures"]
    assert {"quantity": "C3: parameters", "stated": "1516", "computed": 1516, "agrees": True}.items() <= rows[6].items()
    assert "<td>C3: parameters" in file.read_text(encoding="utf-8")


def test_a_model_that_no_slide_names_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", "--model", "vgg-99"]) == 2
    assert "No figure is about 'vgg-99'. The models: " in capsys.readouterr().err


def test_a_page_in_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", "--html", str(tmp_path / "none" / "page.html")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_words_of_a_row_are_no_markup() -> None:
    row = figures.Figure(lecture="0", slide="<b>", model="m", quantity="<i>", stated="1", compute="layers()")
    text = page.html([figures.Compared(figure=row, computed=1, agrees=True)])
    assert "<b>" not in text and "<i>" not in text
