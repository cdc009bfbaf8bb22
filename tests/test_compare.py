"""On graphs made by hand: each mistake is named once, at its layer, attribute and line, and what follows from it is not
charged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import recordings

from grader import assignment, evidence
from grader.network import compare, expected
from grader.network.graph import Graph, Node, Origin
from grader.records import Comparison, Evidence, Finding, Leaf, Where

Change = Callable[["Student"], None]
RELU = {"function": "relu"}


class Student:
    """The handout's network as a student's: layer i is constructed in line 100 + i and called in line 200 + i. To be
    changed in places, by the handout's names."""

    def __init__(self, quiz: str) -> None:
        self.quiz = quiz
        wanted = expected.load(assignment.load(quiz))[0]
        self.order = list(wanted.layers)
        self.nodes = {
            name: self._own(node, i)
            for i, (name, node) in enumerate(zip(wanted.layers, wanted.graph.nodes, strict=True))
        }
        self.inputs = {
            name: [wanted.layers[source] for source in node.inputs]
            for name, node in zip(wanted.layers, wanted.graph.nodes, strict=True)
        }
        self.output = wanted.layers[wanted.graph.output]

    def _own(self, node: Node, number: int) -> Node:
        leaves = tuple(replace(leaf, name=f"layer{number}.{part}") for part, leaf in enumerate(node.leaves))
        return replace(node, leaves=leaves, origin=origin(number))

    def line(self, name: str) -> int:
        return self.nodes[name].origin.constructed.line - 100  # type: ignore[union-attr]

    def set(self, name: str, **attributes: Any) -> None:
        node = self.nodes[name]
        self.nodes[name] = replace(node, attributes={**node.attributes, **attributes})

    def become(self, name: str, op: str, **attributes: Any) -> None:
        self.nodes[name] = replace(self.nodes[name], op=op, attributes=attributes)

    def drop(self, name: str) -> None:
        """Without the layer: who read it reads what it read."""
        before = self.inputs.pop(name)[0]
        self.order.remove(name)
        self.inputs = {
            one: [before if source == name else source for source in read] for one, read in self.inputs.items()
        }
        self.output = before if self.output == name else self.output

    def add(self, name: str, after: str, op: str, **attributes: Any) -> None:
        """One more layer, between ``after`` and all that read it."""
        shape, number = self.nodes[after].shape, 50 + len(self.order)
        self.nodes[name] = Node(op=op, attributes=attributes, inputs=(), shape=shape, origin=origin(number))
        self.inputs = {
            one: [name if source == after else source for source in read] for one, read in self.inputs.items()
        }
        self.inputs[name] = [after]
        self.order.insert(self.order.index(after) + 1, name)
        self.output = name if self.output == after else self.output

    def like(self, name: str, other: str) -> None:
        """The same layer object as another one."""
        self.nodes[name] = replace(self.nodes[name], leaves=self.nodes[other].leaves)

    def graph(self) -> Graph:
        place = {name: index for index, name in enumerate(self.order)}
        nodes = tuple(
            replace(self.nodes[name], inputs=tuple(place[source] for source in self.inputs[name]))
            for name in self.order
        )
        return Graph(nodes=nodes, output=place[self.output], output_shape=("N", 10))

    def compared(self, **seen: Any) -> Comparison:
        quiz = assignment.load(self.quiz)
        return compare.compare(self.graph(), expected.load(quiz), quiz, nothing_seen(**seen))


def nothing_seen(**changes: Any) -> Evidence:
    return replace(evidence.read(recordings.run_result(b"")), **changes)


def origin(number: int) -> Origin:
    made, called = Where(file="net.py", line=100 + number), Where(file="net.py", line=200 + number)
    return Origin(where=(called,), constructed=made, site=number, constructed_site=number)


def student(quiz: str, *changes: Change) -> Student:
    made = Student(quiz)
    for change in changes:
        change(made)
    return made


def short(finding: Finding) -> str:
    return f"{finding.code}:{finding.layer}" + (f".{finding.attribute}" if finding.attribute else "")


def charged(found: Comparison) -> list[str]:
    return [short(finding) for finding in found.findings if finding.charged]


def uncharged(found: Comparison) -> list[str]:
    return [short(finding) for finding in found.findings if not finding.charged]


@pytest.mark.parametrize("quiz", ["quiz1", "quiz2", "quiz3"])
def test_the_handouts_network_has_no_findings(quiz: str) -> None:
    found = student(quiz).compared()
    assert (found.same, found.findings, found.tail, found.unsupported) == (True, (), "logits", "")
    assert {row.verdict for row in found.rows} == {"pass"}
    assert [row.layer for row in found.rows] == [layer.name for layer in assignment.load(quiz).layers]


def change(method: str, *arguments: Any, **keywords: Any) -> Change:
    return lambda made: getattr(made, method)(*arguments, **keywords)


