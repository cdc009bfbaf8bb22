"""The checks as a whole, their pages and codes, and the checks of the network: what is charged and what only shown."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest
from right_submission import (
    LINE,
    POINTS,
    Short,
    assignment,
    comparison,
    evidence,
    explained,
    facts,
    failure,
    fault,
    finding,
    short,
    training,
)

from grader import check
from grader.check import activations, layers, loss, output_shape, parameters, training_step
from grader.check.codes import CODES
from grader.records import CheckResult, CheckSpec, Finding, LossCall

ROOT = Path(__file__).parent.parent

# ---- all checks ---------------------------------------------------------------------------------------------


def test_a_right_submission_passes_every_check_with_all_points() -> None:
    results = {result.id: short(result) for result in check.run(facts())}
    assert results == {name: ("pass", points, [], []) for name, points in POINTS.items()}


def test_the_sentence_of_a_check_is_the_first_line_of_its_page() -> None:
    titles = [(result.id, result.title) for result in check.run(facts())][5:7]
    assert titles == [
        ("optimizer", "The optimizer is the handout's, with the handout's learning rate and momentum."),
        ("data", "CIFAR-10's training pictures are loaded and normalised, and the test pictures in the same way."),
    ]


def test_an_exception_inside_a_check_is_our_error_and_costs_nothing() -> None:
    spoilt = replace(facts(), comparison=replace(comparison(), findings=None))  # type: ignore[arg-type]
    first = check.run(spoilt)[0]
    assert (first.id, first.verdict, first.points) == ("layers", "error", 40.0)


def test_a_check_that_does_not_exist_is_our_error() -> None:
    unknown = replace(assignment(), checks=(CheckSpec(id="no-such", points=3.0),))
    assert check.run(facts(assignment=unknown)) == (
        CheckResult(
            id="no-such",
            title="no-such",
            verdict="error",
            points=3.0,
            max_points=3.0,
            message="The grader stumbled (ModuleNotFoundError: No module named 'grader.check.no_such'). "
            "No points are lost.",
        ),
    )


def test_without_a_network_its_checks_are_skipped_and_say_what_stopped_it() -> None:
    stopped = facts(comparison=None, evidence=evidence(failures=(failure("forward"),)))
    network = [result for result in check.run(stopped) if result.verdict == "skip"]
    assert [(result.id, result.points) for result in network] == [
        ("layers", 0.0),
        ("activations", 0.0),
        ("output-shape", 0.0),
        ("parameters", 0.0),
        ("learns", 0.0),
    ]
    assert {result.message for result in network} == {
        "Not checked: the program stopped with RuntimeError (net.py, line 7)."
    }


def test_a_program_that_never_ran_is_skipped_everywhere_rather_than_failed_ten_times() -> None:
    nothing = evidence(
        status="syntax-error", training=None, tests=(), loaders=(), inputs=(), failures=(failure("import"),)
    )
    results = check.run(facts(comparison=None, evidence=nothing, replay=None, learning=None))
    assert {(result.verdict, result.points) for result in results} == {("skip", 0.0)}


def test_a_network_that_the_grader_cannot_read_is_our_error() -> None:
    unread = facts(comparison=comparison(unsupported="It calls aten.fft."))
    assert short(layers.check(unread, 40.0)) == ("error", 40.0, [], [])


# ---- layers and activations ---------------------------------------------------------------------------------


def layered(*findings: Finding, points: float = 70.0) -> Short:
    return short(layers.check(facts(comparison=comparison(*findings)), points))


def test_a_wrong_row_loses_its_share_once_however_many_findings_it_has() -> None:
    wrong = (finding("wrong-attribute", "conv2", "kernel_size"), finding("wrong-attribute", "conv2", "padding"))
    assert layered(*wrong) == ("fail", 60.0, ["wrong-attribute", "wrong-attribute"], [])


def test_each_extra_layer_costs_one_share() -> None:
    extra = (finding("extra-layer", "conv1"), finding("extra-layer", "conv1"), finding("wrong-attribute", "conv1"))
    assert layered(*extra) == ("fail", 40.0, ["extra-layer", "extra-layer", "wrong-attribute"], [])


def test_layers_never_cost_more_than_their_points() -> None:
    extra = tuple(finding("extra-layer") for _ in range(9))
    assert layered(*extra) == ("fail", 0.0, ["extra-layer"] * 9, [])


def test_consequences_are_shown_and_cost_nothing() -> None:
    wrong = (finding("missing-layer", "pool2"), finding("wrong-attribute", "fc1", "in_features", charged=False))
    assert layered(*wrong) == ("fail", 60.0, ["missing-layer"], ["wrong-attribute"])


LAYER_CODES = [
    "wrong-attribute",
    "missing-layer",
    "extra-layer",
    "layer-order",
    "missing-skip",
    "wrong-skip",
    "unused-layer",
    "shared-layer",
    "unregistered-layer",
]


@pytest.mark.parametrize("code", LAYER_CODES)
def test_every_layer_code_of_the_comparison_is_charged_to_layers(code: str) -> None:
    assert layered(finding(code, "fc1")) == ("fail", 60.0, [code], [])


@pytest.mark.parametrize("code", ["missing-activation", "extra-activation", "wrong-activation"])
def test_every_activation_code_is_charged_to_activations_and_not_to_layers(code: str) -> None:
    spoilt = facts(comparison=comparison(finding(code, "relu3")))
    assert short(layers.check(spoilt, 40.0)) == ("pass", 40.0, [], [])
    assert short(activations.check(spoilt, 10.0)) == ("fail", 8.0, [code], [])


def test_layer_rows_and_activation_rows_are_split_between_the_checks() -> None:
    in_layers = [row.layer for row in layers.check(facts(), 40.0).rows]
    in_activations = [row.layer for row in activations.check(facts(), 10.0).rows]
    assert in_layers == ["conv1", "pool1", "conv2", "pool2", "fc1", "fc2", "fc3"]
    assert in_activations == ["relu1", "relu2", "relu3", "relu4", "output"]


def test_relu_on_the_output_costs_one_share_of_activations_though_the_replay_matches() -> None:
    result = activations.check(facts(comparison=comparison(tail="relu")), 10.0)
    assert result.findings == (
        Finding(
            code="extra-activation",
            message="There is ReLU on the output of the network; expected the class scores as they are.",
            hint="Return the class scores as they are, without ReLU.",
            layer="output",
            attribute="function",
            expected="none",
            found="relu",
        ),
    )
    assert (result.verdict, result.points, result.rows[-1].verdict) == ("fail", 8.0, "fail")


def test_the_comparisons_own_finding_on_the_output_is_not_charged_twice() -> None:
    spoilt = facts(comparison=comparison(finding("extra-activation", "fc3"), tail="sigmoid"))
    assert short(activations.check(spoilt, 10.0)) == ("fail", 8.0, ["extra-activation"], [])


def test_softmax_before_cross_entropy_is_charged_in_loss_and_only_shown_in_activations() -> None:
    softmax = facts(
        comparison=comparison(tail="softmax"), replay=explained(fault("softmax-before-cross-entropy", "loss"))
    )
    assert short(activations.check(softmax, 10.0)) == ("pass", 10.0, [], ["extra-activation"])
    assert short(loss.check(softmax, 5.0)) == ("fail", 0.0, ["softmax-before-cross-entropy"], [])
    assert short(training_step.check(softmax, 10.0)) == ("pass", 10.0, [], [])


def test_softmax_on_the_output_without_cross_entropy_is_an_extra_activation() -> None:
    mean_square = replace(fault("wrong-loss", "loss"), found="mse_loss")
    softmax = facts(comparison=comparison(tail="softmax"), replay=explained(mean_square))
    assert short(activations.check(softmax, 10.0)) == ("fail", 8.0, ["extra-activation"], [])


def test_softmax_whose_logarithm_is_taken_outside_is_not_charged() -> None:
    made_up = facts(comparison=comparison(tail="softmax"))
    assert short(activations.check(made_up, 10.0)) == ("pass", 10.0, [], ["extra-activation"])


def test_log_softmax_with_nll_loss_is_right() -> None:
    log_softmax = facts(
        comparison=comparison(tail="log_softmax"),
        replay=None,
        evidence=evidence(training=training(losses=(LossCall(function="nll_loss", options={}, where=LINE),))),
    )
    assert short(activations.check(log_softmax, 10.0)) == ("pass", 10.0, [], [])
    assert short(loss.check(log_softmax, 5.0)) == ("pass", 5.0, [], [])


# ---- output shape and parameters ----------------------------------------------------------------------------


def test_a_wrong_output_shape_costs_all_points_where_nothing_explains_it() -> None:
    result = output_shape.check(facts(comparison=comparison(output_shape=("N", 10, 1))), 5.0)
    assert (short(result), result.message) == (
        ("fail", 0.0, ["output-shape"], []),
        "The output has the shape (N, 10, 1); expected (N, 10).",
    )


def test_a_wrong_output_shape_that_a_layer_explains_is_only_shown() -> None:
    wide = comparison(finding("wrong-attribute", "fc3", "out_features"), output_shape=("N", 100))
    result = output_shape.check(facts(comparison=wide), 5.0)
    assert (short(result), result.message) == (
        ("fail", 5.0, [], ["output-shape"]),
        "The output has the shape (N, 100); expected (N, 10). This follows from fc3.out_features, "
        "charged under layers.",
    )


def test_a_wrong_total_costs_all_points_where_nothing_explains_it() -> None:
    result = parameters.check(facts(comparison=comparison(parameters=62116)), 5.0)
    assert (short(result), result.message) == (
        ("fail", 0.0, ["parameter-count"], []),
        "The network has 62,116 parameters; expected 62,006 (110 too many).",
    )


def test_a_wrong_total_that_a_layer_explains_is_only_shown() -> None:
    unbiased = comparison(finding("wrong-attribute", "fc3", "bias"), parameters=61996)
    assert short(parameters.check(facts(comparison=unbiased), 5.0)) == ("fail", 5.0, [], ["parameter-count"])


def test_a_missing_activation_does_not_explain_a_wrong_total() -> None:
    silent = comparison(finding("missing-activation", "relu1"), parameters=61996)
    assert short(parameters.check(facts(comparison=silent), 5.0)) == ("fail", 0.0, ["parameter-count"], [])


# ---- pages and codes ----------------------------------------------------------------------------------------

DOCUMENTED = """
    wrong-attribute missing-layer extra-layer layer-order missing-activation extra-activation wrong-activation
    missing-skip wrong-skip unused-layer shared-layer unregistered-layer output-shape parameter-count
    softmax-before-cross-entropy wrong-loss wrong-optimizer wrong-learning-rate wrong-momentum extra-weight-decay
    frozen-parameters partial-optimizer no-zero-grad no-backward no-step step-before-backward
    zero-grad-after-backward detached-graph labels-mismatched eval-mode-training trained-on-test wrong-nesterov
    wrong-eps maximised-loss
    wrong-dampening wrong-betas wrong-amsgrad learning-rate-schedule stale-optimizer double-step backward-twice
    clipped-gradients accumulated-gradients no-evaluation tested-on-train not-normalised test-incomplete
    test-with-grad test-in-train-mode wrong-accuracy cannot-learn diverged below-accuracy no-training
    program-error
    diverging-step wrong-hyperparameter no-training-data
"""


def test_every_code_is_explained_and_none_besides() -> None:
    assert sorted(CODES) == sorted(DOCUMENTED.split())


def test_every_code_names_a_check_that_exists() -> None:
    assert {owner for _, _, owner in CODES.values()} - {*POINTS, "accuracy"} == set()


def sections(name: str) -> dict[str, str]:
    """Heading -> body of a check's page."""
    source = (ROOT / "grader" / "check" / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8")
    page: dict[str, str] = {}
    heading = ""
    for line in (ast.get_docstring(ast.parse(source)) or "").splitlines()[1:]:
        if line and not line.startswith(" "):
            heading = line
        elif heading:
            page[heading] = page.get(heading, "") + line + "\n"
    return {title: textwrap.dedent(body).strip() for title, body in page.items()}


@pytest.mark.parametrize("name", POINTS)
def test_a_page_has_all_sections_and_passes_stands_in_the_reference(name: str) -> None:
    page = sections(name)
    assert list(page) == ["What it checks", "Why it matters", "How to fix", "Fails", "Passes"]
    reference = (ROOT / "reference" / "quiz1.py").read_text(encoding="utf-8")
    stripped = "\n".join(line.strip() for line in reference.splitlines())
    assert stripped.count(page["Passes"]) == 1
