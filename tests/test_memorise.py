"""Right networks memorise a batch at once; dead ones say why they cannot."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from networks import Quiz1, Quiz3, quiz2, tiny, tiny_norm, tiny_softmax
from recorder import Rebuilt, images
from torch import Tensor, nn

from grader.errors import UsageError
from grader.learn.device import choose
from grader.learn.memorise import BUDGET, memorise
from grader.records import LearningRun


def run(make: Callable[[], nn.Module], seed: int = 0) -> LearningRun:
    return memorise(lambda: Rebuilt(make()), *images(8), seed, "cpu")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", [Quiz1, tiny, tiny_norm, tiny_softmax])
def test_small_networks_memorise_with_every_seed(make: Callable[[], nn.Module], seed: int) -> None:
    found = run(make, seed)
    assert (found.learned, found.steps <= BUDGET // 4) == (True, True), found.message


@pytest.mark.parametrize("make", [quiz2, Quiz3])
def test_the_large_quiz_networks_memorise(make: Callable[[], nn.Module]) -> None:
    found = run(make)
    assert (found.learned, found.steps <= BUDGET // 4) == (True, True), found.message


def test_the_same_seed_gives_the_same_losses_and_the_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    assert run(Quiz1, 3).losses == run(Quiz1, 3).losses
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.are_deterministic_algorithms_enabled()


class Detached(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.fc = nn.Conv2d(3, 4, 5), nn.Linear(4 * 28 * 28, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv1(x).detach().flatten(1))


class Constant(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.fc = nn.Conv2d(3, 4, 5), nn.Linear(4, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.conv1(x).mean((0, 2, 3)).expand(len(x), 4))


def sigmoid_tail() -> nn.Module:
    return nn.Sequential(tiny(), nn.Sigmoid())


def frozen() -> nn.Module:
    net = tiny()
    net[0].requires_grad_(False)  # type: ignore[index,operator]
    return net


def fully_detached() -> nn.Module:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = tiny()

        def forward(self, x: Tensor) -> Tensor:
            return self.inner(x).detach()

    return Net()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Detached, "No gradient reaches conv1.bias, conv1.weight."),
        (fully_detached, "No gradient reaches any weight: the computation is cut on its way to the output."),
        (frozen, "The weights 0.weight, 0.bias cannot change: requires_grad is False, or no gradient reaches them."),
        (Constant, ", and every picture gets the same answer."),
        (sigmoid_tail, ", and all class scores lie between 0 and 1: an activation on the output holds them there."),
    ],
)
def test_a_dead_network_says_what_is_wrong(make: Callable[[], nn.Module], words: str) -> None:
    found = run(make)
    assert (found.learned, words in found.message.replace("module.", "")) == (False, True), found.message


def test_cpu_can_always_be_chosen() -> None:
    assert choose("cpu") == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="asks for a GPU that is not there")
def test_a_missing_gpu_is_named() -> None:
    assert choose("auto") == "cpu"
    with pytest.raises(UsageError, match=r"found 0 CUDA device.*expected at least 2.*--device cpu"):
        choose("cuda:1")


def test_an_unknown_device_is_named() -> None:
    with pytest.raises(UsageError, match="found device 'tpu'; expected auto, cpu, cuda"):
        choose("tpu")
