"""`expect` at file level: conditions over the facts of models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.expressions.evaluate import evaluate, evaluate_bool
from resdsl.expressions.nodes import Compare
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate.scope import FileScope, within_the_stack


@dataclass(frozen=True, slots=True, eq=False)
class ModelFacts:
    """What an expectation can read of a model."""

    graph: Graph

    def member(self, name: str, span: Span | None) -> Any:
        """`.params`, `.macs`, `.input` or `.output`."""
        match name:
            case "params":
                return self.graph.parameters
            case "macs":
                return self.graph.macs
            case "input":
                return self.graph.input_types[0].shape
            case "output":
                return self.graph.output_types[0].shape
            case _:
                raise error(
                    "R0301",
                    f"a model has no `.{name}`",
                    span,
                    help="it has `.params`, `.macs`, `.input` and `.output`",
                )


def check_expectations(
    program: ir.Program, graph_of: Callable[[str], Graph], only: str | None = None
) -> None:
    """Check every expectation, or those that name the model `only`.

    `graph_of` elaborates a model as it stands in the file. Raises `CompileError` with all that
    do not hold.
    """
    bag = Bag()
    for expectation in program.expectations:
        if only is not None and only not in expectation.models:
            continue
        try:
            with within_the_stack(expectation.span):
                _check(program, expectation, graph_of)
        except CompileError as failure:
            bag.add(failure)
    bag.raise_errors()


def _check(
    program: ir.Program, expectation: ir.FileExpectation, graph_of: Callable[[str], Graph]
) -> None:
    facts = {name: ModelFacts(graph_of(name)) for name in sorted(expectation.models)}
    scope = FileScope(program).inner(facts)
    if evaluate_bool(expectation.condition, scope):
        return
    condition = expectation.condition
    label = ""
    if isinstance(condition, Compare) and len(condition.operands) == 2:
        left, right = (_show(evaluate(o, scope)) for o in condition.operands)
        label = f"{left} against {right}"
    raise error(
        "R0308", expectation.message or "this expectation does not hold", expectation.span, label
    )


def _show(value: Any) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(map(str, value)) + "]"
    return f"{value:,}" if isinstance(value, int) else str(value)
