"""A whole file at once: every model and recipe that can be built, and every expectation, as
`resdsl check` and editors want it. What is wrong is collected instead of raised."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.diagnostics import CompileError, Diagnostic, Severity, Source
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate import check_expectations, elaborate
from resdsl.passes.load import complete_models, definition_of, load_program
from resdsl.passes.resolve import resolve
from resdsl.records import dataclass, field
from resdsl.syntax import parse
from resdsl.syntax.limits import ERRORS

if TYPE_CHECKING:
    from resdsl.recipes.recipe import Recipe

#: Operations elaborated in one run, over all models: a file may define thousands of networks.
MAX_NODES = 500_000
#: What a network counts for that is larger than any may be: it takes seconds to find out.
TOO_LARGE = 300_000
#: Models that fail before the others are left alone: each may take the full number of steps.
MAX_FAILURES = 10


@dataclass(slots=True)
class Checked:
    """What was found. `program` is `None` where the file could not be read or resolved."""

    program: ir.Program | None = None
    graphs: dict[str, Graph] = field(default_factory=dict)
    recipes: dict[str, Recipe] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    #: Families that want arguments, and that no model of the file gives them to.
    unfinished: list[str] = field(default_factory=list)
    #: Models that were not looked at because the file holds too much.
    left_out: int = 0

    @property
    def errors(self) -> int:
        """Number of errors; the rest are warnings."""
        return sum(d.severity is Severity.ERROR for d in self.diagnostics)

    def add(self, found: Iterable[Diagnostic]) -> None:
        """Take over diagnostics, each mistake once however many models lead to it."""
        seen = {_place(d) for d in self.diagnostics}
        for diagnostic in found:
            if _place(diagnostic) not in seen and len(self.diagnostics) <= ERRORS:
                seen.add(_place(diagnostic))
                self.diagnostics.append(diagnostic)


def _place(diagnostic: Diagnostic) -> object:
    """What makes two diagnostics the same mistake: shapes and calls may differ by model."""
    span = diagnostic.primary.span if diagnostic.primary is not None else None
    return (diagnostic.code, span if span is not None else diagnostic.message)


def check(path: str, import_root: str | None = None) -> Checked:
    """Everything that can be said about a file; imports stay inside `import_root`."""
    return _check(lambda: load_program(path, import_root))


def check_source(source: Source, import_root: str | None = None) -> Checked:
    """Everything that can be said about a text."""
    return _check(lambda: resolve(parse(source), import_root))


def _check(load: Callable[[], ir.Program]) -> Checked:
    checked = Checked()
    try:
        checked.program = load()
    except CompileError as failure:
        checked.add(failure.diagnostics)
        return checked
    checked.add(checked.program.warnings)
    _load_recipes(checked, checked.program)
    failed = _elaborate_all(checked, checked.program)
    checked.unfinished = _unfinished(checked, checked.program, failed)
    try:
        check_expectations(checked.program, _graphs_of(checked, checked.program, failed))
    except CompileError as failure:
        checked.add(failure.diagnostics)
    return checked


def _load_recipes(checked: Checked, program: ir.Program) -> None:
    if not program.recipes:
        return
    from resdsl.passes.recipes import complete_recipes, load_recipe

    failed = 0
    for name in complete_recipes(program):
        if failed == MAX_FAILURES:
            return
        try:
            checked.recipes[name] = load_recipe(program, name)
        except CompileError as failure:
            failed += 1
            checked.add(failure.diagnostics)


def _elaborate_all(checked: Checked, program: ir.Program) -> dict[str, CompileError]:
    failed: dict[str, CompileError] = {}
    models = complete_models(program)
    nodes = 0
    for done, name in enumerate(models):
        if nodes > MAX_NODES or len(failed) >= MAX_FAILURES:
            checked.left_out = len(models) - done
            break
        try:
            checked.graphs[name] = elaborate(program, name)
            checked.add(checked.graphs[name].warnings)
            nodes += len(checked.graphs[name].nodes)
        except CompileError as failure:
            failed[name] = failure
            nodes += TOO_LARGE * any(d.code == "R0312" for d in failure.diagnostics)
            checked.add(failure.diagnostics)
    return failed


def _unfinished(
    checked: Checked, program: ir.Program, failed: dict[str, CompileError]
) -> list[str]:
    used = {graph.entry.target for graph in checked.graphs.values()}
    return [
        name
        for name in program.models
        if name not in checked.graphs and name not in failed
        if not failed and definition_of(program, name) not in used
    ]


def _graphs_of(
    checked: Checked, program: ir.Program, failed: dict[str, CompileError]
) -> Callable[[str], Graph]:
    """Models by name for expectations; one that failed fails again, in the same words."""

    def graph_of(name: str) -> Graph:
        if name in failed:
            raise failed[name]
        if name not in checked.graphs:
            return elaborate(program, name)
        return checked.graphs[name]

    return graph_of
