"""Watches the student's training and test loops: which batches were fed, what was answered, what moved, in which line.

An *iteration* is what happens between one batch and the next. Iterations in which something called backward() or step()
are training steps; the first few are recorded whole (weights before and after, batch, labels, loss and its gradient),
so that the trusted side can replay them. A pass over a loader without either is a test pass.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_pre_hook

from . import datasets
from .limits import DataRanOut
from .places import Sources

MOST_STEPS_BY_HAND = 60  # loops without a loader do not run out: the program is ended here
EPOCHS_IN_FULL = 1  # passes over training data after the recorded steps that still compute; later ones are gone through
OTHERS_IN_FULL = 2  # passes over training data for networks that are not recorded; later ones are one batch long
MOST_TRAINED = 8  # kinds of networks of one program that are told apart
MOST_PRINTED = 60
PREFETCHED = 3  # batches that a loop may hold at a time
MOST_RATES = 8  # learning rates kept of an optimizer


class Iteration:
    def __init__(self, session: Pass | None, labels: Any) -> None:
        self.session = session
        self.labels = labels
        self.images: Any = None  # as the loader gave them
        self.root: nn.Module | None = None
        self.weights: dict[str, torch.Tensor] | None = None
        self.inputs: Any = None
        self.outputs: Any = None
        self.output_gradient: Any = None
        self.generator: Any = None
        self.training_mode = True
        self.loss: float | None = None
        self.targets: Any = None
        self.events: list[dict[str, Any]] = []
        self.trains = False
        self.stepped = False


class Pass:
    """One iteration over a loader, from iter() to its end or to where the program left it."""

    def __init__(self, loader: Any, split: str, where: Any, declared: int, nominal: int) -> None:
        self.loader = loader
        self.split = split
        self.where = where
        self.declared = declared
        self.nominal = nominal
        self.split_size = datasets.size_of_split(loader.dataset)
        self.allowance = 0
        self.after = False  # begun when the training steps were recorded already
        self.repeats = False  # see Watcher.gone_through
        self.batches = 0
        self.complete = False
        self.trains = False
        self.samples = 0
        self.correct = 0
        self.forwards = 0
        self.with_grad = False
        self.training_mode = False
        self.root: Any = None
        self.printed: list[str] = []
        self.printed_where: list[Any] = []


class Watcher:
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
        self.by_hand = 0
        self.later_passes = 0
        self.repeated: dict[str, Any] = {}
        self.answers: dict[int, Any] = {}
        self.line = ""

    # ---- loaders ------------------------------------------------------------------------------------------

    def loader_made(self, loader: Any, declared: Any) -> None:
        self.loaders[id(loader)] = (loader, declared if isinstance(declared, int) else 0, self.sources.here())

    def allowance(self, loader: Any) -> int:
        """How many batches the next pass over this loader yields."""
        if datasets.split_of(loader.dataset) == "test":
            tested = [one for one in self.passes if one.split == "test" and one.complete and one.forwards]
            finished = sum(1 for one in tested if not self.position or (self.steps and one.root is self.steps[0].root))
            return 1_000_000 if finished < 2 else 1
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
                self._forget_gradients()
        session.repeats = split != "test" and self.later_passes > EPOCHS_IN_FULL and torch.is_grad_enabled()
        if not session.repeats:
            self.passes.append(session)
        return session

    def gone_through(self, session: Pass | None) -> bool:
        """Everything that a training loop can show has been recorded, and it goes on for very many passes: they repeat
        a batch and its answer, and nothing is computed, so that the test after the loop is reached."""
        return session is not None and session.repeats

    def _forget_gradients(self) -> None:
        """Without gradients an optimizer's step does nothing."""
        for record in self.optimizers:
            for group in record["optimizer"].param_groups:
                for parameter in group["params"]:
                    parameter.grad = None

    def repeat(self, session: Pass) -> Any:
        """The batch that stands for all later ones, or None while batches are still made."""
        return self.repeated.get(session.split) if self.gone_through(session) else None

    def known_answer(self, root: nn.Module) -> Any:
        """What ``root`` answered to the batch that is repeated, where it need not be asked again."""
        iteration = self.current
        if iteration is None or not self.gone_through(iteration.session):
            return None
        return self.answers.get(id(root))

    def grant(self, session: Pass) -> bool:
        return self.paused or session.batches < session.allowance

    def take(self, session: Pass, batch: Any) -> Any:
        if self.paused:
            return batch
        if session.after:
            self.repeated[session.split] = batch
        session.batches += 1
        self._close_iteration()
        labels = datasets.labels_in(batch)
        self.current = Iteration(session, labels.detach().clone() if labels is not None else None)
        if not self.complete or session.split == "test":
            self.current.images = datasets.images_in(batch)
            kept = Iteration(session, self.current.labels)
            kept.images = self.current.images
            self.taken = [*self.taken[1 - PREFETCHED :], kept]
        return batch

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
        if session is not None:
            self._count(session, iteration, root, answer)

    def before_forward(self, root: nn.Module, inputs: tuple[Any, ...]) -> None:
        """Keep the weights and the batch of the first forward of an iteration while steps are still wanted."""
        iteration = self._iteration()
        if iteration.weights is not None or iteration.root is not None:
            return
        self._claim(iteration, inputs)
        testing = iteration.session is not None and iteration.session.split == "test" and len(self.inputs) < 24
        if self.complete and not testing:
            return
        images = next((item for item in inputs if isinstance(item, torch.Tensor) and item.dim() >= 2), None)
        if images is None:
            return
        iteration.inputs = images.detach().clone()
        if torch.is_grad_enabled() and not self.complete:
            iteration.generator = torch.get_rng_state()
            iteration.weights = weights_of(root)

    def _claim(self, iteration: Iteration, inputs: tuple[Any, ...]) -> None:
        """Loops that fetch a batch ahead feed one that left its loader earlier: it has other labels."""
        fed = next((item for item in inputs if isinstance(item, torch.Tensor) and item.dim() >= 2), None)
        if fed is None or not self.taken or is_same_batch(fed, iteration.images):
            return
        for kept in reversed(self.taken):
            if is_same_batch(fed, kept.images):
                iteration.session, iteration.labels, iteration.images = kept.session, kept.labels, kept.images
                return

    def _iteration(self) -> Iteration:
        """The iteration under way; without a loader, one ends with its step."""
        if self.current is None or (self.current.session is None and self.current.stepped):
            self._close_iteration()
            self.current = Iteration(None, None)
            self.by_hand += self.complete
            if self.by_hand > MOST_STEPS_BY_HAND:
                raise DataRanOut
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

    def _count(self, session: Pass, iteration: Iteration, root: nn.Module, answer: torch.Tensor) -> None:
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
        iteration = self.current
        if iteration is None:
            return
        if kind in ("backward", "step"):
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


