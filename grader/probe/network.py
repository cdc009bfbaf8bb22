"""Finds the student's network, whatever its name, and records it in both modes at two batch sizes."""

from __future__ import annotations

import ast
import contextlib
import inspect
import linecache
import sys
import types
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from .answers import choose_output
from .arguments import Maker, calls_in, factory_arguments, makers
from .capture import Births, Recording, TooLarge, record
from .places import Place, Sources
from .program import Program, describe
from .recorder import Watcher

BATCHES = (2, 3)
PERIOD = 65_537
CONVOLUTIONS = (nn.Conv2d, nn.LazyConv2d)


class Found:
    """A candidate for the student's network: the object, how it is called, and why it was chosen."""

    def __init__(self, module: nn.Module, name: str, where: Place | None, reason: str) -> None:
        self.module = module
        self.name = name
        self.where = where
        self.reason = reason
        self.extra: tuple[tuple[Any, ...], dict[str, Any]] = ((), {})

    def content(self) -> dict[str, Any]:
        return {"name": self.name, "where": self.where, "reason": self.reason}


class Finder:
    def __init__(self, sources: Sources, births: Births, watcher: Watcher, shape: tuple[int, ...]) -> None:
        self.sources = sources
        self.births = births
        self.watcher = watcher
        self.shape = shape
        self.failures: list[dict[str, Any]] = []
        self.calls: dict[str, list[Maker]] = {}

    def find(self, programs: list[Program]) -> list[Found]:
        """The network that was trained; else those that were called or exist; else what the classes construct.
        More than one: the program does not tell which is meant."""
        trained = self._trained()
        if trained is not None:
            return [trained]
        for candidates in (self._optimized(), self._fitting(self._instances(programs)), self._constructed(programs)):
            if candidates:
                return candidates
        for program in programs:  # what could not be imported is why
            program.failures.extend(program.absent)
            self.failures.extend(program.absent)
        return []

    def _found(self, module: nn.Module, reason: str) -> Found:
        owner = type(module.module) if isinstance(module, nn.DataParallel) else type(module)
        where = self._class_place(owner) or self.births.of_module(module)
        return Found(module, getattr(module, "title", owner.__name__), where, reason)

    def _code(self, owner: type) -> types.CodeType | None:
        """Code of a class that the student wrote: its forward, or its constructor where it extends nn.Sequential."""
        for method in (owner.forward, owner.__init__):  # type: ignore[attr-defined,misc]
            code: types.CodeType | None = getattr(inspect.unwrap(method), "__code__", None)
            if code is not None and self.sources.resolve(code.co_filename) is not None:
                return code
        return None

    def _class_place(self, owner: type) -> Place | None:
        code = self._code(owner)
        place = self.sources.resolve(code.co_filename) if code is not None else None
        if code is None or place is None:
            return None
        return {"file": place[0], "line": _line_of_class(code), "cell": place[1]}

    def _trained(self) -> Found | None:
        steps = self.watcher.steps
        if not steps or steps[0].root is None:
            return None
        found = self._found(steps[0].root, "it was trained")
        _, inputs, keywords = self.watcher.called.get(id(found.module), (None, (), {}))
        found.extra = (
            tuple(inputs[1:]),
            {key: value for key, value in keywords.items() if not isinstance(value, torch.Tensor)},
        )
        return found

    def _optimized(self) -> list[Found]:
        """Networks whose parameters were given to an optimizer."""
        owners: list[Found] = []
        alive = self._alive()
        for seen in self.watcher.optimizers:
            wanted = {id(value) for group in seen["optimizer"].param_groups for value in group["params"]}
            holding = [one for one in alive if wanted & {id(value) for value in one.parameters()}]
            tops = [
                one for one in holding if not any(one is not other and one in set(other.modules()) for other in holding)
            ]
            owners.extend(self._found(one, "its parameters were given to the optimizer") for one in tops[-1:])
        unique = {id(one.module): one for one in owners}
        return self._by_class(list(unique.values()))

    def _alive(self) -> list[nn.Module]:
        return [module for reference in self.births.instances if (module := reference()) is not None]

    def _instances(self, programs: list[Program]) -> list[Found]:
        """Modules that the program made and that are part of no other."""
        alive = self._alive()
        inner = {id(part) for module in alive for part in module.modules() if part is not module}
        tops = [module for module in alive if id(module) not in inner and any(True for _ in module.parameters())]
        return [self._found(module, "the program constructed it") for module in tops]

    def _constructed(self, programs: list[Program]) -> list[Found]:
        """What the submission's own Module classes or factories construct: as the program itself would, alone, or with
        the number of classes."""
        classes: dict[str, type] = {}
        factories: list[Callable[..., Any]] = []
        self.calls = {name: calls for program in programs for name, calls in calls_in(program).items()}
        for namespace in self._namespaces(programs):
            for value in list(namespace.values()):
                if isinstance(value, type) and issubclass(value, nn.Module) and self._class_place(value) is not None:
                    classes[value.__qualname__] = value
                elif isinstance(value, types.FunctionType) and self.sources.resolve(value.__code__.co_filename):
                    factories += [value] if value not in factories else []
        tried = {owner: self._construct(owner) for owner in classes.values()}
        made = [found for found in tried.values() if found is not None]
        # A block of a network is no network beside it, and need not be constructed alone.
        parts = {type(part) for one in made for part in one.module.modules() if part is not one.module}
        tops = [one for one in made if type(one.module) not in parts]
        broken = any(found is None and owner not in parts for owner, found in tried.items())
        return (
            self._fitting(made, lenient=False)
            or self._fitting(tops, lenient=not broken)
            or self._fitting(self._from_factories(factories), lenient=False)
        )

    def _namespaces(self, programs: list[Program]) -> list[dict[str, Any]]:
        spaces = [program.namespace for program in programs if program.namespace]
        for module in list(sys.modules.values()):
            if isinstance(module, types.ModuleType) and self.sources.resolve(getattr(module, "__file__", None) or ""):
                spaces.append(vars(module))
        return spaces

    def _construct(self, owner: type) -> Found | None:
        failure: dict[str, Any] = {}
        for make in makers(owner, self.calls.get(owner.__name__, [])):
            try:
                return self._found(make(), "constructed from its class")
            except Exception as error:
                found = describe(error, self.sources, "construct")
                # What its own constructor says is worth more than that it wants other arguments.
                failure = found if found["where"] is not None or not failure else failure
                if found["where"] is not None and make is owner:
                    break
        if failure["where"] is None:
            failure["where"] = self._class_place(owner)
        failure["message"] = f"{owner.__name__}: {failure['message']}"
        self.failures.append(failure)
        return None

    def _from_factories(self, factories: list[Callable[..., Any]]) -> list[Found]:
        found = []
        for factory in factories:
            given = factory_arguments(factory)
            if given is None:
                continue
            try:
                module = factory(**given)
            except Exception:
                continue
            if isinstance(module, nn.Module):
                found.append(self._found(module, f"made by {factory.__name__}()"))
        return found

    def _fitting(self, candidates: list[Found], lenient: bool = True) -> list[Found]:
        """Those that answer an image batch with one row of class scores each; one of a class, the last made. Where none
        does and there is only one, ``lenient``: that one."""
        fits: list[Found] = []
        others: list[Found] = []
        for candidate in candidates:
            try:
                answer = choose_output(forward_once(candidate, self.shape, BATCHES[0]), self.watcher.classes)[0]
            except Exception:
                answer = None
            right = answer is not None and tuple(answer.shape) == (BATCHES[0], self.watcher.classes)
            (fits if right else others).append(candidate)
        if lenient and not fits and len(self._by_class(others)) == 1:
            return others[-1:]
        kinds = self._by_class(fits)
        # A course that compares a linear classifier with a network has both in one file.
        return [one for one in kinds if any(isinstance(part, CONVOLUTIONS) for part in one.module.modules())] or kinds

    def _by_class(self, candidates: list[Found]) -> list[Found]:
        latest: dict[Any, Found] = {}
        for candidate in candidates:
            key = type(candidate.module) if self._code(type(candidate.module)) else id(candidate.module)
            latest[key] = candidate
        kinds = list(latest.values())
        # A base class beside the class that extends it is not a second network.
        return [one for one in kinds if not any(other is not one and issubclass(type(other.module), type(one.module))
                                                and type(other.module) is not type(one.module) for other in kinds)]


