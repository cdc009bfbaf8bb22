"""assignment.toml is read whole or refused in one sentence; the two starters hold the same code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader import assignment
from grader.errors import AssignmentError, UsageError
from grader.records import CheckSpec, LayerSpec, Limits, Recipe

ROOT = Path(__file__).resolve().parent.parent
IDS = ("quiz1", "quiz2", "quiz3")
LAYERS = {
    "quiz1": "conv1 relu1 pool1 conv2 relu2 pool2 fc1 relu3 fc2 relu4 fc3",
    "quiz2": "conv1 relu1 pool1 conv2 relu2 pool2 conv3 relu3 conv4 relu4 pool3 conv5 relu5 conv6 relu6 pool4 "
    "conv7 relu7 conv8 relu8 pool5 fc",
    "quiz3": "conv1 relu1 block1.conv1 block1.relu1 block1.conv2 block1.add block1.relu2 pool1 "
    "block2.conv1 block2.relu1 block2.conv2 block2.add block2.relu2 pool2 fc1 relu2 fc2 relu3 fc3",
}
POINTS = {
    "layers": 40.0,
    "activations": 10.0,
    "output-shape": 5.0,
    "parameters": 5.0,
    "loss": 5.0,
    "optimizer": 10.0,
    "data": 5.0,
    "training-step": 10.0,
    "evaluation": 5.0,
    "learns": 5.0,
}


# ---- reading what is there ----------------------------------------------------------------------------------


def test_the_three_quizzes_are_listed() -> None:
    assert assignment.grouped()[: len(IDS)] == IDS


def test_ids_are_sorted_as_people_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("quiz10", "quiz2", "lab1"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "assignment.toml").touch()
    (tmp_path / "notes").mkdir()
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path))
    assert assignment.ids() == ("lab1", "quiz2", "quiz10")


@pytest.mark.parametrize("id", IDS)
def test_a_quiz_has_the_layers_and_points_agreed_on(id: str) -> None:
    spec = assignment.load(id)
    assert [layer.name for layer in spec.layers] == LAYERS[id].split()
    assert spec.checks == tuple(CheckSpec(id=check, points=points) for check, points in POINTS.items())
    assert (spec.id, spec.folder, spec.input_shape, spec.classes) == (id, assignment.folder() / id, (3, 32, 32), 10)
    assert (spec.tolerate, spec.training_steps, spec.limits) == (frozenset(), 4, Limits())


def test_a_row_of_the_table_is_read_whole() -> None:
    assert assignment.load("quiz1").layers[0] == LayerSpec(
        name="conv1",
        kind="conv",
        title="Convolution 3 -> 6, kernel 5x5",
        source='lecture 000, slide "Quiz1. Training a CNN classifier on CIFAR-10"; '
        "stride 1 and padding 0 follow from 400 = 16 x 5 x 5",
        attributes={
            "in_channels": 3,
            "out_channels": 6,
            "kernel_size": [5, 5],
            "stride": [1, 1],
            "padding": [0, 0],
            "dilation": [1, 1],
            "groups": 1,
            "bias": True,
        },
    )


def test_the_recipes_are_complete() -> None:
    sgd = {"momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False}
    adam = {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False, "maximize": False}
    assert [assignment.load(id).recipe for id in IDS] == [
        Recipe(loss="cross_entropy", optimizer="SGD", hyperparameters={"lr": 0.001, **sgd}),
        Recipe(loss="cross_entropy", optimizer="SGD", hyperparameters={"lr": 0.01, **sgd}),
        Recipe(loss="cross_entropy", optimizer="Adam", hyperparameters=adam),
    ]


def test_only_quiz2_accepts_alternatives() -> None:
    assert [assignment.load(id).alternatives for id in IDS] == [
        {},
        {
            "average instead of the fifth max-pool": {"last_pool": "average"},
            "average instead of the fifth max-pool, the ReLU behind it": {
                "last_pool": "average",
                "relu_after_last_pool": True,
            },
        },
        {},
    ]


def test_reading_an_assignment_imports_no_torch() -> None:
    program = "import sys; from grader import assignment; assignment.load('quiz1'); print('torch' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


# ---- what is wrong is said ----------------------------------------------------------------------------------


def test_an_unknown_assignment_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        assignment.load("qiuz2")
    assert str(caught.value) == (
        "There is no assignment 'qiuz2': did you mean quiz2 or quiz3 or quiz1? `grade list` shows all of them."
    )


@pytest.mark.parametrize("id", ["", ".", "../assignments/quiz1", "zzz"])
def test_what_is_no_folder_name_is_no_assignment(id: str) -> None:
    with pytest.raises(UsageError, match="There is no assignment"):
        assignment.load(id)


def test_a_wrong_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path / "nowhere"))
    with pytest.raises(UsageError) as caught:
        assignment.ids()
    assert str(caught.value) == (
        f"GRADER_ASSIGNMENTS names {tmp_path / 'nowhere'}, which is not a folder; "
        "give the folder that holds quiz1/, quiz2/, …, or unset the variable."
    )


def test_a_folder_without_assignments_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path))
    with pytest.raises(UsageError) as caught:
        assignment.load("quiz1")
    assert (
        str(caught.value) == f"There are no assignments in {tmp_path}: expected folders that hold an assignment.toml."
    )


SLIPS = {  # title: (file, text there, text instead, place, message)
    "an unknown key": ("classes = 10", "classes = 10\nclases = 10", "", "an unknown key 'clases', expected classes"),
    "a missing key": ("classes = 10\n", "", "", "no key 'classes', expected a whole number as classes"),
    "a text for a number": (
        "classes = 10",
        'classes = "10"',
        "",
        "classes = '10', expected a whole number as classes",
    ),
    "a bool for a number": ("classes = 10", "classes = true", "", "classes = True, expected a whole number as classes"),
    "no classes": ("classes = 10", "classes = 0", "", "classes = 0, expected a whole number from 1 on"),
    "an empty title": (
        'title = "A CNN classifier on CIFAR-10"',
        'title = ""',
        "",
        "title = '', expected a text as title",
    ),
    "a shape of texts": (
        "input_shape = [3, 32, 32]",
        'input_shape = [3, "32", 32]',
        "",
        "'32' in input_shape, expected whole numbers as input_shape, such as [3, 32, 32]",
    ),
    "an empty shape": (
        "input_shape = [3, 32, 32]",
        "input_shape = []",
        "",
        "input_shape = [], expected whole numbers from 1 on, such as [3, 32, 32]",
    ),
    "a reference that is no class name": (
        '"LeNet"',
        '"Le Net"',
        "",
        "reference = 'Le Net', expected the name of the class in reference/quiz1.py",
    ),
    "a layer twice": (
        'name = "conv2"',
        'name = "conv1"',
        "",
        "'conv1' more than once in [[layers]], expected each name once",
    ),
    "an unknown key of a layer": (
        'name = "fc3"',
        'name = "fc3"\nkidn = 1',
        ", [[layers]] 11 (fc3)",
        "an unknown key 'kidn', expected kind",
    ),
    "an attribute left out": (
        "in_features = 84, ",
        "",
        ", [[layers]] 11 (fc3)",
        "out_features, bias as attributes of a linear, expected in_features, out_features, bias",
    ),
    "a number for a pair": (
        "kernel_size = [5, 5]",
        "kernel_size = 5",
        ", [[layers]] 1 (conv1)",
        "kernel_size = 5, expected two whole numbers as kernel_size, such as [3, 3]",
    ),
    "a number for a bias": (
        "out_features = 10, bias = true",
        "out_features = 10, bias = 1",
        ", [[layers]] 11 (fc3)",
        "bias = 1, expected true or false as bias",
    ),
    "an optimizer that nobody can replay": (
        'optimizer = "SGD"',
        'optimizer = "Sgd"',
        ", [recipe]",
        "optimizer = 'Sgd', expected Adam or SGD",
    ),
    "a hyperparameter left out": (
        "dampening = 0.0\n",
        "",
        ", [recipe]",
        "lr, momentum, weight_decay, nesterov, maximize as hyperparameters of SGD, "
        "expected lr, momentum, dampening, weight_decay, nesterov, maximize",
    ),
    "a learning rate that is no number": (
        "lr = 0.001",
        "lr = nan",
        ", [recipe], [hyperparameters]",
        "lr = nan, expected a finite number as lr",
    ),
    "points that do not sum up": ("points = 40", "points = 35", "", "95 points in all [[checks]], expected 100"),
    "points below zero": ("points = 40", "points = -40", ", [[checks]] 1", "points = -40, expected a number from 0 on"),
    "a check that does not exist": (
        'id = "learns"',
        'id = "lerns"',
        ", [[checks]] 10",
        "an unknown check 'lerns', expected 'learns' or 'layers'",
    ),
    "a check twice": (
        'id = "learns"',
        'id = "loss"',
        "",
        "'loss' more than once in [[checks]], expected each name once",
    ),
    "an unknown limit": (
        "wall_s = 190.0",
        "walls = 190.0",
        ", [limits]",
        "an unknown key 'walls', expected wall_s",
    ),
    "no time": ("cpu_s = 60.0", "cpu_s = 0", ", [limits]", "cpu_s = 0, expected a number above 0"),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_an_author_is_one_sentence(slip: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after, place, message = SLIPS[slip]
    file = copy_of_quiz1(tmp_path, monkeypatch)
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(AssignmentError) as caught:
        assignment.load("quiz1")
    assert str(caught.value) == f"{file}{place}: found {message}."


def test_a_file_that_is_no_toml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = copy_of_quiz1(tmp_path, monkeypatch)
    file.write_text("title = \n", encoding="utf-8")
    with pytest.raises(AssignmentError) as caught:
        assignment.load("quiz1")
    assert str(caught.value) == (
        f"{file}: found no readable TOML (Invalid value (at line 1, column 9)), expected a file in UTF-8."
    )


def copy_of_quiz1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(ROOT / "assignments" / "quiz1", tmp_path / "quiz1")
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(tmp_path))
    assert assignment.load("quiz1").folder == tmp_path / "quiz1"
    return tmp_path / "quiz1" / "assignment.toml"


# ---- starters -----------------------------------------------------------------------------------------------


def starter(id: str, suffix: str) -> str:
    return (ROOT / "assignments" / id / "starter" / f"starter.{suffix}").read_text(encoding="utf-8")


def test_the_notebook_holds_the_code_of_the_program() -> None:
    for id in IDS:
        cells = json.loads(starter(id, "ipynb"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        program = starter(id, "py").partition('.\n"""\n\n')[2]
        gaps_of_lines = re.compile(r"\n{3,}")
        assert gaps_of_lines.sub("\n\n", "\n\n".join(code)) == gaps_of_lines.sub("\n\n", program).rstrip("\n")
        assert [cell["cell_type"] for cell in cells] == ["markdown", "code"] * 7
        for cell in code:
            compile(cell, f"{id}, a cell", "exec")
