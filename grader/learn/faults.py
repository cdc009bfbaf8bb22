"""The words for what a replay proved: each fault with what was found, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.learn.hypotheses import Loop
from grader.learn.losses import LossReading
from grader.learn.optimizers import OptimizerGuess
from grader.records import Fault, Training, Where

ORDER = "zero_grad(), forward, loss, backward(), step()"
# code -> what was found, what to do, the event whose line a student would edit
LOOP_WORDS: Mapping[str, tuple[str, str, str]] = {
    "no-zero-grad": (
        "The gradients are not cleared before each batch, so every update also uses the gradients of earlier batches",
        "Call optimizer.zero_grad() once for every batch, before loss.backward().",
        "backward",
    ),
    "zero-grad-after-backward": (
        "zero_grad() stands between backward() and step(): the gradients are thrown away before they are used",
        "Move optimizer.zero_grad() to before loss.backward(), or to after optimizer.step().",
        "zero_grad",
    ),
    "no-backward": (
        "loss.backward() is never called, so there are no gradients and no weight changes",
        "Call loss.backward() after the loss is computed and before optimizer.step().",
        "step",
    ),
    "no-step": (
        "optimizer.step() is never called, so the gradients are computed and no weight changes",
        "Call optimizer.step() after loss.backward().",
        "backward",
    ),
    "step-before-backward": (
        "optimizer.step() comes before loss.backward(), so no update uses the gradients of its own batch",
        "Swap the two: loss.backward() first, then optimizer.step().",
        "step",
    ),
    "double-step": (
        "Each batch updates the weights more than once",
        "Call optimizer.step() once for every batch.",
        "step",
    ),
    "backward-twice": (
        "backward() runs more than once for each batch, so the gradients are added up and come out too large",
        "Call loss.backward() once for every batch.",
        "backward",
    ),
    "clipped-gradients": (
        "The gradients are clipped before the update",
        "Leave the clipping out: the handout's training step uses the gradients as they are.",
        "clip",
    ),
    "accumulated-gradients": (
        "The weights are not updated after every batch: gradients of several batches are gathered first",
        "Call zero_grad(), backward() and step() for every batch.",
        "step",
    ),
    "detached-graph": (
        "No gradient reaches these weights from the loss: {names}",
        "Look for .detach(), .data, .item(), torch.no_grad() or a new tensor made from the outputs on the way from "
        "the weights to the loss, and take it out.",
        "backward",
    ),
}
SETTING_CODES: Mapping[str, str] = {
    "momentum": "wrong-momentum",
    "nesterov": "wrong-nesterov",
    "dampening": "wrong-dampening",
    "weight_decay": "extra-weight-decay",
    "betas": "wrong-betas",
    "amsgrad": "wrong-amsgrad",
    "eps": "wrong-eps",
    "maximize": "maximised-loss",
}


def event_where(training: Training, *kinds: str) -> Where | None:
    """The line of the first recorded event of these kinds, else of the loop."""
    for kind in kinds:
        for step in training.steps:
            for event in step.events:
                if event.kind.startswith(kind) and event.where is not None:
                    return event.where
    return training.where


def optimizer_where(training: Training) -> Where | None:
    used = sorted(training.optimizers, key=lambda facts: -facts.steps)
    return used[0].where if used else training.where


def loop_fault(training: Training, code: str, proof: str, loop: Loop | None = None, names: str = "") -> Fault:
    found, hint, kind = LOOP_WORDS[code]
    found = found.format(names=names)
    if code == "clipped-gradients" and loop is not None:
        found += f" (by {loop.clip}, at {loop.bound:g})"
    return Fault(
        code=code,
        check="training-step",
        message=f"{found}. Expected for every batch: {ORDER}.{proof}",
        hint=hint,
        expected=ORDER,
        found=found,
        where=event_where(training, kind, "backward", "step"),
    )


def loss_fault(training: Training, reading: LossReading, proof: str) -> list[Fault]:
    where = training.losses[0].where if training.losses else event_where(training, "backward")
    found = []
    if reading.mislabelled:
        found.append(
            Fault(
                code="labels-mismatched",
                check="training-step",
                message=f"The loss is not given the labels of its images: {reading.mislabelled}. "
                f"Expected the labels just as the loader gives them.{proof}",
                hint="Pass the labels of the same batch to the loss, unchanged.",
                expected="the loader's labels",
                found=reading.mislabelled,
                where=event_where(training, "loss", "backward"),
            )
        )
    if reading.code == "softmax-before-cross-entropy":
        over = " over the batch (dim=0)" if reading.name == "softmax-over-batch" else ""
        found.append(
            Fault(
                code=reading.code,
                check="loss",
                message=f"The outputs go through softmax{over} before CrossEntropyLoss, which applies softmax itself: "
                f"twice in all. Expected cross-entropy on the outputs of the last layer as they are.{proof}",
                hint="Take the softmax out of forward (or from before the loss). CrossEntropyLoss wants raw outputs.",
                expected="cross-entropy on raw outputs",
                found=reading.found,
                where=event_where(training, "loss", "backward"),
            )
        )
    elif reading.code == "wrong-loss":
        found.append(
            Fault(
                code="wrong-loss",
                check="loss",
                message=f"The loss is {reading.found}. Expected cross-entropy, averaged over the batch.{proof}",
                hint="Use nn.CrossEntropyLoss() with its defaults, on the raw outputs and the class numbers.",
                expected="cross-entropy",
                found=reading.found,
                where=where,
            )
        )
    return found


def optimizer_faults(
    training: Training, guess: OptimizerGuess, lrs: Sequence[float], recipe: OptimizerGuess, proof: str = ""
) -> list[Fault]:
    """How an optimizer with a learning rate for each step differs from the handout's."""
    where = optimizer_where(training)
    found = []
    if guess.kind != recipe.kind:
        found.append(_differs("wrong-optimizer", "optimizer", guess.kind, recipe.kind, where, proof))
    else:
        for name, code in SETTING_CODES.items():
            if name in guess.settings and not _same(guess.settings[name], recipe.settings[name]):
                theirs, ours = _written(guess.settings[name]), _written(recipe.settings[name])
                found.append(_differs(code, name, theirs, ours, where, proof))
        if found and found[0].code == "wrong-momentum" and _made_anew(training, recipe):
            found[0] = _forgotten(recipe, where, proof)
    if guess.penalty:
        words = f"an L1 penalty of {guess.penalty:g} in the loss"
        found.append(_differs("extra-weight-decay", "penalty on the weights", words, "none", where, proof))
    steady = max(lrs) - min(lrs) <= 1e-9 + 1e-6 * max(abs(lr) for lr in lrs)
    if not steady:
        rates = ", ".join(f"{lr:.4g}" for lr in lrs)
        expected = f"{recipe.lr:g} in every step"
        found.append(_differs("learning-rate-schedule", "learning rate of the steps", rates, expected, where, proof))
    elif lrs[0] < 0:
        found.append(_differs("maximised-loss", "direction", "the loss is made larger", "smaller", where, proof))
    elif recipe.lr is not None and not _same(lrs[0], recipe.lr) and not _own_default(guess, lrs[0], recipe):
        found.append(_differs("wrong-learning-rate", "learning rate", f"{lrs[0]:.4g}", f"{recipe.lr:g}", where, proof))
    return found


