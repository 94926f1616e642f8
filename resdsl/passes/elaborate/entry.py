"""One model of a program as a graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Expr
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate.calls import complete_arguments
from resdsl.passes.elaborate.scope import FileScope, within_the_stack
from resdsl.passes.elaborate.unroll import Unroller
from resdsl.passes.resolve.lexical import unknown


def elaborate(
    program: ir.Program,
    name: str,
    overrides: Mapping[str, Expr] | None = None,
    input_shape: tuple[int, ...] | None = None,
) -> Graph:
    """The model called `name`, with parameters overridden by resolved expressions.

    `input_shape` (channels first, no batch) replaces the one in the text. Raises `CompileError`
    for an unknown model or parameter, and for everything that is wrong on the way.
    """
    if name not in program.models:
        raise unknown(
            "R0211", f"there is no model called `{name}`", name, list(program.models), None
        )
    entry = program.models[name]
    with within_the_stack(entry.span):
        file = FileScope(program)
        value = evaluate(entry.value, file)
        assert isinstance(value, ir.BlockValue) and isinstance(value.target, ir.Block)
        block = value.target
        given = _overridden(block, value, overrides or {}, file)
        arguments = complete_arguments(block, dict(given.arguments), file, entry.span)
        graph = Graph(name, entry.doc or block.doc, given, arguments, program=program)
        Unroller(file, graph, input_shape).run_model(block, arguments, entry.span)
        return graph


def _overridden(
    block: ir.Block, value: ir.BlockValue, overrides: Mapping[str, Expr], file: FileScope
) -> ir.BlockValue:
    for name in overrides:
        if name not in block.parameter_names:
            raise unknown(
                "R0212",
                f"`{block.name}` has no parameter `{name}` to set",
                name,
                block.parameter_names,
                overrides[name].span,
            )
    return value.apply([], {n: evaluate(e, file) for n, e in overrides.items()}, file, None)


def is_complete(program: ir.Program, name: str) -> bool:
    """Whether a model can be built without further arguments."""
    entry = program.models[name]
    with within_the_stack(entry.span):
        value = evaluate(entry.value, FileScope(program))
    given = dict(value.arguments)
    return all(p.default is not None or p.name in given for p in value.target.parameters)


def entry_span(program: ir.Program, name: str) -> Span:
    """Where a model is named."""
    return program.models[name].span


__all__ = ["Any", "elaborate", "entry_span", "is_complete"]
