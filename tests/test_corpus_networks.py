"""Over the whole corpus: right networks have the handout's hash, and no wrong one has it. The programs are run, and
only their networks are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import assignment, collect, isolate, pipeline
from grader.network import expected
from grader.records import Comparison
from grader.validate import cases

QUIZZES = tuple(name for name in assignment.ids() if assignment.load(name).recipe is not None)
OPTIONS = pipeline.Options(isolation="zygote", threads=1, quick=True)
# Mistakes that make another network, one layer at a time. Those of order, of skips and of sharing are among them.
OTHER_NETWORK = frozenset(
    "wrong-attribute missing-layer extra-layer layer-order missing-skip wrong-skip unused-layer shared-layer "
    "missing-activation extra-activation wrong-activation".split()
)


def networks(quiz: str, data: Path) -> Iterator[tuple[cases.Case, Comparison]]:
    task = assignment.load(quiz)
    pipeline.write_data(data, OPTIONS)
    how = (isolate.choose("zygote"), data, OPTIONS)
    for case in cases.find(Path(__file__).parent / "submissions" / quiz):
        if case.status:
            continue
        found, _ = pipeline.observe(task, collect.collect(case.path), how, lambda _: None)
        comparison = pipeline.compare_network(task, found)
        if comparison is not None:
            yield case, comparison


def hashes(quiz: str) -> set[str]:
    return {one.graph.hash for one in expected.load(assignment.load(quiz))}


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("quiz", QUIZZES)
def test_right_networks_share_the_handouts_hash_and_no_wrong_one_has_it(quiz: str, tmp_path: Path) -> None:
    accepted, odd, seen = hashes(quiz), [], 0
    data = tmp_path / "data"
    data.mkdir()
    for case, comparison in networks(quiz, data):
        seen += 1
        # A softmax inside of the network is charged under the loss.
        wrong = any(one.code in OTHER_NETWORK for one in case.findings) or comparison.tail == "softmax"
        is_accepted = comparison.hash in accepted or (comparison.same and comparison.tail == "log_softmax")
        if comparison.unsupported or is_accepted == wrong:
            odd.append((case.name, comparison.hash, comparison.unsupported))
    assert seen > 90
    assert odd == []


