"""The network can learn: it memorises a handful of pictures.

What it checks
    Your network, with fresh weights, is trained by the grader on one small batch until it knows it by heart. Every
    network of the handout does so within seconds. A network that cannot is cut somewhere: a detach, a frozen or
    saturated layer. If a mistake charged elsewhere is the reason, this one is shown and costs nothing.

Why it matters
    Gradients must reach every layer, or that layer stays as it was thrown at the start; residual blocks were
    invented for "very smooth backward propagations" (slide "ResNet"). Memorising one batch is the cheapest test of
    it, and the first that you should make with any network of your own.

How to fix
    Look for .detach(), .data, torch.no_grad() and numpy() in forward, for layers in a plain Python list, and for
    sigmoid, tanh or softmax where ReLU should be.

Fails
    x = torch.flatten(x, start_dim=1).detach()

Passes
    x = torch.flatten(x, start_dim=1)
"""

from __future__ import annotations

from math import isfinite

from grader.check import Page, as_finding, listed, network_unread
from grader.records import CheckResult, Facts, Finding, LearningRun

PAGE = Page(__name__, __doc__)

CUTTING = frozenset({"detached-graph", "frozen-parameters"})  # faults of the loop that lie in the network
PLAIN_TAILS = ("logits", "log_softmax")
RISEN = 4.0  # a last loss this many times the first one is a divergence, not a plateau


def check(facts: Facts, points: float) -> CheckResult:
    unread = network_unread(PAGE, facts, points)
    if unread is not None:
        return unread
    if facts.quick:
        return PAGE.skipped(points, "Not run (--quick).", kept=points)
    if facts.evidence.input_shape not in ((), facts.assignment.input_shape):
        return PAGE.skipped(points, "Not run: the network takes pictures of another size.", kept=points)
    if not facts.rebuilt or facts.learning is None:
        return PAGE.broken(points, "The grader could not rebuild the network to train it. No points are lost.")
    run = facts.learning
    if run.learned:
        return PAGE.passed(points, run.message or f"The network memorised the batch in {run.steps} steps.")
    causes = _causes(facts)
    finding = _finding(run, causes)
    return PAGE.failed(points, points if finding.charged else 0.0, finding.message, (finding,))


def _causes(facts: Facts) -> str:
    """What makes it: the handout's own network learns, so every charged difference from it may be the reason."""
    charged = () if facts.comparison is None else tuple(f for f in facts.comparison.findings if f.charged)
    faults = () if facts.replay is None else facts.replay.faults
    cutting = tuple(as_finding(fault, facts) for fault in faults if fault.code in CUTTING)
    tail = "logits" if facts.comparison is None else facts.comparison.tail
    on_output = f"{tail} on the output" if tail not in PLAIN_TAILS else ""
    return ", ".join(filter(None, (listed((*charged, *cutting)), on_output)))


def _finding(run: LearningRun, causes: str) -> Finding:
    diverged = any(not isfinite(loss) for loss in run.losses) or (
        len(run.losses) > 1 and run.losses[-1] > RISEN * run.losses[0]
    )
    detail = f" {run.message}" if run.message else ""
    reason = f" This follows from {causes}, charged there." if causes else ""
    what = "The loss grows without bound" if diverged else "The network does not learn"
    return Finding(
        code="diverged" if diverged else "cannot-learn",
        message=f"{what} when the grader trains it on one small batch; expected it to memorise the batch."
        f"{detail}{reason}",
        hint="Look in forward for exp, log, a division or a large factor."
        if diverged
        else "Look in forward for .detach(), .data or torch.no_grad(), and for sigmoid, tanh or softmax.",
        expected="memorised",
        found="diverged" if diverged else "not memorised",
        charged=not causes,
    )
