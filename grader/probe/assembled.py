"""Networks that are no module: functions of plain tensors, lists of layers, parts that are joined in the training loop.

Such a network is what the program computes between a batch and its loss. At the first loss of a batch the statements
that lead from the pictures to the class scores are cut out of the program (a backward slice of the enclosing function
or loop) and compiled again, at their own lines, as the forward of one module that holds all the weights. From then on
that module stands for the network. Nothing of this happens where one module of the program's own holds the weights.
"""

from __future__ import annotations

import ast
import functools
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import torch
from torch import nn

from . import slices
from .answers import weights_of
from .patches import LOSSES
from .places import Sources
from .recorder import Watcher

TRIES = 3  # losses from which no network could be assembled, before it is given up
MOST_FRAMES = 8  # of the student's, from the loss outwards
MOST_ENTRIES = 1000  # of a list or dictionary that weights are looked for in
DEEPEST = 3  # lists, dictionaries and objects that weights are looked for in
PREDICTIONS = ("argmax", "max", "topk", "sort", "argsort")


class Assembled(nn.Module):
    """The network as a module: its parts and weights under the names that the program gives them."""

    def __init__(self, forward: Callable[[torch.Tensor], Any], held: dict[str, Any], title: str) -> None:
        super().__init__()
        self._computed = forward
        self.title = title  # as the program writes the scores: "lenet(images)"
        for name, value in held.items():
            (self._modules if isinstance(value, nn.Module) else self._parameters)[name] = value

    def forward(self, images: torch.Tensor) -> Any:
        return self._computed(images)


