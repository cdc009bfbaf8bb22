"""A rebuild computes what the student's network computed, to the last digit; what is odd is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import rebuildable
import record_networks
import recordings
import torch

from grader.errors import NetworkUnsupported
from grader.network import build
from grader.records import Evidence, Leaf, RawGraph, RawNode

SHAPE = rebuildable.SHAPE
NAMES = list(rebuildable.NETWORKS)


@pytest.fixture(scope="module")
def recorded() -> Iterator[dict[str, Evidence]]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as in the recording process: another number adds up in another order
    yield recordings.record("rebuildable")
    torch.set_num_threads(threads)


def rebuilt(found: Evidence) -> build.Rebuilt:
    return build.rebuild(found.graphs, found.tensors, SHAPE)


def images() -> torch.Tensor:
    generator = torch.Generator().manual_seed(record_networks.SEED)
    return torch.randn((record_networks.BATCH, *SHAPE), generator=generator)


def prefixed(found: Evidence, prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): one for name, one in found.tensors.items() if name.startswith(prefix)}


def trained(network: build.Rebuilt) -> tuple[list[torch.Tensor], dict[str, torch.Tensor]]:
    """What record_networks does with the student's own module."""
    network.train()
    optimizer = torch.optim.SGD([w for w in network.weights.values() if w.requires_grad], lr=0.01, momentum=0.9)
    torch.manual_seed(record_networks.SEED)
    answers = []
    for _ in range(record_networks.STEPS):
        optimizer.zero_grad()
        answers.append(network(images()))
        answers[-1].square().mean().backward()
        optimizer.step()
    after = {name: weight.detach() for name, weight in network.weights.items()}
    return answers, {**after, **network.buffers_by_name}


@pytest.mark.parametrize("name", NAMES)
def test_a_rebuild_answers_as_the_network_did_and_has_its_gradients(recorded: dict[str, Evidence], name: str) -> None:
    found = recorded[name]
    assert (found.status, build.reproduces(rebuilt(found), found.probes, SHAPE)) == ("graded", True)


@pytest.mark.parametrize("name", NAMES)
def test_a_rebuild_answers_the_same_digits_in_evaluation_mode(recorded: dict[str, Evidence], name: str) -> None:
    network = rebuilt(recorded[name]).eval()
    with torch.no_grad():
        assert torch.equal(network(images()), recorded[name].tensors["answer/eval"])


@pytest.mark.parametrize("name", NAMES)
def test_training_a_rebuild_gives_the_same_digits_as_training_the_network(
    recorded: dict[str, Evidence], name: str
) -> None:
    answers, after = trained(rebuilt(recorded[name]))
    expected = prefixed(recorded[name], "answer/")
    assert [torch.equal(one, expected[str(step)]) for step, one in enumerate(answers)] == [True] * len(answers)
    wanted = prefixed(recorded[name], "after/")
    assert {key: torch.equal(one, wanted[key]) for key, one in after.items()} == dict.fromkeys(after, True)


@pytest.mark.parametrize("name", ["in_place", "norm_and_dropout"])
def test_another_weight_is_no_reproduction(recorded: dict[str, Evidence], name: str) -> None:
    network = rebuilt(recorded[name])
    with torch.no_grad():
        next(iter(network.weights.values())).mul_(1.01)
    assert not build.reproduces(network, recorded[name].probes, SHAPE)


@pytest.mark.parametrize(
    "probes",
    [
        {},
        {"batch": "two", "seed": 1},
        {"batch": 2, "seed": 1, "outputs": "x", "gradients": []},
        {"batch": 10**9, "seed": 1, "outputs": [], "gradients": {}},
        {"batch": -1, "seed": 1, "outputs": [], "gradients": {}},
        {"batch": 2, "seed": 1 << 70, "outputs": [], "gradients": {}},
    ],
)
def test_probes_that_say_nothing_are_no_reproduction(recorded: dict[str, Evidence], probes: dict[str, Any]) -> None:
    assert not build.reproduces(rebuilt(recorded["in_place"]), probes, SHAPE)


