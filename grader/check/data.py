"""CIFAR-10's training pictures are loaded and normalised, and the test pictures in the same way.

What it checks
    Half of the points: the training split of CIFAR-10 is loaded. The other half: what the network is fed is
    normalised, that is, roughly centred at 0 with a spread of about 1 or 1/2 in each colour, in training and in
    testing with the same numbers. (0.5, 0.5, 0.5) and CIFAR-10's own means and deviations are both right.

Why it matters
    "Load and normalize the CIFAR 10 training and test datasets" (quiz slide; see also the slide "Note: Image
    Normalization"). ToTensor gives numbers from 0 to 1, all positive: then all weights of a filter are pushed to the
    same side, and training crawls. Test pictures treated otherwise than training pictures look foreign to the network.

How to fix
    Put transforms.Normalize after transforms.ToTensor, and give the same transform to both splits (flips and crops
    belong to the training split only).

Fails
    [transforms.ToTensor()]

Passes
    [transforms.ToTensor(), transforms.Normalize(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5))]
"""

from __future__ import annotations

from grader.check import Page, not_run, stopped
from grader.records import CheckResult, Facts, Finding, InputStatistics, Where

PAGE = Page(__name__, __doc__)

LARGEST = 20.0  # no normalisation in use leaves larger numbers; raw bytes go to 255
MEAN = 0.8  # of one channel: 0.5s give about -0.1, CIFAR-10's constants about 0
DEVIATION = (0.15, 3.0)  # of one channel: 0.5s give about 0.5, CIFAR-10's constants about 1
# Between the splits: augmentation and small samples move these; another transform moves them further. 0.5s against
# CIFAR-10's constants differ by 2 in the deviation.
MEAN_SLACK = 1.0  # in deviations: sixteen pictures can differ by more than half of one
DEVIATION_SLACK = 1.7


def check(facts: Facts, points: float) -> CheckResult:
    missing = not_run(PAGE, facts, points)
    if missing is not None:
        return missing
    loading = _loading(facts)
    if loading is not None and not (facts.evidence.loaders or facts.evidence.inputs):
        return PAGE.failed(points, points, loading.message, (loading,))
    normalising = _normalising(facts)
    findings = tuple(finding for finding in (loading, normalising) if finding is not None)
    charged = tuple(finding for finding in findings if finding.charged)
    if not charged:
        return PAGE.passed(points, "CIFAR-10 is loaded and normalised.", findings)
    message = " ".join(dict.fromkeys(finding.message for finding in charged))
    return PAGE.failed(points, points * 0.5 * len(charged), message, findings)


def _loading(facts: Facts) -> Finding | None:
    evidence = facts.evidence
    splits = {loader.split for loader in evidence.loaders}
    if "train" in splits | {seen.split for seen in evidence.inputs}:
        return None
    ended = stopped(facts)
    if ended is not None:
        return ended
    on_test = evidence.training is not None and evidence.training.on_test_data
    reason = " It is charged under training-step (trained-on-test)." if on_test else ""
    return Finding(
        code="no-training-data",
        message=f"The training data of CIFAR-10 are not loaded; expected CIFAR10(train=True).{reason}",
        hint="Load them with torchvision.datasets.CIFAR10(root, train=True, download=True, transform=transform).",
        expected="training data",
        found="test data only" if splits else "none",
        charged=not on_test,
    )


def _normalising(facts: Facts) -> Finding | None:
    evidence = facts.evidence
    if not evidence.inputs:
        return _by_transform(facts)
    for seen in evidence.inputs:
        fault = _fault(seen)
        if fault:
            return _not_normalised(fault, _pictures(seen.split), _line(facts, seen))
    first = next((seen for seen in evidence.inputs if seen.split == "train"), None)
    others = (seen for seen in evidence.inputs if seen.split == "test" and first is not None)
    for other in others:
        if first is not None and not _alike(first, other):
            fault = f"mean {_numbers(other.mean)}, deviation {_numbers(other.deviation)}, while the training pictures "
            fault += f"have mean {_numbers(first.mean)}, deviation {_numbers(first.deviation)}"
            return _not_normalised(fault, _pictures("test"), _line(facts, other))
    return None


def _by_transform(facts: Facts) -> Finding | None:
    """Nothing was fed to the network: what the loaders were told must do."""
    bare = next((loader for loader in facts.evidence.loaders if "Normalize" not in loader.transform), None)
    if bare is None:
        return None
    found = f"the transform {bare.transform}" if bare.transform else "no transform"
    return _not_normalised(found, _pictures(bare.split), bare.where)


def _fault(seen: InputStatistics) -> str:
    """What shows that these are not normalised; empty where they are."""
    bounds = f"from {min(seen.minimum, default=0.0):.3g} to {max(seen.maximum, default=0.0):.3g}"
    if max(seen.maximum, default=0.0) > LARGEST:
        return f"numbers {bounds}, not scaled"
    if min(seen.minimum, default=0.0) >= 0.0:
        return f"numbers {bounds}, none negative"
    if any(abs(mean) > MEAN for mean in seen.mean):
        return f"means {_numbers(seen.mean)}, not near 0"
    low, high = DEVIATION
    if any(not low <= deviation <= high for deviation in seen.deviation):
        return f"deviations {_numbers(seen.deviation)}, not near 1 or 1/2"
    if max(seen.minimum) >= 0.0:
        return f"minima {_numbers(seen.minimum)}: a colour without negative numbers"
    return ""


def _alike(first: InputStatistics, other: InputStatistics) -> bool:
    pairs = list(zip(first.deviation, other.deviation, strict=False))
    spread = MEAN_SLACK * max((max(pair) for pair in pairs), default=1.0)
    means = all(abs(a - b) <= spread for a, b in zip(first.mean, other.mean, strict=False))
    return means and all(a <= DEVIATION_SLACK * b and b <= DEVIATION_SLACK * a for a, b in pairs)


def _pictures(split: str) -> str:
    return f"The {'test' if split.startswith('test') else 'training'} pictures"


def _not_normalised(found: str, whose: str, where: Where | None) -> Finding:
    return Finding(
        code="not-normalised",
        message=f"{whose} have {found}; expected numbers centred at 0, normalised alike in training and test.",
        hint="Write transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)) after transforms.ToTensor(), and give this "
        "transform to the training and the test data.",
        expected="normalised",
        found=found,
        where=where,
    )


def _line(facts: Facts, seen: InputStatistics) -> Where | None:
    """Where the transform is handed over: the loader's line; else the loop that read from it."""
    split = "test" if seen.split.startswith("test") else seen.split
    loaders = (loader.where for loader in facts.evidence.loaders if loader.split == split)
    return next(filter(None, loaders), seen.where)


def _numbers(values: tuple[float, ...]) -> str:
    return "/".join(f"{value:.2f}" for value in values)
