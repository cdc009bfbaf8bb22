"""Results to a score and one sentence."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from right_submission import assignment, comparison, evidence, explained, facts, fault, finding

from grader.check import run
from grader.records import CheckResult, Facts, Failure, Finding, Status, Where
from grader.score import SENTENCES, score, summary

NOTHING: dict[str, Any] = {"comparison": None, "replay": None, "learning": None, "rebuilt": False}


def ended(status: Status, *failures: Failure) -> Facts:
    empty = evidence(status=status, training=None, tests=(), loaders=(), inputs=(), failures=failures)
    return facts(evidence=empty, **NOTHING)


def graded(one: Facts) -> tuple[tuple[float, float, bool], str]:
    results = run(one)
    return score(one, results), summary(one, results)


def test_a_right_submission_gets_everything() -> None:
    assert graded(facts()) == ((100.0, 100.0, False), "Everything is right.")


def test_one_wrong_layer_is_charged_once_and_rounded_to_cents() -> None:
    wide = comparison(finding("wrong-attribute", "fc3", "out_features"), parameters=69656, output_shape=("N", 100))
    assert graded(facts(comparison=wide)) == (
        (94.29, 100.0, False),
        "One thing to fix: wrong-attribute (fc3.out_features).",
    )


def test_the_costliest_mistakes_are_named_first_and_the_rest_counted() -> None:
    spoilt = facts(
        comparison=comparison(finding("missing-activation", "relu1"), finding("missing-layer", "pool1")),
        replay=explained(fault("no-zero-grad", "training-step"), fault("wrong-momentum", "optimizer")),
    )
    assert graded(spoilt) == (
        (77.29, 100.0, False),
        "4 things to fix: no-zero-grad, missing-layer (pool1), wrong-momentum and 1 more.",
    )


def test_quick_is_said() -> None:
    assert graded(facts(quick=True, learning=None)) == (
        (100.0, 100.0, False),
        "Everything is right. The learning test was not run (--quick).",
    )


def test_our_error_costs_nothing_and_asks_for_a_person() -> None:
    assert graded(facts(rebuilt=False, learning=None)) == (
        (100.0, 100.0, True),
        "Graded. A person will look at it.",
    )


@pytest.mark.parametrize(
    ("status", "review"),
    [
        ("syntax-error", False),
        ("no-model", False),
        ("time-limit", False),
        ("sandbox-error", True),
        ("evidence-rejected", True),
        ("trace-unsupported", True),
    ],
)
def test_without_evidence_the_score_is_zero_and_ours_asks_for_a_person(status: Status, review: bool) -> None:
    assert graded(ended(status))[0] == (0.0, 100.0, review)


def test_the_sentence_of_a_program_that_stopped_names_its_line() -> None:
    broken = Failure(kind="SyntaxError", message="invalid syntax", where=Where(file="net.py", line=3), phase="import")
    assert graded(ended("syntax-error", broken)) == (
        (0.0, 100.0, False),
        "The program does not compile (SyntaxError: invalid syntax in net.py, line 3).",
    )


def test_what_could_be_checked_counts_though_the_network_was_not_seen() -> None:
    unseen = facts(comparison=None, rebuilt=False, evidence=evidence(status="forward-error"))
    assert graded(unseen) == ((35.0, 100.0, False), "The network stopped in forward.")


def test_every_status_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Status.__args__)  # type: ignore[attr-defined]


def test_no_results_at_all_are_zero_of_the_assignments_points() -> None:
    assert score(facts(), ()) == (0.0, sum(spec.points for spec in assignment().checks), False)


def test_points_are_rounded_to_cents() -> None:
    third = CheckResult(id="layers", title="", verdict="fail", points=100 / 3, max_points=40.0, message="")
    named = replace(third, findings=(Finding(code="missing-layer", message="", layer="pool1"),))
    assert score(facts(), (named,)) == (33.33, 100.0, False)
