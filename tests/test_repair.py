"""The shortest way to the handout's network: short, in words, and tried before it is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_compare import FORCED, ONE, Change, Student, change, nothing_seen, one_line, student

from grader import assignment
from grader.network import changes, edits, expected, recorded, repair, structure
from grader.network.align import align
from grader.network.bench import Bench
from grader.network.drafts import Sides
from grader.records import Leaf, Repair, Where


def said(found: Repair | None) -> list[str]:
    """The steps, and after them what they force."""
    assert found is not None
    assert found.verified
    return [step.text for step in found.steps] + [f"also {step.text}" for step in found.consequences]


@pytest.mark.parametrize("name", [*ONE, *FORCED])
def test_every_single_mistake_has_a_way_of_one_step(name: str) -> None:
    quiz, spoil = (ONE | FORCED)[name][:2]  # type: ignore[operator,index]
    found = student(quiz, spoil).compared().repair
    assert found is not None
    assert (len(found.steps), found.verified) == (1, True)


QUIZZES = tuple(name for name in assignment.ids() if assignment.load(name).recipe is not None)


@pytest.mark.parametrize("quiz", QUIZZES)
def test_the_handouts_network_needs_no_repair(quiz: str) -> None:
    assert student(quiz).compared().repair is None


def padded(made: Student) -> None:
    made.set("conv2", padding=[1, 1])
    made.set("fc1", in_features=576)


def unregistered(made: Student) -> None:
    node = made.nodes["fc2"]
    made.nodes["fc2"] = replace(node, leaves=tuple(replace(leaf, registered=False) for leaf in node.leaves))


def pool_first(made: Student) -> None:
    """conv2, relu2, pool2 as pool2, conv2, relu2."""
    made.inputs |= {"pool2": ["pool1"], "conv2": ["pool2"], "fc1": ["relu2"]}
    made.order = ["", "conv1", "relu1", "pool1", "pool2", "conv2", "relu2", *made.order[7:]]


def skip_from_before(made: Student) -> None:
    made.inputs["block1.add"] = ["conv1", "block1.conv2"]


def projection(made: Student) -> None:
    """block2's input goes through a convolution before it is added: the second term of the sum."""
    attributes = {**made.nodes["block2.conv1"].attributes, "out_channels": 64, "kernel_size": [1, 1], "padding": [0, 0]}
    made.add("projection", "block2.relu1", "conv", **attributes)
    leaf = Leaf(
        name="n", role="parameter", shape=(64,), dtype="float32", registered=True, requires_grad=True, where=None
    )
    made.nodes["projection"] = replace(made.nodes["projection"], leaves=(leaf,), shape=(64, 16, 16))
    made.inputs |= {
        "projection": ["pool1"],
        "block2.conv2": ["block2.relu1"],
        "block2.add": ["block2.conv2", "projection"],
    }


def without_the_skip(made: Student) -> None:
    made.inputs["block1.add"] = ["block1.conv2"]
    made.drop("block1.add")


def without_conv(made: Student) -> None:
    made.drop("relu4")
    made.drop("conv4")


def too_many(made: Student) -> None:
    made.add("again", "conv5", "conv", **made.nodes["conv6"].attributes)
    leaf = Leaf(
        name="n", role="parameter", shape=(512,), dtype="float32", registered=True, requires_grad=True, where=None
    )
    made.nodes["again"] = replace(made.nodes["again"], leaves=(leaf,))


