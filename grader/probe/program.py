"""Runs the student's program: the entry file statement by statement, or a notebook cell by cell, as ``__main__``.

When it stops early, what is left of its definitions (imports, functions, classes, plain constants) is still read, so
that a broken plot does not cost the network its marks.
"""

from __future__ import annotations

import ast
import os
import sys
import types
from dataclasses import dataclass, field
from typing import Any

from .limits import Clock, DataRanOut, TimeLimit
from .places import Place, Sources


@dataclass
class Unit:
    """A piece that is compiled together: a whole file, or one cell."""

    name: str  # file name for the compiler
    source: str
    tree: ast.Module | None = None
    error: dict[str, Any] | None = None  # why it does not compile
    failed: dict[str, Any] | None = None  # why it stopped; the tree then begins at the statement that did
    missing: str = ""  # the name that it did not find


@dataclass
class Program:
    path: str
    units: list[Unit]
    notebook: bool
    namespace: dict[str, Any] = field(default_factory=dict)
    ended: str = "not-run"
    failures: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def trees(self) -> list[ast.Module]:
        return [unit.tree for unit in self.units if unit.tree is not None]


def read(files: list[dict[str, Any]], root: str, sources: Sources) -> list[Program]:
    """Parse every program; a unit that does not parse keeps its error and the others go on."""
    programs = []
    for file in files:
        if file["cells"]:
            units = [
                Unit(sources.name_cell(file["path"], cell["number"], cell["source"]), cell["source"])
                for cell in file["cells"]
            ]
        else:
            units = [Unit(os.path.join(root, file["path"]), file["source"])]
        for unit in units:
            _parse(unit, sources)
        programs.append(Program(file["path"], units, bool(file["cells"])))
    return programs


def _parse(unit: Unit, sources: Sources) -> None:
    try:
        unit.tree = ast.parse(unit.source, unit.name)
    except SyntaxError as error:
        unit.error = describe(error, sources, "import")
        unit.error["where"] = sources.of_syntax_error(error) or unit.error["where"]
    except (ValueError, RecursionError, MemoryError) as error:
        unit.error = describe(error, sources, "import")
        unit.error["kind"] = "SyntaxError"


def describe(error: BaseException, sources: Sources, phase: str) -> dict[str, Any]:
    place: Place | None = sources.of_traceback(error.__traceback__)
    message = str(error) if not isinstance(error, SyntaxError) else (error.msg or "invalid syntax")
    return {"kind": type(error).__name__, "message": message[:2000], "where": place, "phase": phase}


def run(program: Program, root: str, sources: Sources, clock: Clock) -> None:
    """Run it as __main__. Afterwards ``ended`` says how: finished, error, exit, time, data-ran-out."""
    module = types.ModuleType("__main__")
    module.__file__ = os.path.join(root, program.path)
    folder = os.path.dirname(module.__file__)
    package = types.ModuleType("_submission")
    package.__path__ = [folder]
    sys.modules["_submission"] = package
    module.__package__ = "_submission"
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    sys.path.insert(0, folder)
    if folder != root:
        sys.path.insert(1, root)
    sys.argv = [module.__file__]
    program.namespace = module.__dict__
    flags = _future_flags(program)
    program.ended = "finished"
    waiting: list[tuple[Unit, str]] = []  # cells that miss a name which a later cell defines
    for unit in program.units:
        if unit.error is not None:
            program.failures.append(unit.error)
            continue
        assert unit.tree is not None
        ended = _run_unit(unit, program, flags, sources, clock)
        if ended == "error" and program.notebook:
            missing = _defined_later(program, unit, [one for one, _ in waiting])
            if missing:
                waiting.append((unit, missing))
                continue
        if ended != "finished":
            program.ended = ended
            if ended != "error" or not program.notebook:
                _define_rest(program, unit, flags, clock)
                return
    for unit, _ in waiting:
        _run_again(unit, program, flags, (sources, clock))
    if waiting:
        first = sources.cells[waiting[0][0].name][1]
        rest = ", and the cells that need it" if len(waiting) > 1 else ""
        program.notes.append(
            f"Cell {first} was run after those below it{rest}: it uses {waiting[0][1]}, which is defined there."
        )


def _defined_later(program: Program, unit: Unit, waiting: list[Unit]) -> str:
    """The name that a cell missed, where a cell below or one that waits itself defines it: cells need not stand in the
    order that they are run in."""
    assert unit.failed is not None
    below = [*waiting, *program.units[program.units.index(unit) + 1 :]]
    defined = {name for one in below if one.tree is not None for name in _bound(one.tree)}
    return unit.missing if unit.failed["kind"] == "NameError" and unit.missing in defined else ""


def _run_again(unit: Unit, program: Program, flags: int, how: tuple[Sources, Clock]) -> None:
    """Go on with a cell that missed a name, now that the cells below have been run."""
    program.failures = [one for one in program.failures if one is not unit.failed]
    ended = _run_unit(unit, program, flags, *how)
    if ended != "finished":
        program.ended = ended


