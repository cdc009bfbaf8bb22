"""One step of training is: clear the gradients, compute the loss, go backward, let the optimizer step.

What it checks
    The weights before and after the first steps of your own loop are recorded, and the same pictures are replayed
    with the handout's recipe. The same weights mean that the step is right, however it is written. Otherwise the
    usual mistakes are tried until one gives your weights exactly: that is the diagnosis. All points or none. Where
    the loss or the optimizer is another one, that is charged there.

Why it matters
    "Train the network on the training data" (quiz slide, step 3) is this step, repeated. PyTorch adds each new
    gradient to the old one, so without zero_grad the network follows a sum of all gradients since the start; the
    program runs, prints falling or rising numbers, and nothing tells you.

How to fix
    Keep to this order in the loop: zero_grad, loss of the network's scores and the labels, backward, step.

Fails
    loss = loss_function(network(images.to(DEVICE)), labels.to(DEVICE))
    loss.backward()
    optimizer.step()

Passes
    optimizer.zero_grad()
    loss = loss_function(network(images.to(DEVICE)), labels.to(DEVICE))
    loss.backward()
    optimizer.step()
"""

from __future__ import annotations

from dataclasses import replace

from grader.check import Page, as_finding, listed, not_run, proved, stopped
from grader.check.loss import loss_findings
from grader.check.optimizer import optimizer_findings
from grader.records import CheckResult, Facts, Finding, Replay, Training

PAGE = Page(__name__, __doc__)

NO_TRAINING = Finding(
    code="no-training",
    message="No training step was seen; expected a loop over the training data that changes the weights.",
    hint="Write the loop, and call it: a function that is only defined does not train.",
    expected="training steps",
    found="none",
)
# What a replay sees of a step in which the program stopped.
CUT_SHORT = frozenset({"no-backward", "no-step"})
# Another loss or optimizer makes every replay miss: what the replay then says about the step is their consequence.
OTHER_RECIPE = frozenset({"wrong-loss", "wrong-optimizer", "softmax-before-cross-entropy"})


def check(facts: Facts, points: float) -> CheckResult:
    missing = not_run(PAGE, facts, points)
    if missing is not None:
        return missing
    training = facts.evidence.training
    if training is None or not training.steps:
        nothing = stopped(facts) or NO_TRAINING
        return PAGE.failed(points, points, nothing.message, (nothing,))
    if facts.replay is None:
        return PAGE.broken(points, "The grader could not replay the training steps. No points are lost.")
    findings = (*_findings(facts, facts.replay), *_on_test_data(facts, training))
    charged = tuple(finding for finding in findings if finding.charged)
    if charged:
        message = charged[0].message if len(charged) == 1 else f"To fix: {listed(charged)}."
        return PAGE.failed(points, points, message, findings)
    if findings:
        return PAGE.failed(points, 0.0, findings[0].message, findings)
    return PAGE.passed(points, _praise(facts, facts.replay))


def _praise(facts: Facts, replay: Replay) -> str:
    steps = "1 step" if replay.steps == 1 else f"{replay.steps} steps"
    others = listed(tuple(as_finding(fault, facts) for fault in replay.faults if fault.check != "training-step"))
    if others:
        return f"{steps} replayed: right, but for {others}, charged elsewhere."
    return f"{steps} replayed with the handout's recipe: the same weights come out."


def _findings(facts: Facts, replay: Replay) -> tuple[Finding, ...]:
    by_replay = proved(facts, "training-step")
    ended = stopped(facts)
    if by_replay and ended is not None and all(finding.code in CUT_SHORT for finding in by_replay):
        return (ended, *(replace(finding, charged=False) for finding in by_replay))
    if by_replay is not None:
        return by_replay
    elsewhere = (*loss_findings(facts), *optimizer_findings(facts))
    causes = tuple(finding for finding in elsewhere if finding.charged and finding.code in OTHER_RECIPE)
    suspected = tuple(
        replace(as_finding(fault, facts), charged=False) for fault in replay.faults if fault.check == "training-step"
    )
    return (_diverged(facts, replay, causes), *suspected)


def _diverged(facts: Facts, replay: Replay, causes: tuple[Finding, ...]) -> Finding:
    training = facts.evidence.training
    at = replay.diverged_at or "the first step"
    reason = f" This follows from {listed(causes)}, charged there." if causes else ""
    return Finding(
        code="diverging-step",
        message=f"The weights part from those of the handout's recipe at {at}, and none of the usual mistakes "
        f"explains it; expected the same weights.{reason}",
        hint="Compare the loop with zero_grad, loss, backward, step, and look for anything else that changes weights, "
        "gradients, pictures or labels.",
        expected="the weights of the handout's recipe",
        found=f"{replay.deviation:.2g} of a step's length away",
        charged=not causes,
        where=None if training is None else training.where,
    )


def _on_test_data(facts: Facts, training: Training) -> tuple[Finding, ...]:
    replay = facts.replay
    if not training.on_test_data or (replay is not None and any(f.code == "trained-on-test" for f in replay.faults)):
        return ()
    return (
        Finding(
            code="trained-on-test",
            message="The training loop runs over the test data; expected the training data.",
            hint="Loop over the loader made from CIFAR10(train=True).",
            expected="training data",
            found="test data",
            where=training.where,
        ),
    )