ONE = {
    "a kernel": ("quiz1", change("set", "conv2", kernel_size=[3, 3]), "wrong-attribute:conv2.kernel_size"),
    "a stride": ("quiz2", change("set", "conv3", stride=[2, 2]), "wrong-attribute:conv3.stride"),
    "a padding": ("quiz2", change("set", "conv3", padding=[0, 0]), "wrong-attribute:conv3.padding"),
    "a dilation": ("quiz2", change("set", "conv4", dilation=[2, 2]), "wrong-attribute:conv4.dilation"),
    "groups": ("quiz2", change("set", "conv4", groups=2), "wrong-attribute:conv4.groups"),
    "no bias": ("quiz1", change("set", "conv1", bias=False), "wrong-attribute:conv1.bias"),
    "no bias at the end": ("quiz1", change("set", "fc3", bias=False), "wrong-attribute:fc3.bias"),
    "a pool's kernel": ("quiz1", change("set", "pool1", kernel_size=[3, 3]), "wrong-attribute:pool1.kernel_size"),
    "a pool's stride": ("quiz1", change("set", "pool2", stride=[1, 1]), "wrong-attribute:pool2.stride"),
    "a pool's padding": ("quiz1", change("set", "pool1", padding=[1, 1]), "wrong-attribute:pool1.padding"),
    "an average pool": (
        "quiz1",
        change("become", "pool1", "avg_pool", kernel_size=[2, 2], stride=[2, 2], padding=[0, 0]),
        "wrong-attribute:pool1.kind",
    ),
    "no pool": ("quiz1", change("drop", "pool2"), "missing-layer:pool2"),
    "no first pool": ("quiz2", change("drop", "pool1"), "missing-layer:pool1"),
    "no relu at the beginning": ("quiz1", change("drop", "relu1"), "missing-activation:relu1"),
    "no relu in the middle": ("quiz2", change("drop", "relu4"), "missing-activation:relu4"),
    "no relu at the end": ("quiz1", change("drop", "relu4"), "missing-activation:relu4"),
    "no relu in a block": ("quiz3", change("drop", "block1.relu1"), "missing-activation:block1.relu1"),
    "no relu after a sum": ("quiz3", change("drop", "block2.relu2"), "missing-activation:block2.relu2"),
    "a sigmoid": ("quiz1", change("set", "relu3", function="sigmoid"), "wrong-activation:relu3.function"),
    "a leaky relu": (
        "quiz2",
        change("set", "relu8", function="leaky_relu", slope=0.01),
        "wrong-activation:relu8.function",
    ),
    "a relu too much": (
        "quiz1",
        change("add", "x", "fc3", "pointwise", function="relu"),
        "extra-activation:output",
    ),
    "a tanh on the input": ("quiz1", change("add", "x", "", "pointwise", function="tanh"), "extra-activation:None"),
    "a softmax at the end": ("quiz1", change("add", "x", "fc3", "softmax", dim=1), "extra-activation:output"),
    "batch norm": (
        "quiz1",
        change("add", "x", "conv1", "batch_norm", features=6, affine=True, eps=1e-5, momentum=0.1),
        "extra-layer:conv1",
    ),
    "dropout": ("quiz1", change("add", "x", "relu3", "dropout", p=0.5), "extra-layer:relu3"),
    "half a skip": ("quiz3", change("set", "block1.add", weights=[0.5, 1.0]), "wrong-skip:block1.add"),
    "a skip joined": ("quiz3", change("become", "block1.add", "concat", dim=1), "wrong-skip:block1.add"),
    "a layer twice": ("quiz2", change("like", "conv6", "conv5"), "shared-layer:conv6"),
}


@pytest.mark.parametrize("name", ONE)
def test_a_mistake_is_named_once(name: str) -> None:
    quiz, spoil, wanted = ONE[name]
    found = student(quiz, spoil).compared()
    assert (charged(found), found.same) == ([wanted], False)


@pytest.mark.parametrize("name", [name for name, (_, _, wanted) in ONE.items() if wanted.startswith("wrong-a")])
def test_a_wrong_layer_is_placed_where_it_was_constructed_and_fails_its_row(name: str) -> None:
    quiz, spoil, wanted = ONE[name]
    made = student(quiz, spoil)
    found = made.compared()
    layer = wanted.partition(":")[2].rpartition(".")[0]
    assert found.findings[0].where == Where(file="net.py", line=100 + made.line(layer))
    assert [row.layer for row in found.rows if row.verdict == "fail"] == [layer]


def test_a_missing_relu_is_placed_where_its_layer_is_called() -> None:
    made = student("quiz1", change("drop", "relu2"))
    assert made.compared().findings[0].where == Where(file="net.py", line=200 + made.line("conv2"))


