"""`expect` at file level: conditions over the facts of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.expressions.evaluate import Scope, describe, evaluate, evaluate_bool
from resdsl.expressions.nodes import Compare, Expr, Logic
from resdsl.expressions.run_time import unknown_size
from resdsl.expressions.values import is_whole
from resdsl.ir.call_text import value_text
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate.breakdown import notes_about, sums_named
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.stack import within_the_stack
from resdsl.records import dataclass
from resdsl.sizes import typical
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True, eq=False)
class ModelFacts:
    """What an expectation can read of a model."""

    graph: Graph

    def in_words(self) -> str:
        return f"the model `{self.graph.name}`"

    def member(self, name: str, span: Span | None) -> Any:
        """`.params`, `.macs`, `.weights`, `.input` or `.output`."""
        match name:
            case "params":
                return self.graph.parameters
            case "macs":
                return _known_macs(self.graph, span)
            case "weights":
                return len(self.graph.weights)
            case "input":
                return _shapes(self.graph.input_types)
            case "output":
                return _shapes(self.graph.output_types)
            case _:
                raise error(
                    "R0301",
                    f"a model has no `.{name}`",
                    span,
                    help="it has `.params`, `.macs`, `.weights`, `.input` and `.output`",
                )


def _shapes(types: list[TensorType]) -> Any:
    """The shape of the only tensor, or a list of the shapes of several."""
    shapes = tuple(type_.shape for type_ in types)
    return shapes[0] if len(shapes) == 1 else shapes


def _known_macs(graph: Graph, span: Span | None) -> int:
    macs = graph.macs
    if isinstance(macs, int):
        return macs
    # At the size that the papers give, or near it.
    sizes = "x".join(map(str, map(typical, graph.input_types[0].shape)))
    raise unknown_size(
        f"`{graph.name}.macs` depends on the size of the input",
        macs,
        span,
        help=f"give the input numbers, or count at one size: `--input {sizes}`",
    )


def check_expectations(
    program: ir.Program, graph_of: Callable[[str], Graph], only: str | None = None
) -> None:
    """Check every expectation, or those that name the model `only`.

    `graph_of` elaborates a model as it stands in the file. Raises `CompileError` with all that
    do not hold.
    """
    bag = Bag()
    if only is None:
        try:
            _settle_constants(program)
        except CompileError as failure:
            bag.add(failure)
    for expectation in program.expectations:
        if only is not None and only not in expectation.models:
            continue
        try:
            _check_within(program, expectation, graph_of)
        except CompileError as failure:
            bag.add(failure)
    bag.raise_errors()


def _settle_constants(program: ir.Program) -> None:
    file = FileScope(program)
    with within_the_stack(lambda: file.work.at):
        file.settle_constants()


def _check_within(
    program: ir.Program, expectation: ir.FileExpectation, graph_of: Callable[[str], Graph]
) -> None:
    with within_the_stack(lambda: expectation.span):
        _check(program, expectation, graph_of)


def _check(
    program: ir.Program, expectation: ir.FileExpectation, graph_of: Callable[[str], Graph]
) -> None:
    facts = {name: ModelFacts(graph_of(name)) for name in sorted(expectation.models)}
    scope = FileScope(program).inner(facts)
    if evaluate_bool(expectation.condition, scope):
        return
    graphs = {name: found.graph for name, found in facts.items()}
    raise not_met(expectation.condition, expectation.message, expectation.span, scope, graphs)


def not_met(
    condition: Expr,
    message: str | None,
    span: Span,
    scope: Scope,
    graphs: Mapping[str, Graph] | None = None,
) -> CompileError:
    """The error for an expectation that does not hold, with what its sides come to.

    `graphs` are the models that it is about: the notes say where they have what was counted.
    """
    while isinstance(condition, Logic) and condition.operator == "and":
        condition = next(o for o in condition.operands if not evaluate_bool(o, scope))
    label, notes = "", []
    if isinstance(condition, Compare) and len(condition.operands) == 2:
        left, right = (evaluate(o, scope) for o in condition.operands)
        label = f"{_shown(left)} {_NOT[condition.operators[0]]} {_shown(right)}"
        sums = sums_named(condition, graphs or {})
        if sums and condition.operators[0] == "==" and is_whole(left) and is_whole(right):
            label += f": {abs(left - right):_} {'more' if left > right else 'less'}"
        notes = notes_about(sums, graphs or {})
    message = message or "this expectation does not hold"
    return error("R0308", message, span, label, notes=notes)


#: How a comparison that does not hold reads.
_NOT = {
    "==": "is not",
    "!=": "is",
    "<": "is not less than",
    "<=": "is more than",
    ">": "is not more than",
    ">=": "is less than",
    "in": "is not in",
}


def _shown(value: Any) -> str:
    """A value as it is written in the language, with `_` between the digits of large numbers."""
    return f"{value:_}" if is_whole(value) else value_text(value) or describe(value)
