"""Equal functions have equal graphs; functions that differ have not."""

from __future__ import annotations

from dataclasses import replace

import pytest
import recordings
import spellings

from grader.errors import NetworkUnsupported
from grader.network import normalise
from grader.network.graph import Graph
from grader.records import Evidence, RawGraph, RawNode, Where

SAME = [(family, name) for family, members in spellings.SAME.items() for name in members]
OTHER = [(family, name) for family, members in spellings.OTHER.items() for name in members]


@pytest.fixture(scope="module")
def recorded() -> dict[str, Evidence]:
    return recordings.record("spellings")


def graph(recorded: dict[str, Evidence], kind: str, family: str, name: str) -> Graph:
    return recordings.graph_of(recorded[f"{kind}.{family}.{name}"], spellings.SHAPE)


def ops(found: Graph) -> list[str]:
    return [node.kind for node in found.nodes]


@pytest.mark.parametrize(("family", "name"), SAME)
def test_another_spelling_of_the_same_function_is_the_same_graph(
    recorded: dict[str, Evidence], family: str, name: str
) -> None:
    first = graph(recorded, "same", family, next(iter(spellings.SAME[family])))
    found = graph(recorded, "same", family, name)
    assert (ops(found), found.hash) == (ops(first), first.hash)


@pytest.mark.parametrize(("family", "name"), OTHER)
def test_a_function_that_differs_is_another_graph(recorded: dict[str, Evidence], family: str, name: str) -> None:
    first = graph(recorded, "same", family, next(iter(spellings.SAME[family])))
    assert graph(recorded, "other", family, name).hash != first.hash


def test_there_are_enough_spellings() -> None:
    assert len(SAME) >= 60


def special(recorded: dict[str, Evidence], name: str) -> Graph:
    return graph(recorded, "special", "one", name)


def line_of(text: str) -> int:
    source = (recordings.HERE / "spellings.py").read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(source, 1) if text in line)


def test_a_cut_graph_is_noted_at_its_line_and_changes_nothing_else(recorded: dict[str, Evidence]) -> None:
    found = special(recorded, "detached")
    where = Where(file="spellings.py", line=line_of("x.detach()"))
    assert found.notes == (("detached-graph", normalise.CUT, where),)
    assert found.hash == graph(recorded, "same", "relu", "functional").hash


def test_a_layer_used_twice_is_not_two_layers(recorded: dict[str, Evidence]) -> None:
    twice, once = special(recorded, "used_twice"), special(recorded, "used_once")
    assert (ops(twice), ops(once)) == (["input", "linear", "linear"], ["input", "linear", "linear"])
    assert [node.uses for node in twice.nodes] == [1, 2, 2]
    assert twice.hash != once.hash


def test_a_layer_whose_result_is_thrown_away_is_told_apart(recorded: dict[str, Evidence]) -> None:
    found = special(recorded, "thrown_away")
    assert [[leaf.name for leaf in node.leaves] for node in found.dead] == [["second.weight", "second.bias"]]
    assert [[leaf.name for leaf in node.leaves] for node in found.nodes] == [[], ["first.weight", "first.bias"]]


def test_an_output_with_more_rows_than_images_says_so(recorded: dict[str, Evidence]) -> None:
    assert special(recorded, "used_once").output_shape == ("N", 192)
    assert special(recorded, "rows_for_pixels").output_shape == ("64 N", 10)


def test_a_forward_that_fails_is_no_graph(recorded: dict[str, Evidence]) -> None:
    found = recorded["special.one.fails"]
    assert (found.status, [one.where for one in found.failures]) == (
        "forward-error",
        [Where(file="spellings.py", line=line_of("m.fc(x), fc=lambda"))],
    )
    with pytest.raises(NetworkUnsupported, match="failed before it gave an output"):
        special(recorded, "fails")


def test_a_layer_is_placed_where_it_was_constructed_and_called(recorded: dict[str, Evidence]) -> None:
    layer = graph(recorded, "same", "relu", "torch").nodes[1].origin
    made, called = line_of("return nn.Conv2d(3, 4, 3, **options)"), line_of("function(m.conv(x))")
    assert (layer.place, layer.call) == (Where(file="spellings.py", line=made), Where(file="spellings.py", line=called))


def test_a_recording_that_refers_to_nothing_is_refused(recorded: dict[str, Evidence]) -> None:
    raw = recorded["same.relu.torch"].graphs["train"]
    broken = replace(raw, nodes=raw.nodes[1:])
    with pytest.raises(NetworkUnsupported, match="refers to a tensor that it does not hold"):
        normalise.normalise(broken, spellings.SHAPE, recorded["same.relu.torch"].tensors)


@pytest.mark.parametrize("arguments", [(), (1,), ({"value": 1},), ({"value": 1}, [1e400], None), ({"value": "one"},)])
@pytest.mark.parametrize(
    "op", ["aten.conv2d.default", "aten.view.default", "aten.add.Tensor", "aten.max_pool2d.default"]
)
def test_an_operation_with_odd_arguments_is_refused_and_raises_nothing_else(
    op: str, arguments: tuple[object, ...]
) -> None:
    node = RawNode(op=op, arguments=arguments, keywords={}, outputs=(1,), shapes=((2, 3, 8, 8),), where=(), module="")
    raw = RawGraph(
        mode="train",
        batch=2,
        symbolic_batch=True,
        input=0,
        leaves={},
        nodes=(node,),
        output=1,
        output_shape=(2, 3, 8, 8),
    )
    with pytest.raises(NetworkUnsupported):
        normalise.normalise(raw, spellings.SHAPE, {})


X = {"value": 0}
HUGE = {
    "zeros": ("aten.zeros.default", ([3 * 10**8],), (2, 10), 2),
    "an arange": ("aten.arange.default", (10**9,), (2, 10), 2),
    "copies": ("aten.repeat.default", (X, [1000, 10, 10, 10]), (2, 10), 2),
    "a padding": ("aten.constant_pad_nd.default", (X, [10**5, 10**5, 10**5, 10**5]), (2, 10), 2),
    "a reflection": ("aten.pad.default", (X, [10**5] * 4, "replicate"), (2, 10), 2),
    "an operation that says so": ("aten.erfinv.default", (X,), (2, 10**9), 2),
    "random numbers": ("aten.randn.default", ([10**9],), (10**9,), 2),
    "the batch": ("aten.relu.default", (X,), (2, 10), 10**9),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_recording_that_claims_huge_tensors_is_refused_before_they_are_made(name: str) -> None:
    op, arguments, shape, batch = HUGE[name]
    node = RawNode(op=op, arguments=arguments, keywords={}, outputs=(1,), shapes=(shape,), where=(), module="")
    shown = RawGraph(
        mode="train",
        batch=batch,
        symbolic_batch=True,
        input=0,
        leaves={},
        nodes=(node,),
        output=1,
        output_shape=(2, 10),
    )
    with pytest.raises(NetworkUnsupported, match=r"too large|cannot be read"):
        normalise.normalise(shown, spellings.SHAPE, {})


def test_many_large_tensors_are_refused_too() -> None:
    nodes = tuple(
        RawNode(
            op="aten.zeros.default",
            arguments=([10**7],),
            keywords={},
            outputs=(value,),
            shapes=((10**7,),),
            where=(),
            module="",
        )
        for value in range(1, 100)
    )
    shown = RawGraph(
        mode="train", batch=2, symbolic_batch=True, input=0, leaves={}, nodes=nodes, output=99, output_shape=(2, 10)
    )
    with pytest.raises(NetworkUnsupported, match="too large to read"):
        normalise.normalise(shown, spellings.SHAPE, {})
