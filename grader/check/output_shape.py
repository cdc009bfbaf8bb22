"""The network answers each picture with ten class scores.

What it checks
    For N pictures of 3 x 32 x 32 the output must have the shape (N, 10), for every N. If a wrong layer, charged
    under `layers`, is the reason, the wrong shape is shown here and costs nothing.

Why it matters
    CIFAR-10 has ten classes (slide "CIFAR-10 dataset"), and the quiz's last layer has out_features 10 (slide "Quiz1.
    Training a CNN classifier on CIFAR-10"). A first dimension other than N means that numbers of one picture went to
    another one, usually in view(-1, ...).

How to fix
    Give the last layer ten outputs, and flatten with torch.flatten(x, 1), which cannot touch the batch.

Fails
    self.fc3 = nn.Linear(84, 100)

Passes
    self.fc3 = nn.Linear(84, 10)
"""

from __future__ import annotations

from dataclasses import replace

from grader.check import Page, listed, network_unread
from grader.check.layers import charged_layers
from grader.records import CheckResult, Comparison, Facts, Finding

PAGE = Page(__name__, __doc__)

RESHAPING = ("wrong-attribute", "missing-layer", "extra-layer", "layer-order", "wrong-skip", "missing-skip")


def check(facts: Facts, points: float) -> CheckResult:
    unread = network_unread(PAGE, facts, points)
    if unread is not None or facts.comparison is None:
        return unread or PAGE.skipped(points, "Not checked.")
    expected = ("N", facts.assignment.classes)
    if tuple(facts.comparison.output_shape) == expected:
        return PAGE.passed(points, f"The output has the shape {shown(expected)}.")
    finding = _finding(facts.comparison, expected)
    causes = tuple(cause for cause in charged_layers(facts) if cause.code in RESHAPING)
    if causes or not finding.charged:
        reason = f" This follows from {listed(causes)}, charged under layers." if causes else ""
        shown_only = replace(finding, charged=False, message=finding.message + reason)
        return PAGE.failed(points, 0.0, shown_only.message, (shown_only,))
    return PAGE.failed(points, points, finding.message, (finding,))


def shown(shape: tuple[int | str, ...]) -> str:
    return f"({', '.join(str(size) for size in shape)}{',' if len(shape) == 1 else ''})"


def _finding(comparison: Comparison, expected: tuple[int | str, ...]) -> Finding:
    given = next((finding for finding in comparison.findings if finding.code == "output-shape"), None)
    if given is not None:
        return given
    found = shown(comparison.output_shape)
    return Finding(
        code="output-shape",
        message=f"The output has the shape {found}; expected {shown(expected)}.",
        hint=f"Give the last layer out_features={expected[-1]}, and flatten with torch.flatten(x, 1), which keeps the "
        "batch.",
        expected=shown(expected),
        found=found,
    )
