"""Which loss was it? Recognised from the gradient that it sent into the network's outputs, never from its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

Function = Callable[[Tensor, Tensor], Tensor]  # outputs, class numbers -> scalar
AGREE = 2e-4  # relative distance of two gradients that are the same
EQUAL = 1e-3  # of two numbers


@dataclass(frozen=True, kw_only=True)
class LossSample:
    """What was recorded of one step around the loss."""

    outputs: Tensor
    labels: Tensor
    targets: Tensor | None  # class numbers as given to the loss
    gradient: Tensor | None
    value: float | None


@dataclass(frozen=True, kw_only=True, eq=False)
class LossReading:
    """A loss that the student may have used; `code` "" for the handout's. `weigh` scales the rows of step i."""

    name: str
    code: str
    found: str
    function: Function
    targets: tuple[Tensor, ...]
    scales: tuple[Tensor | float, ...]
    smoothing: float = 0.0
    mislabelled: str = ""  # how the targets differ from the loader's labels
    given: tuple[Tensor, ...] = ()  # recorded gradients, for a loss outside the bank

    def cotangent(self, step: int, outputs: Tensor) -> Tensor:
        """d loss / d outputs."""
        if self.given:
            return self.given[step]
        gradient = gradient_of(self.function, outputs, self.targets[step])
        if self.smoothing:
            gradient = gradient + self.smoothing * _smooth(outputs, self.targets[step])
        return gradient * self.scales[step]


def _one_hot(outputs: Tensor, targets: Tensor) -> Tensor:
    return F.one_hot(targets, outputs.shape[1]).to(outputs.dtype)


def _safe_log(outputs: Tensor) -> Tensor:
    return outputs.clamp(min=1e-30).log()


RECIPE: Mapping[str, Function] = {
    "logits": F.cross_entropy,
    "softmax": lambda o, t: F.nll_loss(_safe_log(o), t),  # softmax, then a logarithm outside, is cross-entropy
}
SOFTMAX_TWICE: Mapping[str, Function] = {
    "logits": lambda o, t: F.cross_entropy(o.softmax(1), t),
    "softmax": F.cross_entropy,
}
BANK: Mapping[str, tuple[str, Function]] = {
    "nll-raw": ("NLLLoss on class scores without log_softmax", F.nll_loss),
    "nll-softmax": ("NLLLoss on softmax instead of log_softmax", lambda o, t: F.nll_loss(o.softmax(1), t)),
    "mse": ("mean squared error against one-hot labels", lambda o, t: F.mse_loss(o, _one_hot(o, t))),
    "mse-softmax": ("mean squared error on softmax", lambda o, t: F.mse_loss(o.softmax(1), _one_hot(o, t))),
    "l1": ("mean absolute error against one-hot labels", lambda o, t: F.l1_loss(o, _one_hot(o, t))),
    "l1-softmax": ("mean absolute error on softmax", lambda o, t: F.l1_loss(o.softmax(1), _one_hot(o, t))),
    "smooth-l1": ("smooth L1 loss against one-hot labels", lambda o, t: F.smooth_l1_loss(o, _one_hot(o, t))),
    "bce-logits": (
        "binary cross-entropy of each class (BCEWithLogitsLoss)",
        lambda o, t: F.binary_cross_entropy_with_logits(o, _one_hot(o, t)),
    ),
    "bce": (
        "binary cross-entropy on probabilities (BCELoss)",
        lambda o, t: F.binary_cross_entropy(o.clamp(0, 1), _one_hot(o, t)),
    ),
    "bce-softmax": (
        "binary cross-entropy on softmax (BCELoss)",
        lambda o, t: F.binary_cross_entropy(o.softmax(1), _one_hot(o, t)),
    ),
    "multi-margin": ("multi-class margin loss (MultiMarginLoss)", F.multi_margin_loss),
    "sigmoid-ce": ("cross-entropy on sigmoid of the class scores", lambda o, t: F.cross_entropy(o.sigmoid(), t)),
    "relu-ce": ("cross-entropy on ReLU of the class scores", lambda o, t: F.cross_entropy(o.relu(), t)),
}
NAMES = ("cross-entropy", "softmax-twice", "softmax-over-batch", *BANK)


def gradient_of(function: Function, outputs: Tensor, targets: Tensor) -> Tensor:
    leaf = outputs.detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(function(leaf, targets), leaf)
    return gradient


def recipe_reading(samples: Sequence[LossSample], tail: str) -> LossReading:
    """Cross-entropy on the loader's labels."""
    return LossReading(
        name="cross-entropy",
        code="",
        found="cross-entropy",
        function=RECIPE.get(tail, F.cross_entropy),
        targets=tuple(sample.labels for sample in samples),
        scales=(1.0,) * len(samples),
    )


