"""Can this network learn at all? It must memorise one small batch, from an initialisation that cannot be at fault.

The handouts' own initialisation and rate show nothing in a short run: right networks stay at 2.30. So weights are made
orthogonal and scaled until every layer's output has unit variance (LSUV), in one forward: a dispatch mode sees each
operation that uses a weight, scales weight and output, and hands the scaled output on. Then SGD with momentum 0.9 and
the gradient norm clipped at 1 on one batch of at most 8 images, until all are right and the loss is below BOUND.

Measured on the three quiz networks over seeds 0 to 2, on one core: at rates 0.003, 0.01, 0.03 and 0.1 all of them
memorise, in at most 56, 26, 15 and 13 steps; at the chosen 0.03 in 8 to 15 steps, so the rate has a factor of three and
more on either side and the budget one of sixteen;
a run whose loss no longer falls ends after 80. Quiz 1 takes 0.05 s, quiz 3 1.8 s, quiz 2 2.7 s.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from grader.learn import Network
from grader.records import LearningRun

BATCH = 8
BUDGET = 240  # steps
PATIENCE = 40  # steps in which the loss must fall by a twentieth
RATES = (0.03, 0.01)  # the second only where the first diverged
MOMENTUM = 0.9
BOUND = 0.1
LARGEST_NORM = 1.0
REACH = 3  # steps within which every weight must have had a gradient

DETACHED = "No gradient reaches any weight: the computation is cut on its way to the output."

Progress = Callable[[int, float], None]


def memorise(
    make_network: Callable[[], Network],
    images: Tensor,
    labels: Tensor,
    seed: int,
    device: str,
    progress: Progress | None = None,
) -> LearningRun:
    """Train a fresh network on one fixed batch until it has it by heart, or say what stands in the way."""
    started = time.perf_counter()
    inputs, targets = images[:BATCH].to(device), labels[:BATCH].to(device).long()
    losses: list[float] = []
    message = ""
    with _determined(seed):
        for rate in RATES:
            losses, message = _attempt(make_network, (inputs, targets), rate, device, progress)
            if not message.startswith("Diverged"):
                break
    return LearningRun(
        kind="memorise",
        learned=not message,
        losses=tuple(losses),
        steps=len(losses),
        message=message or f"Memorised {len(inputs)} pictures in {len(losses)} steps (loss {losses[-1]:.3f}).",
        device=device,
        wall_s=time.perf_counter() - started,
    )


def _attempt(
    make_network: Callable[[], Network],
    batch: tuple[Tensor, Tensor],
    rate: float,
    device: str,
    progress: Progress | None,
) -> tuple[list[float], str]:
    """Losses of one run, and what went wrong in it ("" when the batch is memorised)."""
    report = progress or (lambda step, loss: None)
    network = make_network()
    if isinstance(network, torch.nn.Module):
        network.to(device)
    network.train(True)
    frozen = [name for name, leaf in network.weights.items() if not leaf.requires_grad]
    if frozen:
        return [], f"The weights {_listed(frozen)} cannot change: requires_grad is False, or no gradient reaches them."
    spread_evenly(network, batch[0])
    trainer = _Trainer(network, rate)
    losses: list[float] = []
    for step in range(BUDGET):
        outputs = network(batch[0])
        if not outputs.requires_grad:
            return losses, DETACHED
        loss = _loss(outputs, batch[1])
        losses.append(float(loss.detach()))
        if not losses[-1] < 1e4:
            return losses, f"Diverged: the loss was {losses[0]:.2f} and became {losses[-1]:.3g} at step {step}."
        report(step, losses[-1])
        if step >= REACH and trainer.untouched:
            return losses, f"No gradient reaches {_listed(sorted(trainer.untouched))}."
        if step >= REACH and _by_heart(outputs, batch[1], losses[-1]):
            return losses, ""
        if _hopeless(losses):
            break
        trainer.step(loss)
    return losses, _stuck(network, batch, losses)


def _by_heart(outputs: Tensor, labels: Tensor, loss: float) -> bool:
    return loss < BOUND and bool((outputs.argmax(1) == labels).all())


def _hopeless(losses: list[float]) -> bool:
    return len(losses) >= 2 * PATIENCE and min(losses[-PATIENCE:]) > 0.95 * min(losses[:-PATIENCE])


class _Trainer:
    """SGD with momentum and a clipped gradient, written out: torch's own would import torch._dynamo first."""

    def __init__(self, network: Network, rate: float) -> None:
        self.weights = network.weights
        self.rate = rate
        self.buffers = {name: torch.zeros_like(leaf) for name, leaf in self.weights.items()}
        self.untouched = set(self.weights)

    def step(self, loss: Tensor) -> None:
        leaves = list(self.weights.values())
        gradients = torch.autograd.grad(loss, leaves, allow_unused=True)
        found = {name: gradient for name, gradient in zip(self.weights, gradients, strict=True) if gradient is not None}
        norms = {name: gradient.norm() for name, gradient in found.items()}
        self.untouched -= {name for name, norm in norms.items() if float(norm) > 0}
        total = float(sum(float(norm) ** 2 for norm in norms.values()) ** 0.5)
        scale = min(1.0, LARGEST_NORM / (total + 1e-6))
        with torch.no_grad():
            for name, gradient in found.items():
                buffer = self.buffers[name].mul_(MOMENTUM).add_(gradient, alpha=scale)
                self.weights[name].sub_(buffer, alpha=self.rate)


