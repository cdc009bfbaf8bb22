"""assignments/<id>/assignment.toml -> Assignment. Data only: nothing of an assignment is run.

Everything in the file is held to its form here, so that a slip of an author is one sentence with the place, and never
a wrong mark: unknown and missing keys, wrong types, checks that do not exist or do not sum up to 100, layer names that
occur twice, attributes or hyperparameters left out.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from grader.errors import AssignmentError, UsageError
from grader.network import layer_table
from grader.records import Assignment, CheckSpec, LayerSpec, Limits, Recipe

_FILE = "assignment.toml"
_HERE = Path(__file__).resolve().parent
_POINTS = 100.0
OF_THE_NETWORK = ("layers", "activations", "output-shape", "parameters")  # checks that look at no training

# What a row must fix for its kind; the attributes of a kind that is not listed are free.
_ATTRIBUTES = {
    "conv": ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation", "groups", "bias"),
    "linear": ("in_features", "out_features", "bias"),
    "max_pool": ("kernel_size", "stride", "padding", "dilation"),
    "avg_pool": ("kernel_size", "stride", "padding"),
    "relu": ("function",),
    "add": (),
}
_PAIRS = ("kernel_size", "stride", "padding", "dilation")
# What decides a step of the optimizer, in torch's names.
_HYPERPARAMETERS = {
    "SGD": ("lr", "momentum", "dampening", "weight_decay", "nesterov", "maximize"),
    "Adam": ("lr", "betas", "eps", "weight_decay", "amsgrad", "maximize"),
}


def folder() -> Path:
    """Where the assignments are: GRADER_ASSIGNMENTS, else in the installed package, else beside it."""
    chosen = os.environ.get("GRADER_ASSIGNMENTS")
    if chosen:
        if not Path(chosen).is_dir():
            raise UsageError(
                f"GRADER_ASSIGNMENTS names {chosen}, which is not a folder; "
                "give the folder that holds quiz1/, quiz2/, …, or unset the variable."
            )
        return Path(chosen)
    packaged = _HERE / "assignments"
    return packaged if packaged.is_dir() else _HERE.parent / "assignments"


def ids() -> tuple[str, ...]:
    """The assignments that can be graded, quiz2 before quiz10."""
    found = (path.parent.name for path in folder().glob(f"*/{_FILE}"))
    return tuple(sorted(found, key=lambda name: [(len(part), part) for part in re.findall(r"\d+|\D+", name)]))


def grouped() -> tuple[str, ...]:
    """All of them, those that train before the case studies."""
    return tuple(sorted(ids(), key=lambda name: load(name).recipe is None))


def load(id: str) -> Assignment:
    """Read one assignment, or say in one sentence what is wrong with it."""
    known = ids()
    if not known:
        raise UsageError(f"There are no assignments in {folder()}: expected folders that hold an {_FILE}.")
    if id not in known:
        nearest = get_close_matches(id, known, n=3, cutoff=0.5)
        advice = f"did you mean {' or '.join(nearest)}? " if nearest else ""
        raise UsageError(f"There is no assignment {id!r}: {advice}`grade list` shows all of them.")
    path = folder() / id / _FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise AssignmentError(f"{path}: found no readable TOML ({problem}), expected a file in UTF-8.") from problem
    return _assignment(id, path, _Table(content, str(path)))


class _Table:
    """A TOML table that gives out each key once, with its type checked; ``close`` refuses what nobody asked for."""

    def __init__(self, content: Mapping[str, Any], place: str) -> None:
        self._content = dict(content)
        self._asked: list[str] = []
        self.place = place

    def wrong(self, found: str, expected: str) -> AssignmentError:
        return AssignmentError(f"{self.place}: found {found}, expected {expected}.")

    def has(self, key: str) -> bool:
        self._asked.append(key)
        return key in self._content

    def names(self) -> tuple[str, ...]:
        return tuple(self._content)

    def value(self, key: str, kind: type | tuple[type, ...], expected: str) -> Any:
        self._asked.append(key)
        if key not in self._content:
            raise self.wrong(f"no key {key!r}", expected)
        value = self._content.pop(key)
        if not _is(value, kind) or value == "":
            raise self.wrong(f"{key} = {value!r}", expected)
        return value

    def text(self, key: str) -> str:
        return str(self.value(key, str, f"a text as {key}"))

    def count(self, key: str) -> int:
        value = int(self.value(key, int, f"a whole number as {key}"))
        if value < 1:
            raise self.wrong(f"{key} = {value}", "a whole number from 1 on")
        return value

    def number(self, key: str) -> float:
        value = float(self.value(key, (int, float), f"a number as {key}"))
        if not math.isfinite(value):
            raise self.wrong(f"{key} = {value}", f"a finite number as {key}")
        return value

    def items(self, key: str, kind: type, expected: str) -> list[Any]:
        values: list[Any] = self.value(key, list, expected)
        for value in values:
            if not _is(value, kind):
                raise self.wrong(f"{value!r} in {key}", expected)
        return values

    def mapping(self, key: str) -> dict[str, Any]:
        return dict(self.value(key, dict, f"a table [{key}]"))

    def table(self, key: str) -> _Table:
        return _Table(self.mapping(key), f"{self.place}, [{key}]")

    def tables(self, key: str) -> list[_Table]:
        contents = self.items(key, dict, f"tables [[{key}]]")
        if not contents:
            raise self.wrong(f"an empty {key}", f"at least one table [[{key}]]")
        return [_Table(content, f"{self.place}, [[{key}]] {number}") for number, content in enumerate(contents, 1)]

    def close(self) -> None:
        if self._content:
            key = sorted(self._content)[0]
            nearest = get_close_matches(key, self._asked, n=1) or sorted(set(self._asked))
            raise self.wrong(f"an unknown key {key!r}", f"{'' if len(nearest) == 1 else 'only '}{', '.join(nearest)}")


def _is(value: Any, kind: type | tuple[type, ...]) -> bool:
    """isinstance, but true and false are no numbers."""
    return isinstance(value, kind) and (not isinstance(value, bool) or kind is bool)


def _assignment(id: str, path: Path, table: _Table) -> Assignment:
    reference = table.text("reference")
    if not reference.isidentifier():
        raise table.wrong(f"reference = {reference!r}", f"the name of the class in reference/{id}.py")
    recipe = _recipe(table.table("recipe")) if table.has("recipe") else None
    shape = table.items("input_shape", int, "whole numbers as input_shape, such as [3, 32, 32]")
    if not shape or min(shape) < 1:
        raise table.wrong(f"input_shape = {shape}", "whole numbers from 1 on, such as [3, 32, 32]")
    assignment = Assignment(
        id=id,
        title=table.text("title"),
        source=table.text("source"),
        folder=path.parent,
        input_shape=tuple(shape),
        classes=table.count("classes"),
        parameters=table.count("parameters"),
        layers=_layers(table) if recipe is not None or table.has("layers") else layer_table.load(path.parent),
        tolerate=frozenset(table.items("tolerate", str, 'texts as tolerate, such as ["batch_norm"] or []')),
        alternatives=_alternatives(table),
        recipe=recipe,
        checks=_checks(table, recipe),
        limits=_limits(table.table("limits")) if table.has("limits") else Limits(),
        training_steps=table.count("training_steps") if recipe is not None else 1,
        reference=reference,
        reference_file=table.text("reference_file") if table.has("reference_file") else id,
        arguments=table.mapping("arguments") if table.has("arguments") else {},
    )
    table.close()
    return assignment


def _layers(table: _Table) -> tuple[LayerSpec, ...]:
    layers = tuple(_layer(row) for row in table.tables("layers"))
    _refuse_repeats(table, "layers", [layer.name for layer in layers])
    return layers


def _layer(row: _Table) -> LayerSpec:
    name = row.text("name")
    row.place += f" ({name})"
    layer = LayerSpec(
        name=name,
        kind=row.text("kind"),
        title=row.text("title"),
        source=row.text("source"),
        attributes=row.mapping("attributes"),
    )
    row.close()
    if layer.kind in _ATTRIBUTES:
        _refuse_gaps(row, f"attributes of a {layer.kind}", layer.attributes, _ATTRIBUTES[layer.kind])
        _refuse_wrong_attributes(_Table(layer.attributes, row.place))
    return layer


def _refuse_wrong_attributes(table: _Table) -> None:
    for name in table.names():
        if name in _PAIRS:
            pair = table.items(name, int, f"two whole numbers as {name}, such as [3, 3]")
            if len(pair) != 2:
                raise table.wrong(f"{name} = {pair}", "two whole numbers, such as [3, 3]")
        elif name == "bias":
            table.value(name, bool, "true or false as bias")
        elif name == "function":
            table.text(name)
        else:
            table.count(name)


def _alternatives(table: _Table) -> dict[str, dict[str, Any]]:
    """Title -> arguments of the reference's constructor; none where the file names none."""
    if not table.has("alternatives"):
        return {}
    titles = table.table("alternatives")
    return {title: titles.mapping(title) for title in titles.names()}


