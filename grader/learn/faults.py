"""The words for what a replay proved: each fault with what was found, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.learn.hypotheses import Loop
from grader.learn.losses import LossReading
from grader.learn.optimizers import OptimizerGuess
from grader.records import Fault, Training, Where

ORDER = "zero_grad(), forward, loss, backward(), step()"
# code -> what was found, what was expected, what to do, the event whose line a student would edit
LOOP_WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "no-zero-grad": (
        "The gradients are not cleared before each batch, so every step also uses the gradients of earlier batches",
        "one zero_grad() for every batch",
        "Call optimizer.zero_grad() once for every batch, before loss.backward().",
        "backward",
    ),
    "zero-grad-after-backward": (
        "zero_grad() stands between backward() and step(), so the gradients are cleared before they are used",
        "zero_grad() before backward()",
        "Move optimizer.zero_grad() to before loss.backward(), or to after optimizer.step().",
        "zero_grad",
    ),
    "no-backward": (
        "loss.backward() is never called, so there are no gradients and no weight changes",
        "one backward() for every batch",
        "Call loss.backward() after the loss is computed and before optimizer.step().",
        "step",
    ),
    "no-step": (
        "optimizer.step() is never called, so the gradients are computed and no weight changes",
        "one step() for every batch",
        "Call optimizer.step() after loss.backward().",
        "backward",
    ),
    "step-before-backward": (
        "optimizer.step() comes before loss.backward(), so no step uses the gradients of its own batch",
        "backward(), then step()",
        "Swap the two: loss.backward() first, then optimizer.step().",
        "step",
    ),
    "double-step": (
        "optimizer.step() runs more than once for each batch, so the weights move too far",
        "one step() for every batch",
        "Call optimizer.step() once for every batch.",
        "step",
    ),
    "backward-twice": (
        "backward() runs more than once for each batch, so the gradients are added up and come out too large",
        "one backward() for every batch",
        "Call loss.backward() once for every batch.",
        "backward",
    ),
    "clipped-gradients": (
        "The gradients are clipped before the step",
        "the gradients as they are",
        "Remove the clipping: the handout's training step uses the gradients as they are.",
        "clip",
    ),
    "accumulated-gradients": (
        "The gradients of several batches are gathered for one step, so most batches change no weight",
        "one zero_grad(), backward() and step() for every batch",
        "Call zero_grad(), backward() and step() for every batch.",
        "step",
    ),
    "detached-graph": (
        "No gradient reaches the weights of {names}",
        "a gradient for every weight",
        "Look for .detach(), .data, .item(), torch.no_grad() or torch.tensor() on the way from these weights to the "
        "loss, and remove it.",
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


def schedule_where(training: Training) -> Where | None:
    """Where the scheduler was made; where there is none, the rate was set by hand for this optimizer."""
    used = max(training.optimizers, key=lambda facts: facts.steps, default=None)
    return (used and used.schedule) or optimizer_where(training)


def loop_fault(training: Training, code: str, proof: str, loop: Loop | None = None, names: str = "") -> Fault:
    found, expected, hint, kind = LOOP_WORDS[code]
    found = found.format(names=names)
    if code == "clipped-gradients" and loop is not None:
        found += f" (by {loop.clip}, at {loop.bound:.3g})"
    return Fault(
        code=code,
        check="training-step",
        message=f"{found}; expected {expected}.{proof}",
        hint=hint,
        expected=expected,
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
                message=f"The loss is not given the labels of its pictures: {reading.mislabelled}; "
                f"expected the labels as the loader gives them.{proof}",
                hint="Give the loss the labels of the same batch, unchanged.",
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
                message=f"The class scores go through softmax{over} before CrossEntropyLoss, which takes the softmax "
                f"itself; expected the scores as they are.{proof}",
                hint="Remove the softmax, and give the last layer's scores to the loss.",
                expected="cross-entropy on the class scores",
                found=reading.found,
                where=event_where(training, "loss", "backward"),
            )
        )
    elif reading.code == "wrong-loss":
        found.append(
            Fault(
                code="wrong-loss",
                check="loss",
                message=f"The loss is {reading.found}; expected cross-entropy, averaged over the batch.{proof}",
                hint="Use nn.CrossEntropyLoss() as it is, on the class scores and the labels.",
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
    write = f"Write {constructor(recipe)}."
    found = []

    def differs(code: str, what: str, theirs: str, ours: str, hint: str = write, name: str = "") -> None:
        message = f"{what} {name}{theirs}; expected {name}{ours}.{proof}"
        fault = Fault(
            code=code, check="optimizer", message=message, hint=hint, expected=ours, found=theirs, where=where
        )
        found.append(fault)

    if guess.kind != recipe.kind:
        differs("wrong-optimizer", "The optimizer is", guess.kind, recipe.kind)
    else:
        for name, code in SETTING_CODES.items():
            if guess.momenta and name in ("momentum", "betas"):
                continue  # the scheduler's doing, and said with it
            if name in guess.settings and not _same(guess.settings[name], recipe.settings[name]):
                theirs, ours = _written(guess.settings[name]), _written(recipe.settings[name])
                differs(code, "The optimizer has", theirs, ours, name=f"{name}=")
        if found and found[0].code == "wrong-momentum" and _made_anew(training, recipe):
            found[0] = _forgotten(recipe, where, proof)
    if guess.penalty:
        remove = "Remove the penalty from the loss: the handout asks for cross-entropy alone."
        differs("extra-weight-decay", "The loss holds", f"an L1 penalty of {guess.penalty:.3g}", "none", remove)
    steady = max(lrs) - min(lrs) <= 1e-9 + 1e-6 * max(abs(lr) for lr in lrs)
    if not steady:
        rates, fixed = ", then ".join(f"{lr:.4g}" for lr in lrs), f"{recipe.lr:g} in every step"
        remove = "Remove the scheduler, or whatever sets lr: the handout keeps the learning rate fixed."
        differs("learning-rate-schedule", "The learning rate changes from step to step:", rates, fixed, remove)
        found[-1] = replace(found[-1], where=schedule_where(training))
    elif lrs[0] < 0:
        remove = "Remove maximize=True, and the minus sign before the loss or the learning rate."
        differs("maximised-loss", "Each step makes the loss", "larger", "smaller", remove)
    elif recipe.lr is not None and not _same(lrs[0], recipe.lr) and not _own_default(guess, lrs[0], recipe):
        differs("wrong-learning-rate", "The learning rate is", f"{lrs[0]:.4g}", f"{recipe.lr:g}")
    return found


def constructor(recipe: OptimizerGuess) -> str:
    """The handout's optimizer as a student would write it: the numbers that the handout names."""
    named = (("lr", recipe.lr), ("momentum", recipe.settings.get("momentum")))
    numbers = "".join(f", {name}={value:g}" for name, value in named if value)
    return f"torch.optim.{recipe.kind}(network.parameters(){numbers})"


