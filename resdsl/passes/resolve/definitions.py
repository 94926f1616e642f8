"""A definition with a body: its parameters and its statements."""

from __future__ import annotations

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span
from resdsl.expressions.nodes import Expr
from resdsl.passes.resolve.arguments import BROKEN
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.lexical import FileNames, Lexical, Where, defined_twice
from resdsl.passes.resolve.model_body import check_end, check_model
from resdsl.passes.resolve.naming import Naming, is_sequence, labels_in
from resdsl.passes.resolve.statements import BodyResolver
from resdsl.passes.resolve.types import Types
from resdsl.syntax import ast


def resolve_definition(
    item: ast.Definition,
    block: ir.Block,
    names: FileNames,
    defaults: Defaults,
    types: Types,
    bag: Bag,
) -> None:
    """Fill in the body and the parameters of `block`; what is wrong goes to the bag."""
    body = item.value
    assert isinstance(body, ast.Body)
    values = resolve_parameters(item, block, names, defaults, types, bag)
    if not block.is_model:
        # A block may be called as a shortcut; whether it is, elaboration sees.
        values.setdefault("branch", None)
    scope = Lexical(names, values, upcoming=labels_in(body), where=Where.BODY)
    top = "model" if block.is_model else "block"
    resolver = BodyResolver(scope, Naming(False), defaults, bag, top)
    block.is_sequence = is_sequence(body, resolver.joins)
    resolver.naming = Naming(block.is_sequence)
    block.body = resolver.resolve(body)
    block.tapped = frozenset(scope.tapped)
    block.repeated = frozenset(scope.repeated)
    check_end(body, top, bag)
    if block.is_model:
        check_model(body, block.name, block.span, bag)


def resolve_parameters(
    item: ast.Definition,
    block: ir.Block,
    names: FileNames,
    defaults: Defaults,
    types: Types,
    bag: Bag,
) -> dict[str, Span | None]:
    """Fill in the parameters of `block`; returns them as the values that its body sees."""
    upcoming = {p.name: p.span for p in item.parameters}
    outside = Lexical(names, upcoming=upcoming, where=Where.DEFAULT)
    block.parameters = tuple(
        _parameter(parameter, outside, defaults, types, bag) for parameter in item.parameters
    )
    values: dict[str, Span | None] = {}
    for parameter in item.parameters:
        if parameter.name in values:
            bag.add(defined_twice(parameter.name, parameter.span, values[parameter.name]))
        values.setdefault(parameter.name, parameter.span)
    return values


def _parameter(
    parameter: ast.Parameter, scope: Lexical, defaults: Defaults, types: Types, bag: Bag
) -> ir.Parameter:
    default: Expr | None = None
    if parameter.default is not None:
        try:
            default = resolve_expression(parameter.default, scope, defaults)
        except CompileError as failure:
            bag.add(failure)
            default = BROKEN
    try:
        kind = types.of_parameter(parameter, default)
    except CompileError as failure:
        bag.add(failure)
        kind = None
    return ir.Parameter(parameter.name, kind, default, parameter.span)
