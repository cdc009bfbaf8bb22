"""The trained network is tested on the whole test set, without gradients, and its accuracy is computed rightly.

What it checks
    The best complete pass over the test split counts. No pass, or one over the training data only, costs all points;
    stopping before the end, keeping gradients, leaving dropout or batch norm in training mode, or printing a wrong
    accuracy costs half each. The grader counts right answers itself and looks for that number in what you print, as
    a fraction or in percent, however it is rounded. Nothing printed is no mistake.

Why it matters
    "Test the network on the test data" (quiz slide, last step): only pictures that the network has not seen tell
    what it has learned. An accuracy divided by the number of batches is a number as well, but not that one.

How to fix
    Under torch.no_grad(), after network.eval(), go through the whole test loader; count the right answers and the
    pictures; print their quotient.

Fails
    return correct / len(loader)

Passes
    return correct / seen
"""

from __future__ import annotations

import re
from math import floor

from grader.check import Page, listed, not_run, stopped
from grader.records import CheckResult, Facts, Finding, TestPass, Where

PAGE = Page(__name__, __doc__)

TEST_IMAGES = 10_000  # of CIFAR-10
ALL_LOST = frozenset({"no-evaluation", "tested-on-train", "program-error"})
MODAL = ("batch_norm", "dropout", "bernoulli")  # operations that differ between training and testing

WORD = re.compile(r"acc|correct|error rate|test error|정확|정답", re.IGNORECASE)
CLAIM = re.compile(WORD.pattern + r"|%(?!\|)", re.IGNORECASE)  # "45%|###" is a progress bar
# A number that is no part of a word ("conv2", "3s"); digits are limited, since the line is a stranger's.
NUMBER = re.compile(
    r"(?<![A-Za-z0-9_.@])(?<![A-Za-z]-)[-+]?"
    r"(?>(?:\d{1,3}(?:,\d{3}){1,4}(?!\d)|\d{1,15})(?:\.\d{0,20})?|\.\d{1,20})(?>(?:[eE][-+]?\d{1,2})?)"
    r"(?![A-Za-z0-9_])"
)
COUNTER = re.compile(r"(?:epoch|iter\w*|step|batch|top)\W{0,3}\d+(?:\s*/\s*\d+)?", re.IGNORECASE)  # no accuracy
PERCENT = re.compile(r"\d\s*%(?!\|)")  # where a line says a percentage, the count beside it proves nothing
# "accuracy 6.625": where a line says it as a number, no more does the count; "accuracy 53.0/512" is a count itself.
STATED = re.compile(r"(?:accuracy|acc|정확도)\W{0,3}\d{0,6}\.\d{1,20}(?!\d|\s*(?:/|of|out))", re.IGNORECASE)
PERCENT_SIGN = re.compile(r"\s*(?:%|percent)")
BARE = re.compile(r"^\W*(?:tensor\()?\s*[-+]?\d{0,15}\.?\d{1,20}\s*\)?\W*$")
PERCENT_SLACK = 10.0  # of the mean of ten accuracies of classes of unequal size
BATCH_MEAN_SLACK = 0.05  # see _slack


def check(facts: Facts, points: float) -> CheckResult:
    missing = not_run(PAGE, facts, points)
    if missing is not None:
        return missing
    passes = _candidates(facts)
    if not passes:
        nothing = _nothing(facts)
        return PAGE.failed(points, points, nothing.message, (nothing,))
    judged = [(one, _faults(one, facts)) for one in passes]
    best, findings = min(judged, key=lambda pair: len(pair[1]))
    if findings:
        message = findings[0].message if len(findings) == 1 else f"Not right: {listed(findings)}."
        return PAGE.failed(points, points * min(1.0, 0.5 * len(findings)), message, findings)
    return PAGE.passed(points, f"{best.correct} of {best.samples} test pictures are right.{_note(best, facts)}")


def _candidates(facts: Facts) -> list[TestPass]:
    """Passes of the trained network over the test split that may count as the test, the last first.

    A complete one goes before a look at a few pictures, a long one before a short one (late passes are shortened by
    the stand-in data), and one after which something is claimed before a silent one.
    """
    passes = [one for one in _passes(facts) if one.split == "test" and (one.same_network or not _trained(facts))]
    passes = [one for one in passes if one.complete] or passes
    most = max((one.samples for one in passes), default=0)
    passes = [one for one in passes if 2 * one.samples >= most]
    return ([one for one in passes if claims(one.printed)] or passes)[::-1]


