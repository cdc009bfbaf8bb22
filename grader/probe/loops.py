"""Loops of the program that train on batches of their own making end like those over a loader: after the step budget.

Every ``for`` and ``while`` of the student's source is compiled with a question at its head. A loop in whose body, and
in no loop inside it, the network was trained without a loader answers that the data have run out; all others go on as
written. Lines and columns stay, so tracebacks and places are the program's own.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator
from importlib.machinery import SourceFileLoader
from typing import Any

from .places import Sources

FOR, WHILE = "__until_the_data_run_out__", "__the_data_go_on__"

MOST_PASSES = 300  # over training data after the recorded steps, of loops that go on until they are content
LOOKS = 4  # at training pictures, as many as a loader gives batches


class Loop:
    def __init__(self, allowance: int) -> None:
        self.left = allowance  # training steps until it ends
        self.looks_left = LOOKS  # at training pictures without gradients, until it ends
        self.trains = False  # in its body, or in what the body calls
        self.asked: list[Any] = []  # iterators over loaders that its body asks for their next batch

    @property
    def is_over(self) -> bool:
        return self.left <= 0 or self.looks_left <= 0 or any(batches.ran_out for batches in self.asked)


class Loops:
    """The loops that are running, the innermost last."""

    def __init__(self, watcher: Any) -> None:
        self.watcher = watcher
        self.running: list[Loop] = []
        self.whiles: dict[int, Loop] = {}
        self.fetching = 0  # loops that are being given their next item

    def install(self, sources: Sources) -> None:
        """Put the questions where compiled programs find them, and into modules of the submission's own."""
        setattr(builtins, FOR, self.until_the_data_run_out)
        setattr(builtins, WHILE, self.the_data_go_on)
        plain = SourceFileLoader.source_to_code

        def source_to_code(loader: Any, data: Any, path: Any, **keywords: Any) -> Any:
            if sources.resolve(str(path)) is None:
                return plain(loader, data, path, **keywords)
            return compile(rewritten(ast.parse(data, path)), path, "exec", dont_inherit=True)

        SourceFileLoader.source_to_code = source_to_code

    def stepped(self) -> None:
        """The network was trained on a batch that came from no loader."""
        if self.running:
            self.running[-1].left -= 1

    def trained(self) -> None:
        """A training step began."""
        for loop in self.running:
            loop.trains = True

    def looked(self) -> None:
        """The network was asked about training pictures that came from no loader, without being trained."""
        if self.running:
            self.running[-1].looks_left -= 1

    def asked(self, batches: Any) -> None:
        """A batch was asked for by next(), or is the next of a ``for``."""
        if self.running and not self.fetching and batches not in self.running[-1].asked:
            self.running[-1].asked.append(batches)

    def until_the_data_run_out(self, items: Iterable[Any]) -> Iterator[Any]:
        loop = Loop(self._allowance())
        try:
            iterator = iter(items)
            while self._goes_on(loop):
                self.fetching += 1
                try:
                    item = next(iterator)
                except StopIteration:
                    break
                finally:
                    self.fetching -= 1
                self._innermost(loop)
                yield item
        finally:
            if loop in self.running:
                del self.running[self.running.index(loop) :]

    def the_data_go_on(self, number: int) -> bool:
        loop = self.whiles.get(number)
        if loop is None or loop not in self.running:
            loop = self.whiles[number] = Loop(self._allowance())
        self._innermost(loop)
        if self._goes_on(loop):
            return True
        del self.running[self.running.index(loop) :]
        return False

    def _goes_on(self, loop: Loop) -> bool:
        return not (loop.is_over or (loop.trains and self.watcher.later_passes > MOST_PASSES))

    def _allowance(self) -> int:
        return 1 if self.watcher.complete else int(self.watcher.budget)

    def _innermost(self, loop: Loop) -> None:
        """Loops inside this one have ended, or wait to be asked for their next item."""
        if loop in self.running:
            del self.running[self.running.index(loop) + 1 :]
        else:
            self.running.append(loop)


class _Questions(ast.NodeTransformer):
    def __init__(self) -> None:
        self.count = 0

    def visit_For(self, node: ast.For) -> ast.For:
        self.generic_visit(node)
        asked = ast.Call(ast.Name(FOR, ast.Load()), [node.iter], [])
        node.iter = ast.copy_location(asked, node.iter)
        ast.copy_location(asked.func, node.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.While:
        self.generic_visit(node)
        # The line makes the number differ between the cells and files of a program.
        self.count += 1
        number = ast.Constant(hash((id(self), self.count, node.lineno)))
        asked = ast.Call(ast.Name(WHILE, ast.Load()), [number], [])
        both = ast.BoolOp(ast.And(), [node.test, asked])
        for made in (both, asked, asked.func, number):
            ast.copy_location(made, node.test)
        node.test = both
        return node


def rewritten(tree: ast.Module) -> ast.Module:
    """The tree with its loops asking whether the data go on."""
    try:
        found: ast.Module = _Questions().visit(tree)
    except RecursionError:  # a source nested that deep keeps its loops as they are
        return tree
    return found
