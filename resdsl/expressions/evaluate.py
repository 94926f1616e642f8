"""Evaluation of expressions to concrete values, with Python's meaning and bounded work.

Every mistake is a `CompileError` with the span of the expression at fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Binary,
    Choice,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Index,
    Input,
    ListOf,
    Literal,
    Logic,
    Member,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.expressions.operators import combine, compare, negate
from resdsl.expressions.values import checked, describe, is_whole, plain, size_of


class Scope(Protocol):
    """What an expression can see."""

    def lookup(self, name: str, span: Span | None) -> Any:
        """The value of a name."""

    def tensor_in(self, span: Span | None) -> Any:
        """The value of `in`."""

    def tick(self, span: Span | None, steps: int = 1) -> None:
        """Count steps of work; raises where there were too many."""

    def inner(self, names: dict[str, Any]) -> Scope:
        """A scope inside this one that also sees `names`."""


# Methods that values may have beside those that `values` names. Asked for by name: an `isinstance`
# of a protocol takes ten times as long.
_APPLY = "apply"
"""`apply(positional, keywords, scope, span)`: the value can be called (a block, a `def`)."""

_MEMBER = "member"
"""`member(name, span)`: the value has facts to be read after a dot."""

_ELEMENT = "element"
"""`element(index, span)`: the value can be indexed, though it is no list."""

Evaluate: TypeAlias = Callable[[Any, Scope], Any]


def evaluate(expression: Expr, scope: Scope) -> Any:
    """The value of `expression`. Raises `CompileError`."""
    scope.tick(expression.span)
    value = _EVALUATORS[type(expression)](expression, scope)
    if type(expression) in _MAKERS and not isinstance(value, int | float):
        # Lists of lists would otherwise fill the memory long before the steps run out.
        scope.tick(expression.span, size_of(value))
    return value


def evaluate_bool(expression: Expr, scope: Scope) -> bool:
    """The value of a condition, which must be a bool."""
    value = evaluate(expression, scope)
    if not isinstance(value, bool):
        raise error(
            "R0309",
            f"a condition is `true` or `false`, and this is {describe(value)}",
            expression.span,
            help="compare it: `… != 0`, `len(…) > 0`",
        )
    return value


def evaluate_list(expression: Expr, scope: Scope) -> tuple[Any, ...]:
    """The value of an expression that must be a list."""
    value = plain(evaluate(expression, scope))
    if not isinstance(value, tuple):
        raise error(
            "R0301",
            f"a list is wanted here, and this is {describe(value)}",
            expression.span,
            help=f"count with `range({value})`" if is_whole(value) else None,
        )
    return value


def bind_targets(targets: tuple[str, ...], value: Any, span: Span | None) -> dict[str, Any]:
    """The loop variables of one round: one name takes the entry, several take it apart."""
    if len(targets) == 1:
        return {targets[0]: value}
    if not isinstance(value, tuple) or len(value) != len(targets):
        raise error(
            "R0301",
            f"an entry of this list cannot be taken apart into {len(targets)} names",
            span,
            f"it is {describe(value)}",
        )
    return dict(zip(targets, value, strict=True))


def _name(node: Name, scope: Scope) -> Any:
    return scope.lookup(node.id, node.span)


def _list_of(node: ListOf, scope: Scope) -> Any:
    return checked(tuple(evaluate(item, scope) for item in node.items), node.span)


def _comprehension(node: Comprehension, scope: Scope) -> Any:
    results = []
    for entry in evaluate_list(node.iterable, scope):
        inner = scope.inner(bind_targets(node.targets, entry, node.iterable.span))
        if node.condition is None or evaluate_bool(node.condition, inner):
            results.append(evaluate(node.element, inner))
    return checked(tuple(results), node.span)


def _index(node: Index, scope: Scope) -> Any:
    base, index = evaluate(node.base, scope), evaluate(node.index, scope)
    element = getattr(base, _ELEMENT, None)
    if element is None and not isinstance(base, tuple | str):
        raise error(
            "R0301", f"only a list can be indexed, and this is {describe(base)}", node.base.span
        )
    if not is_whole(index):
        raise error("R0302", f"an index is a whole number, not {describe(index)}", node.index.span)
    if element is not None:
        return element(index, node.span)
    if not -len(base) <= index < len(base):
        raise error(
            "R0307",
            f"there is no entry {index} in a list of {len(base)}",
            node.span,
            help=f"entries count from 0: the last is `[{len(base) - 1}]`, or `[-1]`"
            if base
            else None,
        )
    return base[index]


def _slice(node: Slice, scope: Scope) -> Any:
    base = plain(evaluate(node.base, scope))
    if not isinstance(base, tuple | str):
        raise error(
            "R0301", f"only a list can be sliced, and this is {describe(base)}", node.base.span
        )
    start, stop = (_bound(bound, scope) for bound in (node.start, node.stop))
    return base[start:stop]


def _bound(bound: Expr | None, scope: Scope) -> int | None:
    if bound is None:
        return None
    value = evaluate(bound, scope)
    if not is_whole(value):
        raise error("R0302", f"a bound is a whole number, not {describe(value)}", bound.span)
    return int(value)


def _member(node: Member, scope: Scope) -> Any:
    base = evaluate(node.base, scope)
    member = getattr(base, _MEMBER, None)
    if member is None:
        raise error("R0301", f"{describe(base)} has no `.{node.name}`", node.span)
    return member(node.name, node.span)


def _apply(node: Apply, scope: Scope) -> Any:
    callee = evaluate(node.callee, scope)
    positional = [evaluate(a.value, scope) for a in node.arguments if a.name is None]
    keywords = {a.name: evaluate(a.value, scope) for a in node.arguments if a.name is not None}
    if isinstance(callee, Function):
        if keywords:
            raise error("R0206", f"`{callee.name}` takes its arguments by position", node.span)
        values = [plain(value) for value in positional]
        for value in values:
            if isinstance(value, tuple):
                scope.tick(node.span, size_of(value))
        return callee.call(values, node.span)
    apply = getattr(callee, _APPLY, None)
    if apply is None:
        raise error("R0301", f"{describe(callee)} cannot be called", node.callee.span)
    scope.tick(node.span, _CALL)
    return checked(apply(positional, keywords, scope, node.span), node.span)


def _unary(node: Unary, scope: Scope) -> Any:
    if node.operator == "not":
        return not evaluate_bool(node.operand, scope)
    return negate(node.operator, evaluate(node.operand, scope), node.span)


def _binary(node: Binary, scope: Scope) -> Any:
    left, right = evaluate(node.left, scope), evaluate(node.right, scope)
    return combine(node.operator, left, right, node.span)


def _compare(node: Compare, scope: Scope) -> bool:
    left = evaluate(node.operands[0], scope)
    for symbol, operand in zip(node.operators, node.operands[1:], strict=True):
        right = evaluate(operand, scope)
        for value in (left, right):
            if not isinstance(value, int | float):
                scope.tick(node.span, size_of(plain(value)))
        if not compare(symbol, left, right, node.span):
            return False
        left = right
    return True


def _logic(node: Logic, scope: Scope) -> bool:
    stop = node.operator == "or"
    return next((stop for o in node.operands if evaluate_bool(o, scope) is stop), not stop)


def _choice(node: Choice, scope: Scope) -> Any:
    return evaluate(node.then if evaluate_bool(node.condition, scope) else node.otherwise, scope)


_EVALUATORS: dict[type, Evaluate] = {
    Literal: lambda node, scope: node.value,
    Constant: lambda node, scope: node.value,
    NoneValue: lambda node, scope: None,
    Name: _name,
    Input: lambda node, scope: scope.tensor_in(node.span),
    ListOf: _list_of,
    Comprehension: _comprehension,
    Index: _index,
    Slice: _slice,
    Member: _member,
    Apply: _apply,
    Unary: _unary,
    Binary: _binary,
    Compare: _compare,
    Logic: _logic,
    Choice: _choice,
}

#: Steps that a call of a block or of a `def` counts for, beside those that it takes itself.
_CALL = 3

#: Expressions that make new lists or texts; the others hand on what is there.
_MAKERS = (ListOf, Comprehension, Slice, Apply, Binary)

__all__ = [
    "CompileError",
    "Scope",
    "bind_targets",
    "describe",
    "evaluate",
    "evaluate_bool",
    "evaluate_list",
]
