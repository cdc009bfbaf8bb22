"""`grade summary`: what each layer of a submission's own network has, gives and costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader import assignment
from grader.cli import main

AWKWARD = '''
import torch
from torch import nn
from torch.nn import functional as F

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.again = nn.Conv2d(4, 4, 3, padding=1, bias=False)
        self.idle = nn.Linear(7, 5)
        self.hidden = [nn.Linear(1024, 10)]

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv(x))), 2)
        x = self.again(self.again(x))
        return self.hidden[0](torch.flatten(x, 1))
'''


def summary(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(["summary", str(path), "--json", "--isolation", "process"]) == 0
    return json.loads(capsys.readouterr().out)


def test_without_an_assignment_the_pictures_are_those_of_the_first_quiz() -> None:
    assert assignment.load(assignment.grouped()[0]).recipe is not None
    assert assignment.grouped()[0] == "quiz1"


def test_functions_shared_unused_and_hidden_layers_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.py"
    file.write_text(AWKWARD, encoding="utf-8")
    found = summary(file, capsys)
    rows = [
        (row["name"], row["kind"], row["output_shape"], row["parameters"], row["shared"], row["multiply_adds"])
        for row in found["layers"][1:]
    ]
    assert rows == [
        ("conv", "conv", [4, 32, 32], 112, False, 27 * 4 * 1024),
        ("bn", "batch_norm", [4, 32, 32], 8, False, 0),
        ("", "relu", [4, 32, 32], 0, False, 0),
        ("", "max_pool", [4, 16, 16], 0, False, 0),
        ("again", "conv", [4, 16, 16], 144, True, 36 * 4 * 256),
        ("again", "conv", [4, 16, 16], 0, True, 36 * 4 * 256),
        ("", "linear", [10], 10250, False, 10240),
    ]
    assert [row["receptive_field"][0] for row in found["layers"][1:7]] == [3, 3, 3, 4, 8, 12]
    assert (found["unused_layers"], found["unused_parameters"]) == (["idle"], 40)
    assert found["parameters"] == 112 + 8 + 144 + 10250
    assert len(found["unregistered"]) == 2
    assert found["layers"][1]["where"].endswith(":9") and found["layers"][3]["where"].endswith(":16")


def test_the_table_of_a_submission_reads_from_the_input_to_the_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "net.py"
    file.write_text(AWKWARD, encoding="utf-8")
    assert main(["summary", str(file), "--isolation", "process"]) == 0
    shown = capsys.readouterr().out
    assert shown.splitlines()[2].split() == [
        "layer", "kind", "output", "parameters", "multiply-adds", "memory", "sees", "at"
    ]  # fmt: skip
    assert "10,514 parameters in use, 194,560 multiply-adds" in shown
    assert "Never used for the output, and not counted: idle (40 parameters)." in shown


def test_a_submission_without_a_network_is_told_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.py"
    file.write_text("import torch\nx = 1 / 0\n", encoding="utf-8")
    assert main(["summary", str(file), "--isolation", "process"]) == 1
    shown = capsys.readouterr().out
    assert "has no network to show" in shown and "net.py:2" in shown


def test_a_path_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", str(tmp_path / "none.py")]) == 2
    assert "There is no file" in capsys.readouterr().err
