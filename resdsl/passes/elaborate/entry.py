"""One model of a program as a graph."""

from __future__ import annotations

from collections.abc import Mapping

from resdsl import ir
from resdsl.diagnostics import CompileError, error
from resdsl.diagnostics.near import did_you_mean
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Expr
from resdsl.ir.graph import Graph
from resdsl.passes.elaborate.boundary import InputShape, shapes_of
from resdsl.passes.elaborate.calls import complete_arguments
from resdsl.passes.elaborate.problems import in_alias
from resdsl.passes.elaborate.scope import FileScope
from resdsl.passes.elaborate.unroll import Unroller
from resdsl.passes.resolve.file_names import unknown
from resdsl.passes.stack import within_the_stack


def elaborate(
    program: ir.Program,
    name: str,
    overrides: Mapping[str, Expr] | None = None,
    input_shape: InputShape | None = None,
) -> Graph:
    """The model called `name`, with parameters overridden by resolved expressions.

    `input_shape` (channels first, no batch) replaces the one in the text; of several inputs, those
    that it names. Raises `CompileError` for an unknown model or parameter, and for everything that
    is wrong on the way.
    """
    models = program.imported | program.models
    if name not in models:
        raise unknown("R0211", f"there is no model called `{name}`", name, models, None)
    entry = models[name]
    file = FileScope(program)
    with within_the_stack(lambda: file.work.at or entry.span):
        file.settle_constants()
        value = _value(entry, file)
        block = value.target
        assert isinstance(block, ir.Block)
        given = _overridden(block, value, overrides or {}, file)
        arguments = complete_arguments(block, dict(given.arguments), file, entry.span)
        graph = Graph(name, entry.doc or block.doc, given, arguments, program=program)
        try:
            Unroller(file, graph, shapes_of(block, input_shape)).run_model(block, arguments)
        except CompileError as failure:
            raise (failure if entry.span == block.span else in_alias(failure, entry)) from None
        return graph


def _value(entry: ir.ModelEntry, file: FileScope) -> ir.BlockValue:
    value = evaluate(entry.value, file)
    assert isinstance(value, ir.BlockValue)
    return value


def _overridden(
    block: ir.Block, value: ir.BlockValue, overrides: Mapping[str, Expr], file: FileScope
) -> ir.BlockValue:
    for name in overrides:
        if name not in block.parameter_names:
            raise error(
                "R0212",
                f"`{block.name}` has no parameter `{name}` to set",
                overrides[name].span,
                help=did_you_mean(name, block.parameter_names) or ir.parameters_in_words(block),
            )
    return value.apply([], {n: evaluate(e, file) for n, e in overrides.items()}, file, None)


def is_complete(program: ir.Program, entry: ir.ModelEntry) -> bool:
    """Whether a model or recipe can be built without further arguments."""
    with within_the_stack(lambda: entry.span):
        value = _value(entry, FileScope(program))
    given = dict(value.arguments)
    assert isinstance(value.target, ir.Block)
    return all(p.default is not None or p.name in given for p in value.target.parameters)
