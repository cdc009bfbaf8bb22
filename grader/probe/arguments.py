"""With which arguments a network is constructed that the program defines and never came to construct."""

from __future__ import annotations

import ast
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from torch import nn

from .program import Program

Maker = Callable[[], Any]

MOST_CALLS = 4  # of one class that are tried
USUAL = {"out": 10, "label": 10, "channel": 3, "channels": 3, "in": 3, "size": 32}  # by a word of the argument's name


def calls_in(program: Program) -> dict[str, list[Maker]]:
    """The calls ``Name(...)`` with arguments that the program writes, by name, to be made in its own namespace."""
    found: dict[str, list[Maker]] = {}
    for tree in program.trees if program.namespace else ():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and (node.args or node.keywords)):
                continue
            calls = found.setdefault(node.func.id, [])
            if len(calls) < MOST_CALLS:
                code = compile(ast.Expression(node), "<call>", "eval")
                calls.append(functools.partial(eval, code, program.namespace))
    return found


def makers(owner: type, calls: list[Maker]) -> Iterator[Maker]:
    """Ways to construct a class, the likeliest first."""
    named = [one for one in _parameters(owner) if "class" in one.name.lower()]
    classes = [one.name for one in named if one.default not in (one.empty, 10)]
    if classes:  # written for a data set with another number of classes
        yield functools.partial(owner, **dict.fromkeys(classes, 10))
    yield owner
    for call in calls:
        yield functools.partial(_module, call)
    yield functools.partial(owner, **usual_arguments(owner))
    yield functools.partial(owner, 10)
    yield functools.partial(owner, 3, 10)


def _module(call: Maker) -> nn.Module:
    made = call()
    if not isinstance(made, nn.Module):
        raise TypeError(f"{type(made).__name__} is no network")
    return made


def usual_arguments(owner: type) -> dict[str, Any]:
    """What the arguments that a class demands are mostly given, told from their names."""
    guesses = {one.name: _usual(one.name.lower()) for one in _parameters(owner) if one.default is one.empty}
    return {name: value for name, value in guesses.items() if value is not None} or {"num_classes": 10}


def factory_arguments(factory: Maker) -> dict[str, Any] | None:
    """The same for a function; None where it demands what cannot be told."""
    demanded = [one for one in inspect.signature(factory).parameters.values() if one.kind in (0, 1, 3)]
    guesses = {one.name: _usual(one.name.lower()) for one in demanded if one.default is one.empty}
    return None if None in guesses.values() else guesses


def _parameters(owner: type) -> list[inspect.Parameter]:
    found = list(inspect.signature(owner.__init__).parameters.values())[1:]  # type: ignore[misc]
    return [one for one in found if one.kind in (1, 3)]


def _usual(name: str) -> int | None:
    if "class" in name:
        return 10
    return next((USUAL[word] for word in name.split("_") if word in USUAL), None)