def read_losses(samples: Sequence[LossSample], tail: str) -> list[LossReading]:
    """Readings that explain the recorded gradients, likeliest first; the handout's loss always among them."""
    right = recipe_reading(samples, tail)
    if any(sample.gradient is None for sample in samples):
        return [right, *_unseen(samples, tail)]
    found: list[LossReading] = []
    for targets, mislabelled in _target_guesses(samples):
        for name in NAMES:
            reading = _fit(samples, tail, name, targets, mislabelled)
            if reading is not None and not reading.code:
                return [right]
            found += [reading] if reading is not None else []
        if found:
            break
    # Row weights explain much (NLL on softmax is a cross-entropy with them): believed only where nothing plainer fits.
    plain = [reading for reading in found if not any(isinstance(scale, Tensor) for scale in reading.scales)]
    return [right, *(plain or found[:1] or [_unknown(samples, right)])]


def _make(tail: str, name: str) -> tuple[str, str, Function]:
    """Code, words and function of a loss of the bank."""
    if name == "cross-entropy":
        return "", "cross-entropy", RECIPE.get(tail, F.cross_entropy)
    if name == "softmax-twice":
        key = "softmax" if tail == "softmax" else "logits"
        return "softmax-before-cross-entropy", "cross-entropy on softmax of the class scores", SOFTMAX_TWICE[key]
    if name == "softmax-over-batch":
        words = "cross-entropy on softmax of the class scores over the batch (dim=0)"
        return "softmax-before-cross-entropy", words, lambda o, t: F.cross_entropy(o.softmax(0), t)
    words, function = BANK[name]
    return "wrong-loss", words, function


def _unseen(samples: Sequence[LossSample], tail: str) -> list[LossReading]:
    """All of the bank, where no gradient was recorded: the weights must tell."""
    readings = []
    for targets, mislabelled in _target_guesses(samples):
        for name in NAMES:
            code, found, function = _make(tail, name)
            if not code and not mislabelled:
                continue
            readings.append(
                LossReading(
                    name=name,
                    code=code or "labels-mismatched",
                    found=found,
                    function=function,
                    targets=targets,
                    scales=(1.0,) * len(samples),
                    mislabelled=mislabelled,
                )
            )
    return readings


def _target_guesses(samples: Sequence[LossSample]) -> list[tuple[tuple[Tensor, ...], str]]:
    """Labels that the loss may have been given: the loader's, those recorded, those that the gradient points to."""
    labels = tuple(sample.labels for sample in samples)
    guesses = [(labels, "")]
    recorded = tuple(sample.labels if sample.targets is None else sample.targets for sample in samples)
    pointed = tuple(
        sample.labels if sample.gradient is None else sample.gradient.argmin(1).to(sample.labels) for sample in samples
    )
    for guess in (recorded, pointed):
        same = all(a.shape == b.shape and torch.equal(a, b) for a, b in zip(guess, labels, strict=True))
        if not same and all(len(part) == len(sample.outputs) for part, sample in zip(guess, samples, strict=True)):
            guesses.append((guess, _difference(labels, guess)))
    return guesses


def _difference(labels: Sequence[Tensor], targets: Sequence[Tensor]) -> str:
    """In words, how the targets differ from the labels."""
    ours, theirs = torch.cat(list(labels)), torch.cat(list(targets))
    classes = int(max(ours.max(), theirs.max(), torch.tensor(9))) + 1
    shifts = set(((theirs - ours) % classes).tolist())
    if len(set(theirs.tolist())) == 1 and len(set(ours.tolist())) > 1:
        return f"every label is {int(theirs[0])}"
    if len(shifts) == 1:
        return f"every label is shifted by {shifts.pop()} (modulo {classes})"
    if all(torch.equal(a.sort().values, b.sort().values) for a, b in zip(labels, targets, strict=True)):
        return "the labels are in another order than the pictures"
    wrong = int((ours != theirs).sum())
    return f"{wrong} of {len(ours)} labels differ from the loader's"


