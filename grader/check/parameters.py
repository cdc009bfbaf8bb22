"""The network has exactly the handout's number of parameters.

What it checks
    The weights and biases that your network uses are counted and compared with the handout's total. If a wrong
    layer, charged under `layers`, is the reason, the wrong total is shown here and costs nothing.

Why it matters
    A convolution has out x (in x k x k + 1) parameters, a fully connected layer out x (in + 1). The lecture compares
    networks by these numbers (slide "VGGNet": three 3 x 3 filters have 27 C^2, one 7 x 7 filter 49 C^2). The total is
    the quickest way to see that a layer is too large or that a bias is missing.

How to fix
    Print sum(p.numel() for p in network.parameters()), then each layer's own number, and compare them with the
    table in the handout from the top.

Fails
    self.fc3 = nn.Linear(84, 10, bias=False)

Passes
    self.fc3 = nn.Linear(84, 10)
"""

from __future__ import annotations

from dataclasses import replace

from grader.check import Page, listed, network_unread
from grader.check.layers import charged_layers
from grader.records import CheckResult, Comparison, Facts, Finding

PAGE = Page(__name__, __doc__)

RESIZING = (
    "wrong-attribute",
    "missing-layer",
    "extra-layer",
    "layer-order",
    "wrong-skip",
    "missing-skip",
    "shared-layer",
    "unregistered-layer",
    "unused-layer",
)


def check(facts: Facts, points: float) -> CheckResult:
    unread = network_unread(PAGE, facts, points)
    if unread is not None or facts.comparison is None:
        return unread or PAGE.skipped(points, "Not checked.")
    expected = facts.assignment.parameters
    if facts.comparison.parameters == expected:
        return PAGE.passed(points, f"{expected:,} parameters, as in the handout.")
    finding = _finding(facts.comparison, expected)
    causes = (*(cause for cause in charged_layers(facts) if cause.code in RESIZING), *_learned_slopes(facts.comparison))
    if causes or not finding.charged:
        reason = f" This follows from {listed(causes)}, charged under layers." if causes else ""
        shown_only = replace(finding, charged=False, message=finding.message + reason)
        return PAGE.failed(points, 0.0, shown_only.message, (shown_only,))
    return PAGE.failed(points, points, finding.message, (finding,))


def _learned_slopes(comparison: Comparison) -> tuple[Finding, ...]:
    """PReLUs, charged as activations, bring parameters of their own."""
    return tuple(
        one for one in comparison.findings if one.charged and one.code == "wrong-activation" and one.found == "PReLU"
    )


def _finding(comparison: Comparison, expected: int) -> Finding:
    given = next((finding for finding in comparison.findings if finding.code == "parameter-count"), None)
    if given is not None:
        return given
    found = comparison.parameters
    more = f"{abs(found - expected):,} too {'many' if found > expected else 'few'}"
    return Finding(
        code="parameter-count",
        message=f"The network has {found:,} parameters; expected {expected:,} ({more}).",
        hint="Print the number of parameters of each layer and compare it with the handout's table.",
        expected=f"{expected:,}",
        found=f"{found:,}",
    )
