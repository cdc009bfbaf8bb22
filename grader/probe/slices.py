"""Backward slices of the student's source: the statements that the class scores of a loss need, as a function again."""

from __future__ import annotations

import ast
import linecache
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

TRAINING = ("backward", "step", "zero_grad")  # calls that train: left out of a slice


class Call:
    """A call in the source, and the lists of statements around it, the outermost first, each with its position."""

    def __init__(self, call: ast.Call, around: list[tuple[list[ast.stmt], int]]) -> None:
        self.call = call
        self.around = around


def call_in(frame: FrameType) -> Call | None:
    """The call that a frame is at."""
    position = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    try:
        tree = ast.parse("".join(linecache.getlines(frame.f_code.co_filename)))
    except (SyntaxError, ValueError, RecursionError):
        return None
    line, end, column, end_column = position
    for node in ast.walk(tree):
        at = (getattr(node, "lineno", None), getattr(node, "end_lineno", None))
        if isinstance(node, ast.Call) and at == (line, end) and node.col_offset == column:
            if node.end_col_offset != end_column:
                continue
            return Call(node, _around(_function_of(tree, frame), node))
    return None


def _function_of(tree: ast.Module, frame: FrameType) -> ast.AST:
    """The function that the frame runs, or the module."""
    first = frame.f_code.co_firstlineno
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == frame.f_code.co_name:
            lines = [node.lineno, *(one.lineno for one in node.decorator_list)]
            if min(lines) == first:
                return node
    return tree


def _around(top: ast.AST, wanted: ast.AST) -> list[tuple[list[ast.stmt], int]]:
    """The path of statement lists from ``top`` down to the statement that holds ``wanted``."""
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(top, field, None)
        if not isinstance(statements, list):
            continue
        for position, statement in enumerate(statements):
            if any(node is wanted for node in ast.walk(statement)):
                return [(statements, position), *_around(statement, wanted)]
    return []


def compile_slice(
    where: Call, images: str, namespace: dict[str, Any], filename: str
) -> Callable[[Any], Any] | None:
    """A function of the pictures from the statements before the call that its first argument needs."""
    scores = where.call.args[0]
    needed = _read(scores)
    kept: list[ast.stmt] = []
    # Inside a loop everything a batch needs is in the loop's body; further out is what was there before.
    for statements, position in reversed(where.around):
        for statement in reversed(statements[:position]):
            stored = _stored(statement)
            if stored & needed and images not in stored and not _acts(statement):
                kept.insert(0, statement)
                needed = (needed - stored) | _read(statement)
        if images in needed or _is_loop_body(statements, where):
            break
    if images not in needed:
        return None
    body = [*kept, ast.copy_location(ast.Return(scores), scores)]
    name = "_between_batch_and_loss"
    arguments = ast.arguments([], [ast.arg(images)], None, [], [], None, [])
    made = ast.FunctionDef(name, arguments, body, [], None, None)  # type: ignore[call-overload]
    if sys.version_info >= (3, 12):
        made.type_params = []
    module = ast.fix_missing_locations(ast.Module([ast.copy_location(made, scores)], []))
    try:
        exec(compile(module, filename, "exec", dont_inherit=True), namespace)
    except (SyntaxError, ValueError, TypeError):
        return None
    function: Callable[[Any], Any] = namespace[name]
    return function


def _is_loop_body(statements: list[ast.stmt], where: Call) -> bool:
    outer = [inside[position] for inside, position in where.around]
    return any(isinstance(one, (ast.For, ast.While)) and one.body is statements for one in outer)


def _read(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def _stored(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def _acts(node: ast.AST) -> bool:
    """Does the statement train, beside computing?"""
    calls = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Attribute) and one.attr in TRAINING for one in calls)