def _fit(
    samples: Sequence[LossSample], tail: str, name: str, targets: tuple[Tensor, ...], mislabelled: str
) -> LossReading | None:
    """A loss of the bank with the factor, the smoothing or the row weights that make it the recorded gradient."""
    code, found, function = _make(tail, name)
    fitted = [_factors(sample, function, labels) for sample, labels in zip(samples, targets, strict=True)]
    smoothing = 0.0
    if any(rows is None for rows in fitted):
        smoothing = _smoothing(samples, function, targets) if name == "cross-entropy" and tail != "softmax" else 0.0
        if not smoothing:
            return None
        found, code, fitted = f"cross-entropy with label_smoothing={smoothing:.3g}", "wrong-loss", [1.0] * len(samples)
    scales = tuple(1.0 if rows is None else rows for rows in fitted)
    kind = _scaling(samples, scales)
    if kind and not _doubled(samples, function, targets, scales):
        code, found = code or "wrong-loss", f"{found}, {kind}"
    elif kind:
        scales = (1.0,) * len(samples)
    return LossReading(
        name=name,
        code=code or ("labels-mismatched" if mislabelled else ""),
        found=found,
        function=function,
        targets=targets,
        scales=scales,
        smoothing=smoothing,
        mislabelled=mislabelled,
    )


def _factors(sample: LossSample, function: Function, labels: Tensor) -> Tensor | float | None:
    """One factor for the batch, or one for each row, that turns the loss's gradient into the one recorded."""
    recorded = sample.gradient
    ours = gradient_of(function, sample.outputs, labels)
    if recorded is None or recorded.shape != ours.shape or not bool(ours.isfinite().all()):
        return None
    power = float((ours * ours).sum())
    length = float(recorded.norm())
    if power == 0.0 or length == 0.0:
        return None
    factor = float((ours * recorded).sum()) / power
    if float((recorded - factor * ours).norm()) <= AGREE * length:
        return 1.0 if abs(factor - 1) <= EQUAL else factor
    rows = (ours * recorded).sum(1, keepdim=True) / (ours * ours).sum(1, keepdim=True).clamp(min=1e-30)
    return rows if float((recorded - rows * ours).norm()) <= AGREE * length else None


def _smoothing(samples: Sequence[LossSample], function: Function, targets: Sequence[Tensor]) -> float:
    """The label smoothing that explains all steps, 0.0 for none."""
    found = []
    for sample, labels in zip(samples, targets, strict=True):
        ours, slope = gradient_of(function, sample.outputs, labels), _smooth(sample.outputs, labels)
        if sample.gradient is None or sample.gradient.shape != ours.shape:
            return 0.0
        amount = float(((sample.gradient - ours) * slope).sum() / (slope * slope).sum())
        if float((sample.gradient - ours - amount * slope).norm()) > AGREE * float(sample.gradient.norm()):
            return 0.0
        found.append(amount)
    return found[0] if max(found) - min(found) < EQUAL else 0.0


def _smooth(outputs: Tensor, targets: Tensor) -> Tensor:
    return (_one_hot(outputs, targets) - 1 / outputs.shape[1]) / len(outputs)


def _scaling(samples: Sequence[LossSample], scales: Sequence[Tensor | float]) -> str:
    """In words, what the factors mean; "" for none."""
    if any(isinstance(scale, Tensor) for scale in scales):
        rows = [scale for scale in scales if isinstance(scale, Tensor)]
        seen = int((rows[0].abs() > EQUAL).sum())
        if seen < len(rows[0]):
            return f"of {seen} of the {len(rows[0])} pictures of a batch only"
        return "with other weights for some pictures or classes"
    numbers = [float(scale) for scale in scales if not isinstance(scale, Tensor)]
    if all(abs(number - 1) <= EQUAL for number in numbers):
        return ""
    sizes = [len(sample.outputs) for sample in samples]
    if all(abs(number / size - 1) <= EQUAL for number, size in zip(numbers, sizes, strict=True)):
        return f"summed over the batch of {sizes[0]} instead of averaged"
    if numbers[0] < 0:
        return f"with the sign turned round (times {numbers[0]:.4g})"
    return f"multiplied by {numbers[0]:.4g}"


def _doubled(
    samples: Sequence[LossSample], function: Function, targets: Sequence[Tensor], scales: Sequence[Tensor | float]
) -> bool:
    """Is the factor the recorder's (two backwards added up) rather than the loss's? Its value tells."""
    if any(isinstance(scale, Tensor) for scale in scales) or any(sample.value is None for sample in samples):
        return False
    values = [float(function(sample.outputs, labels)) for sample, labels in zip(samples, targets, strict=True)]
    recorded = [sample.value for sample in samples if sample.value is not None]
    return all(abs(ours - theirs) <= EQUAL * abs(ours) for ours, theirs in zip(values, recorded, strict=True))


def _unknown(samples: Sequence[LossSample], right: LossReading) -> LossReading:
    """The recorded gradients themselves: the rest of the step can still be explained."""
    return LossReading(
        name="unknown",
        code="wrong-loss",
        found="a loss whose gradient is that of no usual one",
        function=right.function,
        targets=right.targets,
        scales=right.scales,
        given=tuple(sample.gradient for sample in samples if sample.gradient is not None),
    )
