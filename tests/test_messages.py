"""Every sentence that a finding can say, rendered once by the code that says it, and held to the form of
docs/messages.md: what was found; what was expected. Then what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest
from loops import SGD_RECIPE, WRONG
from networks import tiny
from right_submission import (
    LEARNED,
    LINE,
    UNEXPLAINED,
    assignment,
    comparison,
    evidence,
    facts,
    failure,
    finding,
    loader,
    one_pass,
    seen,
    sgd,
    statistics,
    training,
)
from test_compare import ONE, change, student
from test_replay import answer

from grader import check, explain, pages, score
from grader.check import activations, as_finding, data, evaluation, learns, loss, optimizer, output_shape, parameters
from grader.check import training_step as stepping
from grader.check.codes import CODES
from grader.learn import faults
from grader.learn.hypotheses import Loop
from grader.learn.losses import BANK, LossReading
from grader.learn.optimizers import OptimizerGuess
from grader.network.differences import note
from grader.network.normalise import CUT
from grader.records import CheckResult, Facts, Fault, Finding, Leaf, LossCall, RawGraph, RawNode, Recipe, Status

LONGEST = 300
# Nobody sees where these stand: the whole network is meant, or something that is not there at all.
PLACELESS = {
    "output-shape", "parameter-count", "no-training", "no-training-data", "no-evaluation", "cannot-learn", "diverged",
    "extra-activation", "wrong-optimizer",
}  # fmt: skip
IMPERATIVES = (
    "Add Append Apply Assign Call Compare Construct Divide Fix Give Grade Hand Keep Leave Load Look Loop Move Pass "
    "Print Put Remove Return Run Save Set Swap Test Train Use Wait Write"
).split()
# (what a sentence must not hold, why)
FORBIDDEN = (
    (r"  |\.\.|;;| [,;]| \.(?![a-z])|\( ", "a slip of the pen"),
    (r"\bNone\b|\bnan\b|<\w+ object|(?<!torch\.)tensor\(|dtype|\w+\{|\[\[", "a value of Python's"),
    (r"\d\.\d{7,}", "digits that say nothing"),
    (r"\baten\b|\bnode\b|avg_pool|max_pool|\blogits?\b|_loss\(\)", "a word from inside the grader"),
    (r"\bimages?\b|\bmend\b|\bupdates?\b|\braw outputs?\b|\bmodel\b|\bsplits?\b", "another word for a known thing"),
    (r"\b1 (steps|batches|pictures|layers|parameters|groups|\w+ (channels|features))\b", "one of many"),
    (r"\b(?!1 )\d+ (step|batch|picture|layer|parameter|group|\w+ (channel|feature))\b", "many of one"),
)


# ---- of the network -------------------------------------------------------------------------------------------


def of_the_network() -> Iterator[Finding]:
    for quiz, spoil, _ in ONE.values():
        yield from student(quiz, spoil).compared().findings
    more = (
        ("quiz1", change("set", "conv2", out_channels=32)),
        ("quiz1", change("set", "fc1", out_features=1)),
        ("quiz1", change("drop", "fc2")),
        ("quiz1", change("drop", "conv1")),
        ("quiz1", change("become", "relu3", "dropout", p=0.5)),
        ("quiz3", change("drop", "block1.add")),
        ("quiz1", moved),
        ("quiz1", unregistered),
        ("quiz3", miswired),
    )
    for quiz, spoil in more:
        yield from student(quiz, spoil).compared().findings
    left_over = tuple(
        Leaf(
            role="parameter",
            name=f"spare.{part}",
            shape=shape,
            dtype="float32",
            requires_grad=True,
            registered=True,
            where=LINE,
        )
        for part, shape in (("weight", (3, 3)), ("bias", (3,)))
    )
    yield from student("quiz1").compared(unused=left_over).findings
    yield note("detached-graph", CUT, LINE)
    tails = (comparison(tail="relu"), comparison(tail="softmax"), comparison(tail="log_sigmoid"))
    for tail in tails:
        yield from activations.check(facts(comparison=tail, replay=UNEXPLAINED), 10.0).findings
    yield from output_shape.check(facts(comparison=comparison(output_shape=("N", 10, 1))), 5.0).findings
    causes = (finding("wrong-attribute", "fc3", "out_features"), finding("extra-layer", "conv1"))
    wide = comparison(*causes, output_shape=("N", 100), parameters=62007)
    yield from output_shape.check(facts(comparison=wide), 5.0).findings
    yield from parameters.check(facts(comparison=wide), 5.0).findings
    yield from parameters.check(facts(comparison=comparison(parameters=61000)), 5.0).findings


def moved(made: object) -> None:
    """pool1 behind conv2 instead of before it."""
    made.drop("pool1")  # type: ignore[attr-defined]
    made.add("pool1", "relu2", "max_pool", kernel_size=[2, 2], stride=[2, 2], padding=[0, 0], dilation=[1, 1])  # type: ignore[attr-defined]


def unregistered(made: object) -> None:
    nodes = made.nodes  # type: ignore[attr-defined]
    nodes["fc2"] = replace(
        nodes["fc2"], leaves=tuple(replace(leaf, registered=False) for leaf in nodes["fc2"].leaves)
    )


def miswired(made: object) -> None:
    """The second block's sum takes the output of the first pool's source."""
    made.inputs["block2.add"] = ["block2.conv2", "block2.conv1"]  # type: ignore[attr-defined]


# ---- of the training -------------------------------------------------------------------------------------------

REPLAYED = ("no zero_grad", "lr 0.01", "schedule", "groups", "no backward", "stale", "labels shifted")


def of_the_training() -> Iterator[Finding]:
    yield from (as_finding(fault, facts()) for fault in told_faults())
    for name in REPLAYED:
        yield from (as_finding(fault, facts()) for fault in answer(tiny, SGD_RECIPE, WRONG[name][0]).faults)
    silent = training(steps=(), losses=(), optimizers=())
    for spoilt in (
        seen(training=None), seen(training=silent),
        recorded(), recorded(losses=()), recorded(optimizers=()), recorded(optimizers=(sgd("Adafactor"),)),
        recorded(losses=(LossCall(function="mse_loss", options={"reduction": "sum"}, where=LINE),)),
        recorded(losses=(LossCall(function="nll_loss", options={}, where=LINE),)),
        recorded(optimizers=(replace(sgd(), rates=(0.001, 0.0001, 0.00001)),)),
        replace(recorded(), comparison=comparison(tail="softmax")),
        seen(training=training(on_test_data=True), loaders=(loader("test"),), inputs=(statistics("test"),)),
    ):  # fmt: skip
        results = loss.check(spoilt, 5.0), optimizer.check(spoilt, 10.0), stepping.check(spoilt, 10.0)
        yield from (one for result in (*results, data.check(spoilt, 5.0)) for one in result.findings)
    numbers = {"lr": 0.1, "momentum": 0.0, "weight_decay": 5e-4, "nesterov": True, "dampening": 0.9, "maximize": True}
    for name, number in numbers.items():
        yield from optimizer.check(recorded(optimizers=(sgd(**{name: number}),)), 10.0).findings
    yield from optimizer.check(with_a_number_of_its_own(), 10.0).findings


def recorded(**changes: object) -> Facts:
    return facts(replay=UNEXPLAINED, evidence=evidence(training=training(**changes)))


def with_a_number_of_its_own() -> Facts:
    """A recipe that names a number for which there is no code."""
    recipe = Recipe(loss="cross_entropy", optimizer="Rprop", hyperparameters={"lr": 0.01, "step_sizes": (1e-6, 50.0)})
    used = replace(sgd("Rprop"), groups=({"lr": 0.01, "step_sizes": (1e-6, 10.0)},))
    return replace(recorded(optimizers=(used,)), assignment=replace(assignment(), recipe=recipe))


def told_faults() -> Iterator[Fault]:
    """All that the replay has words for, by its tables: a new row is rendered without a change here."""
    proof = (
        " Proof: with this, a replay of your first 4 steps gives your weights exactly; with the handout's recipe it "
        "misses them by 250 % of a step."
    )
    loop = training()
    names = [f"features.{number}.{part}" for number in range(6) for part in ("weight", "bias")]
    for code in faults.LOOP_WORDS:
        yield faults.loop_fault(loop, code, proof, Loop(words=("zfbs",), clip="norm", bound=0.1), faults.listed(names))
    for code in ("frozen-parameters", "partial-optimizer", "stale-optimizer", "detached-graph"):
        yield faults.stuck_fault(loop, code, names, proof)
    yield faults.eval_fault(loop, proof)
    yield faults.test_data_fault(loop)
    for words, _ in BANK.values():
        yield from faults.loss_fault(loop, reading("wrong-loss", found=words), proof)
    for name in ("softmax-twice", "softmax-over-batch"):
        softmaxed = replace(reading("softmax-before-cross-entropy"), name=name)
        yield from faults.loss_fault(loop, softmaxed, proof)
    yield from faults.loss_fault(loop, reading("labels-mismatched", mislabelled="every label is 0"), proof)
    plain = {"momentum": 0.9, "nesterov": False, "dampening": 0.0, "weight_decay": 0.0, "maximize": False}
    plain |= {"betas": (0.9, 0.999), "eps": 1e-8, "amsgrad": False}
    right = OptimizerGuess(kind="SGD", settings=plain, lr=0.001)
    other = {"momentum": 0.30000000000000004, "weight_decay": 5e-4, "betas": (0.5, 0.9), "eps": 1e-3, "dampening": 0.5}
    for name in faults.SETTING_CODES:
        wrong = replace(right, settings={**plain, name: other.get(name, True)})
        yield from faults.optimizer_faults(loop, wrong, [0.001] * 4, right, proof)
    anew = training(optimizers=tuple(replace(sgd(), steps=1) for _ in range(4)))
    yield from faults.optimizer_faults(anew, replace(right, settings={**plain, "momentum": 0.0}), [0.001] * 4, right)
    for guess, rates in (
        (replace(right, kind="Adam"), [0.001] * 4),
        (replace(right, penalty=1e-3), [0.001] * 4),
        (right, [0.1 + 0.2] * 4),
        (right, [0.001, 0.0005, 0.00025, 0.1 + 0.2]),
        (right, [-0.001] * 4),
    ):
        yield from faults.optimizer_faults(loop, guess, rates, right, proof)


def reading(code: str, found: str = "cross-entropy", mislabelled: str = "") -> LossReading:
    return LossReading(
        name="", code=code, found=found, function=lambda *_: None, targets=(), scales=(), mislabelled=mislabelled
    )  # type: ignore[arg-type,return-value]


# ---- of the program, the data and the test -----------------------------------------------------------------------

EXCEPTIONS = {
    "SyntaxError": "expected ':'",
    "TimeLimit": "",
    "SystemExit": "0",
    "NotImplementedError": "write the forward pass.",
    "ModuleNotFoundError": "No module named 'lenet'",
    "RuntimeError": "mat1 and mat2 shapes cannot be multiplied (4x400 and 256x120)",
    "ValueError": "too many\nlines",
}


def of_the_rest() -> Iterator[Finding]:
    for kind, said in EXCEPTIONS.items():
        stop = replace(failure(), kind=kind, message=said)
        cut = seen(training=None, tests=(), failures=(stop,), ended="error")
        yield from stepping.check(cut, 10.0).findings
        yield from check.stoppers(cut)
    raw = replace(statistics("train"), minimum=(0.0,) * 3, maximum=(255.0,) * 3)
    for inputs in (
        (raw,),
        (statistics("train", minimum=(0.0,) * 3),),
        (statistics("train", mean=(3.0,) * 3),),
        (statistics("test", deviation=(9.0,) * 3),),
        (statistics("train"), statistics("test", deviation=(1.0,) * 3)),
    ):
        yield from data.check(seen(inputs=inputs), 5.0).findings
    yield from data.check(seen(inputs=(), loaders=(loader("train"), loader("test", ""))), 5.0).findings
    yield from data.check(seen(inputs=(), loaders=(loader("train", "ToTensor()"), loader("test"))), 5.0).findings
    yield from data.check(seen(loaders=(), inputs=()), 5.0).findings
    for tests in (
        (), (one_pass(split="train"),), (one_pass(split="other"),), (one_pass(same_network=False),),
        (one_pass(complete=False, batches=1),), (one_pass(nominal=5000),), (one_pass(with_grad=True),),
        (one_pass(printed=("Accuracy: 77 %",)),),
    ):  # fmt: skip
        yield from evaluation.check(seen(tests=tests), 5.0).findings
    drop = RawNode(op="aten.bernoulli_.float", arguments=(), keywords={}, outputs=(), shapes=(), where=(), module="")
    dropping = RawGraph(
        mode="train", batch=2, symbolic_batch=True, input=0, leaves={}, nodes=(drop,), output=None, output_shape=None
    )
    modal = seen(tests=(one_pass(training_mode=True),), graphs={"train": dropping})
    yield from evaluation.check(modal, 5.0).findings
    slow = replace(LEARNED, learned=False, message="The loss stays at 2.30 after 120 steps (it began at 2.31).")
    for run in (replace(slow, losses=(2.3, 2.3)), replace(slow, losses=(2.3, float("inf")))):
        yield from learns.check(facts(learning=run), 5.0).findings


# ---- the form ----------------------------------------------------------------------------------------------------


@cache
def rendered() -> tuple[Finding, ...]:
    """Each sentence once."""
    everything = (*of_the_network(), *of_the_training(), *of_the_rest())
    return tuple({(one.code, one.message): one for one in everything}.values())


def problems(one: Finding) -> list[str]:
    """How a finding departs from the form."""
    wrong = []
    if "; expected " not in one.message:
        wrong.append("does not say what was expected")
    if re.match(r"(the|a|an|there|it|no|this) ", one.message):
        wrong.append("begins with a small letter")
    if not one.message.endswith(".") or not one.hint.endswith("."):
        wrong.append("is no sentence, or its hint is none")
    if one.hint.split(" ")[0] not in IMPERATIVES:
        wrong.append(f"begins what to do with {one.hint.split(' ')[0]!r}")
    if max(len(one.message), len(one.hint)) > LONGEST:
        wrong.append(f"is {len(one.message)} characters long")
    if one.where is None and one.code not in PLACELESS:
        wrong.append("has no place")
    for text in (one.message, one.hint):
        wrong += [f"{why}: {hit.group()!r}" for pattern, why in FORBIDDEN for hit in re.finditer(pattern, text)]
    return wrong


def test_every_finding_says_found_expected_and_what_to_do() -> None:
    wrong = {f"{one.code}: {one.message} | {one.hint}": problems(one) for one in rendered()}
    assert {said: why for said, why in wrong.items() if why} == {}


def test_every_code_was_rendered() -> None:
    known = {code for code, (_, _, owner) in CODES.items() if owner in explain.checks()}
    assert known - {one.code for one in rendered()} == set()
    assert {one.code for one in rendered()} - set(CODES) == set()


@pytest.mark.parametrize("name", explain.names())
def test_every_page_fits_a_terminal_and_says_what_to_do(name: str) -> None:
    page = explain.explain(name)
    said = {section.heading for section in page.sections}
    wanted = {
        "check": {"What it checks", "Why it matters", "How to fix", "Fails", "Passes"},
        "check and finding": {"What it checks", "Why it matters", "How to fix", "Fails", "Passes"},
        "finding": {"Why it matters", "How to fix", "Before", "After", "Charged to"},
        "status": {"What happened", "What still has points", "What to do"},
    }[page.kind]
    assert wanted - said == set()
    assert max(len(line) for line in explain.render(page, 80).splitlines() if not line.startswith("    ")) <= 80
    assert page.sentence.endswith(".")


def test_every_code_has_its_reason_with_a_slide_or_a_number() -> None:
    assert set(pages.lessons()) == set(CODES)
    placed = re.compile(r"slide|\bout x\b")
    assert [code for code, lesson in pages.lessons().items() if not placed.search(lesson.why)] == []
    assert [code for code, lesson in pages.lessons().items() if lesson.before == lesson.after] == []


def test_every_status_has_its_page_and_its_advice_is_a_sentence() -> None:
    assert set(pages.statuses()) == set(Status.__args__)  # type: ignore[attr-defined]
    said = [page.advice for page in pages.statuses().values()]
    assert [one for one in said if one.split(" ")[0] not in IMPERATIVES] == []
    assert [one for one in said if not one.endswith(".") or len(one) > 120] == []


def test_the_sentence_of_a_status_names_no_points_twice() -> None:
    for status in Status.__args__:  # type: ignore[attr-defined]
        ended = facts(comparison=None, evidence=evidence(status=status, failures=(failure("import"),)))
        said = score.summary(ended, check.run(ended))
        assert "points" not in said
        assert said.endswith(".")


def test_a_check_that_was_not_made_says_so_in_a_sentence() -> None:
    stopped = facts(comparison=None, evidence=evidence(failures=(replace(failure("forward"), message="a\nb"),)))
    skipped = [result.message for result in check.run(stopped) if result.verdict == "skip"]
    assert set(skipped) == {"Not checked: the program stopped with RuntimeError (net.py, line 7)."}
    unread: CheckResult = output_shape.check(facts(comparison=comparison(unsupported="it calls fft")), 5.0)
    assert unread.message == (
        "The grader cannot read this network: it calls fft. No points are lost, and a person will look at it. "
        "Written with torch.nn or torch.nn.functional instead, it can be graded at once."
    )


def test_a_page_is_found_however_it_is_spelled() -> None:
    assert explain.explain(" Forward_Error ").kind == "status"
    with pytest.raises(Exception, match="Did you mean no-zero-grad"):
        explain.explain("no-zero-grads")