def test_a_finding_says_found_expected_and_what_to_do() -> None:
    found = student("quiz1", change("set", "conv2", kernel_size=[3, 3])).compared().findings[0]
    assert (found.found, found.expected, found.message) == ("3", "5", "conv2 has kernel size 3; expected 5.")
    assert found.hint.startswith("Set kernel_size=5")


# ---- what follows from another mistake ---------------------------------------------------------------------------


def wider(made: Student) -> None:
    made.set("conv1", out_channels=8)
    made.set("conv2", in_channels=8)


def wider_before_flattening(made: Student) -> None:
    made.set("conv2", out_channels=32)
    made.set("fc1", in_features=800)


def wider_classifier(made: Student) -> None:
    made.set("fc1", out_features=128)
    made.set("fc2", in_features=128)


def padded(made: Student) -> None:
    made.set("conv2", padding=[1, 1])
    made.set("fc1", in_features=576)


def without_pool(made: Student) -> None:
    made.drop("pool2")
    made.set("fc1", in_features=1600)


def without_conv(made: Student) -> None:
    made.drop("relu4")
    made.drop("conv4")


def without_linear(made: Student) -> None:
    made.drop("relu4")
    made.drop("fc2")
    made.set("fc3", in_features=120)


def with_conv(made: Student) -> None:
    made.add("relu9", "relu8", "pointwise", **RELU)
    made.add("conv9", "relu8", "conv", **made.nodes["conv8"].attributes)
    leaf = Leaf(
        name="n", role="parameter", shape=(512,), dtype="float32", registered=True, requires_grad=True, where=None
    )
    made.nodes["conv9"] = replace(made.nodes["conv9"], leaves=(leaf,))


FORCED = {
    "channels": ("quiz1", wider, ["wrong-attribute:conv1.out_channels"], ["wrong-attribute:conv2.in_channels"]),
    "channels before flattening": (
        "quiz1",
        wider_before_flattening,
        ["wrong-attribute:conv2.out_channels"],
        ["wrong-attribute:fc1.in_features"],
    ),
    "features": ("quiz1", wider_classifier, ["wrong-attribute:fc1.out_features"], ["wrong-attribute:fc2.in_features"]),
    "a padding": ("quiz1", padded, ["wrong-attribute:conv2.padding"], ["wrong-attribute:fc1.in_features"]),
    "a missing pool": ("quiz1", without_pool, ["missing-layer:pool2"], ["wrong-attribute:fc1.in_features"]),
    "a missing convolution": ("quiz2", without_conv, ["missing-layer:conv4"], ["missing-activation:relu4"]),
    "a missing linear layer": (
        "quiz1",
        without_linear,
        ["missing-layer:fc2"],
        ["missing-activation:relu4", "wrong-attribute:fc3.in_features"],
    ),
    "an extra convolution": ("quiz2", with_conv, ["extra-layer:relu8"], ["extra-activation:relu8"]),
}


@pytest.mark.parametrize("name", FORCED)
def test_what_a_mistake_forces_is_shown_and_not_charged(name: str) -> None:
    quiz, spoil, cause, consequences = FORCED[name]
    found = student(quiz, spoil).compared()
    assert (charged(found), sorted(uncharged(found))) == (cause, sorted(consequences))


def test_two_mistakes_are_two() -> None:
    found = student(
        "quiz1",
        change("set", "conv1", kernel_size=[3, 3]),
        change("drop", "relu3"),
        change("set", "pool2", padding=[1, 1]),
    ).compared()
    assert charged(found) == [
        "wrong-attribute:conv1.kernel_size",
        "wrong-attribute:pool2.padding",
        "missing-activation:relu3",
    ]


def test_two_wrong_choices_of_one_layer_are_charged_as_one() -> None:
    found = student("quiz1", change("set", "conv2", kernel_size=[3, 3], stride=[2, 2], bias=False)).compared()
    assert charged(found) == ["wrong-attribute:conv2.kernel_size"]
    assert uncharged(found) == ["wrong-attribute:conv2.stride", "wrong-attribute:conv2.bias"]


def one_line(*names: str) -> Change:
    """These layers are constructed by one call in one line, as in a loop."""

    def write(made: Student) -> None:
        first = made.nodes[names[0]].origin
        for name in names:
            made.nodes[name] = replace(made.nodes[name], origin=first)

    return write


def test_a_mistake_in_a_loop_is_one_mistake() -> None:
    names = [f"conv{number}" for number in range(1, 9)]
    made = student("quiz2", one_line(*names), *(change("set", name, bias=False) for name in names))
    found = made.compared()
    assert charged(found) == ["wrong-attribute:conv1.bias"]
    assert uncharged(found) == [f"wrong-attribute:{name}.bias" for name in names[1:]]