def spread_evenly(network: Network, inputs: Tensor) -> None:
    """Orthogonal weights, biases zero, every layer's output scaled to unit variance, in one forward."""
    layers: dict[int, Tensor] = {}
    with torch.no_grad():
        for leaf in network.weights.values():
            if leaf.dim() >= 2:
                leaf.copy_(torch.nn.init.orthogonal_(torch.empty_like(leaf).flatten(1)).reshape(leaf.shape))
                layers[leaf.untyped_storage().data_ptr()] = leaf
        _clear_biases(network)
        with _Scaler(layers):
            network(inputs)


def _clear_biases(network: Network) -> None:
    """Biases to zero; the scales of normalisation, which stand at one, stay."""
    for leaf in network.weights.values():
        if leaf.dim() < 2 and not bool((leaf == 1).all()):
            leaf.zero_()


class _Scaler(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its constructor untyped
    """Scales each weight where it is first used, so that the operation's output has unit variance."""

    def __init__(self, layers: dict[int, Tensor]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above
        self.left = layers

    @classmethod
    def _should_skip_dynamo(cls) -> bool:  # the default imports torch._dynamo: 1.2 s
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        output = func(*args, **(kwargs or {}))
        if not isinstance(output, Tensor) or not output.is_floating_point():
            return output
        here = output.untyped_storage().data_ptr()
        for argument in args:
            if not isinstance(argument, Tensor):
                continue
            place = argument.untyped_storage().data_ptr()
            if place == here or place not in self.left:
                continue
            deviation = float(output.std()) if output.numel() > 1 else 0.0
            weight = self.left.pop(place)
            if 1e-8 < deviation < 1e8:
                weight.div_(deviation)
                return output.div_(deviation)
        return output


def _loss(outputs: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy; on probabilities (a softmax inside the network, charged elsewhere) that of their logarithms."""
    values = outputs.detach()
    if bool((values >= 0).all()) and bool(((values.sum(1) - 1).abs() < 1e-4).all()):
        return F.nll_loss(outputs.clamp(min=1e-12).log(), labels)
    return F.cross_entropy(outputs, labels)


def _stuck(network: Network, batch: tuple[Tensor, Tensor], losses: list[float]) -> str:
    """What the end of a run without success looks like."""
    with torch.no_grad():
        outputs = network(batch[0])
    right = int((outputs.argmax(1) == batch[1]).sum())
    head = f"The loss stays at {losses[-1]:.2f} after {len(losses)} steps (it began at {losses[0]:.2f})"
    if float((outputs - outputs[:1]).abs().max()) <= 1e-6 * float(outputs.abs().max()):
        return head + ", and every picture gets the same answer."
    if bool(((outputs >= 0) & (outputs <= 1)).all()):
        return head + ", and all class scores lie between 0 and 1: an activation on the output holds them there."
    return head + f"; {right} of {len(batch[1])} pictures are right."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


@contextmanager
def _determined(seed: int) -> Iterator[None]:
    """Seeded and deterministic within, everything as before after."""
    before = torch.get_rng_state()
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_available() else []
    strict, warn = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(strict, warn_only=warn)
        torch.set_rng_state(before)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)