def _recipe(table: _Table) -> Recipe:
    recipe = Recipe(
        loss=table.text("loss"), optimizer=table.text("optimizer"), hyperparameters=table.mapping("hyperparameters")
    )
    table.close()
    if recipe.optimizer not in _HYPERPARAMETERS:
        raise table.wrong(f"optimizer = {recipe.optimizer!r}", " or ".join(sorted(_HYPERPARAMETERS)))
    names = _HYPERPARAMETERS[recipe.optimizer]
    _refuse_gaps(table, f"hyperparameters of {recipe.optimizer}", recipe.hyperparameters, names)
    _refuse_wrong_hyperparameters(_Table(recipe.hyperparameters, f"{table.place}, [hyperparameters]"))
    return recipe


def _refuse_wrong_hyperparameters(table: _Table) -> None:
    for name in ("nesterov", "amsgrad", "maximize"):
        if table.has(name):
            table.value(name, bool, f"true or false as {name}")
    if table.has("betas"):
        betas = table.items("betas", float, "two numbers as betas, such as [0.9, 0.999]")
        if len(betas) != 2:
            raise table.wrong(f"betas = {betas}", "two numbers, such as [0.9, 0.999]")
    for name in ("lr", "momentum", "dampening", "weight_decay", "eps"):
        if table.has(name):
            table.number(name)


