"""The facts of a right submission of quiz 1, made by hand, to be spoilt in one place at a time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.records import (
    Assignment,
    CheckResult,
    CheckSpec,
    Comparison,
    Evidence,
    Facts,
    Failure,
    Fault,
    Finding,
    InputStatistics,
    LayerRow,
    LayerSpec,
    LearningRun,
    Limits,
    LoaderFacts,
    LossCall,
    OptimizerFacts,
    Recipe,
    Replay,
    Training,
    TrainingStep,
    Where,
)
from grader.records import TestPass as Pass  # under its own name pytest would take it for a class of tests

POINTS = {
    "layers": 40.0,
    "activations": 10.0,
    "output-shape": 5.0,
    "parameters": 5.0,
    "loss": 5.0,
    "optimizer": 10.0,
    "data": 5.0,
    "training-step": 10.0,
    "evaluation": 5.0,
    "learns": 5.0,
}
KINDS = {
    "conv1": "conv",
    "relu1": "relu",
    "pool1": "max_pool",
    "conv2": "conv",
    "relu2": "relu",
    "pool2": "max_pool",
    "fc1": "linear",
    "relu3": "relu",
    "fc2": "linear",
    "relu4": "relu",
    "fc3": "linear",
}
SGD = {"lr": 0.001, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False, "maximize": False}
LINE = Where(file="net.py", line=7)


def assignment() -> Assignment:
    return Assignment(
        id="quiz1",
        title="A CNN classifier",
        source="lecture",
        folder=Path("."),
        input_shape=(3, 32, 32),
        classes=10,
        parameters=62006,
        layers=tuple(LayerSpec(name=n, kind=k, title=n, source="", attributes={}) for n, k in KINDS.items()),
        tolerate=frozenset(),
        alternatives={},
        recipe=Recipe(loss="cross_entropy", optimizer="SGD", hyperparameters=SGD),
        checks=tuple(CheckSpec(id=name, points=points) for name, points in POINTS.items()),
        limits=Limits(),
        training_steps=4,
        **({"reference": "LeNet"} if "reference" in Assignment.__dataclass_fields__ else {}),
    )


def comparison(*findings: Finding, **changes: Any) -> Comparison:
    rows = tuple(LayerRow(layer=n, title=n, expected="", found="", verdict="pass") for n in KINDS)
    right = Comparison(
        same=not findings,
        alternative="",
        findings=findings,
        rows=rows,
        parameters=62006,
        output_shape=("N", 10),
        hash="h",
        tail="logits",
    )
    return replace(right, **changes)


def step() -> TrainingStep:
    return TrainingStep(
        index=0,
        inputs="i",
        labels="l",
        events=(),
        loss=2.3,
        outputs="o",
        output_gradient="g",
        targets="l",
        training_mode=True,
        generator=None,
    )


def sgd(kind: str = "SGD", **changes: Any) -> OptimizerFacts:
    return OptimizerFacts(
        kind=kind, groups=({**SGD, **changes},), parameters=("fc1.weight",), where=LINE, stale=False, steps=4
    )


def training(**changes: Any) -> Training:
    right = Training(
        steps=(step(),) * 4,
        snapshots=({},) * 5,
        optimizers=(sgd(),),
        losses=(LossCall(function="cross_entropy", options={}, where=LINE),),
        schedulers=(),
        on_test_data=False,
        where=LINE,
    )
    return replace(right, **changes)


def one_pass(**changes: Any) -> Pass:
    right = Pass(
        split="test",
        batches=8,
        complete=True,
        samples=512,
        nominal=10000,
        declared_batch_size=64,
        with_grad=False,
        training_mode=False,
        correct=53,
        same_network=True,
        printed=("Accuracy: 10.35 %",),
        where=LINE,
    )
    return replace(right, **changes)


def statistics(split: str = "train", **changes: Any) -> InputStatistics:
    right = InputStatistics(
        split=split, minimum=(-1.0,) * 3, maximum=(1.0,) * 3, mean=(-0.1,) * 3, deviation=(0.5,) * 3, where=LINE
    )
    return replace(right, **changes)


def loader(split: str, transform: str = "Compose(ToTensor(), Normalize())") -> LoaderFacts:
    return LoaderFacts(split=split, batch_size=64, shuffle=True, transform=transform, where=LINE)


def evidence(**changes: Any) -> Evidence:
    right = Evidence(
        status="graded",
        phase="test",
        entry="net.py",
        route="run",
        ended="finished",
        failures=(),
        candidates=(),
        chosen=None,
        graphs={},
        unused=(),
        output_count=1,
        probes={},
        training=training(),
        tests=(one_pass(),),
        loaders=(loader("train"), loader("test")),
        inputs=(statistics("train"), statistics("test")),
        rivals=(),
        trained=("Net",),
        stand_ins=(),
        notes=(),
        tensors={},
        versions={},
        output_head="",
        output_tail="",
        wall_s=1.0,
        cpu_s=1.0,
    )
    return replace(right, **changes)


MATCHED = Replay(matched=True, faults=(), explained=True, steps=4, deviation=1e-7)
LEARNED = LearningRun(kind="memorise", learned=True, losses=(2.3, 0.01), steps=30, message="", device="cpu", wall_s=0.1)


def facts(**changes: Any) -> Facts:
    right = Facts(
        assignment=assignment(),
        evidence=evidence(),
        comparison=comparison(),
        rebuilt=True,
        replay=MATCHED,
        learning=LEARNED,
        quick=False,
    )
    return replace(right, **changes)


def seen(**changes: Any) -> Facts:
    """Facts of a run of which only this differs."""
    return facts(evidence=evidence(**changes))


def explained(*faults: Fault) -> Replay:
    return Replay(matched=False, faults=faults, explained=True, steps=4, deviation=0.5)


UNEXPLAINED = Replay(
    matched=False, faults=(), explained=False, steps=4, deviation=0.25, diverged_at="step 1, conv2.weight"
)


def fault(code: str, owner: str) -> Fault:
    return Fault(code=code, check=owner, message=f"Found {code}.", hint="Mend it.", where=LINE)


def finding(code: str, layer: str | None = None, attribute: str | None = None, charged: bool = True) -> Finding:
    return Finding(code=code, message=f"Found {code}.", layer=layer, attribute=attribute, charged=charged, where=LINE)


def failure(phase: str = "run") -> Failure:
    return Failure(kind="RuntimeError", message="sizes differ", where=LINE, phase=phase)


Short = tuple[str, float, list[str], list[str]]


def short(result: CheckResult) -> Short:
    """Verdict, points, charged codes, codes only shown."""
    charged = [one.code for one in result.findings if one.charged]
    return result.verdict, result.points, charged, [one.code for one in result.findings if not one.charged]
