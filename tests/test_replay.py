"""Every usual mistake of a training loop is named by its weights; right loops, however written, have none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from loops import ADAM_RECIPE, RIGHT, RIGHT_ADAM, SGD_RECIPE, WRONG, WRONG_ADAM, adam, evaluating, loop, sgd
from networks import Quiz1, seeded, tiny, tiny_norm, tiny_softmax
from recorder import Loop, Rebuilt, Recorder
from torch import Tensor, nn
from torch.nn import functional as F

from grader.learn.replay import EXACT, replay
from grader.records import Recipe, Replay, Where

NETWORKS: dict[str, Callable[[], nn.Module]] = {"tiny": tiny, "quiz1": Quiz1}


def answer(
    make: Callable[[], nn.Module],
    recipe: Recipe,
    student: Loop,
    tail: str = "logits",
    rebuild: Callable[[], nn.Module] | None = None,
) -> Replay:
    recorder = Recorder(seeded(make)).run(student)
    frozen = frozenset(name for name, leaf in recorder.net.named_parameters() if not leaf.requires_grad)
    rebuilt = rebuild or make
    return replay(recorder.training(), recorder.tensors, lambda: Rebuilt(rebuilt()), recipe, tail, frozen=frozen)


def codes(found: Replay) -> set[str]:
    return {fault.code for fault in found.faults}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", [*RIGHT, *RIGHT_ADAM])
def test_a_right_loop_has_no_fault_however_it_is_written(name: str, network: str) -> None:
    student, recipe = (RIGHT[name], SGD_RECIPE) if name in RIGHT else (RIGHT_ADAM[name], ADAM_RECIPE)
    found = answer(NETWORKS[network], recipe, student)
    assert (found.matched, found.faults, found.explained, found.steps) == (True, (), True, 4)
    assert found.deviation < EXACT


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str, network: str) -> None:
    student, expected = WRONG[name]
    found = answer(NETWORKS[network], SGD_RECIPE, student)
    assert (codes(found), found.matched, found.explained) == (expected, False, True)
    assert [fault for fault in found.faults if not fault.message or not fault.hint or fault.where is None] == []


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("name", WRONG_ADAM)
def test_a_mistake_is_named_where_the_handout_asks_for_adam(name: str, network: str) -> None:
    student, expected = WRONG_ADAM[name]
    found = answer(NETWORKS[network], ADAM_RECIPE, student)
    assert (codes(found), found.matched, found.explained) == (expected, False, True)


@pytest.mark.parametrize(
    "name", ["no zero_grad", "lr 0.01", "no momentum", "Adam for SGD", "softmax, no clear", "decay 5e-4"]
)
def test_weights_alone_tell_where_no_call_was_seen(name: str) -> None:
    student, expected = WRONG[name]
    recorder = Recorder(seeded(tiny)).run(student, silent=True)
    found = replay(recorder.training(), recorder.tensors, lambda: Rebuilt(tiny()), SGD_RECIPE, "logits")
    assert (codes(found), found.explained) == (expected, True)


def test_the_numbers_and_the_line_are_told() -> None:
    (fault,) = answer(tiny, SGD_RECIPE, WRONG["lr 0.01"][0]).faults
    assert (fault.check, fault.found, fault.expected) == ("optimizer", "0.01", "0.001")
    assert fault.where == Where(file="model.py", line=99)
    assert fault.message.startswith("The learning rate is 0.01; expected 0.001. Proof: with this, a replay of your ")


@pytest.mark.parametrize(("recipe", "make"), [(SGD_RECIPE, sgd()), (ADAM_RECIPE, adam())])
def test_batch_norm_and_dropout_replay_exactly(recipe: Recipe, make: object) -> None:
    found = answer(tiny_norm, recipe, loop(make=make))  # type: ignore[arg-type]
    assert (found.matched, found.faults) == (True, ())


def test_training_in_evaluation_mode_is_named() -> None:
    assert codes(answer(tiny_norm, SGD_RECIPE, evaluating)) == {"eval-mode-training"}


def test_evaluation_mode_does_no_harm_without_dropout_and_batch_norm() -> None:
    assert answer(tiny, SGD_RECIPE, evaluating).matched


def test_a_softmax_inside_the_network_is_named_before_cross_entropy_only() -> None:
    assert codes(answer(tiny_softmax, SGD_RECIPE, loop(), "softmax")) == {"softmax-before-cross-entropy"}
    right = loop(loss=lambda outputs, labels: F.nll_loss(outputs.log(), labels))
    assert answer(tiny_softmax, SGD_RECIPE, right, "softmax").matched


class Unfolded(nn.Module):
    """The tiny network with its convolution as a matrix product: another rounding of the same function."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = tiny()

    def named_parameters(self, *arguments: object, **keywords: object):  # type: ignore[no-untyped-def]
        return self.inner.named_parameters()

    def forward(self, x: Tensor) -> Tensor:
        convolution = self.inner[0]  # type: ignore[index]
        columns = F.unfold(x, 5, stride=2)
        x = convolution.weight.flatten(1) @ columns + convolution.bias[:, None]
        for layer in list(self.inner)[1:]:  # type: ignore[call-overload]
            x = layer(x.unflatten(2, (14, 14)) if x.dim() == 3 else x)
        return x


@pytest.mark.parametrize(("recipe", "make"), [(SGD_RECIPE, sgd()), (ADAM_RECIPE, adam())])
def test_another_rounding_of_the_same_network_is_no_fault(recipe: Recipe, make: object) -> None:
    found = answer(tiny, recipe, loop(make=make), rebuild=Unfolded)  # type: ignore[arg-type]
    assert (found.matched, found.faults) == (True, ())


def test_what_nothing_explains_is_said_with_its_step_and_parameter() -> None:
    def random_walk(recorder: Recorder) -> None:
        for x, y in recorder.batches():
            F.cross_entropy(recorder.net(x), y).backward()
            with torch.no_grad():
                for parameter in recorder.net.parameters():
                    parameter += 0.01 * torch.randn_like(parameter)

    torch.manual_seed(0)
    found = answer(tiny, SGD_RECIPE, random_walk)
    assert (found.matched, found.explained, found.faults) == (False, False, ())
    assert found.diverged_at.startswith("step ")


def test_labels_that_were_not_recorded_are_those_given_to_the_loss() -> None:
    recorder = Recorder(seeded(tiny)).run(loop())
    training = recorder.training()
    training = replace(training, steps=tuple(replace(step, labels=None) for step in training.steps))
    found = replay(training, recorder.tensors, lambda: Rebuilt(tiny()), SGD_RECIPE, "logits")
    assert (found.matched, found.faults) == (True, ())


def test_training_on_the_test_images_is_named_beside_the_rest() -> None:
    recorder = Recorder(seeded(tiny)).run(loop("fbs"))
    training = replace(recorder.training(), on_test_data=True)
    found = replay(training, recorder.tensors, lambda: Rebuilt(tiny()), SGD_RECIPE, "logits")
    assert codes(found) == {"trained-on-test", "no-zero-grad"}


def test_no_step_at_all_is_named() -> None:
    recorder = Recorder(seeded(tiny)).run(lambda recorder: None)
    found = replay(recorder.training(), recorder.tensors, lambda: Rebuilt(tiny()), SGD_RECIPE, "logits")
    assert (codes(found), found.steps) == ({"no-training"}, 0)
