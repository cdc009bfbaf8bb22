"""How the arguments of an ATen operation are read: defaults, pairs, and which of them depend on the network's input."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor

from grader.network.graph import Origin

if TYPE_CHECKING:
    from grader.network.normalise import Normaliser
    from grader.network.values import Value


RANDOM = frozenset("rand randn rand_like randn_like bernoulli".split())


PLACEMENT = frozenset("device layout pin_memory memory_format generator dtype non_blocking copy".split())


Layer = Callable[["Normaliser", list[Any], dict[str, Any], Origin], "Value | None"]


def drops(arguments: list[Any]) -> bool:
    """A dropout that drops: (input, p, train)."""
    return bool(len(arguments) > 2 and arguments[2] and arguments[1])


def pair(item: Any) -> list[int]:
    """An attribute as [vertical, horizontal]."""
    if isinstance(item, int):
        return [item, item]
    numbers = [int(one) for one in item]
    return numbers * 2 if len(numbers) == 1 else numbers


def argument(arguments: list[Any], keywords: dict[str, Any], position: int, name: str, default: Any) -> Any:
    if name in keywords:
        return keywords[name]
    return arguments[position] if position < len(arguments) and arguments[position] is not None else default


def fingerprint(tensor: Tensor) -> str:
    plain = tensor.detach().double().reshape(-1).round(decimals=6) + 0.0
    return hashlib.sha256(plain.numpy().tobytes() + str(tuple(tensor.shape)).encode()).hexdigest()[:12]


def is_activation(value: Any) -> bool:
    """Depends on the network's input (a tensor made of nodes, not a parameter or a constant)."""
    return hasattr(value, "sources") and bool(value.sources)


def count(shape: tuple[int, ...]) -> int:
    total = 1
    for one in shape:
        total *= int(one)
    return total