class Assembler:
    """Watches the losses for class scores that no single module gave."""

    def __init__(self, watcher: Watcher, sources: Sources, shape: tuple[int, ...]) -> None:
        self.watcher = watcher
        self.sources = sources
        self.shape = shape
        self.network: Assembled | None = None
        self.tries = TRIES
        self.generator: Any = None  # torch's, when the batch left its loader
        self.counted: Any = None  # the iteration whose answers are counted already

    def install(self) -> None:
        take, called, count = self.watcher.take, self.watcher.forward_called, self.watcher.count

        def take_batch(session: Any, batch: Any) -> Any:
            if not self.watcher.complete and not self.watcher.paused:
                self.generator = torch.get_rng_state()
            return take(session, batch)

        def forward_called(root: Any, *rest: Any) -> None:
            if self.network is None:
                called(root, *rest)

        self.watcher.take = take_batch
        self.watcher.forward_called = forward_called
        self.count = count
        for name in LOSSES:
            if hasattr(nn.functional, name):
                setattr(nn.functional, name, self._watch_loss(getattr(nn.functional, name)))

    def _watch_loss(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def loss(*inputs: Any, **keywords: Any) -> Any:
            scores = inputs[0] if inputs else keywords.get("input")
            watched = not (self.watcher.paused or self.watcher.depth or not self.tries)
            if watched and isinstance(scores, torch.Tensor) and scores.requires_grad and scores.dim() == 2:
                try:
                    self._loss_of(scores)
                except Exception:  # whatever the program's namespace holds: its own run goes on
                    self.tries = 0
            return original(*inputs, **keywords)

        return loss

    def _loss_of(self, scores: torch.Tensor) -> None:
        iteration = self.watcher.current
        if iteration is None or self.watcher.complete or iteration.session is None:
            return
        if self.network is None:
            if not self._is_in_parts(iteration, scores):
                return
            self._assemble(scores)
        if self.network is None:
            self.tries -= 1
            return
        images = self.images
        iteration.root, iteration.training_mode = self.network, True
        iteration.inputs, iteration.weights = images.detach().clone(), weights_of(self.network)
        iteration.generator = self.generator
        self.watcher._watch_answer(iteration, scores)

    def _is_in_parts(self, iteration: Any, scores: torch.Tensor) -> bool:
        """Do the scores come from weights that the module which was called does not hold?"""
        if iteration.outputs is not None and iteration.outputs.shape == scores.shape:
            return False  # a module that gives the scores is the network, whatever it has not registered
        own = set() if iteration.root is None else {id(value) for value in iteration.root.parameters()}
        weights = [leaf for leaf in _leaves(scores) if not self._is_images(leaf, len(scores))]
        return any(id(leaf) not in own for leaf in weights)

    # ---- from the batch to the scores ---------------------------------------------------------------------------

    def _assemble(self, scores: torch.Tensor) -> None:
        frame: FrameType | None = sys._getframe(3)  # the caller of the loss
        seen = 0
        while frame is not None and seen < MOST_FRAMES:
            if self.sources.resolve(frame.f_code.co_filename) is not None:
                seen += 1
                if self._assemble_from(frame, scores):
                    return
            frame = frame.f_back

    def _assemble_from(self, frame: FrameType, scores: torch.Tensor) -> bool:
        """Try the frame: do its statements lead from pictures to scores like these?"""
        namespace = {**frame.f_globals, **frame.f_locals}
        names = [name for name, value in namespace.items() if self._is_images(value, len(scores))]
        where = slices.call_in(frame)
        if where is None or not names or not where.call.args:
            return False
        for name in names:
            function = slices.compile_slice(where, name, namespace, frame.f_code.co_filename)
            if function is None:
                continue
            images = namespace[name].detach()
            forward = self._try(function, images, scores)
            if forward is not None:
                held = _named(list(_leaves(forward)), namespace)
                self.network = Assembled(function, held, ast.unparse(where.call.args[0]))
                self._name = name
                _Predictions(self).install()
                return True
        return False

    def _is_images(self, value: Any, batch: int) -> bool:
        return isinstance(value, torch.Tensor) and value.is_floating_point() and value.shape == (batch, *self.shape)

    def _try(self, function: Callable[..., Any], images: torch.Tensor, scores: torch.Tensor) -> Any:
        """What ``function`` answers, if that can be the scores: of their shape, and from weights that are trained."""
        state = torch.get_rng_state()
        try:
            with torch.enable_grad():
                answer = function(images)
        except Exception:
            return None
        finally:
            torch.set_rng_state(state)
        if not isinstance(answer, torch.Tensor) or answer.shape != scores.shape or not answer.requires_grad:
            return None
        return answer

    @property
    def images(self) -> torch.Tensor:
        """The batch as the assembled network is fed it: the value of its name in the frame that asks for the loss."""
        frame: FrameType | None = sys._getframe(3)  # the caller of the loss
        while frame is not None:
            value = frame.f_locals.get(self._name, None)
            if self.sources.resolve(frame.f_code.co_filename) is not None and isinstance(value, torch.Tensor):
                return value
            frame = frame.f_back
        current = self.watcher.current
        assert current is not None
        images: torch.Tensor = current.images
        return images

    def predicted(self, scores: torch.Tensor) -> None:
        """The program asked for the best classes: the network has answered a batch."""
        iteration = self.watcher.current
        if iteration is None or iteration is self.counted or iteration.session is None or self.watcher.paused:
            return
        labels = iteration.labels
        if labels is None or scores.dim() != 2 or len(scores) != len(labels):
            return
        self.counted = iteration
        if iteration.inputs is None:
            iteration.inputs = iteration.images
        assert self.network is not None
        self.count(iteration.session, iteration, self.network, scores)


class _Predictions:
    """Tells the assembler when class scores are asked for their largest: a test is seen by that."""

    def __init__(self, assembler: Assembler) -> None:
        self.assembler = assembler

    def install(self) -> None:
        for holder in (torch, torch.Tensor):
            for name in PREDICTIONS:
                setattr(holder, name, self._watch(getattr(holder, name)))

    def _watch(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def ask(*inputs: Any, **keywords: Any) -> Any:
            scores = inputs[0] if inputs else keywords.get("input")
            if isinstance(scores, torch.Tensor) and not self.assembler.watcher.depth:
                self.assembler.predicted(scores)
            return original(*inputs, **keywords)

        return ask


def _leaves(answer: torch.Tensor) -> Iterator[torch.Tensor]:
    """The tensors that gradients of ``answer`` arrive at."""
    pending, seen = [answer.grad_fn], set()
    while pending:
        node = pending.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if isinstance(leaf, torch.Tensor):
            yield leaf
        pending.extend(inner for inner, _ in node.next_functions)


def _named(leaves: list[torch.Tensor], namespace: dict[str, Any]) -> dict[str, Any]:
    """Modules and tensors that hold the leaves, by the names that lead to them in the program."""
    wanted = {id(leaf): leaf for leaf in leaves}
    held: dict[str, Any] = {}
    for name, value in _reachable(namespace, "", 0, set()):
        if isinstance(value, nn.Module):
            own = {id(one) for one in value.parameters()} & wanted.keys()
        else:
            own = {id(value)} & wanted.keys()
        if own and not isinstance(value, Assembled):
            held[name.replace(".", "_")] = value
            for one in own:
                del wanted[one]
    for number, leaf in enumerate(wanted.values()):
        held[f"weight_{number}"] = leaf
    return held


def _reachable(things: dict[Any, Any], prefix: str, depth: int, seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Modules and tensors in a namespace, the nearest first."""
    inner: list[tuple[str, dict[Any, Any]]] = []
    for key, value in things.items():
        if str(key).startswith("__") or id(value) in seen:
            continue
        name = f"{prefix}{key}"
        if isinstance(value, (nn.Module, torch.Tensor)):
            yield name, value
        elif isinstance(value, (list, tuple)) and len(value) < MOST_ENTRIES:
            inner.append((name, dict(enumerate(value))))
        elif isinstance(value, dict) and len(value) < MOST_ENTRIES:
            inner.append((name, value))
        elif hasattr(value, "__dict__") and not isinstance(value, type) and not callable(getattr(value, "__path__", 0)):
            inner.append((name, _attributes(value)))
        seen.add(id(value))
    if depth < DEEPEST:
        for name, value in inner:
            yield from _reachable(value, f"{name}.", depth + 1, seen)


def _attributes(value: Any) -> dict[str, Any]:
    kind = type(value).__module__
    if kind in ("builtins", "types") or kind.partition(".")[0] in ("torch", "torchvision", "numpy"):
        return {}
    found = getattr(value, "__dict__", {})
    return dict(found) if isinstance(found, dict) else {}
