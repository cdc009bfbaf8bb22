"""Compares a student's graph with the handout's, and explains the differences: each mistake once, at its line.

The cheapest alignment over the accepted alternatives is the explanation; the wiring of the aligned nodes is checked
after it. Then findings with one cause are merged: what another choice forces, what one line writes twice.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from grader.network import differences, findings, measure
from grader.network.align import align
from grader.network.drafts import Sides
from grader.network.expected import Expected
from grader.network.graph import Graph, Node
from grader.records import Assignment, Comparison, Evidence

TAILS = ("softmax", "log_softmax")


def compare(graph: Graph, expected: tuple[Expected, ...], assignment: Assignment, evidence: Evidence) -> Comparison:
    """Comparison of the student's canonical graph with the handout's network and its accepted alternatives."""
    tail, body, last = without_tail(graph)
    body = without(body, lambda node: node.op in assignment.tolerate)
    nearest, alignment = min(((one, align(one.graph, body)) for one in expected), key=lambda pair: pair[1].cost)
    side = Sides(expected=nearest, found=body, alignment=alignment, assignment=assignment, evidence=evidence)
    same = body.hash == nearest.graph.hash
    explained = findings.explain(side)
    if tail not in ("logits", "log_softmax") and last is not None:
        explained = (*explained, differences.on_output(last))
    explained = (*explained, *(differences.note(*one) for one in graph.notes))
    if tail == "logits":
        tail = output_function(body)
    return Comparison(
        same=same and not any(finding.charged for finding in explained),
        alternative=nearest.title,
        findings=explained,
        rows=findings.rows(side, explained),
        parameters=measure.parameters(graph),
        output_shape=graph.output_shape,
        hash=graph.hash,
        tail=tail,
        distance=alignment.cost,
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


