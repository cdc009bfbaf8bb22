"""A network that stops in forward: what ran is compared, the one mistake is named, and the exception is explained."""

from __future__ import annotations

import pytest
import recordings
import stopped_networks

from grader import assignment, pipeline
from grader.records import Comparison, Evidence, Finding

QUIZ = assignment.load("quiz1")
FC1 = "flattening (16 × 5 × 5)"
# name -> what is charged, what the exception is explained with, what was not reached
CASES: dict[str, tuple[list[str], str, list[str]]] = {
    "fc1_for_another_map": (
        ["wrong-attribute:fc1.in_features"], f"fc1 expects 256 features, but 400 arrive from pool2 after {FC1}",
        ["relu3", "relu4"],
    ),
    "conv2_kernel": (
        ["wrong-attribute:conv2.kernel_size"],
        "fc1 expects 400 features, but 576 arrive from pool2 after flattening (16 × 6 × 6). This follows from "
        "conv2.kernel_size.", ["relu3", "relu4"],
    ),
    "conv1_channels": (
        ["wrong-attribute:conv1.out_channels"],
        "conv2 expects 6 channels, but a map of 8 × 14 × 14 arrives from pool1. This follows from conv1.out_channels.",
        ["relu2", "pool2", "relu3", "relu4"],
    ),
    "conv2_channels": (
        ["wrong-attribute:conv2.in_channels"],
        "conv2 expects 8 channels, but a map of 6 × 14 × 14 arrives from pool1. This follows from conv2.in_channels.",
        ["relu2", "pool2", "relu3", "relu4"],
    ),
    "one_channel": (
        ["wrong-attribute:conv1.in_channels"],
        "conv1 expects 1 channel, but a map of 3 × 32 × 32 arrives from the network's input.",
        ["relu1", "pool1", "relu2", "pool2", "relu3", "relu4"],
    ),
    "fc1_units": (
        ["wrong-attribute:fc1.out_features"],
        "fc2 expects 120 features, but 100 arrive from relu3. This follows from fc1.out_features.", ["relu4"],
    ),
    "no_bias_and_fc1": (
        ["wrong-attribute:conv1.bias", "wrong-attribute:fc1.in_features"], "This follows from fc1.in_features.",
        ["relu3", "relu4"],
    ),
    "no_relu_and_fc1": (
        ["missing-activation:relu1", "wrong-attribute:fc1.in_features"], "This follows from fc1.in_features.",
        ["relu3", "relu4"],
    ),
    "no_relu_and_kernel": (
        ["missing-activation:relu1", "wrong-attribute:conv2.kernel_size"], "This follows from conv2.kernel_size.",
        ["relu3", "relu4"],
    ),
    "unflattened": (
        ["program-error:fc1"],
        "fc1 expects 400 features in a row, but the map 16 × 5 × 5 from pool2 arrives as it is: flatten it before",
        ["relu3", "relu4"],
    ),
    "bad_view": (
        ["program-error:fc1"],
        "view(-1, 256) does not fit: a picture has 400 numbers here (16 × 5 × 5 from pool2).", ["relu3", "relu4"],
    ),
    "cut_into_rows": (
        ["program-error:fc1"], "the pictures from pool2 were cut into 50 rows of 16: keep the batch",
        ["relu3", "relu4"],
    ),
    "pool_forgotten": (
        ["missing-layer:pool2"],
        "1600 arrive from relu2 after flattening (16 × 10 × 10). This follows from the missing pool2.",
        ["relu3", "relu4"],
    ),
    "one_convolution_more": (
        ["extra-layer:pool2"], "144 arrive from ReLU after flattening (16 × 3 × 3). This follows from the extra layer "
        "after pool2.", ["relu3", "relu4"],
    ),
    "misspelled": (
        ["program-error:fc2"], "forward stops here with AttributeError: 'Misspelled' object has no attribute 'fc_2'",
        ["fc2", "relu4", "fc3"],
    ),
    "nothing_returned": (["program-error"], "forward ends without a tensor to return", []),
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded() -> dict[str, Evidence]:
    return recordings.record("stopped_networks")


def compared(found: Evidence) -> Comparison | None:
    return pipeline.compare_network(QUIZ, found)


def named(finding: Finding) -> str:
    subject = ".".join(part for part in (finding.layer, finding.attribute) if part)
    return f"{finding.code}:{subject}" if subject else finding.code


@pytest.mark.parametrize("name", CASES)
def test_the_mistake_is_charged_once_and_the_exception_explained(recorded: dict[str, Evidence], name: str) -> None:
    charged, told, unreached = CASES[name]
    comparison = compared(recorded[name])
    assert comparison is not None and comparison.stopped
    assert sorted(named(one) for one in comparison.findings if one.charged) == charged
    explanation = next(one for one in comparison.findings if one.code == "program-error")
    assert told in explanation.message
    assert list(comparison.unreached) == unreached


def test_every_case_is_tried() -> None:
    assert {*CASES, "nothing_written"} == {*stopped_networks.NETWORKS}


def test_where_nothing_ran_nothing_is_compared(recorded: dict[str, Evidence]) -> None:
    assert compared(recorded["nothing_written"]) is None


def test_the_rows_tell_what_ran_what_was_constructed_and_what_was_not_reached(recorded: dict[str, Evidence]) -> None:
    comparison = compared(recorded["conv1_channels"])
    assert comparison is not None
    rows = {row.layer: (row.found, row.verdict) for row in comparison.rows}
    assert rows["conv1"] == ("conv 3 → 8, kernel 5", "fail")
    assert rows["pool1"] == ("max-pool 2/2", "pass")
    assert rows["pool2"] == ("not reached", "skip")
    assert rows["fc1"] == ("FC 400 → 120, constructed, not reached", "pass")


def test_the_exception_stands_at_its_line_and_the_mistake_at_the_constructor(recorded: dict[str, Evidence]) -> None:
    comparison = compared(recorded["conv2_kernel"])
    assert comparison is not None
    source = (recordings.HERE / "stopped_networks.py").read_text(encoding="utf-8").splitlines()
    lines = {one.code: source[one.where.line - 1] for one in comparison.findings if one.where is not None}
    assert "nn.Conv2d(6, 16, 3)" in lines["wrong-attribute"]
    assert "self.fc1(x)" in lines["program-error"]
