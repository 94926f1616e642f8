"""Calls in a body: what is called, and with which arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.nodes import Apply, Argument, Constant, Expr, Index, Name
from resdsl.ops import Op, attributes_of, required
from resdsl.passes.resolve.arguments import (
    bound_arguments,
    check_attribute,
    check_names,
    check_together,
    known_target,
)
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.syntax import ast

if TYPE_CHECKING:
    from resdsl.passes.resolve.statements import BodyResolver


def resolve_call(
    at: BodyResolver,
    call: ast.Call,
    label: ast.Label | None,
    bodies: tuple[ast.Body, ...],
    span: Span,
) -> ir.Statement:
    """A step: an operation, a join, or a block."""
    written = ".".join(call.path)
    name = at.name(label, written)
    arguments = at.settle_arguments(call.arguments)
    inside = tuple(at.same_scope(body) for body in bodies)
    callee = _callee(at, call, written)
    check_names(arguments)
    operation = callee.value if isinstance(callee, Constant) else None
    if isinstance(operation, ir.Operation) and operation.kind.is_join:
        return _join(operation.kind, call, arguments, inside, name, span)
    if bodies:
        raise error(
            "R0225",
            f"`{written}` takes no body",
            bodies[0].span,
            help="bodies follow a join: `add`, `sub`, `mul` or `concat`",
        )
    if isinstance(operation, ir.Operation):
        if operation.kind.is_list and not isinstance(label, ast.NameLabel):
            raise _list_without_label(written, label, call.span)
        return _operation(at, call, operation.kind, arguments, name, span)
    return _block(callee, arguments, name, written, call.span, span)


def resolve_again(
    at: BodyResolver, call: ast.Call, label: ast.Label | None, bodies: tuple[ast.Body, ...]
) -> ir.AgainStep:
    """`again(label)`: an item once more."""
    name = at.name(label, "again")
    if bodies:
        raise error("R0225", "`again` takes no body", bodies[0].span)
    given = [a for a in call.arguments if a.name is None]
    if len(given) != 1 or len(call.arguments) > 1:
        raise error(
            "R0234",
            "`again` takes the label of one item",
            call.span,
            help="`again(encoder)` runs the item labelled `encoder` once more",
        )
    value = given[0].value
    index = at.settle(value.index) if isinstance(value, Index) else None
    value = value.base if isinstance(value, Index) else value
    if not isinstance(value, Name) or at.scope.label(value.id) is None:
        resolve_expression(value, at.scope, at.defaults)  # Raises for what is no name at all.
        raise error(
            "R0234",
            "`again` takes the label of an item",
            given[0].span,
            help="what runs again is a labelled layer, block, stage or group that has run before",
        )
    at.scope.repeated.add(value.id)
    return ir.AgainStep(value.id, index, name, call.span)


def resolve_stage_call(at: BodyResolver, call: ast.Call) -> ir.CallStep:
    """The call that a stage repeats. `at` sees `index`, `first` and `last`."""
    written = ".".join(call.path)
    name = at.name(None, written)
    arguments = at.settle_arguments(call.arguments)
    callee = _callee(at, call, written)
    check_names(arguments)
    operation = callee.value if isinstance(callee, Constant) else None
    if isinstance(operation, ir.Operation):
        if operation.kind.is_join:
            raise error("R0225", "a stage is made of blocks, and this is a join", call.span)
        if operation.kind.is_list:
            raise _list_without_label(written, None, call.span)
        explicit = _checked_attributes(at, operation.kind, arguments, call.span)
        given = at.defaults.of(operation.name, at.scope)
        # As values of the callee: a stride from `defaults` is every block's, not the stage's.
        values = tuple(Argument(key, value, value.span) for key, value in given.items())
        return ir.CallStep(Apply(callee, values, call.span), (), explicit, name, written, call.span)
    return _block(callee, arguments, name, written, call.span, call.span)


def _callee(at: BodyResolver, call: ast.Call, written: str) -> Expr:
    """What is called: a value in reach first, then the file's names; labels never."""
    if at.scope.is_value(written):
        return Name(written, call.path_span)
    file = at.scope.file
    callee = file.constant(written, call.path_span) or file.callee(written, call.path_span)
    if callee is None:
        raise at.scope.file.unknown_callee(written, call.path_span, at.scope.names())
    return callee


def _list_without_label(written: str, label: ast.Label | None, span: Span) -> CompileError:
    return error(
        "R0235",
        f"`{written}` leaves a list of tensors, and a list needs a plain label",
        span if label is None else label.span,
        help=f"`parts: {written}(…)`, and then `parts[0]`, `parts[1]`",
    )


# ---- operations --------------------------------------------------------------------------------


def _operation(
    at: BodyResolver,
    call: ast.Call,
    kind: type[Op],
    arguments: tuple[Argument, ...],
    name: ir.ItemName,
    span: Span,
) -> ir.OpStep:
    explicit = _checked_attributes(at, kind, arguments, call.span)
    merged = at.defaults.of(kind.name, at.scope) | explicit
    for attribute in attributes_of(kind).values():
        if required(attribute) and attribute.name not in merged:
            raise error(
                "R0207",
                f"`{kind.name}` lacks its argument `{attribute.name}`",
                call.span,
                help=f"`{attribute.name}` is the {attribute.metadata['doc']}",
            )
    check_together(kind, merged, span, at.bag)
    spans = {key: value.span for key, value in merged.items() if value.span is not None}
    return ir.OpStep(kind, merged, name, span, spans)


def _checked_attributes(
    at: BodyResolver, kind: type[Op], arguments: tuple[Argument, ...], span: Span
) -> dict[str, Expr]:
    bound = bound_arguments(ir.Operation(kind), {}, arguments, span)
    for key, value in bound.items():
        check_attribute(kind, key, value, span, at.bag)
    return bound


# ---- blocks and joins ----------------------------------------------------------------------------


def _block(
    callee: Expr,
    arguments: tuple[Argument, ...],
    name: ir.ItemName,
    written: str,
    call_span: Span,
    span: Span,
) -> ir.CallStep:
    known = known_target(callee)
    positional = tuple(a.value for a in arguments if a.name is None)
    keywords = {a.name: a.value for a in arguments if a.name is not None}
    if known is None:
        return ir.CallStep(callee, positional, keywords, name, written, span)
    target, given = known
    bound = bound_arguments(target, given, arguments, call_span)
    if isinstance(target, ir.Block):
        missing = [p.name for p in target.parameters if p.default is None and p.name not in bound]
        if missing:
            raise error(
                "R0207",
                f"`{target.name}` lacks its argument `{missing[0]}`",
                call_span,
                help=ir.parameters_in_words(target),
            )
        if isinstance(callee, Constant):
            return ir.CallStep(callee, (), bound, name, written, span)
    return ir.CallStep(callee, positional, keywords, name, written, span)


def _join(
    kind: type[Op],
    call: ast.Call,
    arguments: tuple[Argument, ...],
    bodies: tuple[ir.Body, ...],
    name: ir.ItemName,
    span: Span,
) -> ir.JoinStep:
    named = next((a for a in arguments if a.name is not None), None)
    if named is not None:
        raise error("R0206", f"`{kind.name}` takes tensors and bodies alone", named.span)
    if not arguments and not bodies:
        raise error(
            "R0207",
            f"`{kind.name}` lacks something to join",
            call.span,
            help=f"a tensor, `{kind.name}(skip)`, or a body, `{kind.name} {{ … }}`",
        )
    return ir.JoinStep(kind, tuple(a.value for a in arguments), bodies, name, span)