def test_a_mistake_in_a_block_that_is_used_twice_is_one_mistake() -> None:
    made = student(
        "quiz3",
        one_line("block1.conv1", "block2.conv1"),
        change("set", "block1.conv1", kernel_size=[5, 5]),
        change("set", "block2.conv1", kernel_size=[5, 5]),
    )
    assert charged(made.compared()) == ["wrong-attribute:block1.conv1.kernel_size"]


# ---- skips and order ---------------------------------------------------------------------------------------------


def without_skip_but_its_branch(made: Student) -> None:
    """block1.add reads two; what is left reads the convolution."""
    made.inputs["block1.add"] = ["block1.conv2"]
    made.drop("block1.add")


def skip_from_elsewhere(made: Student) -> None:
    made.inputs["block2.add"] = ["block1.relu2" if one == "pool1" else one for one in made.inputs["block2.add"]]


def test_a_missing_skip_is_one_mistake() -> None:
    found = student("quiz3", without_skip_but_its_branch).compared()
    assert charged(found) == ["missing-skip:block1.add"]


def test_a_skip_from_another_layer_is_named_with_both() -> None:
    found = student("quiz3", skip_from_elsewhere).compared()
    assert charged(found) == ["wrong-skip:block2.add"]
    finding = next(one for one in found.findings if one.charged)
    assert "block1.relu2" in finding.message and "pool1" in finding.message


def test_a_pool_in_another_place_is_a_matter_of_order() -> None:
    def move(made: Student) -> None:
        made.drop("pool2")
        made.add("moved", "relu4", "max_pool", **assignment_pool("quiz2", "pool2"))

    found = student("quiz2", move).compared()
    assert charged(found) == ["layer-order:pool2"]


def assignment_pool(quiz: str, name: str) -> dict[str, Any]:
    return dict(Student(quiz).nodes[name].attributes)


# ---- weights that are not the network's --------------------------------------------------------------------------


def test_a_layer_in_a_plain_list_is_unregistered() -> None:
    def hide(made: Student) -> None:
        node = made.nodes["conv8"]
        made.nodes["conv8"] = replace(node, leaves=tuple(replace(leaf, registered=False) for leaf in node.leaves))

    assert charged(student("quiz2", hide).compared()) == ["unregistered-layer:conv8"]


def unused(*shapes: tuple[int, ...]) -> tuple[Leaf, ...]:
    where = Where(file="net.py", line=9)
    return tuple(
        Leaf(
            name=f"spare.{n}",
            role="parameter",
            shape=shape,
            dtype="float32",
            registered=True,
            requires_grad=True,
            where=where,
        )
        for n, shape in enumerate(shapes)
    )


def test_a_layer_that_is_constructed_and_never_called_is_unused_and_not_missing_too() -> None:
    found = student("quiz1", without_linear).compared(unused=unused((84, 120), (84,)))
    assert charged(found) == ["unused-layer:fc2"]
    assert next(one for one in found.findings if one.charged).where == Where(file="net.py", line=9)


def test_a_spare_layer_is_only_noted() -> None:
    found = student("quiz1").compared(unused=unused((7, 7), (7,)))
    assert (charged(found), uncharged(found)) == ([], ["unused-layer:None"])


# ---- what is tolerated, and the tail -----------------------------------------------------------------------------


def test_a_log_softmax_at_the_end_is_a_tail_and_no_mistake() -> None:
    found = student("quiz1", change("add", "x", "fc3", "log_softmax", dim=1)).compared()
    assert (found.tail, found.findings) == ("log_softmax", ())


def test_log_softmax_twice_is_log_softmax() -> None:
    add = change("add", "x", "fc3", "log_softmax", dim=1), change("add", "y", "x", "log_softmax", dim=1)
    found = student("quiz1", *add).compared()
    assert (found.tail, found.findings) == ("log_softmax", ())


def test_the_activation_on_the_output_is_the_tail() -> None:
    found = student("quiz1", change("add", "x", "fc3", "pointwise", function="sigmoid")).compared()
    assert (found.tail, charged(found)) == ("sigmoid", ["extra-activation:output"])


def test_where_batch_norm_is_tolerated_it_is_passed_over() -> None:
    quiz = replace(assignment.load("quiz1"), tolerate=frozenset({"batch_norm", "dropout"}))
    made = student(
        "quiz1",
        change("add", "x", "conv1", "batch_norm", features=6, affine=True, eps=1e-5, momentum=0.1),
        change("add", "y", "relu3", "dropout", p=0.5),
    )
    found = compare.compare(made.graph(), expected.load(quiz), quiz, nothing_seen())
    assert (found.findings, found.same) == ((), True)


def test_a_network_that_could_not_be_read_says_why() -> None:
    found = compare.unread("the network is a mystery")
    assert (found.unsupported, found.same, found.rows, found.findings) == ("the network is a mystery", False, (), ())