def test_layer_outputs_go_by_the_names_of_their_weights(recorded: dict[str, Evidence]) -> None:
    outputs = rebuilt(recorded["in_place"]).layer_outputs(images())
    assert {name: tuple(one.shape) for name, one in outputs.items()} == {
        "0.weight": (5, 4, 8, 8),
        "2.weight": (5, 4, 8, 8),
        "5.weight": (5, 10),
    }


def test_frozen_and_whole_networks_train_what_they_should(recorded: dict[str, Evidence]) -> None:
    network = rebuilt(recorded["frozen_features"])
    assert [weight.requires_grad for weight in network.weights.values()] == [False, False, True, True]
    assert [weight.requires_grad for weight in network.whole().weights.values()] == [True] * 4
    network.freeze({"3.weight", "no such"})
    assert [weight.requires_grad for weight in network.weights.values()] == [True, True, False, True]


# ---- what is refused ---------------------------------------------------------------------------------------------


def node(op: str, arguments: tuple[Any, ...], outputs: tuple[int, ...] = (1,), **keywords: Any) -> RawNode:
    return RawNode(op=op, arguments=arguments, keywords=keywords, outputs=outputs, shapes=((),), where=(), module="")


def raw(*nodes: RawNode, leaves: dict[int, Leaf] | None = None) -> RawGraph:
    return RawGraph(
        mode="train",
        batch=2,
        symbolic_batch=True,
        input=0,
        leaves=leaves or {},
        nodes=nodes,
        output=nodes[-1].outputs[-1],
        output_shape=(2, 10),
    )


def leaf(shape: tuple[int, ...], role: Any = "parameter") -> Leaf:
    return Leaf(name="w", role=role, shape=shape, dtype="float32", registered=True, requires_grad=True, where=None)


def build_one(graph: RawGraph, **tensors: torch.Tensor) -> build.Rebuilt:
    return build.rebuild({"train": graph}, {f"train/{value[1:]}": one for value, one in tensors.items()}, SHAPE)


def test_memory_that_the_program_fills_later_is_made_of_zeros() -> None:
    made = build_one(raw(node("aten.empty.memory_format", ([2, 10],))))
    assert torch.equal(made(torch.zeros(2, *SHAPE)), torch.zeros(2, 10))


X = {"value": 0}
FORBIDDEN = {
    "memory by number": node("aten.as_strided.default", (X, [10**9], [1])),
    "another tensor's memory": node("aten.set_.source_Tensor", (X, X)),
    "growing": node("aten.resize_.default", (X, [10**9])),
    "uninitialised memory": node("aten.empty_strided.default", ([2, 10], [10, 1])),
    "a file": node("aten.from_file.default", ("/etc/passwd",)),
    "another library": node("torchvision.nms.default", (X, X, 0.5)),
    "no operation": node("aten.sub_system.default", ("id",)),
    "a python name": node("os.system.default", ("id",)),
    "no overload": node("aten.relu.__class__", (X,)),
    "a dunder": node("aten.__init__.default", (X,)),
    "an output argument": node("aten.add.out", (X, X), out=X),
    "a short name": node("relu", (X,)),
    "an empty name": node("", (X,)),
}


@pytest.mark.parametrize("name", FORBIDDEN)
def test_an_operation_that_is_not_allowed_is_refused(name: str) -> None:
    with pytest.raises(NetworkUnsupported):
        build_one(raw(FORBIDDEN[name]))


HUGE = {
    "zeros": node("aten.zeros.default", ([10**6, 10**6],)),
    "ones in bits": node("aten.ones.default", ([10**5, 10**4, 10**5],)),
    "arange": node("aten.arange.default", (10**12,)),
    "arange from": node("aten.arange.start", (0, 10**12)),
    "arange by floats": node("aten.arange.start_step", (0.0, 1e12, 1e-3)),
    "arange by keywords": node("aten.arange.default", (), end=10**12),
    "arange by keywords, 8 GB": node("aten.arange.default", (), end=10**9),
    "full": node("aten.full.default", ([10**12], 1.0)),
    "full by keywords": node("aten.full.default", (), size=[10**12], fill_value=1.0),
    "new_zeros": node("aten.new_zeros.default", (X, [10**12])),
    "repeat": node("aten.repeat.default", (X, [10**5, 10, 10, 10**4])),
    "pad": node("aten.constant_pad_nd.default", (X, [10**6, 10**6, 10**6, 10**6])),
    "upsample": node("aten.upsample_nearest2d.default", (X, [10**6, 10**6])),
    "times the batch": node("aten.zeros.default", ([{"batch": [10**12, 1]}],)),
}


