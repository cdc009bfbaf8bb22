"""Results to a score: the sum of the points, whether a person must look, and one sentence for the student."""

from __future__ import annotations

from grader.records import CheckResult, Facts, Failure, Finding, Status

# The grader's side failed, or refused what came back: the number is not the last word.
OURS: frozenset[Status] = frozenset({"sandbox-error", "evidence-rejected", "trace-unsupported"})

SENTENCES: dict[Status, str] = {
    "graded": "The submission was graded",
    "input-rejected": "The submission could not be read",
    "no-model": "No network was found in the submission",
    "ambiguous-model": "Several networks were found, and nothing tells which one is meant",
    "syntax-error": "The program does not compile",
    "import-error": "The program stopped while it was loaded",
    "construct-error": "The network could not be constructed",
    "forward-error": "The network stopped in forward",
    "trace-unsupported": "The grader could not record the network",
    "time-limit": "The program ran too long and was ended",
    "memory-limit": "The program needed too much memory and was ended",
    "disk-limit": "The program wrote too much to the disk and was ended",
    "output-limit": "The program printed too much and was ended",
    "process-limit": "The program started too many processes and was ended",
    "exited-early": "The program ended itself before its network was seen",
    "crashed": "The program crashed",
    "evidence-rejected": "What the program's run left could not be accepted",
    "sandbox-error": "The grader's sandbox failed",
}
LIMITS = ("time-limit", "memory-limit", "disk-limit", "output-limit", "process-limit")
PHASES = {
    "collect": "it was being read",
    "import": "it was being loaded",
    "construct": "the network was being made",
    "forward": "the network was being called",
    "train": "it was training",
    "test": "it was testing",
}


def score(facts: Facts, results: tuple[CheckResult, ...]) -> tuple[float, float, bool]:
    """Score, maximum, and whether a person must look. The maximum is the assignment's, whatever could be checked."""
    maximum = sum(spec.points for spec in facts.assignment.checks)
    earned = sum(result.points for result in results)
    review = facts.evidence.status in OURS or any(result.verdict == "error" for result in results)
    return round(earned, 2), round(maximum, 2), review


def summary(facts: Facts, results: tuple[CheckResult, ...]) -> str:
    """One sentence: what the student should know first."""
    *_, review = score(facts, results)
    after = " A person will look at it." if review else ""
    if facts.evidence.status != "graded":
        return f"{SENTENCES[facts.evidence.status]}{_reason(facts)}.{after}"
    quick = " The learning test was not run (--quick)." if facts.quick else ""
    charged = _charged(results)
    if not charged:
        everything = "Everything is right" if all(r.verdict in ("pass", "skip") for r in results) else "Graded"
        return f"{everything}.{quick}{after}"
    one = len(charged) == 1
    names = ", ".join(charged[:3])
    rest = f" and {len(charged) - 3} more" if len(charged) > 3 else ""
    return f"{'One thing' if one else f'{len(charged)} things'} to fix: {names}{rest}.{quick}{after}"


def _at_the_limit(facts: Facts) -> str:
    """Where the program was when a limit ended it: the phase, and the line if it is known."""
    where = facts.evidence.failures[-1].where if facts.evidence.failures else None
    line = f"; {where.file}, line {where.line}" if where is not None else ""
    phase = facts.evidence.phase
    return f" (phase: {phase}, {PHASES[phase]}{line})" if phase in PHASES else ""


def _charged(results: tuple[CheckResult, ...]) -> tuple[str, ...]:
    """The charged findings, those of the check that lost most points first, each named once."""
    by_loss = sorted(results, key=lambda result: result.points - result.max_points)
    names = (_named(finding) for result in by_loss for finding in result.findings if finding.charged)
    return tuple(dict.fromkeys(names))


def _named(finding: Finding) -> str:
    if finding.layer and finding.code.startswith("extra-"):
        return f"{finding.code} {'on the' if finding.layer == 'output' else 'after'} {finding.layer}"
    spot = ".".join(filter(None, (finding.layer, finding.attribute if finding.layer else None)))
    return f"{finding.code} ({spot})" if spot else finding.code


def _reason(facts: Facts) -> str:
    if facts.evidence.status == "ambiguous-model":
        named = (
            one.name + (f" in {one.where.file}, line {one.where.line}" if one.where else "")
            for one in facts.evidence.candidates
        )
        return f" ({'; '.join(named)})"
    failures: tuple[Failure, ...] = facts.evidence.failures
    if facts.evidence.status in LIMITS:
        return _at_the_limit(facts)
    if not failures:
        return ""
    phase = facts.evidence.status.removesuffix("-error")  # "forward-error" tells of the failure in forward
    failure = next((one for one in failures if one.phase == phase), failures[0])
    line = f" in {failure.where.file}, line {failure.where.line}" if failure.where is not None else ""
    said = f": {failure.message.splitlines()[0][:120]}" if failure.message else ""
    return f" ({failure.kind}{said}{line})"
