"""Two submissions, or the handout's own networks, side by side: each is run, read and judged as a submission is.

    name -> Seen (the graph, and what the checks of the training say) -> SideBySide
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader import assignment, check, collect, isolate, pages, pipeline
from grader.errors import InputRejected, NetworkUnsupported, UsageError
from grader.records import Assignment, Evidence, Facts, Finding, Side, SideBySide, SideRow, Status, Where
from grader.report.story import no_network

if TYPE_CHECKING:
    from grader.network.graph import Graph

TRAINING = ("loss", "optimizer", "training-step")  # checks that say how a network is trained
NONE = "—"
# How a step is computed, which changes nothing of what is computed.
IMPLEMENTATION = frozenset({"foreach", "capturable", "differentiable", "fused", "decoupled_weight_decay", "params"})


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was found under one name. ``evidence`` None: the handout's own network, with the handout's training."""

    name: str
    graph: Graph | None
    evidence: Evidence | None = None
    rejected: bool = False
    lacking: str = ""
    task: Assignment | None = None

    @property
    def status(self) -> Status:
        if self.evidence is not None:
            return self.evidence.status
        return "input-rejected" if self.rejected else "graded"


def compare(
    names: tuple[str, str], task: Assignment | None, options: pipeline.Options, progress: pipeline.Progress
) -> SideBySide:
    """The two side by side. Raises UsageError for a name that is neither a file nor an assignment."""
    known = [assignment.load(name) for name in assignment.grouped()]
    named = [one for one in known if one.id in names]
    runner = task or next(iter((*named, *known)))
    backend = isolate.choose(options.isolation)
    with tempfile.TemporaryDirectory(prefix="grade-data-") as folder:
        pipeline.write_data(Path(folder), options)
        how = (backend, Path(folder), options)
        a, b = (_look(name, runner, how, progress) for name in names)
    graphs = [one.graph for one in (a, b) if one.graph is not None]
    possible = [one for one in known if one.input_shape == runner.input_shape]
    chosen = task or (runner if named else _nearest(graphs, possible)) or runner
    if a.graph is None or b.graph is None:
        return _nothing(chosen, a, b)
    return _beside(chosen, a, b, options)


def _look(
    name: str, runner: Assignment, how: tuple[isolate.Backend, Path, pipeline.Options], progress: pipeline.Progress
) -> Seen:
    from grader.network import beside, expected, normalise

    if name in assignment.ids():
        task = assignment.load(name)
        return Seen(name=name, graph=expected.load(task)[0].graph, task=task)
    if not Path(name).exists():
        raise UsageError(
            f"There is no file and no assignment named {name!r}. Expected a folder, a .py file, a notebook, a .zip, "
            f"or one of {', '.join(assignment.ids())}."
        )
    progress(f"running {name} on the course's data")
    try:
        submission = collect.collect(Path(name))
    except InputRejected as error:
        return Seen(name=name, graph=None, rejected=True, lacking=str(error))
    found, _ = pipeline.observe(runner, submission, how, lambda _: None)
    raw = found.graphs.get("train")
    if raw is None or raw.output is None:
        return Seen(name=name, graph=None, evidence=found, lacking=no_network(found))
    try:
        graph = beside.body(normalise.normalise(raw, runner.input_shape, found.tensors))
    except NetworkUnsupported as error:
        sentence = f"{pages.statuses()['trace-unsupported'].happened} {str(error)[:1].upper()}{str(error)[1:]}."
        return Seen(name=name, graph=None, evidence=found, lacking=sentence)
    return Seen(name=name, graph=graph, evidence=found)


def _nearest(graphs: Sequence[Graph], known: Sequence[Assignment]) -> Assignment | None:
    """The assignment whose networks the graphs come nearest to."""
    from grader.network import expected
    from grader.network.align import align

    def distance(task: Assignment) -> float:
        return sum(min(align(one.graph, graph).cost for one in expected.load(task)) for graph in graphs)

    return min(known, key=distance, default=None) if graphs else None


def _nothing(task: Assignment, a: Seen, b: Seen) -> SideBySide:
    ours = any(one.status == "sandbox-error" for one in (a, b))
    return SideBySide(
        assignment=task.id, a=_side(a), b=_side(b), layers=(), differences=(), training=(), same_network=None,
        needs_review=ours,
    )  # fmt: skip


