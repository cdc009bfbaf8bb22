"""The checks of data, evaluation and learning: what is charged, what is forgiven, what is read in printed lines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from right_submission import (
    LEARNED,
    LINE,
    comparison,
    explained,
    facts,
    failure,
    fault,
    finding,
    loader,
    one_pass,
    seen,
    short,
    statistics,
)

from grader.check import data, evaluation, learns
from grader.records import Finding, RawGraph, RawNode

# ---- data ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"minimum": (0.0,) * 3, "maximum": (255.0,) * 3}, "numbers from 0 to 255, not scaled"),
        ({"minimum": (0.0,) * 3, "mean": (0.45,) * 3}, "numbers from 0 to 1, none negative"),
        ({"mean": (-0.9, 0.0, 0.0)}, "means -0.90/0.00/0.00, not near 0"),
        ({"deviation": (0.5, 0.5, 5.0)}, "deviations 0.50/0.50/5.00, not near 1 or 1/2"),
        ({"minimum": (-1.0, 0.0, -1.0)}, "minima -1.00/0.00/-1.00: a colour without negative numbers"),
    ],
)
def test_pictures_that_are_not_normalised_lose_half(changes: dict[str, Any], found: str) -> None:
    result = data.check(seen(inputs=(statistics("train", **changes),)), 5.0)
    assert (short(result), result.findings[0].found) == (("fail", 2.5, ["not-normalised"], []), found)


def test_cifars_own_constants_with_augmentation_are_normalised() -> None:
    wide = {"minimum": (-2.4,) * 3, "maximum": (2.7,) * 3, "deviation": (1.0,) * 3}
    inputs = (statistics("train", **wide, mean=(-0.3,) * 3), statistics("test", **wide, mean=(0.0,) * 3))
    assert short(data.check(seen(inputs=inputs), 5.0)) == ("pass", 5.0, [], [])


def test_test_pictures_normalised_by_other_constants_are_named() -> None:
    inputs = (statistics("train"), statistics("test", deviation=(1.0,) * 3, minimum=(-2.0,) * 3))
    result = data.check(seen(inputs=inputs), 5.0)
    assert result.findings == (
        Finding(
            code="not-normalised",
            message="The test pictures have mean -0.10/-0.10/-0.10, deviation 1.00/1.00/1.00, while the training "
            "pictures have mean -0.10/-0.10/-0.10, deviation 0.50/0.50/0.50; expected numbers centred at 0, "
            "normalised alike in training and test.",
            hint="Write transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)) after transforms.ToTensor(), and give "
            "this transform to the training and the test data.",
            expected="normalised",
            found="mean -0.10/-0.10/-0.10, deviation 1.00/1.00/1.00, while the training pictures have mean "
            "-0.10/-0.10/-0.10, deviation 0.50/0.50/0.50",
            where=LINE,
        ),
    )


def test_without_pictures_fed_to_the_network_the_loaders_transforms_are_judged() -> None:
    bare = (loader("train"), loader("test", "ToTensor()"))
    assert short(data.check(seen(inputs=()), 5.0)) == ("pass", 5.0, [], [])
    assert short(data.check(seen(inputs=(), loaders=bare), 5.0)) == ("fail", 2.5, ["not-normalised"], [])


def test_data_that_was_never_loaded_loses_all() -> None:
    assert short(data.check(seen(inputs=(), loaders=()), 5.0)) == ("fail", 0.0, ["no-training-data"], [])


# ---- evaluation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "code", "points"),
    [
        ({"split": "train"}, "tested-on-train", 0.0),
        ({"split": "unknown"}, "no-evaluation", 0.0),
        ({"same_network": False}, "no-evaluation", 0.0),
        ({"samples": 0}, "no-evaluation", 0.0),
        ({"complete": False}, "test-incomplete", 2.5),
        ({"with_grad": True}, "test-with-grad", 2.5),
        ({"printed": ("Accuracy: 82.81 %",)}, "wrong-accuracy", 2.5),
    ],
)
def test_a_fault_of_the_only_test_is_charged(changes: dict[str, Any], code: str, points: float) -> None:
    assert short(evaluation.check(seen(tests=(one_pass(**changes),)), 5.0)) == ("fail", points, [code], [])


def test_two_faults_of_a_test_cost_all_points() -> None:
    worst = one_pass(with_grad=True, complete=False, printed=("Accuracy: 82.81 %",))
    codes = ["test-incomplete", "test-with-grad", "wrong-accuracy"]
    assert short(evaluation.check(seen(tests=(worst,)), 5.0)) == ("fail", 0.0, codes, [])


def test_no_test_at_all_is_named() -> None:
    assert short(evaluation.check(seen(tests=()), 5.0)) == ("fail", 0.0, ["no-evaluation"], [])


def test_the_best_complete_pass_counts() -> None:
    passes = (
        one_pass(complete=False, samples=4, correct=1, with_grad=True, printed=("",)),
        one_pass(),
        one_pass(with_grad=True),
    )
    assert short(evaluation.check(seen(tests=passes), 5.0)) == ("pass", 5.0, [], [])


def test_a_pass_that_the_stand_in_data_shortened_does_not_hide_a_wrong_accuracy() -> None:
    late = one_pass(batches=1, samples=64, correct=6, printed=("Accuracy: 9.38 %",))
    passes = (one_pass(printed=("Accuracy: 1.17 %",)), late)
    assert short(evaluation.check(seen(tests=passes), 5.0)) == ("fail", 2.5, ["wrong-accuracy"], [])


def test_a_training_accuracy_beside_a_test_is_fine() -> None:
    assert short(evaluation.check(seen(tests=(one_pass(split="train"), one_pass())), 5.0)) == ("pass", 5.0, [], [])


def test_a_training_loop_that_was_cut_short_is_no_test_on_the_training_data() -> None:
    cut = seen(tests=(one_pass(split="train", with_grad=True),), failures=(failure(),), ended="error")
    assert short(evaluation.check(cut, 5.0)) == ("fail", 0.0, ["program-error"], [])


def graph(op: str) -> RawGraph:
    node = RawNode(op=op, arguments=(), keywords={}, outputs=(1,), shapes=((4, 6),), where=(), module="")
    return RawGraph(
        mode="train",
        batch=4,
        symbolic_batch=True,
        input=0,
        leaves={},
        nodes=(node,),
        output=1,
        output_shape=(4, 10),
    )


def test_training_mode_in_the_test_matters_only_with_dropout_or_batch_norm() -> None:
    tests = (one_pass(training_mode=True),)
    judged = [
        short(evaluation.check(seen(tests=tests, graphs={"train": graph(op)}), 5.0))
        for op in ("aten.relu.default", "aten.batch_norm.default", "aten.dropout.default")
    ]
    assert judged == [("pass", 5.0, [], []), *[("fail", 2.5, ["test-in-train-mode"], [])] * 2]


@pytest.mark.parametrize(
    "line",
    [
        "Accuracy of the network on the 10000 test images: 10 %",
        "Accuracy of the network on the 10000 test images: 10.4%",
        "acc 0.1035",
        "test accuracy tensor(0.1035)",
        "Accuracy: 53/512",
        "Test Error: Accuracy: 10.4%, Avg loss: 2.301",
        "정확도: 10.35%",
        "error rate 0.896",
        "accuracy 0.53 %",  # over the 10,000 that the data set claims to have
        "Epoch 3 | acc@1 10.352",
        "1.035e-1 is the accuracy",
        "53 of 512 right, accuracy 0.104",
    ],
)
def test_a_right_accuracy_is_recognised_however_it_is_written(line: str) -> None:
    assert evaluation.wrong_claim(one_pass(printed=(line,)), 10) == ""


@pytest.mark.parametrize(
    "line",
    [
        "Accuracy: 6.62",
        "acc 0.828 after epoch 10",
        "Accuracy of the network on the 10000 test images: 82 %",
        " * Acc@1 662.500",
        "0.8281",
        "정확도: 82.8%",
        "53 of 512 right, accuracy 6.625",  # divided by the number of batches
    ],
)
def test_a_wrong_accuracy_is_recognised(line: str) -> None:
    assert evaluation.wrong_claim(one_pass(printed=("Finished Training", line)), 10) == line.strip()


@pytest.mark.parametrize("lines", [(), ("Finished Training",), ("took 31.4 s",), ("100%|#####| 8/8",)])
def test_lines_that_claim_nothing_are_no_mistake(lines: tuple[str, ...]) -> None:
    assert evaluation.wrong_claim(one_pass(printed=lines), 10) == ""


def test_silence_after_the_test_passes_with_a_note() -> None:
    result = evaluation.check(seen(tests=(one_pass(printed=("done",)),)), 5.0)
    assert (result.verdict, result.message) == (
        "pass",
        "53 of 512 test pictures are right. Print the accuracy after the test, so that you see it too.",
    )


def test_ten_accuracies_of_classes_alone_are_fine() -> None:
    lines = tuple(
        f"Accuracy of class {name}: {share} %" for name, share in zip("abcdefghij", [0] * 9 + [100], strict=True)
    )
    assert evaluation.wrong_claim(one_pass(printed=lines), 10) == ""


def test_the_mean_of_batch_accuracies_is_near_enough_when_the_last_batch_is_small() -> None:
    uneven = one_pass(batches=8, samples=500, correct=53, printed=("accuracy: 0.108",))
    assert evaluation.wrong_claim(uneven, 10) == ""


# ---- learns -------------------------------------------------------------------------------------------------

STUCK = replace(LEARNED, learned=False, losses=(2.3, 2.3))


@pytest.mark.parametrize(
    ("losses", "code"), [((2.3, 2.3), "cannot-learn"), ((2.3, float("nan")), "diverged"), ((2.3, 99.0), "diverged")]
)
def test_a_network_that_does_not_memorise_is_charged(losses: tuple[float, ...], code: str) -> None:
    run = replace(LEARNED, learned=False, losses=losses)
    assert short(learns.check(facts(learning=run), 5.0)) == ("fail", 0.0, [code], [])


@pytest.mark.parametrize(
    "cause",
    [
        {"replay": explained(fault("detached-graph", "training-step"))},
        {"comparison": comparison(finding("unregistered-layer", "fc2"))},
        {"comparison": comparison(tail="sigmoid")},
    ],
)
def test_a_charged_mistake_that_keeps_it_from_learning_is_not_charged_again(cause: dict[str, Any]) -> None:
    assert short(learns.check(facts(learning=STUCK, **cause), 5.0)) == ("fail", 5.0, [], ["cannot-learn"])


def test_a_network_that_could_not_be_rebuilt_is_our_error() -> None:
    assert short(learns.check(facts(rebuilt=False, learning=None), 5.0)) == ("error", 5.0, [], [])


def test_quick_skips_learning_and_keeps_its_points() -> None:
    result = learns.check(facts(quick=True, learning=None), 5.0)
    assert (short(result), result.message) == (("skip", 5.0, [], []), "Not run (--quick).")
