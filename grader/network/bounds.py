"""Runs operations of a recording within bounds: the sizes that a recording claims are not believed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from grader.errors import NetworkUnsupported
from grader.network.allowed import FACTORIES, base_name, resolve

MOST_ELEMENTS = 50_000_000  # of one tensor: the handouts' networks stay a hundred times below
MOST_IN_ALL = 400_000_000


def check(shape: tuple[int, ...]) -> None:
    """NetworkUnsupported where a tensor of this shape would be too large to look at."""
    if math.prod(shape) > MOST_ELEMENTS:
        raise NetworkUnsupported("the recorded network holds a tensor that is too large")


class Budget:
    """What one recording may allocate."""

    def __init__(self) -> None:
        self.left = MOST_IN_ALL

    def run(self, op: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
        """The operation's result, after a dry run without memory has shown its size."""
        function = resolve(op)
        # A selection by truth values has no size beforehand, and none above that of what it selects from.
        if base_name(op) != "index":
            place = {"device": "meta"} if base_name(op) in FACTORIES else {}
            sketch = function(*sketched(arguments), **{key: sketched(item) for key, item in keywords.items()}, **place)
            for one in sketch if isinstance(sketch, (list, tuple)) else [sketch]:
                if isinstance(one, Tensor):
                    self.spend(one)
        return function(*arguments, **keywords)

    def spend(self, tensor: Tensor) -> None:
        check(tuple(tensor.shape))
        self.left -= tensor.numel()
        if self.left < 0:
            raise NetworkUnsupported("the recorded network is too large to read")


def sketched(item: Any) -> Any:
    if isinstance(item, Tensor):
        return item.to("meta")
    return [sketched(part) for part in item] if isinstance(item, list) else item
