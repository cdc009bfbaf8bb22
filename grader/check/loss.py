"""The loss is cross-entropy on the network's class scores.

What it checks
    A few steps of your own training loop are replayed with cross-entropy. If your weights come out, the loss is
    right, whatever the code looks like: nn.CrossEntropyLoss, F.cross_entropy, or log_softmax with nn.NLLLoss.
    Otherwise the usual other losses are tried, and the one that gives your weights is named. All points or none.

Why it matters
    The quiz slide asks for "Cross-Entropy loss". "Since the softmax layer specifies the probability, the cost should
    be computed differently" (lecture "Convolutional neural network", slide "Classification layer"). CrossEntropyLoss
    takes the softmax itself (slide "Training objective": -o_y + ln sum e^o_i): a softmax in the network as well
    squeezes all scores into 0..1, and the gradients almost vanish.

How to fix
    Use nn.CrossEntropyLoss() as it is, and give it the last layer's scores and the labels.

Fails
    return nn.MultiMarginLoss()

Passes
    return nn.CrossEntropyLoss()
"""

from __future__ import annotations

from grader.check import Page, faults_elsewhere, not_run, proved, stopped
from grader.records import CheckResult, Facts, Finding, LossCall

PAGE = Page(__name__, __doc__)

# With these faults of the loop the weights say nothing about the loss: it is judged by the call that was recorded.
HIDING = frozenset({"no-backward"})


def check(facts: Facts, points: float) -> CheckResult:
    missing = not_run(PAGE, facts, points)
    if missing is not None:
        return missing
    findings = loss_findings(facts)
    charged = tuple(finding for finding in findings if finding.charged)
    if charged:
        return PAGE.failed(points, points, charged[0].message, findings)
    if findings:
        return PAGE.failed(points, 0.0, findings[0].message, findings)
    if proved(facts, "loss") is None:
        return PAGE.passed(points, "The recorded call is cross-entropy.", findings)
    return PAGE.passed(points, f"Cross-entropy, as the replay shows{faults_elsewhere(facts, 'loss')}.", findings)


def loss_findings(facts: Facts) -> tuple[Finding, ...]:
    """What is wrong with the loss: as the replay proved it, otherwise as it was recorded."""
    by_replay = proved(facts, "loss")
    hidden = facts.replay is not None and any(fault.code in HIDING for fault in facts.replay.faults)
    if by_replay is not None and (by_replay or not hidden):
        return by_replay
    return _recorded(facts)


def _recorded(facts: Facts) -> tuple[Finding, ...]:
    training = facts.evidence.training
    tail = "logits" if facts.comparison is None else facts.comparison.tail
    calls = () if training is None else training.losses
    if calls:
        verdicts = [_judged(call, tail) for call in calls]
        return () if None in verdicts else tuple(verdict for verdict in verdicts if verdict is not None)[:1]
    if training is None or not training.steps:
        return (stopped(facts) or NOT_SEEN,)
    return (
        Finding(
            code="wrong-loss",
            message="There is no call of a torch loss on the network's output; expected cross-entropy.",
            hint="Write loss = nn.CrossEntropyLoss()(network(pictures), labels).",
            expected="cross-entropy",
            found="none",
            where=training.where,
        ),
    )


NOT_SEEN = Finding(
    code="no-training",
    message="No loss of the network's output was seen; expected cross-entropy in a training loop.",
    hint="Write the training loop, with loss = nn.CrossEntropyLoss()(network(pictures), labels).",
    expected="cross-entropy",
    found="none",
)


def _judged(call: LossCall, tail: str) -> Finding | None:
    if call.function == "cross_entropy" and tail == "softmax":
        return Finding(
            code="softmax-before-cross-entropy",
            message="The class scores go through softmax before CrossEntropyLoss, which takes the softmax itself; "
            "expected the scores as they are.",
            hint="Remove the softmax, and give the last layer's scores to the loss.",
            expected="cross-entropy on the class scores",
            found="cross-entropy on softmax of the class scores",
            where=call.where,
        )
    changed = tuple(f"{name}={value!r}" for name, value in _unusual(call))
    is_entropy = call.function == "cross_entropy" or (call.function == "nll_loss" and tail == "log_softmax")
    if is_entropy and not changed:
        return None
    found = f"{call.function}({', '.join(changed)})" if changed else call.function
    without = " without log_softmax" if call.function == "nll_loss" and tail != "log_softmax" else ""
    return Finding(
        code="wrong-loss",
        message=f"The loss is {found}{without}; expected cross-entropy, averaged over the batch.",
        hint="Use nn.CrossEntropyLoss() as it is, on the class scores and the labels.",
        expected="cross-entropy",
        found=found,
        where=call.where,
    )


def _unusual(call: LossCall) -> list[tuple[str, object]]:
    usual = {"reduction": "mean", "label_smoothing": 0.0, "weight": None}
    return [(name, call.options[name]) for name, value in usual.items() if call.options.get(name, value) != value]
