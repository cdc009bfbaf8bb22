"""What the program counts on and nobody handed in: a package, a file of its own, a checkpoint, a word on its command
line. The program goes on without it as long as it can, and stops with the original error where it cannot."""

from __future__ import annotations

import argparse
import ast
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import torch

ASKED: dict[str, None] = {}  # what was replaced, for the report

MATTERS = (torch.Tensor, torch.nn.Module, torch.optim.Optimizer, torch.utils.data.Dataset, torch.utils.data.DataLoader)
NUMBERS = {"epoch": 1, "batch": 4, "seed": 0, "worker": 0, "gpu": 0, "rank": 0, "interval": 1, "freq": 1}


class Absent:
    """Stands for a name that could not be had. It takes calls as long as nothing of the training goes through it, so
    that loggers and unused imports do no harm; everything else raises the error again, which is told at the line where
    it was first raised."""

    def __init__(self, error: BaseException) -> None:
        object.__setattr__(self, "_error", error)

    def _fail(self, *_others: Any, **_keywords: Any) -> NoReturn:
        raise self._error  # type: ignore[attr-defined]  # set past __setattr__

    def __call__(self, *positional: Any, **keywords: Any) -> Any:
        given = [*positional, *keywords.values()]
        if any(isinstance(item, MATTERS) or callable(item) for item in given):
            self._fail()
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        pass

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: Any) -> None:
        return None

    def __repr__(self) -> str:
        return ""

    def __format__(self, spec: str) -> str:
        return ""

    __mro_entries__ = __iter__ = __getitem__ = __len__ = __bool__ = __float__ = __int__ = __index__ = _fail
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __lt__ = __gt__ = _fail


class Checkpoint(Absent):
    """A file of weights that is not there. Loading it leaves the network as it is; what counts up from it starts at 0.
    A whole network cannot be had from it: calling it raises the error of torch.load."""

    def __call__(self, *_positional: Any, **_keywords: Any) -> Any:
        self._fail()

    def __getitem__(self, key: Any) -> Any:  # type: ignore[override]
        return self

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        return iter(())

    def get(self, _key: Any, default: Any = None) -> Any:
        return self if default is None else default

    def __contains__(self, key: Any) -> bool:
        return True

    def _zero(self) -> int:
        return 0

    def _self(self, *_others: Any) -> Any:
        return self

    __int__ = __index__ = __float__ = _zero  # type: ignore[assignment]
    __add__ = __radd__ = items = keys = values = copy = _self  # type: ignore[assignment]


# ---- imports -----------------------------------------------------------------------------------------------------


def stand_in(
    statement: ast.stmt, error: BaseException, execute: Callable[[ast.stmt], None], names: dict[str, Any]
) -> bool:
    """Bind what an import at the top level could not find to stand-ins. False where that cannot be done."""
    if not isinstance(error, ImportError) or not isinstance(statement, (ast.Import, ast.ImportFrom)):
        return False
    if any(alias.name == "*" for alias in statement.names):
        return False
    for alias in statement.names:
        single = (
            ast.Import([alias])
            if isinstance(statement, ast.Import)
            else ast.ImportFrom(statement.module, [alias], statement.level)
        )
        try:
            execute(ast.copy_location(single, statement))
        except ImportError as failed:
            names[alias.asname or alias.name.partition(".")[0]] = Absent(failed)
            ASKED[_module_of(statement, alias)] = None
        except Exception:
            return False
    return True


def _module_of(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    name = alias.name if isinstance(statement, ast.Import) else f"{statement.module or ''}.{alias.name}"
    return name.partition(".")[0] if isinstance(statement, ast.Import) else name.lstrip(".")


# ---- checkpoints -------------------------------------------------------------------------------------------------


def install_checkpoints(saved: dict[str, str]) -> None:
    """torch.load of a file that nobody wrote: ``saved`` holds what the program has written. A program that saves under
    one name and loads under another has made a mistake, and is told so."""
    load = torch.load

    def load_or_stand_in(f: Any, *positional: Any, **keywords: Any) -> Any:
        try:
            return load(f, *positional, **keywords)
        except FileNotFoundError as error:
            if saved:
                raise
            ASKED[os.path.basename(os.fspath(f)) or "a checkpoint"] = None
            return Checkpoint(_from_caller(error))

    torch.load = load_or_stand_in
    for holder in (torch.nn.Module, torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler):
        holder.load_state_dict = _leaving(holder.load_state_dict)  # type: ignore[method-assign]


def _from_caller(error: BaseException) -> BaseException:
    """The error as if it had been raised to the program: with the calls that led here in its traceback."""
    frame, trace = sys._getframe(2), error.__traceback__
    while frame is not None:
        trace = types.TracebackType(trace, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back  # type: ignore[assignment]
    return error.with_traceback(trace)


def _leaving(original: Callable[..., Any]) -> Callable[..., Any]:
    def load_state_dict(self: Any, state: Any, *positional: Any, **keywords: Any) -> Any:
        # An empty one was made of a stand-in's entries; torch itself writes none for what has parameters.
        if isinstance(state, Checkpoint) or (isinstance(state, dict) and not state):
            return "<All keys matched successfully>"
        return original(self, state, *positional, **keywords)

    load_state_dict.__name__ = original.__name__
    return load_state_dict


# ---- the command line --------------------------------------------------------------------------------------------


def install_command_line() -> None:
    """Programs are run without arguments. What they demand is guessed where any value will do, as for a folder or the
    number of epochs; where it matters, argparse's own words say what is missing."""
    parser = argparse.ArgumentParser
    parse = parser.parse_known_args

    def parse_known_args(self: Any, args: Any = None, namespace: Any = None) -> Any:
        if args is None and len(sys.argv) < 2:
            for action in self._actions:
                _supply(action)
            for group in self._mutually_exclusive_groups:
                group.required = False
        return parse(self, args, namespace)

    def fail(self: Any, message: str) -> NoReturn:
        raise SystemExit(f"{message}: the program is run without arguments, give each a default")

    parser.parse_known_args = parse_known_args  # type: ignore[assignment]
    parser.error = fail  # type: ignore[method-assign]


def _supply(action: Any) -> None:
    if not action.required:
        return
    value = _guess(action)
    if value is None:
        return
    name = action.option_strings[0] if action.option_strings else action.dest
    ASKED[f"{name} of the command line"] = None
    action.required, action.default = False, [value] if action.nargs in ("+", "*") else value
    if not action.option_strings:
        action.nargs = "?"


def _guess(action: Any) -> Any:
    if action.default not in (None, argparse.SUPPRESS):
        return action.default
    if action.choices:
        options = list(action.choices)
        return "train" if "train" in options else options[0]
    if action.type in (None, str) or getattr(action.type, "__module__", "") == "pathlib":
        return action.dest if action.type is None else action.type(action.dest)
    if action.type is int:
        return next((value for word, value in NUMBERS.items() if word in action.dest), None)
    return None