def _made_anew(training: Training, recipe: OptimizerGuess) -> bool:
    """Is an optimizer like the handout's constructed for every batch, and used once?"""
    once = [facts for facts in training.optimizers if facts.steps == 1 and facts.kind == recipe.kind]
    momentum = recipe.settings.get("momentum")
    return len(once) >= len(training.steps) > 1 and all(facts.groups[0].get("momentum") == momentum for facts in once)


def _forgotten(recipe: OptimizerGuess, where: Where | None, proof: str) -> Fault:
    momentum = _written(recipe.settings["momentum"])
    return Fault(
        code="wrong-momentum",
        check="optimizer",
        message="A new optimizer is constructed for every batch and keeps nothing of earlier steps, as with momentum "
        f"0; expected one optimizer with momentum {momentum}.{proof}",
        hint="Construct the optimizer once, before the loop.",
        expected=momentum,
        found="0 (a new optimizer for every batch)",
        where=where,
    )


def stuck_fault(training: Training, code: str, names: Sequence[str], proof: str = "") -> Fault:
    """Parameters that stay as they were."""
    which = listed(names)
    if code == "detached-graph":
        return loop_fault(training, code, proof, names=which)
    words = {
        "frozen-parameters": (
            f"The weights of {which} have requires_grad=False and never change",
            "Remove the line that sets requires_grad to False.",
            "training-step",
        ),
        "partial-optimizer": (
            f"The weights of {which} are not in the optimizer and never change",
            "Give the optimizer all weights: network.parameters().",
            "optimizer",
        ),
        "stale-optimizer": (
            f"The optimizer holds an older network, so the weights of {which} never change",
            "Construct the network first, then the optimizer with its network.parameters().",
            "optimizer",
        ),
    }
    found, hint, check = words[code]
    return Fault(
        code=code,
        check=check,
        message=f"{found}; expected all weights to be trained.{proof}",
        hint=hint,
        expected="all weights trained",
        found=f"unchanged: {which}",
        where=training.where if code == "frozen-parameters" else optimizer_where(training),
    )


def eval_fault(training: Training, proof: str) -> Fault:
    return Fault(
        code="eval-mode-training",
        check="training-step",
        message=f"The network is in evaluation mode while it trains; expected training mode.{proof}",
        hint="Call network.train() before the training loop, and again after each test.",
        expected="training mode",
        found="evaluation mode",
        where=event_where(training, "forward"),
    )


def test_data_fault(training: Training) -> Fault:
    return Fault(
        code="trained-on-test",
        check="training-step",
        message="The training loop runs over the test data; expected the training data.",
        hint="Loop over the loader made from CIFAR10(train=True).",
        expected="training data",
        found="test data",
        where=training.where,
    )


def listed(names: Sequence[str]) -> str:
    """The layers that hold these parameters: conv1.weight and conv1.bias are both conv1's."""
    owners = tuple(dict.fromkeys(name.rpartition(".")[0] or name for name in names))
    return ", ".join(owners[:3]) + (f" and {len(owners) - 3} more" if len(owners) > 3 else "")


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