def _passes(facts: Facts) -> list[TestPass]:
    """Without those in which no network was asked, such as a look at the pictures."""
    return [one for one in facts.evidence.tests if one.samples > 0]


def _trained(facts: Facts) -> bool:
    return facts.evidence.training is not None and bool(facts.evidence.training.steps)


def _nothing(facts: Facts) -> Finding:
    hint = "Loop over the loader made from CIFAR10(train=False) under torch.no_grad(), and print the accuracy."
    tests = _passes(facts)
    ended = stopped(facts)
    # a pass with gradients in a program that stopped, or never trained, is rather a training loop that was cut short
    looks_meant = any(not one.with_grad for one in tests) or (ended is None and _trained(facts))
    if ended is not None and not looks_meant:
        return ended
    if looks_meant and tests and all(one.split == "train" for one in tests):
        return Finding(
            code="tested-on-train",
            message="Found a test over the training data; expected one over the test data, which the network has not "
            "seen.",
            hint=hint,
            expected="test split",
            found="train split",
            where=tests[-1].data_where or tests[-1].where,
        )
    found = "no pass over the test data"
    if any(one.split == "test" for one in tests):
        found = "a test of another network than the one that was trained"
    elif looks_meant and tests:
        found = "a pass over data that is not CIFAR-10's test split"
    where = tests[-1].where if tests else None
    return Finding(
        code="no-evaluation",
        message=f"Found {found}; expected a test of the trained network on all test pictures.",
        hint=hint,
        expected="a pass over the test split",
        found=found,
        where=where,
    )


def _faults(one: TestPass, facts: Facts) -> tuple[Finding, ...]:
    faults = []
    if not one.complete or 0 < one.nominal < one.split_size:
        read = f"stopped after {one.batches} batch{'es' if one.batches != 1 else ''}" if not one.complete else ""
        message = f"Found a test that {read or f'covers {one.nominal:,} of {one.split_size:,} pictures'}; expected "
        faults.append(("test-incomplete", message + "the whole test set.", "Take the break or return out of the loop."))
    if one.with_grad:
        message = "Found a test that keeps gradients; expected it under torch.no_grad()."
        faults.append(("test-with-grad", message, "Write with torch.no_grad(): around the test loop."))
    if one.training_mode and _has_modes(facts):
        message = "Found a test in training mode, in which dropout and batch norm act as in training; expected "
        faults.append(("test-in-train-mode", message + "evaluation mode.", "Call network.eval() before the test loop."))
    claim = wrong_claim(one, facts.assignment.classes)
    if claim:
        right = 100 * one.correct / max(1, one.samples)
        message = f'Found "{claim}" printed; expected {right:.2f} % ({one.correct} of {one.samples} right).'
        faults.append(("wrong-accuracy", message, "Divide the number of right answers by the number of pictures."))
    lines = {"wrong-accuracy": printed_at(one, claim)}
    return tuple(
        Finding(code=code, message=text, hint=hint, where=lines.get(code) or one.where) for code, text, hint in faults
    )


def printed_at(one: TestPass, claim: str) -> Where | None:
    """The line of the program that printed a claim."""
    pairs = zip(one.printed, one.printed_where, strict=False)
    return next((where for text, where in pairs if claim and text.strip()[:120] == claim), None)


def _has_modes(facts: Facts) -> bool:
    graph = facts.evidence.graphs.get("train")
    return graph is not None and any(word in node.op for node in graph.nodes for word in MODAL)


def _note(one: TestPass, facts: Facts) -> str:
    if not any(NUMBER.search(line) for line in one.printed):
        return " Your program prints no accuracy after the test; a line would be good."
    if not claims(one.printed) and not _fitting(one.printed, one):
        return " No printed line was recognised as an accuracy."
    return ""


# ---- what was printed ---------------------------------------------------------------------------------------