def is_same_batch(fed: torch.Tensor, given: Any) -> bool:
    """Are these the loader's images, in its order? They may have been normalised since."""
    if given is None or fed.shape != given.shape:
        return False
    fed, given = standardised(fed), standardised(given)
    return bool(((fed * given).mean(1) > 0.98).all())


def standardised(images: torch.Tensor) -> torch.Tensor:
    flat = images.detach().reshape(len(images), -1).double()
    return (flat - flat.mean(1, keepdim=True)) / (flat.std(1, keepdim=True) + 1e-9)


def labels_as_fed(iteration: Iteration) -> Any:
    """The loader's labels in the order of the images that the network was fed (which may have been shuffled, and
    normalised since): each fed image is the loader's that it looks most like."""
    labels, fed, given = iteration.labels, iteration.inputs, iteration.images
    if labels is None or given is None or len(given) != len(labels) or fed.shape[0] > len(labels):
        return labels
    fed, given = standardised(fed), standardised(given)
    if fed.shape[1] != given.shape[1]:
        return labels
    likeness = fed @ given.T / fed.shape[1]
    if bool((likeness.diagonal() > 0.98).all()) or bool((likeness.amax(1) < 0.98).any()):
        return labels[: len(fed)] if len(fed) < len(labels) and bool((likeness.diagonal() > 0.98).all()) else labels
    return labels[likeness.argmax(1)]


def take_shapes(call: Callable[..., Any], root: nn.Module, given: tuple[Any, Any]) -> None:
    """Lazy layers have no weights before their first forward: one in evaluation mode changes nothing else."""
    if not any(isinstance(value, torch.nn.parameter.UninitializedTensorMixin) for value in root.parameters()):
        return
    inputs, keywords = given
    modes = {module: module.training for module in root.modules()}
    root.eval()
    try:
        with torch.no_grad():
            call(root, *inputs, **keywords)
    except Exception:
        pass  # the program's own call raises it again, at its line
    finally:
        for module, mode in modes.items():
            module.training = mode


def weights_of(root: nn.Module) -> dict[str, torch.Tensor]:
    """Copies of every parameter and buffer by name."""
    kept: dict[str, torch.Tensor] = {}
    for name, value in [*root.named_parameters(), *root.named_buffers()]:
        if isinstance(value, torch.nn.parameter.UninitializedTensorMixin):
            continue
        kept[name] = value.detach().clone()
    return kept


