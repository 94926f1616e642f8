"""Names in expressions: blocks, operations, functions and initializers become `Constant`s; values
and labels stay names, checked to be in reach."""

from __future__ import annotations

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Index,
    Input,
    ListOf,
    Logic,
    Member,
    Name,
    Slice,
    Unary,
)
from resdsl.expressions.run_time import AnySize
from resdsl.passes.resolve.arguments import bound_arguments, check_names, known_target
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.lexical import IN_LOOPS, InitializerFunction, Lexical, Where
from resdsl.records import replace


def resolve_expression(expression: Expr, scope: Lexical, defaults: Defaults) -> Expr:
    """`expression` with its names settled. Raises `CompileError` for a name that means nothing."""

    def settle(e: Expr) -> Expr:
        return resolve_expression(e, scope, defaults)

    def settle_optional(e: Expr | None) -> Expr | None:
        return None if e is None else settle(e)

    match expression:
        case Name():
            return _name(expression, scope, defaults)
        case Input():
            return _input(expression, scope)
        case Apply():
            return _apply(expression, scope, defaults)
        case ListOf(items=items):
            return replace(expression, items=tuple(map(settle, items)))
        case Comprehension():
            return _comprehension(expression, scope, defaults)
        case Index(base=base, index=index):
            return replace(expression, base=settle(base), index=settle(index))
        case Slice(base=base, start=start, stop=stop):
            bounds = settle_optional(start), settle_optional(stop)
            return Slice(settle(base), *bounds, expression.span)
        case Member():
            return _member(expression, scope, defaults)
        case Unary(operand=operand):
            return replace(expression, operand=settle(operand))
        case Binary(left=left, right=right):
            return replace(expression, left=settle(left), right=settle(right))
        case Compare(operands=operands) | Logic(operands=operands):
            return replace(expression, operands=tuple(map(settle, operands)))
        case Choice(then=then, condition=condition, otherwise=otherwise):
            return Choice(settle(then), settle(condition), settle(otherwise), expression.span)
        case _:
            return expression


def _input(node: Input, scope: Lexical) -> Expr:
    if scope.where is Where.BODY:
        return node
    raise error(
        "R0204",
        "`in` is the input of a block or model, and this is not inside one",
        node.span,
        help="parameters have their values before the block has an input: read `in` in its body"
        if scope.where is Where.DEFAULT
        else None,
    )


def _member(node: Member, scope: Lexical, defaults: Defaults) -> Expr:
    """`base.name`; at file level, expectations read facts of models."""
    base = node.base
    reads_model = (
        scope.where is Where.EXPECT
        and isinstance(base, Name)
        and not scope.is_value(base.id)
        and scope.file.model(base.id, base.span) is not None
    )
    if reads_model:
        return node
    return replace(node, base=resolve_expression(base, scope, defaults))


def _comprehension(node: Comprehension, scope: Lexical, defaults: Defaults) -> Expr:
    iterable = resolve_expression(node.iterable, scope, defaults)
    span = node.element.span
    check_targets(node.targets, span or node.span, scope)
    names: dict[str, Span | None] = dict.fromkeys(node.targets, span)
    inner = scope.nested(names)
    condition = node.condition
    return Comprehension(
        resolve_expression(node.element, inner, defaults),
        node.targets,
        iterable,
        None if condition is None else resolve_expression(condition, inner, defaults),
        node.span,
    )


def check_targets(targets: tuple[str, ...], span: Span | None, scope: Lexical) -> None:
    """Raise where a loop gives a name twice, or one that a label bears."""
    for position, target in enumerate(targets):
        if target in targets[:position]:
            raise error("R0202", f"this loop gives the name `{target}` twice", span)
        place = scope.label(target)
        if place is not None:
            raise scope.nested({target: span}).clash(target, place.span)