def _made_anew(training: Training, recipe: OptimizerGuess) -> bool:
    """Is an optimizer like the handout's constructed for every batch, and used once?"""
    once = [facts for facts in training.optimizers if facts.steps == 1 and facts.kind == recipe.kind]
    momentum = recipe.settings.get("momentum")
    return len(once) >= len(training.steps) > 1 and all(facts.groups[0].get("momentum") == momentum for facts in once)


def _forgotten(recipe: OptimizerGuess, where: Where | None, proof: str) -> Fault:
    return Fault(
        code="wrong-momentum",
        check="optimizer",
        message="The optimizer is made anew for every batch, so it has no earlier steps to keep its momentum from: it "
        f"acts as with momentum 0. Expected one optimizer with momentum {recipe.settings['momentum']:g}.{proof}",
        hint="Construct the optimizer once, before the loop.",
        expected=_written(recipe.settings["momentum"]),
        found="0 (a new optimizer for every batch)",
        where=where,
    )


def stuck_fault(training: Training, code: str, names: Sequence[str], proof: str = "") -> Fault:
    """Parameters that stay as they were."""
    which = listed(names)
    if code == "detached-graph":
        return loop_fault(training, code, proof, names=which)
    words = {
        "frozen-parameters": ("have requires_grad=False", "Do not set requires_grad to False.", "training-step"),
        "partial-optimizer": ("are not in the optimizer", "Pass model.parameters() to the optimizer.", "optimizer"),
        "stale-optimizer": (
            "belong to a network that was made after the optimizer, which still updates the old one",
            "Create the network first, then the optimizer with that network's parameters().",
            "optimizer",
        ),
    }
    found, hint, check = words[code]
    return Fault(
        code=code,
        check=check,
        message=f"These weights never change, for they {found}: {which}. Expected all weights to be trained.{proof}",
        hint=hint,
        expected="all weights trained",
        found=f"unchanged: {which}",
        where=training.where if code == "frozen-parameters" else optimizer_where(training),
    )


def eval_fault(training: Training, proof: str) -> Fault:
    return Fault(
        code="eval-mode-training",
        check="training-step",
        message=f"The network is trained in evaluation mode. Expected model.train() during training.{proof}",
        hint="Call model.train() before the loop over the training batches, also again after each evaluation.",
        expected="model.train()",
        found="model.eval()",
        where=event_where(training, "forward"),
    )


def test_data_fault(training: Training) -> Fault:
    return Fault(
        code="trained-on-test",
        check="training-step",
        message="The training loop is fed from the test images. Expected the training images.",
        hint="Loop over the training loader: images that you test on must never be trained on.",
        expected="training images",
        found="test images",
        where=training.where,
    )


def listed(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _differs(code: str, what: str, found: str, expected: str, where: Where | None, proof: str) -> Fault:
    return Fault(
        code=code,
        check="optimizer",
        message=f"The {what} is {found}. Expected {expected}.{proof}",
        hint=f"Set the {what} as in the handout: {expected}.",
        expected=expected,
        found=found,
        where=where,
    )


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, bool) or isinstance(other, bool):
        return bool(one) == bool(other)
    return abs(float(one) - float(other)) <= 2e-3 * max(abs(float(one)), abs(float(other)))


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return "(" + ", ".join(f"{part:g}" for part in value) + ")"
    return str(value) if isinstance(value, bool) else f"{value:.4g}"


def _own_default(guess: OptimizerGuess, lr: float, recipe: OptimizerGuess) -> bool:
    """Another optimizer at its own default learning rate is one mistake, not two."""
    from grader.learn.optimizers import complete

    return guess.kind != recipe.kind and _same(lr, complete(guess.kind, {})["lr"])
