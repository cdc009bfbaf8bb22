"""Watches the student's training and test loops: which batches were fed, what was answered, what moved, in which line.

An *iteration* is what happens between one batch and the next. Iterations in which something called backward() or step()
are training steps; the first few are recorded whole (weights before and after, batch, labels, loss and its gradient),
so that the trusted side can replay them. A pass over a loader without either is a test pass.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from . import datasets
from .answers import choose_output, weights_of
from .by_hand import ByHand, is_by_hand
from .likeness import first_images, is_same_batch, labels_as_fed
from .limits import DataRanOut
from .passes import Iteration, Pass
from .places import Sources

EPOCHS_IN_FULL = 1  # passes over training data after the recorded steps that still compute; later ones are gone through
OTHERS_IN_FULL = 2  # passes over training data for networks that are not recorded; later ones are one batch long
MOST_TRAINED = 8  # kinds of networks of one program that are told apart
WHOLE_TEST = 1_000_000  # batches
MOST_PRINTED = 60
PREFETCHED = 3  # batches that a loop may hold at a time
MOST_RATES = 8  # learning rates kept of an optimizer


class Watcher:
    loops: Any  # loops.Loops
    hand: ByHand

    def __init__(self, sources: Sources, steps: int, classes: int, position: int = 0) -> None:
        self.sources = sources
        self.budget = steps
        self.position = position  # of the networks that the program trains, which one is recorded
        self.trained: dict[str, nn.Module] = {}  # one of each kind of networks, by what they print as
        self.other_passes = 0  # over training data, for networks that are not recorded
        self.loss_made: Any = None  # where the loss module being called was constructed
        self.classes = classes
        self.steps: list[Iteration] = []
        self.final: dict[str, torch.Tensor] | None = None
        self.passes: list[Pass] = []
        self.loaders: dict[int, tuple[Any, int, Any]] = {}
        self.optimizers: list[dict[str, Any]] = []
        self.schedulers: list[str] = []
        self.losses: list[dict[str, Any]] = []
        self.inputs: list[dict[str, Any]] = []
        self.current: Iteration | None = None
        self.taken: list[Iteration] = []  # the last batches that left a loader, where their images are known
        self.called: dict[int, tuple[nn.Module, tuple[Any, ...], dict[str, Any]]] = {}
        self.depth = 0
        self.paused = False
        self.in_backward = False
        self.later_passes = 0
        self.repeated: dict[str, Any] = {}
        self.zeros: dict[int, torch.Tensor] = {}
        self.answers: dict[int, Any] = {}
        self.line = ""
        self.stage: Any = lambda name: None  # told "train" and "test", as they begin

    # ---- loaders ------------------------------------------------------------------------------------------

    def loader_made(self, loader: Any, declared: Any) -> None:
        self.loaders[id(loader)] = (loader, declared if isinstance(declared, int) else 0, self.sources.here())

    def allowance(self, loader: Any, split: str = "") -> int:
        """How many batches the next pass over this loader yields."""
        if (split or datasets.split_of(loader.dataset)) == "test":
            tested = [one for one in self.passes if one.split == "test" and one.complete and one.forwards]
            finished = sum(1 for one in tested if not self.position or (self.steps and one.root is self.steps[0].root))
            return WHOLE_TEST if finished < 2 else 1
        return 1 if self.complete or self.other_passes > OTHERS_IN_FULL else self.budget

    @property
    def complete(self) -> bool:
        return self.final is not None

    def open_pass(self, loader: Any) -> Pass:
        split = datasets.split_of(loader.dataset)
        declared = self.loaders.get(id(loader), (None, 0, None))[1]
        try:
            nominal = len(loader.dataset)
        except TypeError:
            nominal = 0
        session = Pass(loader, split, self.sources.here(), declared, nominal)
        session.allowance = self.allowance(loader)
        if split != "test" and self.complete:
            session.after = True
            self.later_passes += 1
            if self.later_passes == EPOCHS_IN_FULL + 1:
                self.forget_gradients()
        session.repeats = split != "test" and self.later_passes > EPOCHS_IN_FULL and torch.is_grad_enabled()
        if not session.repeats:
            self.passes.append(session)
        return session

    @property
    def repeating(self) -> bool:
        """Everything that a training loop can show has been recorded, and it goes on for very many passes: they repeat
        a batch and its answer, and nothing is computed, so that the test after the loop is reached."""
        current = self.current
        return current is not None and (current.repeats or (current.session is not None and current.session.repeats))

    def forget_gradients(self) -> None:
        """Without gradients an optimizer's step does nothing."""
        for parameter in self._optimized():
            parameter.grad = None

    def lend_gradients(self) -> None:
        """What a program finds that looks at its gradients between backward and step, where none are computed."""
        for parameter in self._optimized():
            if parameter.requires_grad and parameter.grad is None:
                if id(parameter) not in self.zeros:
                    self.zeros[id(parameter)] = torch.zeros_like(parameter)
                parameter.grad = self.zeros[id(parameter)]

    def _optimized(self) -> list[torch.Tensor]:
        groups = [group for record in self.optimizers for group in record["optimizer"].param_groups]
        return [parameter for group in groups for parameter in group["params"]]

    def repeat(self, session: Pass) -> Any:
        """The batch that stands for all later ones, or None while batches are still made."""
        return self.repeated.get(session.split) if session.repeats else None

    def known_answer(self, root: nn.Module, inputs: tuple[Any, ...]) -> Any:
        """What ``root`` answered to the batch that is repeated, where it need not be asked again."""
        if self.current is None or is_by_hand(self.current):
            return self.hand.known_answer(root, first_images(inputs))
        return self.answers.get(id(root)) if self.repeating else None

    def recall(self, root: nn.Module, inputs: tuple[Any, ...]) -> Any:
        """What ``root`` has answered to the same pictures with the same weights, where they came from no loader."""
        return self.hand.recall(root, inputs[0]) if len(inputs) == 1 else None

    def grant(self, session: Pass) -> bool:
        return self.paused or session.batches < session.allowance

    def take(self, session: Pass, batch: Any) -> Any:
        if self.paused:
            return batch
        if session.after and torch.is_grad_enabled():  # a batch made in inference mode cannot be trained on
            self.repeated[session.split] = batch
        session.batches += 1
        if session.split == "test":
            self.stage("test")
        self._close_iteration()
        labels = datasets.labels_in(batch)
        self.current = Iteration(session, labels.detach().clone() if labels is not None else None)
        if not self.complete or session.split != "train" or not torch.is_grad_enabled():
            self.current.images = datasets.images_in(batch)
            kept = Iteration(session, self.current.labels)
            kept.images = self.current.images
            self.taken = [*self.taken[1 - PREFETCHED :], kept]
        return batch

    def turn_to(self, iteration: Iteration) -> None:
        self._close_iteration()
        self.current = iteration
        if iteration.repeats:
            self.forget_gradients()

    def close_pass(self, session: Pass) -> None:
        session.complete = session.batches > 0
        self._close_iteration()

    # ---- forward, loss, backward, step --------------------------------------------------------------------

    def forward_called(self, root: nn.Module, inputs: tuple[Any, ...], keywords: dict[str, Any], outputs: Any) -> None:
        """A network was called from the program's own code (not from inside another module)."""
        answer = self._answer(outputs)
        if answer is None:
            return
        self.called[id(root)] = (root, inputs, keywords)
        iteration = self._iteration()
        if iteration.session is not None and iteration.session.after and answer.requires_grad:
            self.answers[id(root)] = outputs
        if iteration.root is None:
            iteration.root = root
            iteration.training_mode = root.training
            if answer.requires_grad and torch.is_grad_enabled():
                self._watch_answer(iteration, answer)
        session = iteration.session
        if session is None or session.by_hand:
            images = first_images(inputs)
            self.hand.remember(root, images, outputs)
            if outputs is answer:
                self.hand.memorise(root, images, answer)
            self.hand.count(iteration, root, images, answer)
        else:
            self.count(session, iteration, root, answer)

    def before_forward(self, root: nn.Module, inputs: tuple[Any, ...]) -> None:
        """Keep the weights and the batch of the first forward of an iteration while steps are still wanted."""
        images = first_images(inputs)
        self.hand.begin(images)
        iteration = self._iteration()
        if iteration.weights is not None or iteration.root is not None:
            return
        self._claim(iteration, images)
        self.hand.explain(iteration, images)
        testing = iteration.session is not None and iteration.session.split == "test" and len(self.inputs) < 24
        if self.complete and not testing:
            return
        if images is None:
            return
        iteration.inputs = images.detach().clone()
        if torch.is_grad_enabled() and not self.complete:
            iteration.generator = torch.get_rng_state()
            iteration.weights = weights_of(root)

    def _claim(self, iteration: Iteration, fed: Any) -> None:
        """Loops that fetch a batch ahead feed one that left its loader earlier: it has other labels."""
        if fed is None or not self.taken or is_same_batch(fed, iteration.images):
            return
        for kept in reversed(self.taken):
            if is_same_batch(fed, kept.images):
                iteration.session, iteration.labels, iteration.images = kept.session, kept.labels, kept.images
                return

    def _iteration(self) -> Iteration:
        """The iteration under way; without a loader, one ends with its step."""
        current = self.current
        if current is None or (is_by_hand(current) and current.stepped):
            self._close_iteration()
            self.current = Iteration(None, None)
        assert self.current is not None
        return self.current

    def _answer(self, outputs: Any) -> torch.Tensor | None:
        return choose_output(outputs, self.classes)[0]

    def _watch_answer(self, iteration: Iteration, answer: torch.Tensor) -> None:
        if self.complete:
            return
        iteration.outputs = answer.detach().clone()

        def keep(gradient: torch.Tensor) -> None:
            if iteration.output_gradient is None:
                iteration.output_gradient = gradient.detach().clone()

        answer.register_hook(keep)

    def count(self, session: Pass, iteration: Iteration, root: nn.Module, answer: torch.Tensor) -> None:
        labels = iteration.labels
        if labels is None or answer.dim() != 2 or answer.shape[0] != len(labels):
            return
        session.forwards += 1
        session.with_grad = session.with_grad or (torch.is_grad_enabled() and answer.requires_grad)
        session.training_mode = session.training_mode or root.training
        session.root = root
        session.samples += len(labels)
        with torch.no_grad():
            session.correct += int((answer.detach().argmax(1) == labels).sum())
        if len(self.inputs) < 24 and iteration.inputs is not None:
            self.inputs.append(
                {"split": session.split, "images": iteration.inputs, "where": session.where, "session": session}
            )

    def loss_called(self, function: str, keywords: dict[str, Any], targets: Any) -> None:
        call = self.sources.here()
        usual = is_plain_cross_entropy(function, keywords)
        where = call if usual else self.loss_made or call
        if where is None:
            return
        record = {"function": function, "options": keywords, "where": where}
        if record not in self.losses and len(self.losses) < 20:
            self.losses.append(record)
        if self.current is not None and isinstance(targets, torch.Tensor) and self.current.targets is None:
            self.current.targets = targets.detach().clone()
        if self.current is not None and not self.complete:
            self.current.events.append({"kind": "loss", "where": call, "value": None})

    def event(self, kind: str, value: float | None = None) -> None:
        iteration = self._iteration() if kind == "zero_grad" else self.current
        if iteration is None:
            return
        if kind in ("backward", "step"):
            self.stage("train")
            self.loops.trained()
            if not iteration.trains and is_by_hand(iteration) and not self.hand.stepped():
                raise DataRanOut
            iteration.trains = True
            iteration.stepped = iteration.stepped or kind == "step"
            if iteration.session is not None:
                iteration.session.trains = True
        if not self.complete and len(iteration.events) < 200:
            iteration.events.append({"kind": kind, "where": self.sources.here(), "value": value})
        if kind == "backward" and iteration.loss is None:
            iteration.loss = value

    def _close_iteration(self) -> None:
        iteration, self.current = self.current, None
        if iteration is None or not iteration.trains or iteration.root is None:
            return
        if not self._is_recorded(iteration) or iteration.weights is None or self.complete:
            return
        if self.steps and iteration.root is not self.steps[0].root:
            return
        iteration.labels = labels_as_fed(iteration)
        self.steps.append(iteration)
        if len(self.steps) >= self.budget:
            assert iteration.root is not None
            self.final = weights_of(iteration.root)

    def _is_recorded(self, iteration: Iteration) -> bool:
        """Is this a step of the network that is to be recorded? Programs may train several, one after another."""
        assert iteration.root is not None
        kind = repr(iteration.root)
        if kind not in self.trained and len(self.trained) < MOST_TRAINED:
            self.trained[kind] = iteration.root
        wanted = kind in self.trained and list(self.trained).index(kind) == self.position
        session = iteration.session
        if session is not None and not self.complete:
            session.allowance = max(session.allowance, self.budget) if wanted else session.allowance
            self.other_passes += not wanted and session.batches == 1
        return wanted

    def finish(self) -> None:
        """The program has ended: close what is open, and take the weights after the last step."""
        self._close_iteration()
        if self.steps and self.final is None:
            root = self.steps[0].root
            assert root is not None
            self.final = weights_of(root)

    # ---- printing -----------------------------------------------------------------------------------------

    def write(self, text: str) -> None:
        *lines, self.line = (self.line[-2000:] + text).split("\n")
        if self.passes:
            printed = self.passes[-1].printed
            for line in lines:
                if line.strip() and len(printed) < MOST_PRINTED:
                    printed.append(line[-400:])
                    self.passes[-1].printed_where.append(self.sources.here())

    def flush_line(self) -> None:
        self.write("\n")


def is_plain_cross_entropy(function: str, options: dict[str, Any]) -> bool:
    """Is it cross-entropy as it comes? Then what is wrong with it, if anything, is wrong where it is called."""
    usual = {"reduction": "mean", "label_smoothing": 0.0, "ignore_index": -100}
    return function == "cross_entropy" and all(usual.get(key) == value for key, value in options.items())
