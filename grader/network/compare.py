"""Compares a student's graph with the handout's, and explains the differences: each mistake once, at its line.

The cheapest alignment over the accepted alternatives is the explanation; the wiring of the aligned nodes is checked
after it. Then findings with one cause are merged: what another choice forces, what one line writes twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from grader.errors import NetworkUnsupported
from grader.network import build, differences, findings, inputs, measure, normalise, repair, transplant
from grader.network.align import align
from grader.network.drafts import Sides
from grader.network.expected import Expected, load
from grader.network.graph import Graph, Node
from grader.records import Assignment, Comparison, Evidence

TAILS = ("softmax", "log_softmax")
UNREAD = frozenset({"operation", "rearrange"})  # nodes that name what was recorded, and not what it means


def read(assignment: Assignment, evidence: Evidence) -> Comparison:
    """The recorded network beside the handout's: by its canonical graph; where that differs, by numbers too."""
    known = load(assignment)
    graph, reason = None, ""
    try:
        graph = normalise.normalise(evidence.graphs["train"], assignment.input_shape, evidence.tensors)
        if inputs.own_scale(evidence.graphs["train"], evidence.tensors, assignment.input_shape) is not None:
            graph = inputs.without_scale(graph)
    except NetworkUnsupported as error:
        reason = str(error)
    if graph is None or not _is_expected(graph, known, assignment):
        twin = _twin(graph, known, assignment, evidence)
        if isinstance(twin, str):
            return unread(reason or twin)
        graph = twin or graph
    return unread(reason) if graph is None else compare(graph, known, assignment, evidence)


def _is_expected(graph: Graph, known: tuple[Expected, ...], assignment: Assignment) -> bool:
    body = without(without_tail(graph)[1], lambda node: node.op in assignment.tolerate)
    return body.hash in {one.graph.hash for one in known}


def _is_understood(graph: Graph, known: tuple[Expected, ...]) -> bool:
    """Made of nothing but the handout's kinds of layers: then the graphs say all there is to say."""
    usual = {node.kind for one in known for node in one.graph.nodes} | set(TAILS)
    return all(node.kind in usual for node in graph.nodes)


def _twin(
    graph: Graph | None, known: tuple[Expected, ...], assignment: Assignment, evidence: Evidence
) -> Graph | str | None:
    """An accepted graph that computes what the student's network computes, with their parameters. None: there is none,
    or their graph says all there is to say. A sentence: it cannot be told."""
    raw = evidence.graphs["train"]
    fitting = [one.graph for one in known if transplant.fits(raw, one.graph)]
    if not fitting or (graph is not None and _is_understood(graph, known)):
        return None
    try:
        rebuilt = build.rebuild(evidence.graphs, evidence.tensors, assignment.input_shape)
    except NetworkUnsupported as error:
        return str(error) if graph is None or any(node.op in UNREAD for node in graph.nodes) else None
    for one in fitting:
        found = transplant.twin(rebuilt, one)
        if found is not None:
            return found if graph is None else dataclasses.replace(found, notes=graph.notes, dead=graph.dead)
    return None


def compare(graph: Graph, expected: tuple[Expected, ...], assignment: Assignment, evidence: Evidence) -> Comparison:
    """Comparison of the student's canonical graph with the handout's network and its accepted alternatives."""
    tail, body, last = without_tail(graph)
    body = without(body, lambda node: node.op in assignment.tolerate)
    ways = sorted(
        (
            Sides(
                expected=one,
                found=body,
                alignment=align(one.graph, body),
                assignment=assignment,
                evidence=evidence,
            )
            for one in expected
        ),
        key=lambda one: one.alignment.cost,
    )
    side, nearest = ways[0], ways[0].expected
    same = body.hash == nearest.graph.hash
    explained = findings.explain(side)
    if tail not in ("logits", "log_softmax") and last is not None:
        explained = (*explained, differences.on_output(last))
    explained = (*explained, *(differences.note(*one) for one in graph.notes))
    softmax = last if tail not in ("logits", "log_softmax") else None
    if tail == "logits":
        tail = output_function(body)
    right = same and not any(finding.charged for finding in explained)
    return Comparison(
        same=right,
        alternative=nearest.title,
        findings=explained,
        rows=findings.rows(side, explained),
        parameters=measure.parameters(graph),
        output_shape=graph.output_shape,
        hash=graph.hash,
        tail=tail,
        distance=side.alignment.cost,
        repair=None if right and body.output_shape == nearest.graph.output_shape
        else repair.suggest(ways, explained, softmax),
    )


def unread(reason: str) -> Comparison:
    """A network that could not be read: the reason, and nothing else."""
    return Comparison(
        same=False,
        alternative="",
        findings=(),
        rows=(),
        parameters=0,
        output_shape=(),
        hash="",
        tail="",
        unsupported=reason,
    )


def without_tail(graph: Graph) -> tuple[str, Graph, Node | None]:
    """("softmax" | "log_softmax" | "logits", the graph before it, the node taken off). A log-softmax before a
    cross-entropy is still cross-entropy; a softmax is not, nor is either over the batch."""
    last = graph.nodes[graph.output]
    if last.op not in TAILS:
        return "logits", graph, None
    kept = without_node(graph, last)
    if over_batch(last):
        return f"{last.op} over the batch", kept, last
    while kept.nodes[kept.output].op in TAILS:  # log_softmax twice is log_softmax
        inner = kept.nodes[kept.output]
        if over_batch(inner):
            return f"{inner.op} over the batch", without_node(kept, inner), inner
        kept = without_node(kept, inner)
    return last.op, kept, last


def over_batch(node: Node) -> bool:
    """A softmax along the images of a batch, in place of the classes."""
    return node.attributes.get("dim") == 0


def output_function(graph: Graph) -> str:
    """The activation on the class scores, "logits" where there is none."""
    last = graph.nodes[graph.output]
    return str(last.attributes["function"]) if last.op == "pointwise" else "logits"


def without_node(graph: Graph, gone: Node) -> Graph:
    return without(graph, lambda node: node is gone)


def without(graph: Graph, drop: Callable[[Node], bool]) -> Graph:
    """The graph with the nodes that ``drop`` names passed over (each by its first input)."""
    position: dict[int, int] = {}
    kept: list[Node] = []
    for index, node in enumerate(graph.nodes):
        if node.inputs and drop(node):
            position[index] = position[node.inputs[0]]
            continue
        position[index] = len(kept)
        kept.append(dataclasses.replace(node, inputs=tuple(position[source] for source in node.inputs)))
    return dataclasses.replace(graph, nodes=tuple(kept), output=position[graph.output])