WAYS: dict[str, tuple[str, tuple[Change, ...], list[str]]] = {
    "an attribute": ("quiz1", (padded,), ["In conv2 set padding=0.", "also fc1 expect 400 inputs"]),
    "two attributes": (
        "quiz1",
        (change("set", "conv2", kernel_size=[3, 1], stride=[2, 2]),),
        ["In conv2 set kernel_size=5 and stride=1."],
    ),
    "a kind": (
        "quiz1",
        (change("become", "pool1", "avg_pool", kernel_size=[2, 2], stride=[2, 2], padding=[0, 0]),),
        ["Use a max-pool for pool1: kernel_size=2 and stride=2."],
    ),
    "a function": (
        "quiz1",
        (change("set", "relu3", function="sigmoid"),),
        ["After fc1 apply ReLU instead of sigmoid."],
    ),
    "a missing function": ("quiz1", (change("drop", "relu2"),), ["After conv2 add ReLU."]),
    "a missing layer": (
        "quiz2",
        (without_conv,),
        ["After relu3 add conv4 (conv 256 → 256, kernel 3, padding 1) and ReLU."],
    ),
    "a layer too much": ("quiz2", (too_many,), ["Remove the convolution after conv5."]),
    "the order": ("quiz1", (pool_first,), ["Move pool2 to after relu2."]),
    "no skip": ("quiz3", (without_the_skip,), ["Add the block's input to the output of block1.conv2."]),
    "a skip from before": (
        "quiz3",
        (skip_from_before,),
        ["Feed block1.add from the output of relu1 instead of the output of conv1."],
    ),
    "a projection in the skip": ("quiz3", (projection,), ["Remove the convolution after pool1."]),
    "shared weights": (
        "quiz2",
        (change("like", "conv6", "conv5"),),
        ["Construct a layer of its own for conv6, in place of using another one twice."],
    ),
    "weights that the optimizer cannot find": (
        "quiz1",
        (unregistered,),
        ["Register fc2 with the module, as an attribute or in nn.ModuleList."],
    ),
    "a softmax": ("quiz1", (change("add", "x", "fc3", "softmax", dim=1),), ["Remove the softmax on the output."]),
    "three mistakes": (
        "quiz1",
        (padded, change("drop", "relu3"), change("set", "fc3", out_features=100)),
        ["In conv2 set padding=0.", "After fc1 add ReLU.", "In fc3 set out_features=10.", "also fc1 expect 400 inputs"],
    ),
    "one line, two layers": (
        "quiz3",
        (
            one_line("block1.conv1", "block2.conv1"),
            change("set", "block1.conv1", kernel_size=[5, 5]),
            change("set", "block2.conv1", kernel_size=[5, 5]),
        ),
        ["In block1.conv1 and block2.conv1 set kernel_size=3."],
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_way_is_told_in_the_fewest_words(name: str) -> None:
    quiz, spoil, wanted = WAYS[name]
    assert said(student(quiz, *spoil).compared().repair) == wanted


def test_each_step_and_each_consequence_has_its_line() -> None:
    made = student("quiz1", padded)
    found = made.compared().repair
    assert found is not None
    lines = [100 + made.line(name) for name in ("conv2", "fc1")]
    assert [step.where for step in (*found.steps, *found.consequences)] == [
        Where(file="net.py", line=line) for line in lines
    ]


def test_what_another_step_mends_is_no_step() -> None:
    """The stride of a pool with one window changes nothing, once its map has the right size."""
    made = student("quiz2", change("set", "conv8", padding=[0, 0]), change("set", "pool5", stride=[1, 1]))
    assert said(made.compared().repair) == ["In conv8 set padding=1."]


def test_a_network_too_far_away_gets_no_suggestion() -> None:
    names = [f"conv{number}" for number in range(1, 9)]
    pools = [f"pool{number}" for number in range(1, 6)]
    made = student(
        "quiz2",
        *(change("set", name, kernel_size=[5, 5]) for name in names),
        *(change("set", name, kernel_size=[3, 3]) for name in pools),
    )
    assert made.compared().repair is None


# ---- tried, and not believed -------------------------------------------------------------------------------------


def sides_of(made: Student) -> Sides:
    quiz = assignment.load(made.quiz)
    wanted = expected.load(quiz)[0]
    found = made.graph()
    return Sides(
        expected=wanted, found=found, alignment=align(wanted.graph, found), assignment=quiz, evidence=nothing_seen()
    )


@pytest.mark.parametrize("name", [name for name in WAYS if name not in ("a softmax",)])
def test_a_way_with_a_step_too_few_does_not_check_out(name: str) -> None:
    quiz, spoil, _ = WAYS[name]
    plan = edits.plan(sides_of(student(quiz, *spoil)), ())
    found = [*structure.structure(plan)]
    bench = repair._changed(plan, found, None)
    needed = repair._needed(plan, [*found, *changes.wiring(plan, bench), *changes.layers(plan)], None)

    assert repair._tried(plan, needed, None) is not None
    assert [repair._tried(plan, [one for one in needed if one is not left], None) for left in needed] == [None] * len(
        needed
    )


def test_what_cannot_be_built_is_not_suggested(monkeypatch: pytest.MonkeyPatch) -> None:
    made = student("quiz1", padded)
    monkeypatch.setattr(recorded, "answer_shape", lambda graph: ("N", 11))
    assert made.compared().repair is None


def test_a_failure_while_trying_costs_the_suggestion_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(graph: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(recorded, "answer_shape", fail)
    found = student("quiz1", padded).compared()
    assert (found.repair, [finding.layer for finding in found.findings]) == (None, ["conv2", "fc1"])


@pytest.mark.parametrize("quiz", QUIZZES)
def test_every_network_that_earns_full_marks_answers_ten_scores_a_picture(quiz: str) -> None:
    shapes = [recorded.answer_shape(one.graph) for one in expected.load(assignment.load(quiz))]
    assert set(shapes) == {("N", 10)}


@pytest.mark.parametrize("quiz", QUIZZES)
def test_a_graph_comes_back_from_the_bench_as_it_was(quiz: str) -> None:
    made = student(quiz).graph()
    assert Bench(made, frozenset()).graph().hash == made.hash == expected.load(assignment.load(quiz))[0].graph.hash


def test_a_pool_by_the_size_of_its_output_follows_the_map() -> None:
    """An adaptive pool over a map of 4 x 4, where the handout has one of 2 x 2: only the missing pool is a step."""
    quiz = assignment.load("quiz2")
    average = expected.load(quiz)[1]
    made = student("quiz2", change("drop", "pool4"))
    made.become("pool5", "avg_pool", kernel_size=[4, 4], stride=[4, 4], padding=[0, 0])
    found = made.graph()
    sides = Sides(
        expected=average, found=found, alignment=align(average.graph, found), assignment=quiz, evidence=nothing_seen()
    )
    place = made.order.index("pool5")
    plan = edits.plan(sides, ())
    bench = Bench(found, frozenset({place}))
    for edit in structure.structure(plan):
        for do in edit.do:
            do(bench)

    assert bench.graph().hash == average.graph.hash
