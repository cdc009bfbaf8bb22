"""The network has the handout's layers, in the handout's order, with the handout's sizes.

What it checks
    Every convolution, pool, fully connected layer and addition of the handout's table is compared with what your
    network computes for a picture. Names and spelling are free: nn.Conv2d, F.conv2d and a layer inside a list are
    the same if they compute the same. A row of the table that is wrong costs its share of the points once; what a
    wrong row forces upon later rows is shown and costs nothing. An extra layer costs one share.

Why it matters
    The slide "Quiz1. Training a CNN classifier on CIFAR-10" (for the others "Quiz2. Training VGG-11 on CIFAR-10" and
    "Quiz 3. Implement a CNN with Residual Block on CIFAR-10") fixes these layers. Sizes depend on each other: with
    32 x 32 pictures, kernels of 5 and pools of 2 the last map is 16 x 5 x 5, and that is where 400 comes from.

How to fix
    Go through the table from the top and write one layer for each row. Begin with the first finding: later ones are
    often its consequences. Print x.shape after each line of forward to see where the sizes part.

Fails
    self.pool1 = nn.AvgPool2d(kernel_size=2, stride=2)

Passes
    self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
"""

from __future__ import annotations

from grader.check import Page, listed, network_unread, with_rows
from grader.records import CheckResult, Facts, Finding, LayerRow, LayerSpec

PAGE = Page(__name__, __doc__)

POINTWISE = frozenset(
    {"relu", "relu6", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "softplus", "softsign"}
    | {"hardtanh", "hardswish", "hardsigmoid", "sigmoid", "log_sigmoid", "tanh", "softmax", "log_softmax"}
    | {"pointwise", "activation"}
)
ACTIVATION_CODES = frozenset({"missing-activation", "extra-activation", "wrong-activation"})
LAYER_CODES = frozenset({"missing-skip", "wrong-skip", "extra-layer", "shared-layer", "unregistered-layer"})
TOTALS = frozenset({"output-shape", "parameter-count"})  # have checks of their own


def check(facts: Facts, points: float) -> CheckResult:
    unread = network_unread(PAGE, facts, points, whole=False)
    if unread is not None:
        return unread
    specs = tuple(spec for spec in facts.assignment.layers if spec.kind not in POINTWISE)
    findings = layer_findings(facts)
    charged = tuple(finding for finding in findings if finding.charged)
    rows = layer_rows(facts)
    missed = unreached(facts, specs)
    if not charged and not missed:
        message = f"All {len(specs)} layers are as in the handout."
        return with_rows(PAGE.passed(points, message, findings), rows)
    lost = share_lost(charged, specs, missed=missed) * points
    message = " ".join(filter(None, (f"Not as in the handout: {listed(charged)}." if charged else "", told(missed))))
    return with_rows(PAGE.failed(points, lost, message, findings), rows)


def layer_findings(facts: Facts) -> tuple[Finding, ...]:
    """The comparison's findings that this check owns: all but those of activations and of totals."""
    found = () if facts.comparison is None else facts.comparison.findings
    return tuple(f for f in found if f.code not in TOTALS and not is_of_activations(f, facts))


def charged_layers(facts: Facts) -> tuple[Finding, ...]:
    """What other checks may name as a cause."""
    return tuple(finding for finding in layer_findings(facts) if finding.charged)


def is_of_activations(finding: Finding, facts: Facts) -> bool:
    if finding.code in ACTIVATION_CODES:
        return True
    if finding.code in LAYER_CODES:
        return False
    return any(spec.name == finding.layer and spec.kind in POINTWISE for spec in facts.assignment.layers)


def unreached(facts: Facts, specs: tuple[LayerSpec, ...]) -> tuple[str, ...]:
    """The rows that forward did not come to before it failed."""
    missed = () if facts.comparison is None else facts.comparison.unreached
    return tuple(spec.name for spec in specs if spec.name in missed)


def told(missed: tuple[str, ...]) -> str:
    return f"Not reached, because forward stops before: {', '.join(missed)}." if missed else ""


def share_lost(
    charged: tuple[Finding, ...], specs: tuple[LayerSpec, ...], more_rows: int = 0, missed: tuple[str, ...] = ()
) -> float:
    """The part of the points that these findings cost: a row once, however many findings it has, and an extra
    layer, which has no row, one row's share. A row that was missed costs its share, too."""
    names = {spec.name for spec in specs}
    extra = sum(1 for finding in charged if finding.code == "extra-layer" or finding.layer not in names)
    wrong = ({finding.layer for finding in charged if finding.code != "extra-layer"} | {*missed}) & names
    return min(1.0, (len(wrong) + extra) / max(1, len(specs) + more_rows))


def layer_rows(facts: Facts) -> tuple[LayerRow, ...]:
    """The comparison's rows without those of activations; rows of extra layers stay here."""
    rows = () if facts.comparison is None else facts.comparison.rows
    pointwise = {spec.name for spec in facts.assignment.layers if spec.kind in POINTWISE}
    return tuple(row for row in rows if row.layer not in pointwise and row.layer != "output")