def wrong_claim(one: TestPass, classes: int) -> str:
    """The printed line that claims an accuracy although no printed number is the accuracy; empty if all is well."""
    lines = claims(one.printed)
    if not lines or _fitting(lines, one) or (not _worded(one.printed) and _fitting(one.printed, one)):
        return ""
    if len(lines) == classes and _is_per_class(lines, one):
        return ""
    return lines[-1].strip()[:120]


def claims(printed: tuple[str, ...]) -> tuple[str, ...]:
    """Lines with a number that speak of accuracy; where none does, lines that are a number and nothing else."""
    return _worded(printed) or tuple(line for line in printed if BARE.match(line))


def _worded(printed: tuple[str, ...]) -> tuple[str, ...]:
    claiming = tuple(line for line in printed if CLAIM.search(line) and NUMBER.search(line))
    # "Train Epoch: 3 [0/50000 (0%)]" is no claim beside a line that says accuracy.
    return tuple(line for line in claiming if WORD.search(line)) or claiming


def _fitting(lines: tuple[str, ...], one: TestPass) -> bool:
    return any(_fits_in(line, one) for line in lines)


def _fits_in(line: str, one: TestPass) -> bool:
    """Is a number of this line the accuracy? Where it says one, the count beside it proves nothing."""
    plain = COUNTER.sub(" ", line)
    counts = not PERCENT.search(line) and not STATED.search(plain)
    for match in NUMBER.finditer(plain):
        percentage = PERCENT_SIGN.match(plain, match.end()) is not None
        if _fits(match.group(), one, (not percentage, True)) or (counts and _is_count(match.group(), one)):
            return True
    return False


def _is_count(text: str, one: TestPass) -> bool:
    return _decimals(text) == 0 and float(text.replace(",", "")) == one.correct


def _fits(text: str, one: TestPass, scales: tuple[bool, bool]) -> bool:
    """Is this printed number the accuracy or the error rate, as a fraction or (and) as a percentage, rounded or cut?"""
    as_fraction, as_percentage = scales
    number, decimals = float(text.replace(",", "")), _decimals(text)
    full = one.batches * one.declared_batch_size
    # A test that breaks off looks at the batch it breaks at, and does not count it.
    counted = 0 if one.complete else full - one.declared_batch_size
    sizes = (one.samples, one.nominal, full, counted, TEST_IMAGES if one.hard_coded else 0)
    totals = {total for total in sizes if total > 0}
    for total in totals:
        fraction = one.correct / total
        slack = _slack(one) if total == one.samples else 0.0
        for value in (fraction, 1.0 - fraction):
            # a fraction needs a decimal: "0" is no rounding of 0.1
            fraction_said = as_fraction and (decimals > 0 or value in (0.0, 1.0))
            if fraction_said and _rounds(value, number, decimals, slack):
                return True
            if as_percentage and _rounds(100.0 * value, number, decimals, 100.0 * slack):
                return True
    return False


def _rounds(value: float, number: float, decimals: int, slack: float) -> bool:
    """Rounded, or cut off, to this many decimals."""
    unit = 10.0**-decimals
    # A float32 printed in full ("0.10000000149") is right to six digits.
    return -unit / 2 - slack - 1e-6 <= value - number < unit + slack + (1e-6 if unit < 1e-6 else 0.0)


def _slack(one: TestPass) -> float:
    """How far the mean of the batches' accuracies may lie from the accuracy when the last batch is smaller."""
    if one.batches < 2 or one.declared_batch_size <= 0:
        return 0.0
    last = one.samples - (one.batches - 1) * one.declared_batch_size
    if not 0 < last < one.declared_batch_size:
        return 0.0
    return min(BATCH_MEAN_SLACK, 1.0 / one.batches - last / one.samples)


def _decimals(text: str) -> int:
    mantissa, _, exponent = text.lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))


def _is_per_class(lines: tuple[str, ...], one: TestPass) -> bool:
    """One line for each class and none for all: their mean lies near the accuracy (classes differ in size)."""
    percent = 100.0 * one.correct / max(1, one.samples)
    last = [float(NUMBER.findall(line)[-1].replace(",", "")) for line in lines]
    scale = 100.0 if max(last) <= 1.0 and floor(percent) > 1 else 1.0
    return abs(scale * sum(last) / len(last) - percent) <= PERCENT_SLACK