def _run_unit(unit: Unit, program: Program, flags: int, sources: Sources, clock: Clock) -> str:
    assert unit.tree is not None
    for statement in unit.tree.body:
        try:
            clock.armed = True
            if clock.expired:
                raise TimeLimit
            _execute(statement, unit, program.namespace, flags)
        except TimeLimit as error:
            clock.armed = False
            program.failures.append(describe(error, sources, "time"))
            return "time"
        except DataRanOut:
            return "data-ran-out"
        except SystemExit as error:
            program.failures.append(describe(error, sources, "exit"))
            return "exit"
        except BaseException as error:
            clock.armed = False
            failure = describe(error, sources, "run")
            program.failures.append(failure)
            unit.failed = failure
            unit.missing = str(getattr(error, "name", None) or "")
            unit.tree.body = unit.tree.body[unit.tree.body.index(statement) :]
            return "error"
        finally:
            clock.armed = False
    return "finished"


def _execute(statement: ast.stmt, unit: Unit, namespace: dict[str, Any], flags: int) -> None:
    code = compile(ast.Module([statement], []), unit.name, "exec", flags=flags, dont_inherit=True)
    exec(code, namespace)


DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def _define_rest(program: Program, stopped: Unit, flags: int, clock: Clock) -> None:
    """After an early stop: read the definitions that were not reached. What fails here has failed already."""
    reached = False
    for unit in program.units:
        reached = reached or unit is stopped
        if not reached or unit.tree is None:
            continue
        for statement in definitions_in(unit.tree.body):
            clock.armed = not clock.expired
            try:
                _execute(statement, unit, program.namespace, flags)
            except (Exception, TimeLimit, SystemExit):
                continue
            finally:
                clock.armed = False


def definitions_in(body: list[ast.stmt]) -> list[ast.stmt]:
    """Definitions and plain constants at the top level and inside its if and try blocks (main guards too)."""
    found: list[ast.stmt] = []
    for statement in body:
        if isinstance(statement, DEFINITIONS):
            found.append(statement)
        elif isinstance(statement, (ast.If, ast.Try, ast.With)):
            found.extend(definitions_in(statement.body))
        elif isinstance(statement, ast.Assign) and _is_literal(statement.value):
            found.append(statement)
    return found


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _future_flags(program: Program) -> int:
    import __future__

    flags = 0
    for tree in program.trees:
        for statement in tree.body:
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                for name in statement.names:
                    flags |= getattr(getattr(__future__, name.name, None), "compiler_flag", 0)
    return flags


def choose_entry(programs: list[Program], wanted: str = "") -> tuple[Program | None, str]:
    """The program to run: ``wanted``, or the one that trains, and is not imported by the others. With the reason in
    words."""
    runnable = [program for program in programs if program.trees]
    if not runnable:
        return None, ""
    for program in runnable:
        if program.path == wanted:
            return program, f"of {len(runnable)} programs the one whose network is nearest to the handout"
    if len(runnable) == 1:
        return runnable[0], "the only program"
    imported = set()
    for program in runnable:
        for tree in program.trees:
            imported |= _imports(tree)
    scored = []
    for position, program in enumerate(runnable):
        names = {name for tree in program.trees for name in _names(tree)}
        stem = os.path.splitext(os.path.basename(program.path))[0]
        score = (
            4 * ({"backward", "step"} <= names)
            + 3 * ("DataLoader" in names or "CIFAR10" in names)
            + 2 * any(_is_main_guard(statement) for tree in program.trees for statement in tree.body)
            + 2 * (stem in ("main", "train", "run", "quiz", "solution", "submission"))
            + 1 * ("Module" in names)
            - 6 * (stem in imported)
            - 8 * (stem.startswith("test_") or stem in ("setup", "conftest"))
            - program.path.count("/")
        )
        scored.append((score, -position, program))
    best = max(scored, key=lambda item: item[:2])
    return best[2], f"of {len(runnable)} programs the one that trains and that no other imports"


def rivals(programs: list[Program], entry: Program) -> list[str]:
    """Other programs that train too, and that no other imports: the network may be theirs."""
    imported = {name for program in programs for tree in program.trees for name in _imports(tree)}
    found = []
    for program in programs:
        names = {name for tree in program.trees for name in _names(tree)}
        stem = os.path.splitext(os.path.basename(program.path))[0]
        if program is not entry and {"backward", "step"} <= names and stem not in imported:
            found.append(program.path)
    return found


def _imports(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.rpartition(".")[2] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").rpartition(".")[2])
            names |= {alias.name for alias in node.names}
    return names


def _bound(tree: ast.Module) -> set[str]:
    """Names that a unit defines at its top level."""
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    imports = [alias for one in tree.body if isinstance(one, (ast.Import, ast.ImportFrom)) for alias in one.names]
    return (
        {one.name for one in tree.body if isinstance(one, named)}
        | {alias.asname or alias.name.partition(".")[0] for alias in imports}
        | {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
    )


def _names(tree: ast.Module) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name)
    }


def _is_main_guard(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )


def holds_number(program: Program, number: int) -> bool:
    """Is the number written in the program?"""
    return any(
        isinstance(node, ast.Constant) and node.value == number for tree in program.trees for node in ast.walk(tree)
    )