def _line_of_class(code: types.CodeType) -> int:
    """The line of the class that a method is written in; inspect.getsource does not find those of cells."""
    line = code.co_firstlineno
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        tree = ast.parse("".join(linecache.getlines(code.co_filename)))
        around = [one for one in ast.walk(tree) if isinstance(one, ast.ClassDef) and _holds(one, line)]
        return max((one.lineno for one in around), default=line)
    return line


def _holds(node: ast.ClassDef, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def call(found: Found, images: torch.Tensor) -> Any:
    """Call the network on images; with the program's own further arguments, or labels, where it demands them."""
    inputs, keywords = found.extra
    if not inputs and not keywords:
        required = [
            parameter
            for parameter in list(inspect.signature(found.module.forward).parameters.values())[1:]
            if parameter.default is parameter.empty and parameter.kind in (0, 1)
        ]
        inputs = tuple(torch.zeros(len(images), dtype=torch.long) for _ in required)
    fitted = tuple(_fit(item, len(images)) for item in inputs)
    return found.module(images, *fitted, **keywords)


def _fit(item: Any, batch: int) -> Any:
    if isinstance(item, torch.Tensor) and item.dim() and item.shape[0]:
        return item[torch.arange(batch) % item.shape[0]]
    return item


def random_images(shape: tuple[int, ...], batch: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn((batch, *shape), generator=generator)


def forward_once(found: Found, shape: tuple[int, ...], batch: int) -> Any:
    kept = {name: value.detach().clone() for name, value in found.module.named_buffers()}
    with torch.no_grad():
        outputs = call(found, random_images(shape, batch, 0))
        for name, value in found.module.named_buffers():
            if name in kept:
                value.copy_(kept[name])
    return outputs


class Recordings:
    """Everything that is recorded of the chosen network."""

    def __init__(self, found: Found, shape: tuple[int, ...], classes: int, watch: tuple[Sources, Births]) -> None:
        self.found = found
        self.shape = shape
        self.classes = classes
        self.watch = watch
        self.failure: dict[str, Any] | None = None
        self.unsupported = ""
        self.symbolic = True

    def make(self, own_batch: int, seed: int) -> dict[str, Recording]:
        """Graphs by mode. The network's buffers and mode are put back afterwards."""
        module = self.found.module
        was_training = module.training
        buffers = {name: value.detach().clone() for name, value in module.named_buffers()}
        graphs: dict[str, Recording] = {}
        try:
            self._materialise(own_batch)
            buffers = buffers or {name: value.detach().clone() for name, value in module.named_buffers()}
            for mode in ("train", "eval"):
                module.train(mode == "train")
                graphs[mode] = self._both_batches(mode, own_batch, seed)
        except TooLarge as error:
            self.unsupported = str(error)
        finally:
            module.train(was_training)
            with torch.no_grad():
                for name, value in module.named_buffers():
                    if name in buffers:
                        value.copy_(buffers[name])
        return graphs

    def _materialise(self, own_batch: int) -> None:
        """One plain forward, so that lazy modules take their shapes."""
        lazy = any(
            isinstance(value, torch.nn.parameter.UninitializedTensorMixin) for value in self.found.module.parameters()
        )
        if lazy:
            forward_once(self.found, self.shape, own_batch or BATCHES[0])

    def _both_batches(self, mode: str, own_batch: int, seed: int) -> Recording:
        first = self._one(mode, BATCHES[0], seed)
        if first.failure is not None and own_batch and own_batch != BATCHES[0]:
            alone = self._one(mode, own_batch, seed)
            if alone.failure is None:
                self.symbolic = False
                return alone
        if first.failure is not None:
            self.failure = self.failure or first.failure
            return first
        second = self._one(mode, BATCHES[1], seed)
        if second.failure is not None or not generalise(first, second):
            self.symbolic = False
            if own_batch and own_batch != BATCHES[0]:
                alone = self._one(mode, own_batch, seed)
                if alone.failure is None:
                    return alone
        return first

    def _one(self, mode: str, batch: int, seed: int) -> Recording:
        images = random_images(self.shape, batch, seed)
        try:
            with torch.inference_mode():
                return self._record(mode, batch, images, seed)
        except RuntimeError as error:
            if "nference" not in str(error):
                raise
        with torch.no_grad():
            return self._record(mode, batch, images, seed)

    def _record(self, mode: str, batch: int, images: torch.Tensor, seed: int) -> Recording:
        recording = Recording(mode, batch)
        torch.manual_seed(seed)
        try:
            outputs, recorder = record(self.found.module, lambda x: call(self.found, x), images, recording, self.watch)
        except TooLarge:
            raise
        except Exception as error:
            if isinstance(error, RuntimeError) and "nference" in str(error):
                raise
            recording.failure = describe(error, self.watch[0], "forward")
            return recording
        answer, count = choose_output(outputs, self.classes)
        recording.output_count = count
        if answer is not None:
            recording.output = recorder.value(answer)
            recording.output_shape = list(answer.shape)
        return recording


def generalise(first: Recording, second: Recording) -> bool:
    """Replace the literals of ``first`` that grow with the batch by {"batch": [numerator, denominator]}."""
    if [node["op"] for node in first.nodes] != [node["op"] for node in second.nodes]:
        return False
    try:
        for one, two in zip(first.nodes, second.nodes, strict=True):
            one["arguments"] = _merge(one["arguments"], two["arguments"], first.batch, second.batch)
            one["keywords"] = _merge(one["keywords"], two["keywords"], first.batch, second.batch)
    except ValueError:
        return False
    return True


def _merge(one: Any, two: Any, batch_one: int, batch_two: int) -> Any:
    if type(one) is not type(two):
        raise ValueError
    if isinstance(one, list):
        if len(one) != len(two):
            raise ValueError
        return [_merge(left, right, batch_one, batch_two) for left, right in zip(one, two, strict=True)]
    if isinstance(one, dict):
        if one.keys() != two.keys():
            raise ValueError
        return {key: _merge(one[key], two[key], batch_one, batch_two) for key in one}
    if one == two:
        return one
    if isinstance(one, int) and not isinstance(one, bool) and one * batch_two == two * batch_one:
        return {"batch": [one, batch_one]}
    if isinstance(one, float) and abs(one * batch_one - two * batch_two) < 1e-9 * abs(one * batch_one):
        return {"per_batch": one * batch_one}
    raise ValueError


def digest(found: Found, shape: tuple[int, ...], classes: int, batch: int, seed: int) -> dict[str, Any]:
    """Outputs on a random batch, and of each parameter's gradient its norm and its product with fixed weights, to hold
    the rebuild against."""
    module = found.module
    was_training = module.training
    buffers = {name: value.detach().clone() for name, value in module.named_buffers()}
    parameters = dict(module.named_parameters())
    try:
        module.train(True)
        torch.manual_seed(seed)
        with torch.enable_grad():
            answer = choose_output(call(found, random_images(shape, batch, seed)), classes)[0]
            if answer is None:
                return {}
            cotangent = random_images(tuple(answer.shape[1:]), answer.shape[0], seed + 1)
            wanted = {name: value for name, value in parameters.items() if value.requires_grad}
            gradients: tuple[Any, ...] = tuple(None for _ in wanted)
            if answer.requires_grad and wanted:
                gradients = torch.autograd.grad((answer * cotangent).sum(), list(wanted.values()), allow_unused=True)
        digests = {
            name: None if gradient is None else [float(gradient.double().norm()), _projection(gradient)]
            for name, gradient in zip(wanted, gradients, strict=True)
        }
        return {
            "outputs": answer.detach().reshape(-1)[:4096].tolist(),
            "gradients": digests,
            "batch": batch,
            "seed": seed,
        }
    finally:
        module.train(was_training)
        with torch.no_grad():
            for name, value in module.named_buffers():
                value.copy_(buffers[name])


def _projection(gradient: torch.Tensor) -> float:
    """The product with the cosines of 0, 1, 2, ... in periods of a prime, which the grader computes as well."""
    flat = gradient.double().reshape(-1)
    weights = torch.cos(torch.arange(min(PERIOD, len(flat)), dtype=torch.float64))
    whole = len(flat) - len(flat) % PERIOD
    tail = flat[whole:]
    periods = float((flat[:whole].view(-1, PERIOD) @ weights).sum()) if whole else 0.0
    return periods + float(tail @ weights[: len(tail)])