def _checks(table: _Table, recipe: Recipe | None) -> tuple[CheckSpec, ...]:
    checks = tuple(_check(row) for row in table.tables("checks"))
    _refuse_repeats(table, "checks", [check.id for check in checks])
    for check in checks:
        if recipe is None and check.id not in OF_THE_NETWORK:
            usual = f"only {', '.join(OF_THE_NETWORK)} without one"
            raise table.wrong(f"the check {check.id!r} and no [recipe]", usual)
    points = sum(check.points for check in checks)
    if abs(points - _POINTS) > 1e-6:
        raise table.wrong(f"{points:g} points in all [[checks]]", f"{_POINTS:g}")
    return checks


def _check(row: _Table) -> CheckSpec:
    check = CheckSpec(id=row.text("id"), points=row.number("points"))
    row.close()
    if check.points < 0:
        raise row.wrong(f"points = {check.points:g}", "a number from 0 on")
    known = _known_checks()
    if check.id not in known:
        nearest = get_close_matches(check.id, known, n=3) or known
        raise row.wrong(f"an unknown check {check.id!r}", " or ".join(repr(id) for id in nearest))
    return check


def _known_checks() -> list[str]:
    """A check is a file of grader/check/: its name is its registration."""
    stems = {path.stem for path in (_HERE / "check").glob("[!_]*.py")} - {"codes"}
    return sorted(stem.replace("_", "-") for stem in stems)


def _limits(table: _Table) -> Limits:
    values: dict[str, Any] = {}
    for field in fields(Limits):
        if table.has(field.name):
            values[field.name] = (table.number if isinstance(field.default, float) else table.count)(field.name)
            if values[field.name] <= 0:
                raise table.wrong(f"{field.name} = {values[field.name]:g}", "a number above 0")
    table.close()
    return Limits(**values)


def _refuse_repeats(table: _Table, key: str, names: list[str]) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise table.wrong(f"{repeated[0]!r} more than once in [[{key}]]", "each name once")


def _refuse_gaps(table: _Table, what: str, found: Mapping[str, Any], expected: tuple[str, ...]) -> None:
    if set(found) != set(expected):
        raise table.wrong(f"{', '.join(found) or 'nothing'} as {what}", ", ".join(expected) or "nothing")