def _name(node: Name, scope: Lexical, defaults: Defaults) -> Expr:
    if scope.is_value(node.id):
        return node
    if scope.label(node.id) is not None:
        scope.tapped.add(node.id)
        return node
    constant = scope.file.constant(node.id, node.span)
    if constant is not None:
        return constant
    callee = scope.file.callee(node.id, node.span)
    if callee is not None:
        return _with_defaults(callee, node.span, scope, defaults)
    function = scope.file.function(node.id, node.span)
    if isinstance(function, Constant):
        if isinstance(function.value, InitializerFunction):
            return Apply(function, (), node.span)
        if isinstance(function.value, AnySize):
            return function
        raise error(
            "R0227",
            f"`{node.id}` is a function, and no value",
            node.span,
            help=f"call it: `{node.id}(…)`",
        )
    raise _unknown(node, scope)


def _unknown(node: Name, scope: Lexical) -> CompileError:
    if node.id in scope.upcoming and scope.where is Where.DEFAULT:
        return error(
            "R0201",
            f"a default cannot read the parameter `{node.id}`",
            node.span,
            help="work the value out in the body, with `let`",
        )
    if node.id in scope.upcoming:
        return error(
            "R0204",
            f"the label `{node.id}` is not in reach here",
            node.span,
            help="a label is visible after it stands, in its own scope and the groups inside",
        )
    if node.id == "branch":
        return error(
            "R0204",
            "`branch` is known in a shortcut alone",
            node.span,
            help="it is what a shortcut knows of its branch: `residual { … } shortcut { … }`",
        )
    if node.id in IN_LOOPS and scope.where is Where.BODY:
        return error("R0204", f"`{node.id}` is known in loops and stages alone", node.span)
    return scope.file.unknown_value(node.id, node.span, scope.names())


def _with_defaults(callee: Expr, span: Span | None, scope: Lexical, defaults: Defaults) -> Expr:
    """A block or operation as a value; an operation brings the `defaults` in force here."""
    if isinstance(callee, Apply):
        return callee
    if isinstance(callee, Constant) and isinstance(callee.value, ir.Operation):
        operation = callee.value
        if operation.kind.is_join:
            raise error(
                "R0225",
                f"`{operation.name}` is a join, and joins are not passed on",
                span,
                help="wrap it in a block",
            )
        given = defaults.of(operation.name, scope)
        arguments = tuple(Argument(name, value, span) for name, value in given.items())
        return Apply(callee, arguments, span)
    return Apply(callee, (), span)


def _apply(node: Apply, scope: Lexical, defaults: Defaults) -> Expr:
    arguments = tuple(
        Argument(a.name, resolve_expression(a.value, scope, defaults), a.span)
        for a in node.arguments
    )
    check_names(arguments)
    callee = node.callee
    if not isinstance(callee, Name) or scope.is_value(callee.id):
        return Apply(resolve_expression(callee, scope, defaults), arguments, node.span)
    constant = scope.file.constant(callee.id, callee.span)
    if constant is not None:
        return Apply(constant, arguments, node.span)
    function = scope.file.function(callee.id, callee.span)
    if function is not None:
        _check_call(function, arguments, node.span)
        return Apply(function, arguments, node.span)
    found = scope.file.callee(callee.id, callee.span)
    if found is None:
        raise _unknown(callee, scope)
    base = _with_defaults(found, callee.span, scope, defaults)
    return apply_known(base, arguments, node.span)


def apply_known(base: Expr, arguments: tuple[Argument, ...], span: Span | None) -> Expr:
    """A block value with more arguments, checked as far as can be."""
    if not arguments:
        return base
    known = known_target(base)
    if known is not None:
        target, given = known
        bound_arguments(target, given, arguments, span)
    return Apply(base, arguments, span)


def _check_call(function: Expr, arguments: tuple[Argument, ...], span: Span | None) -> None:
    """Check the arguments of a function as far as can be."""
    if not isinstance(function, Constant):
        return
    if isinstance(function.value, ir.UserFunction):
        bound = bound_arguments(function.value, {}, arguments, span)
        missing = [n for n in function.value.parameters if n not in bound]
        if missing:
            raise error(
                "R0207",
                f"`{function.value.name}` lacks its argument `{missing[0]}`",
                span,
                help=ir.parameters_in_words(function.value),
            )
    elif isinstance(function.value, Function):
        named = next((a for a in arguments if a.name is not None), None)
        if named is not None:
            raise error(
                "R0206", f"`{function.value.name}` takes its arguments by position", named.span
            )
        function.value.check_count(len(arguments), span)