@pytest.mark.parametrize("name", HUGE)
def test_what_would_fill_the_memory_is_refused_before_it_is_made(name: str) -> None:
    with pytest.raises(NetworkUnsupported):
        build_one(raw(HUGE[name]))


def linear(shape: tuple[int, ...]) -> RawGraph:
    flat = node("aten.reshape.default", (X, [{"batch": [2, 2]}, 192]), (1,))
    return raw(flat, node("aten.linear.default", ({"value": 1}, {"value": 2}), (3,)), leaves={2: leaf(shape)})


def test_a_right_recording_made_by_hand_is_rebuilt() -> None:
    weight = torch.randn(10, 192)
    network = build_one(linear((10, 192)), v2=weight)
    assert torch.equal(network(images()), torch.nn.functional.linear(images().reshape(5, 192), weight))


@pytest.mark.parametrize(
    ("claimed", "sent"), [((10, 192), (10, 191)), ((10, 192), (192, 10)), ((10,), (10, 192)), ((10, 10**9), (10, 192))]
)
def test_a_shape_that_lies_is_refused(claimed: tuple[int, ...], sent: tuple[int, ...]) -> None:
    with pytest.raises(NetworkUnsupported, match="the values of w are missing"):
        build_one(linear(claimed), v2=torch.zeros(sent))


LYING = {
    "a weight that does not fit": (linear((10, 100)), {"v2": torch.zeros(10, 100)}),
    "no weight": (linear((10, 192)), {}),
    "a value from nowhere": (raw(node("aten.relu.default", ({"value": 77},))), {}),
    "a negative value": (raw(node("aten.relu.default", ({"value": -1},))), {}),
    "a value that is a word": (raw(node("aten.relu.default", ({"value": "x"},))), {}),
    "its own output": (raw(node("aten.relu.default", ({"value": 1},))), {}),
    "no arguments": (raw(node("aten.conv2d.default", ())), {}),
    "words for numbers": (raw(node("aten.reshape.default", (X, ["a", "b"]))), {}),
    "a number out of range": (raw(node("aten.add.Tensor", (X, 1 << 70))), {}),
    "a batch over nothing": (raw(node("aten.reshape.default", (X, [{"batch": [1, 0]}, -1]))), {}),
    "half a batch": (raw(node("aten.reshape.default", (X, [{"batch": []}, -1]))), {}),
    "more outputs than there are": (raw(node("aten.relu.default", (X,), (1, 2))), {}),
    "no data type": (raw(node("aten.to.dtype", (X, {"dtype": "__class__"}))), {}),
    "unknown keywords": (raw(node("aten.relu.default", (X,), colour="red")), {}),
}


@pytest.mark.parametrize("name", LYING)
def test_a_recording_that_lies_raises_one_kind_of_error(name: str) -> None:
    graph, tensors = LYING[name]
    try:
        network = build_one(graph, **tensors)
    except NetworkUnsupported:
        return
    assert torch.equal(network(images()), images()), "what is rebuilt all the same does nothing"


def test_a_network_without_a_recording_is_refused() -> None:
    with pytest.raises(NetworkUnsupported, match="was not recorded"):
        build.rebuild({}, {}, SHAPE)


def test_a_constant_that_was_not_sent_is_refused() -> None:
    graph = raw(node("aten.add.Tensor", (X, {"value": 5})), leaves={5: replace(leaf((10**9,)), role="constant")})
    with pytest.raises(NetworkUnsupported, match="too large to rebuild"):
        build_one(graph)