def choose_output(outputs: Any, classes: int) -> tuple[torch.Tensor | None, int]:
    """The logits among what a forward returned, and how many tensors it returned."""
    tensors: list[torch.Tensor] = []
    pending = [outputs]
    while pending:
        item = pending.pop(0)
        if isinstance(item, torch.Tensor):
            tensors.append(item)
        elif isinstance(item, dict):
            pending[:0] = list(item.values())
        elif isinstance(item, (list, tuple)):
            pending[:0] = list(item)
        elif hasattr(item, "__dict__") and type(item).__name__ not in ("function", "module"):
            pending[:0] = [value for value in vars(item).values() if isinstance(value, torch.Tensor)]
    fitting = [one for one in tensors if one.dim() == 2 and one.shape[1] == classes and one.is_floating_point()]
    floating = [one for one in tensors if one.is_floating_point() and one.dim() > 0]
    return next(iter(fitting or floating), None), len(tensors)


def is_plain_cross_entropy(function: str, options: dict[str, Any]) -> bool:
    """Is it cross-entropy as it comes? Then what is wrong with it, if anything, is wrong where it is called."""
    usual = {"reduction": "mean", "label_smoothing": 0.0, "ignore_index": -100}
    return function == "cross_entropy" and all(usual.get(key) == value for key, value in options.items())


LOSSES = (
    "cross_entropy nll_loss mse_loss l1_loss smooth_l1_loss huber_loss binary_cross_entropy "
    "binary_cross_entropy_with_logits multi_margin_loss multilabel_soft_margin_loss multilabel_margin_loss kl_div "
    "poisson_nll_loss hinge_embedding_loss soft_margin_loss gaussian_nll_loss"
).split()


def install(watcher: Watcher, constructed: Callable[[nn.Module], Any]) -> None:
    """Patch torch where programs pass through: module calls, losses, backward, optimizers, clipping. ``constructed``
    tells where a module was made."""
    _install_calls(watcher, constructed)
    _install_losses(watcher)
    _install_backward(watcher)
    _install_optimizers(watcher)
    _install_output(watcher)


def _install_calls(watcher: Watcher, constructed: Callable[[nn.Module], Any]) -> None:
    """Networks are watched however they are called: ``net(x)`` and ``net.forward(x)``."""
    outside = ("torchvision.transforms", "torch.nn.modules.activation")

    def watch(original: Callable[..., Any], self: nn.Module, inputs: Any, keywords: Any) -> Any:
        if watcher.depth or watcher.paused or type(self).__module__.startswith(outside):
            return original(self, *inputs, **keywords)
        if type(self).__module__ == "torch.nn.modules.loss":
            watcher.loss_made = constructed(self)
            try:
                return original(self, *inputs, **keywords)
            finally:
                watcher.loss_made = None
        watcher.depth = 1
        try:
            watched = any(True for _ in self.parameters())
            known = watcher.known_answer(self) if watched else None
            if known is not None:
                return known
            if watched:
                take_shapes(original, self, (inputs, keywords))
                watcher.before_forward(self, inputs)
            outputs = original(self, *inputs, **keywords)
        finally:
            watcher.depth = 0
        if watched:
            watcher.forward_called(self, inputs, keywords, outputs)
        return outputs

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def call(self: nn.Module, *inputs: Any, **keywords: Any) -> Any:
            return watch(original, self, inputs, keywords)

        return call

    def watch_forward(cls: Any, /, **keywords: Any) -> None:
        super(nn.Module, cls).__init_subclass__(**keywords)
        if isinstance(cls.__dict__.get("forward"), FunctionType):
            cls.forward = watched(cls.__dict__["forward"])

    nn.Module.__call__ = watched(nn.Module.__call__)
    nn.Module.__init_subclass__ = classmethod(watch_forward)
    nn.Sequential.forward = watched(nn.Sequential.forward)


