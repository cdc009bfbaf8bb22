"""The optimizer is the handout's, with the handout's learning rate and momentum.

What it checks
    A few steps of your own training loop are replayed with the handout's optimizer. If your weights come out, it is
    right. Otherwise the replay tells which optimizer and which numbers give your weights. Another optimizer costs
    all points; each wrong number costs half of them, all of them at most.

Why it matters
    The slides fix it: "SGD with learning rate 0.001 and momentum 0.9" (Quiz 1), "SGD with learning rate 0.01 and
    momentum 0.9" (Quiz 2), "Adam optimizer with learning rate 0.001" (Quiz 3). Ten times the learning rate makes
    many networks diverge; without momentum SGD needs about ten times as many steps for the same way.

How to fix
    Write the optimizer's constructor as in the handout, with each number by its name, and nothing besides.

Fails
    return torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)

Passes
    return torch.optim.SGD(network.parameters(), lr=0.001, momentum=0.9)
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import isclose
from typing import Any

from grader.check import Page, faults_elsewhere, listed, not_run, proved, stopped
from grader.records import CheckResult, Facts, Finding, OptimizerFacts, Recipe

PAGE = Page(__name__, __doc__)

CODES = {
    "lr": "wrong-learning-rate",
    "momentum": "wrong-momentum",
    "weight_decay": "extra-weight-decay",
    "nesterov": "wrong-nesterov",
    "dampening": "wrong-dampening",
    "betas": "wrong-betas",
    "amsgrad": "wrong-amsgrad",
    "eps": "wrong-eps",
    "maximize": "maximised-loss",
}
# With these faults of the loop the weights say nothing about the optimizer's numbers: its constructor is judged too.
HIDING = frozenset({"no-step", "no-backward", "detached-graph", "stale-optimizer"})
ALL_LOST = frozenset({"wrong-optimizer", "no-training", "program-error"})


def check(facts: Facts, points: float) -> CheckResult:
    missing = not_run(PAGE, facts, points)
    if missing is not None:
        return missing
    findings = optimizer_findings(facts)
    if not any(finding.code in ("learning-rate-schedule", *ALL_LOST) for finding in findings):
        findings = (*findings, *_later_schedule(facts))
    charged = tuple(finding for finding in findings if finding.charged)
    if findings and not charged:
        return PAGE.failed(points, 0.0, findings[0].message, findings)
    if not charged:
        how = "as recorded" if proved(facts, "optimizer") is None else "as the replay shows"
        message = f"{call(facts.assignment.training)}, {how}{faults_elsewhere(facts, 'optimizer')}."
        return PAGE.passed(points, message, findings)
    share = 1.0 if any(finding.code in ALL_LOST for finding in charged) else min(1.0, 0.5 * len(charged))
    message = charged[0].message if len(charged) == 1 else f"Not as in the handout: {listed(charged)}."
    return PAGE.failed(points, share * points, message, findings)


def optimizer_findings(facts: Facts) -> tuple[Finding, ...]:
    """What is wrong with the optimizer: as the replay proved it, otherwise as it was constructed."""
    by_replay = proved(facts, "optimizer")
    hidden = facts.replay is not None and any(fault.code in HIDING for fault in facts.replay.faults)
    if by_replay is not None and not hidden:
        return by_replay
    known = by_replay or ()
    codes = {finding.code for finding in known}
    return (*known, *(finding for finding in _recorded(facts) if finding.code not in codes))


def _later_schedule(facts: Facts) -> tuple[Finding, ...]:
    """A learning rate that changes after the steps that are replayed, as schedules by epoch do."""
    training = facts.evidence.training
    if training is None or not training.optimizers:
        return ()
    used = max(training.optimizers, key=lambda optimizer: optimizer.steps)
    # A scheduler may move it by very little in the first steps, and means to.
    alike = _same if used.schedule is None else operator.eq
    rates = [rate for rate, last in zip(used.rates, (None, *used.rates), strict=False) if not alike(rate, last)]
    if len(rates) < 2:
        return ()
    digits = next((one for one in (4, 6, 9) if len({f"{rate:.{one}g}" for rate in rates[:3]}) > 1), 12)
    words = ", then ".join(f"{rate:.{digits}g}" for rate in rates[:3])
    return (
        Finding(
            code="learning-rate-schedule",
            message=f"The learning rate changes during the training: {words}; expected {rates[0]:g} in every step.",
            hint="Remove the scheduler, or whatever sets lr: the handout keeps the learning rate fixed.",
            expected=f"{rates[0]:g} in every step",
            found=words,
            where=used.schedule or used.where,
        ),
    )


def call(recipe: Recipe) -> str:
    """``SGD(lr=0.001, momentum=0.9)``: the numbers that the handout names."""
    named = ((name, recipe.hyperparameters.get(name)) for name in ("lr", "momentum", "weight_decay"))
    return f"{recipe.optimizer}({', '.join(f'{name}={value:g}' for name, value in named if value)})"


def _recorded(facts: Facts) -> tuple[Finding, ...]:
    training = facts.evidence.training
    recipe = facts.assignment.training
    hint = f"Write torch.optim.{call(recipe).replace('(', '(network.parameters(), ', 1)}."
    if training is None or not training.optimizers:
        ended = stopped(facts) if training is None or not training.steps else None
        not_seen = Finding(
            code="no-training" if training is None or not training.steps else "wrong-optimizer",
            message=f"No optimizer of torch was seen; expected {call(recipe)}.",
            hint=hint,
            expected=recipe.optimizer,
            found="none",
        )
        return (ended or not_seen,)
    used = max(training.optimizers, key=lambda optimizer: optimizer.steps)
    if used.kind != recipe.optimizer:
        message = f"The optimizer is {used.kind}; expected {call(recipe)}."
        return (
            Finding(
                code="wrong-optimizer",
                message=message,
                hint=hint,
                expected=recipe.optimizer,
                found=used.kind,
                where=used.where,
            ),
        )
    wrong = (_wrong_number(used, name, value, hint) for name, value in recipe.hyperparameters.items())
    return tuple(finding for finding in wrong if finding is not None)


def _wrong_number(used: OptimizerFacts, name: str, expected: Any, hint: str) -> Finding | None:
    found = [group[name] for group in used.groups if name in group and not _same(group[name], expected)]
    if not found:
        return None
    what, short = ("The learning rate is ", "") if name == "lr" else (f"The optimizer has {name}=", f"{name}=")
    return Finding(
        code=CODES.get(name, "wrong-hyperparameter"),
        message=f"{what}{_text(found[0])}; expected {short}{_text(expected)}.",
        hint=hint,
        attribute=name,
        expected=_text(expected),
        found=_text(found[0]),
        where=used.where,
    )


def _same(found: Any, expected: Any) -> bool:
    if isinstance(found, Sequence) and isinstance(expected, Sequence) and not isinstance(found, str):
        return len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(found, int | float) and isinstance(expected, int | float):
        return isclose(found, expected, rel_tol=1e-6, abs_tol=1e-12)
    return bool(found == expected)


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | Sequence) or isinstance(value, str):
        return str(value)
    return f"{value:g}" if isinstance(value, int | float) else f"({', '.join(_text(part) for part in value)})"