def _side(seen: Seen) -> Side:
    from grader.network import measure

    if seen.graph is None:
        return Side(name=seen.name, status=seen.status, lacking=seen.lacking)
    # The handout's graph is kept without the names of its parameters, each of which is one.
    count = seen.task.parameters if seen.task is not None else measure.parameters(seen.graph)
    return Side(
        name=seen.name, status=seen.status, lacking="", parameters=count, output_shape=seen.graph.output_shape,
        hash=seen.graph.hash,
    )  # fmt: skip


def _beside(task: Assignment, a: Seen, b: Seen, options: pipeline.Options) -> SideBySide:
    from grader.network import beside, expected
    from grader.network.align import align

    assert a.graph is not None
    assert b.graph is not None
    first = a.graph
    handout = min(expected.load(task), key=lambda one: align(one.graph, first).cost)
    pair = beside.pairing(a.graph, b.graph, handout)
    found = beside.differences(pair)
    facts = [_facts(task, seen, options) for seen in (a, b)]
    return SideBySide(
        assignment=task.id,
        a=_side(a),
        b=_side(b),
        layers=beside.layers(pair),
        differences=found,
        training=_training(task, a, b, facts),
        same_network=a.graph.hash == b.graph.hash and not found,
        needs_review=any(bool(one.stumbles) for one in facts if one is not None),
    )


# ---- the training ------------------------------------------------------------------------------------------------


def _facts(task: Assignment, seen: Seen, options: pipeline.Options) -> Facts | None:
    """What the checks see of it; of the handout itself there is nothing to check."""
    return None if seen.evidence is None else pipeline.judge(task, seen.evidence, options)


Way = dict[str, tuple[str, Where | None]]  # how one side is trained: a choice -> what it is, and where


def _training(task: Assignment, a: Seen, b: Seen, facts: Sequence[Facts | None]) -> tuple[SideRow, ...]:
    one, other = (_way(seen.task or task, fact) for seen, fact in zip((a, b), facts, strict=True))
    if not one or not other:  # of a case study, the network alone is asked for
        return ()
    # Of two kinds of optimizer only the numbers that both have can be held against each other.
    alike = one["optimizer"][0] == other["optimizer"][0]
    rows = []
    for about in dict.fromkeys((*one, *other)):
        if not alike and (about not in one or about not in other):
            continue
        left, right = one.get(about, (NONE, None)), other.get(about, (NONE, None))
        rows.append(
            SideRow(
                about=about, a=left[0], b=right[0], a_where=left[1], b_where=right[1], same=left[0] == right[0]
            )
        )
    return tuple(rows)


def _way(task: Assignment, facts: Facts | None) -> Way:
    """The handout's words where the checks passed, and what they found where not."""
    recipe = task.recipe
    if recipe is None:
        return {}
    said: Way = {
        "loss": (recipe.loss.replace("_", "-"), None),
        "optimizer": (recipe.optimizer, None),
        **{name: (_text(value), None) for name, value in recipe.hyperparameters.items()},
        "training-step": ("the handout's", None),
    }
    if facts is None:
        return said
    verdicts = {result.id: result for result in check.run(facts) if result.id in TRAINING}
    training = facts.evidence.training
    if training is None or not training.steps:
        return {name: ("none", None) for name in TRAINING}
    used = max(training.optimizers, key=lambda one: one.steps, default=None)
    for name in TRAINING:
        charged = tuple(one for one in verdicts[name].findings if one.charged) if name in verdicts else ()
        if not charged:
            continue
        if name == "optimizer":
            said = {key: value for key, value in said.items() if key in TRAINING}
            if used is not None:
                said |= {
                    key: (_text(value), used.where)
                    for key, value in used.groups[0].items()
                    if value is not None and key not in IMPLEMENTATION
                }
            said |= {one.attribute: (_found(one), one.where) for one in charged if one.attribute and one.found}
            wrong = [one for one in charged if not (one.attribute and one.found)]
            kind = used.kind if used is not None else "none"
            said["optimizer"] = _listed(wrong, kind) if wrong else (kind, used.where if used is not None else None)
        else:
            said[name] = _listed(charged, "")
    return said


def _listed(findings: Sequence[Finding], kind: str) -> tuple[str, Where | None]:
    """Findings in a few words: what was found, else the code."""
    said = [one.code if kind and one.found != kind else _found(one) for one in findings]
    text = ", ".join(dict.fromkeys(said))
    return (f"{kind} ({text})" if kind and text != kind else text), findings[0].where


def _found(finding: Finding) -> str:
    return finding.found or finding.code


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | list | tuple):
        return str(value)
    return f"({', '.join(_text(one) for one in value)})" if isinstance(value, list | tuple) else f"{value:g}"