def _install_losses(watcher: Watcher) -> None:
    functional = torch.nn.functional

    def watch(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def loss(*inputs: Any, **keywords: Any) -> Any:
            if not watcher.paused and watcher.depth == 0:
                targets = inputs[1] if len(inputs) > 1 else keywords.get("target")
                options = {
                    key: value if isinstance(value, (int, float, str, bool)) else "given"
                    for key, value in keywords.items()
                    if key not in ("input", "target") and value is not None
                }
                watcher.loss_called(name, options, targets)
            return original(*inputs, **keywords)

        loss.__name__ = name
        return loss

    for name in LOSSES:
        if hasattr(functional, name):
            setattr(functional, name, watch(name, getattr(functional, name)))


def _install_backward(watcher: Watcher) -> None:
    original = torch.autograd.backward

    def backward(tensors: Any, *positional: Any, **keywords: Any) -> Any:
        if not watcher.paused and not watcher.in_backward:
            loss = tensors if isinstance(tensors, torch.Tensor) else tensors[0] if tensors else None
            value = float(loss.detach()) if loss is not None and loss.numel() == 1 else None
            watcher.event("backward", value)
        if watcher.current is not None and watcher.gone_through(watcher.current.session):
            return None
        watcher.in_backward = True
        try:
            return original(tensors, *positional, **keywords)
        finally:
            watcher.in_backward = False

    torch.autograd.backward = backward
    for name in ("clip_grad_norm_", "clip_grad_value_"):
        setattr(torch.nn.utils, name, _watch_clip(watcher, getattr(torch.nn.utils, name)))


def _watch_clip(watcher: Watcher, original: Callable[..., Any]) -> Callable[..., Any]:
    kind, name = ("clip-norm", "max_norm") if "norm" in original.__name__ else ("clip-value", "clip_value")

    def clip(parameters: Any, *positional: Any, **keywords: Any) -> Any:
        bound = positional[0] if positional else keywords.get(name)
        watcher.event(kind, float(bound) if bound is not None else None)
        return original(parameters, *positional, **keywords)

    clip.__name__ = original.__name__
    return clip


def _install_optimizers(watcher: Watcher) -> None:
    optimizer_class = torch.optim.Optimizer
    construct, zero = optimizer_class.__init__, optimizer_class.zero_grad
    zero_module = nn.Module.zero_grad
    scheduler_class = torch.optim.lr_scheduler.LRScheduler
    construct_scheduler = scheduler_class.__init__

    def init(self: Any, *positional: Any, **keywords: Any) -> None:
        construct(self, *positional, **keywords)
        record = {"optimizer": self, "kind": type(self).__name__, "where": watcher.sources.here(), "steps": 0}
        watcher.optimizers.append({**record, "rates": [], "schedule": None})

    def zero_grad(self: Any, *positional: Any, **keywords: Any) -> Any:
        watcher.event("zero_grad")
        return zero(self, *positional, **keywords)

    def zero_grad_module(self: Any, *positional: Any, **keywords: Any) -> Any:
        watcher.event("zero_grad")
        return zero_module(self, *positional, **keywords)

    def before_step(optimizer: Any, _positional: Any, _keywords: Any) -> None:
        for record in watcher.optimizers:
            if record["optimizer"] is optimizer:
                if "groups" not in record:
                    record["groups"] = groups_of(optimizer)
                record["steps"] += 1
                rate, rates = float(optimizer.param_groups[0].get("lr", 0.0)), record["rates"]
                if len(rates) < MOST_RATES and rates[-1:] != [rate]:
                    rates.append(rate)
        watcher.event("step", float(optimizer.param_groups[0].get("lr", 0.0)))

    def init_scheduler(self: Any, optimizer: Any, *positional: Any, **keywords: Any) -> None:
        construct_scheduler(self, optimizer, *positional, **keywords)
        watcher.schedulers.append(type(self).__name__)
        for record in watcher.optimizers:
            if record["optimizer"] is optimizer:
                record["schedule"] = watcher.sources.here()

    optimizer_class.__init__ = init
    optimizer_class.zero_grad = zero_grad
    nn.Module.zero_grad = zero_grad_module
    scheduler_class.__init__ = init_scheduler
    register_optimizer_step_pre_hook(before_step)


def groups_of(optimizer: Any) -> list[dict[str, Any]]:
    """An optimizer's hyperparameters by group, without its parameters."""
    plain = (int, float, bool, str, type(None), list, tuple)
    return [
        {
            key: float(value) if isinstance(value, torch.Tensor) and value.numel() == 1 else value
            for key, value in group.items()
            if key != "params" and isinstance(value, (*plain, torch.Tensor))
        }
        for group in optimizer.param_groups
    ]


class Tee:
    """Standard output or error that also tells the watcher what was printed."""

    def __init__(self, stream: Any, watcher: Watcher) -> None:
        self._stream = stream
        self._watcher = watcher

    def write(self, text: str) -> int:
        self._watcher.write(str(text))
        try:
            self._stream.write(text)
        except UnicodeEncodeError:
            self._stream.write(text.encode("ascii", "backslashreplace").decode())
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _install_output(watcher: Watcher) -> None:
    sys.stdout = Tee(sys.stdout, watcher)
    sys.stderr = Tee(sys.stderr, watcher)
