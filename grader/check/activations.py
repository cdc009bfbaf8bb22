"""Every hidden layer is followed by ReLU, and nothing stands on the output.

What it checks
    Each ReLU of the handout's table must be there, and the last layer's numbers must leave the network as they are.
    Activations are recognised by the values that they give: F.relu, nn.ReLU, clamp(min=0) are one; ReLU after
    a max-pool instead of before it is the same function. Each ReLU and "nothing on the output" have equal shares of
    the points. A softmax that goes into CrossEntropyLoss is charged under `loss` and only shown here; log_softmax
    with NLLLoss is right.

Why it matters
    The quiz slide says "Apply ReLU activation function for hidden layers". Without it two layers in a row are one
    linear map. "All hidden neurons use ReLU: about 6 times faster than sigmoid units" (lecture "Convolutional Neural
    Networks (cont.)", slide "ReLU activation"). On the output it would cut off every negative class score.

How to fix
    Put torch.relu around each hidden layer in forward, and leave the last layer alone.

Fails
    x = torch.sigmoid(self.fc1(x))

Passes
    x = torch.relu(self.fc1(x))
"""

from __future__ import annotations

from dataclasses import replace

from grader.check import Page, listed, network_unread, with_rows
from grader.check.layers import POINTWISE, is_of_activations, share_lost, told, unreached
from grader.check.loss import loss_findings
from grader.records import CheckResult, Comparison, Facts, Finding, LayerRow

PAGE = Page(__name__, __doc__)

PLAIN_TAILS = ("logits", "log_softmax")
LOG_SOFTMAX = "a log-softmax"  # part of the loss, and right; what else stands on the output is not


def check(facts: Facts, points: float) -> CheckResult:
    unread = network_unread(PAGE, facts, points, whole=False)
    if unread is not None or facts.comparison is None:
        return unread or PAGE.skipped(points, "Not checked.")
    specs = tuple(spec for spec in facts.assignment.layers if spec.kind in POINTWISE)
    findings = activation_findings(facts, facts.comparison)
    charged = tuple(finding for finding in findings if finding.charged)
    rows = _rows(facts, facts.comparison, findings)
    missed = unreached(facts, specs)
    if not charged and not missed:
        message = f"All {len(specs)} activations are in place."
        if findings:
            message = f"Nothing is charged here: {listed(findings)} follows from other mistakes."
        return with_rows(PAGE.passed(points, message, findings), rows)
    # The output is a row of its own, where forward came to it.
    lost = share_lost(charged, specs, 0 if missed else 1, missed) * points
    message = " ".join(filter(None, (f"Not as in the handout: {listed(charged)}." if charged else "", told(missed))))
    return with_rows(PAGE.failed(points, lost, message, findings), rows)


def activation_findings(facts: Facts, comparison: Comparison) -> tuple[Finding, ...]:
    """The comparison's findings on activations, and one on the output whether the comparison has one or not."""
    found = tuple(finding for finding in comparison.findings if is_of_activations(finding, facts))
    if comparison.tail in PLAIN_TAILS:
        return tuple(f for f in found if not (f.layer == "output" and f.found == LOG_SOFTMAX))
    last = facts.assignment.layers[-1].name if facts.assignment.layers else "output"
    on_output = [f for f in found if f.code == "extra-activation" and f.layer in ("output", last)]
    others = tuple(finding for finding in found if finding not in on_output)
    given = replace(on_output[0], layer="output") if on_output else _on_output(comparison.tail)
    return (*others, _charged_once(given, facts, comparison.tail))


def _on_output(tail: str) -> Finding:
    shown = {"relu": "ReLU"}.get(tail, tail.replace("_", " "))
    return Finding(
        code="extra-activation",
        message=f"There is {shown} on the output of the network; expected the class scores as they are.",
        hint=f"Return the class scores as they are, without {shown}.",
        layer="output",
        attribute="function",
        expected="none",
        found=tail,
    )


def _charged_once(finding: Finding, facts: Facts, tail: str) -> Finding:
    if tail != "softmax":
        return finding
    if facts.replay is not None and facts.replay.matched:  # its logarithm was taken outside: cross-entropy after all
        return replace(finding, charged=False, message=f"{finding.message} The training makes up for it.")
    loss = [f for f in loss_findings(facts) if f.charged and _asks_for_scores(f)]
    if loss:
        return replace(finding, charged=False, message=f"{finding.message} It is charged under loss ({loss[0].code}).")
    return finding


def _asks_for_scores(finding: Finding) -> bool:
    """Softmax into cross-entropy, and softmax into NLLLoss (log_softmax was meant), are one mistake with the loss."""
    return finding.code == "softmax-before-cross-entropy" or "nll" in (finding.found or "").lower()


def _rows(facts: Facts, comparison: Comparison, findings: tuple[Finding, ...]) -> tuple[LayerRow, ...]:
    names = {spec.name for spec in facts.assignment.layers if spec.kind in POINTWISE}
    rows = tuple(row for row in comparison.rows if row.layer in names)
    plain = comparison.tail in PLAIN_TAILS
    output = next((finding for finding in findings if finding.layer == "output"), None)
    return (
        *rows,
        LayerRow(
            layer="output",
            title="Nothing on the output",
            expected="none",
            found="none" if comparison.tail == "logits" else (output and output.found) or comparison.tail,
            verdict="pass" if plain or output is None or not output.charged else "fail",
            where=None if output is None else output.where,
        ),
    )
