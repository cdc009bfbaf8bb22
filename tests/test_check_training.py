"""The checks of loss, optimizer and training step: by replay where it proves something, else by what was recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from right_submission import (
    LINE,
    UNEXPLAINED,
    assignment,
    comparison,
    evidence,
    explained,
    facts,
    failure,
    fault,
    finding,
    loader,
    seen,
    sgd,
    short,
    statistics,
    training,
)

from grader import check
from grader.check import data, evaluation, loss, optimizer, training_step
from grader.records import Facts, Finding, LossCall, Recipe

# ---- loss, optimizer, training step: proved by replay -------------------------------------------------------

LOSS_FAULTS = ["softmax-before-cross-entropy", "wrong-loss"]
OPTIMIZER_FAULTS = [
    "wrong-optimizer",
    "wrong-learning-rate",
    "wrong-momentum",
    "extra-weight-decay",
    "wrong-nesterov",
    "wrong-dampening",
    "wrong-betas",
    "wrong-amsgrad",
    "learning-rate-schedule",
]
STEP_FAULTS = [
    "frozen-parameters",
    "partial-optimizer",
    "no-zero-grad",
    "no-backward",
    "no-step",
    "step-before-backward",
    "zero-grad-after-backward",
    "detached-graph",
    "labels-mismatched",
    "eval-mode-training",
    "trained-on-test",
    "stale-optimizer",
    "double-step",
    "backward-twice",
    "clipped-gradients",
    "accumulated-gradients",
]


@pytest.mark.parametrize(
    ("code", "owner"),
    [(code, "loss") for code in LOSS_FAULTS]
    + [(code, "optimizer") for code in OPTIMIZER_FAULTS]
    + [(code, "training-step") for code in STEP_FAULTS],
)
def test_a_proved_fault_is_charged_to_its_check_and_the_others_pass(code: str, owner: str) -> None:
    results = [r for r in check.run(facts(replay=explained(fault(code, owner)))) if r.verdict != "pass"]
    assert [(result.id, [one.code for one in result.findings]) for result in results] == [(owner, [code])]


def test_each_wrong_number_costs_half_of_the_optimizer_and_another_class_all() -> None:
    lr, momentum = fault("wrong-learning-rate", "optimizer"), fault("wrong-momentum", "optimizer")
    points = [
        optimizer.check(facts(replay=explained(*faults)), 10.0).points
        for faults in ((lr,), (lr, momentum), (fault("wrong-optimizer", "optimizer"),))
    ]
    assert points == [5.0, 0.0, 0.0]


def test_a_check_that_is_right_but_for_anothers_fault_says_so() -> None:
    result = optimizer.check(facts(replay=explained(fault("no-zero-grad", "training-step"))), 10.0)
    message = "SGD(lr=0.001, momentum=0.9), as the replay shows, but for no-zero-grad, charged elsewhere."
    assert (result.verdict, result.message) == ("pass", message)


def test_weights_that_never_move_leave_the_optimizers_constructor_to_be_judged() -> None:
    still = facts(
        replay=explained(fault("no-step", "training-step")),
        evidence=evidence(training=training(optimizers=(sgd(lr=0.1),))),
    )
    assert short(optimizer.check(still, 10.0)) == ("fail", 5.0, ["wrong-learning-rate"], [])


def test_a_partial_optimizer_that_follows_from_an_unregistered_layer_is_not_charged_again() -> None:
    listed = facts(
        comparison=comparison(finding("unregistered-layer", "fc2")),
        replay=explained(fault("partial-optimizer", "training-step")),
    )
    assert short(training_step.check(listed, 10.0)) == ("fail", 10.0, [], ["partial-optimizer"])


def test_training_on_the_test_data_is_charged_though_the_steps_match() -> None:
    spoilt = seen(
        training=training(on_test_data=True), loaders=(loader("test"),), inputs=(statistics("test-as-train"),)
    )
    assert short(training_step.check(spoilt, 10.0)) == ("fail", 0.0, ["trained-on-test"], [])
    assert short(data.check(spoilt, 5.0)) == ("pass", 5.0, [], ["no-training-data"])


# ---- loss, optimizer, training step: as recorded ------------------------------------------------------------


def recorded(**changes: Any) -> Facts:
    return facts(replay=UNEXPLAINED, evidence=evidence(training=training(**changes)))


def test_steps_that_nothing_explains_fail_with_the_first_divergence() -> None:
    result = training_step.check(recorded(), 10.0)
    assert (short(result), result.message) == (
        ("fail", 0.0, ["diverging-step"], []),
        "The weights part from those of the handout's recipe at step 1, conv2.weight, and none of the usual mistakes "
        "explains it; expected the same weights.",
    )
    assert short(loss.check(recorded(), 5.0)) == ("pass", 5.0, [], [])
    assert short(optimizer.check(recorded(), 10.0)) == ("pass", 10.0, [], [])


def test_another_optimizer_as_recorded_explains_the_divergence() -> None:
    other = recorded(optimizers=(sgd("Adafactor"),))
    assert short(optimizer.check(other, 10.0)) == ("fail", 0.0, ["wrong-optimizer"], [])
    assert short(training_step.check(other, 10.0)) == ("fail", 10.0, [], ["diverging-step"])


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ({"lr": 0.1}, "wrong-learning-rate"),
        ({"momentum": 0.0}, "wrong-momentum"),
        ({"weight_decay": 5e-4}, "extra-weight-decay"),
        ({"nesterov": True}, "wrong-nesterov"),
        ({"dampening": 0.5}, "wrong-dampening"),
        ({"maximize": True}, "maximised-loss"),
    ],
)
def test_recorded_numbers_of_sgd_are_held_against_the_recipe(number: dict[str, Any], code: str) -> None:
    assert short(optimizer.check(recorded(optimizers=(sgd(**number),)), 10.0)) == ("fail", 5.0, [code], [])


def test_recorded_numbers_of_adam_are_held_against_the_recipe() -> None:
    numbers = {"lr": 0.001, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False}
    adam = replace(assignment(), recipe=Recipe(loss="cross_entropy", optimizer="Adam", hyperparameters=numbers))
    right = replace(sgd("Adam"), groups=({**numbers, "betas": (0.9, 0.999)},))
    wrong = replace(sgd("Adam"), groups=({**numbers, "betas": (0.5, 0.999), "amsgrad": True},))
    judged = [
        short(optimizer.check(replace(recorded(optimizers=(one,)), assignment=adam), 10.0)) for one in (right, wrong)
    ]
    assert judged == [("pass", 10.0, [], []), ("fail", 0.0, ["wrong-betas", "wrong-amsgrad"], [])]


def test_the_message_on_a_wrong_number_says_found_expected_and_what_to_write() -> None:
    assert optimizer.check(recorded(optimizers=(sgd(lr=0.01),)), 10.0).findings == (
        Finding(
            code="wrong-learning-rate",
            message="The learning rate is 0.01; expected 0.001.",
            hint="Write torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9).",
            attribute="lr",
            expected="0.001",
            found="0.01",
            where=LINE,
        ),
    )


@pytest.mark.parametrize(
    ("call", "tail", "code"),
    [
        (LossCall(function="mse_loss", options={}, where=LINE), "logits", "wrong-loss"),
        (LossCall(function="nll_loss", options={}, where=LINE), "logits", "wrong-loss"),
        (LossCall(function="cross_entropy", options={"reduction": "sum"}, where=LINE), "logits", "wrong-loss"),
        (LossCall(function="cross_entropy", options={"label_smoothing": 0.1}, where=LINE), "logits", "wrong-loss"),
        (LossCall(function="cross_entropy", options={}, where=LINE), "softmax", "softmax-before-cross-entropy"),
    ],
)
def test_a_recorded_loss_is_held_against_cross_entropy(call: LossCall, tail: str, code: str) -> None:
    spoilt = replace(recorded(losses=(call,)), comparison=comparison(tail=tail))
    assert short(loss.check(spoilt, 5.0)) == ("fail", 0.0, [code], [])
    assert short(training_step.check(spoilt, 10.0)) == ("fail", 10.0, [], ["diverging-step"])


def test_steps_with_no_loss_call_and_no_optimizer_of_torch_fail_both() -> None:
    by_hand = recorded(losses=(), optimizers=())
    assert short(loss.check(by_hand, 5.0)) == ("fail", 0.0, ["wrong-loss"], [])
    assert short(optimizer.check(by_hand, 10.0)) == ("fail", 0.0, ["wrong-optimizer"], [])


def test_without_any_training_all_three_say_so() -> None:
    idle = facts(replay=None, evidence=evidence(training=None))
    results = [short(one.check(idle, 5.0)) for one in (loss, optimizer, training_step)]
    assert results == [("fail", 0.0, ["no-training"], [])] * 3


def test_an_optimizer_that_was_constructed_counts_though_no_step_was_made() -> None:
    uncalled = facts(replay=None, evidence=evidence(training=training(steps=(), losses=())))
    assert short(optimizer.check(uncalled, 10.0)) == ("pass", 10.0, [], [])
    assert short(training_step.check(uncalled, 10.0)) == ("fail", 0.0, ["no-training"], [])


def test_a_program_that_stopped_before_training_fails_with_its_line() -> None:
    stopped = facts(replay=None, evidence=evidence(training=None, tests=(), failures=(failure(),), ended="error"))
    assert training_step.check(stopped, 10.0).findings == (
        Finding(
            code="program-error",
            message="The program stopped with RuntimeError: sizes differ; expected a program that runs to its end. "
            "What comes after this line was not run.",
            hint="Fix this line, and run the program from top to bottom.",
            expected="the program runs to its end",
            found="RuntimeError",
            where=LINE,
        ),
    )
    assert short(evaluation.check(stopped, 5.0)) == ("fail", 0.0, ["program-error"], [])


def test_a_step_in_which_the_program_stopped_is_charged_as_that_and_not_as_a_missing_step() -> None:
    stopped = facts(
        replay=explained(fault("no-step", "training-step")), evidence=evidence(failures=(failure(),), ended="error")
    )
    assert short(training_step.check(stopped, 10.0)) == ("fail", 0.0, ["program-error"], ["no-step"])


def test_steps_that_the_grader_could_not_replay_are_our_error() -> None:
    assert short(training_step.check(facts(replay=None), 10.0)) == ("error", 10.0, [], [])
