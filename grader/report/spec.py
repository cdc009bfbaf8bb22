"""An assignment as its handout fixes it: what ``grade show`` and ``grade list`` print."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from grader.records import Assignment, Recipe
from grader.report import columns
from grader.report.result import plain
from grader.report.story import points
from grader.report.text import Paint, unpainted

ACTIVATIONS = {"relu"}  # whose title says everything


def render(assignment: Assignment, width: int = 80, paint: Paint = unpainted) -> str:
    """Layers with the attributes that are fixed, the recipe, the points."""
    shape = " x ".join(str(side) for side in assignment.input_shape)
    lines = [paint(f"{assignment.id} · {assignment.title}", "strong")]
    lines += [paint(line, "quiet") for line in columns.wrap(assignment.source, width)]
    lines += ["", f"Input {shape}, {assignment.classes} classes, {assignment.parameters:,} parameters."]
    lines += ["", paint("Layers", "strong"), ""]
    names = max((columns.width(layer.name) for layer in assignment.layers), default=0)
    for layer in assignment.layers:
        lines += columns.wrap(layer.title, width, f"  {columns.pad(layer.name, names)}  ")
        if layer.attributes and layer.kind not in ACTIVATIONS:
            fixed = columns.wrap(_attributes(layer.attributes), width, " " * (names + 4))
            lines += [paint(line, "quiet") for line in fixed]
    if assignment.alternatives:
        lines += ["", "Right as well:"]
        lines += [line for title in assignment.alternatives for line in columns.wrap(title, width, "  · ")]
    if assignment.tolerate:
        lines += ["", f"May be added freely: {', '.join(sorted(assignment.tolerate)).replace('_', ' ')}."]
    if assignment.recipe is not None:
        lines += ["", paint("Training", "strong"), "", *_recipe(assignment.recipe, width)]
    total = sum(check.points for check in assignment.checks)
    lines += ["", paint("Points", "strong"), ""]
    scored = [*((check.id, check.points) for check in assignment.checks), ("in all", total)]
    widest = max(len(name) for name, _ in scored)
    digits = max(len(points(value)) for _, value in scored)
    lines += [f"  {name.ljust(widest)}  {points(value).rjust(digits)}" for name, value in scored]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def as_data(assignment: Assignment) -> dict[str, Any]:
    """The same as plain data, for --json."""
    data = {
        "id": assignment.id,
        "title": assignment.title,
        "source": assignment.source,
        "input_shape": assignment.input_shape,
        "classes": assignment.classes,
        "parameters": assignment.parameters,
        "layers": [
            {"name": layer.name, "kind": layer.kind, "title": layer.title, "attributes": layer.attributes}
            for layer in assignment.layers
        ],
        "alternatives": tuple(assignment.alternatives),
        "tolerate": assignment.tolerate,
        "recipe": None
        if assignment.recipe is None
        else {
            "loss": assignment.recipe.loss,
            "optimizer": assignment.recipe.optimizer,
            "hyperparameters": assignment.recipe.hyperparameters,
        },
        "checks": [{"id": check.id, "points": check.points} for check in assignment.checks],
    }
    plain_data = plain(data)
    assert isinstance(plain_data, dict)
    return plain_data


def overview(assignments: Iterable[Assignment], width: int = 80) -> str:
    """One line for each assignment; a case study says that it is one."""
    tasks = list(assignments)
    rows = [(task.id, f"{task.parameters:,}", _titled(task)) for task in tasks]
    digits = max((len(parameters) for _, parameters, _ in rows), default=0)
    aligned = [(name, f"{parameters.rjust(digits)} parameters", title) for name, parameters, title in rows]
    return "".join(line + "\n" for line in columns.table(aligned, width)) if aligned else ""


def _titled(task: Assignment) -> str:
    return task.title if task.recipe is not None else f"case study: {task.title}"


def _recipe(recipe: Recipe, width: int) -> list[str]:
    settings = ", ".join(f"{name} = {_value(value)}" for name, value in recipe.hyperparameters.items())
    return [
        *columns.wrap(recipe.loss.replace("_", "-"), width, "  loss       "),
        *columns.wrap(f"{recipe.optimizer}({settings})", width, "  optimizer  "),
    ]


def _attributes(attributes: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={_value(value)}" for name, value in attributes.items())


def _value(value: Any) -> str:
    """(3, 3) as 3: the way a student writes it."""
    if isinstance(value, list | tuple):
        if len(value) == 2 and value[0] == value[1]:
            return _value(value[0])
        return f"({', '.join(_value(entry) for entry in value)})"
    return str(value)
