"""What torch, torchvision, numpy and Python once offered and programs still ask for: tutorials live for years.

Each name does here what it did then. A program that needs none of them notices nothing.
"""

from __future__ import annotations

import builtins
import collections
import collections.abc
import functools
import inspect
import pickle
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy
import torch

from .vision import torchvision

NUMPY: dict[str, Any] = {
    "float": float,
    "int": int,
    "bool": bool,
    "object": object,
    "str": str,
    "complex": complex,
    "float_": numpy.float64,
    "complex_": numpy.complex128,
    "unicode_": numpy.str_,
    "infty": numpy.inf,
    "Inf": numpy.inf,
    "NaN": numpy.nan,
    "product": numpy.prod,
    "cumproduct": numpy.cumprod,
    "alltrue": numpy.all,
    "sometrue": numpy.any,
    "in1d": numpy.isin,
}
PYTHON: dict[str, Any] = {
    "xrange": range,
    "raw_input": lambda *_prompt: "",
    "unicode": str,
    "basestring": str,
    "long": int,
    "reduce": functools.reduce,
}
ABSTRACT = "Iterable Iterator Mapping MutableMapping Sequence Callable Hashable Sized Container Set".split()


def install() -> None:
    for holder, names in ((numpy, NUMPY), (builtins, PYTHON)):
        for name, value in names.items():
            if name not in vars(holder):
                setattr(holder, name, value)
    for name in ABSTRACT:
        setattr(collections, name, getattr(collections.abc, name))
    time.clock = time.process_time  # type: ignore[attr-defined]
    sys.modules.setdefault("cPickle", pickle)
    transforms = torchvision.transforms
    transforms.Scale, transforms.RandomSizedCrop = transforms.Resize, transforms.RandomResizedCrop
    _install_first_element()
    _install_volatile()
    _install_verbose_schedulers()


def _install_first_element() -> None:
    """``loss.data[0]``: what is one number now was a tensor with one element before torch 0.4."""
    item = torch.Tensor.__getitem__

    def get(self: Any, index: Any) -> Any:
        if type(index) is int and index in (0, -1) and self.dim() == 0:
            return self
        return item(self, index)

    torch.Tensor.__getitem__ = get  # type: ignore[method-assign]


def _install_volatile() -> None:
    """``Variable(images, volatile=True)``: what is computed from it keeps no gradients, as under torch.no_grad()."""
    current = torch.autograd.Variable
    call = torch.nn.Module.__call__

    class Variable(current):  # type: ignore[misc,valid-type]
        def __new__(cls, data: Any = None, requires_grad: bool = False, volatile: bool = False) -> Any:
            made = current(data, requires_grad)
            made._volatile = bool(volatile)
            return made

    def calling(self: torch.nn.Module, *inputs: Any, **keywords: Any) -> Any:
        if any(getattr(item, "_volatile", False) for item in inputs):
            with torch.no_grad():
                return call(self, *inputs, **keywords)
        return call(self, *inputs, **keywords)

    torch.autograd.Variable = torch.autograd.variable.Variable = Variable  # type: ignore[misc]
    torch.nn.Module.__call__ = calling


def _install_verbose_schedulers() -> None:
    schedulers = vars(torch.optim.lr_scheduler).values()
    for kind in [one for one in schedulers if isinstance(one, type) and "optimizer" in _parameters(one)]:
        if "verbose" not in _parameters(kind) and "__init__" in vars(kind):
            kind.__init__ = _without_verbose(kind.__init__)  # type: ignore[misc]


def _parameters(kind: type) -> set[str]:
    return set(inspect.signature(kind.__init__).parameters)  # type: ignore[misc]


def _without_verbose(construct: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(construct)
    def init(self: Any, *positional: Any, **keywords: Any) -> None:
        keywords.pop("verbose", None)
        construct(self, *positional, **keywords)

    return init
