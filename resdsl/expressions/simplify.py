"""Symbolic simplification: names replaced, constants folded, nothing reordered or cancelled.

Code generators print what is left. An expression that has a value keeps it: wherever a rule would
need to know that a name holds a whole number, it is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from resdsl.diagnostics import CompileError
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
    Literal,
    Logic,
    Member,
    Name,
    NoneValue,
    Slice,
    Unary,
)
from resdsl.expressions.operators import combine, compare, negate, same
from resdsl.expressions.values import is_whole
from resdsl.sizes import Size, UnknownSize

#: What stands in place of a leaf (a name, `in`, a member of a tensor); `None` leaves it.
Replace = Callable[[Expr], "Expr | None"]


def literal(value: Any) -> Expr:
    """A concrete value as an expression."""
    if isinstance(value, tuple):
        return ListOf(tuple(map(literal, value)))
    if isinstance(value, bool | int | float | str):
        return Literal(value)
    return Constant(value)


def is_literal(expression: Expr) -> bool:
    """Whether an expression is a concrete number, bool, text, or list of such."""
    if isinstance(expression, ListOf):
        return all(map(is_literal, expression.items))
    return isinstance(expression, Literal)


def value_of(expression: Expr) -> Any:
    """The value of a literal expression."""
    if isinstance(expression, ListOf):
        return tuple(map(value_of, expression.items))
    assert isinstance(expression, Literal | Constant)
    return expression.value


def simplify(expression: Expr, substitute: Replace) -> Expr:
    """`expression` with its leaves replaced and its constants folded."""
    replaced = substitute(expression)
    if replaced is not None:
        return replaced

    def inner(e: Expr) -> Expr:
        return simplify(e, substitute)

    match expression:
        case Literal() | Name() | Input() | NoneValue() | Constant():
            return expression
        case ListOf(items=items):
            return ListOf(tuple(map(inner, items)))
        case Comprehension():
            return _comprehension(expression, substitute)
        case Index(base=base, index=index):
            return _index(inner(base), inner(index))
        case Slice(base=base, start=start, stop=stop):
            return _slice(inner(base), start and inner(start), stop and inner(stop))
        case Member(base=base):
            return replace(expression, base=inner(base))
        case Apply(callee=callee, arguments=arguments):
            settled = tuple(Argument(a.name, inner(a.value)) for a in arguments)
            return _apply(inner(callee), settled)
        case Unary(operator=symbol, operand=operand):
            return fold_unary(symbol, inner(operand))
        case Binary(operator=symbol, left=left, right=right):
            return fold_binary(symbol, inner(left), inner(right))
        case Compare(operands=operands, operators=operators):
            return _compare(tuple(map(inner, operands)), operators)
        case Logic(operator=symbol, operands=operands):
            return fold_logic(symbol, tuple(map(inner, operands)))
        case Choice(then=then, condition=condition, otherwise=otherwise):
            return fold_choice(inner(condition), inner(then), inner(otherwise))


# ---- comprehensions ------------------------------------------------------------------------------


def _comprehension(node: Comprehension, substitute: Replace) -> Expr:
    iterable = simplify(node.iterable, substitute)
    # What a name is replaced by may itself read a name that this comprehension binds.
    brought: set[str] = set()

    def watched(e: Expr) -> Expr | None:
        if isinstance(e, Name) and e.id in node.targets:
            return e
        replaced = substitute(e)
        if replaced is not None:
            brought.update(names_in(replaced))
        return replaced

    element, condition = _simplified(node, watched)
    if brought & set(node.targets):
        taken = brought | names_in(node.element) | names_in(node.condition)
        fresh = {t: _fresh(t, taken) for t in node.targets}

        def renamed(e: Expr) -> Expr | None:
            if isinstance(e, Name) and e.id in fresh:
                return Name(fresh[e.id])
            return substitute(e)

        element, condition = _simplified(node, renamed)
        return Comprehension(element, tuple(fresh.values()), iterable, condition)
    return Comprehension(element, node.targets, iterable, condition)


def _simplified(node: Comprehension, leaf: Replace) -> tuple[Expr, Expr | None]:
    condition = None if node.condition is None else simplify(node.condition, leaf)
    if condition == Literal(True):
        condition = None
    return simplify(node.element, leaf), condition


def _fresh(name: str, taken: set[str]) -> str:
    number = 2
    while f"{name}{number}" in taken:
        number += 1
    taken.add(f"{name}{number}")
    return f"{name}{number}"


# ---- lists and functions -------------------------------------------------------------------------


def _index(base: Expr, index: Expr) -> Expr:
    if isinstance(base, ListOf) and isinstance(index, Literal):
        position = index.value
        if is_whole(position) and -len(base.items) <= int(position) < len(base.items):
            return base.items[int(position)]
    return Index(base, index)


def _slice(base: Expr, start: Expr | None, stop: Expr | None) -> Expr:
    fixed = all(b is None or (isinstance(b, Literal) and is_whole(b.value)) for b in (start, stop))
    if isinstance(base, ListOf) and fixed:
        bounds = [None if b is None else value_of(b) for b in (start, stop)]
        return ListOf(base.items[bounds[0] : bounds[1]])
    return Slice(base, start, stop)


def _apply(callee: Expr, arguments: tuple[Argument, ...]) -> Expr:
    result = Apply(callee, arguments)
    if not isinstance(callee, Constant) or not isinstance(callee.value, Function):
        return result
    function = callee.value
    values = [a.value for a in arguments]
    if any(a.name is not None for a in arguments):
        return result
    if function.name == "len" and len(values) == 1 and isinstance(values[0], ListOf):
        return Literal(len(values[0].items))
    # A range stays: it is printed as one.
    if function.name == "range" or not all(map(is_literal, values)):
        return result
    try:
        return literal(function.call([value_of(v) for v in values], None))
    except CompileError:
        return result


# ---- operators -----------------------------------------------------------------------------------


def fold_unary(symbol: str, operand: Expr) -> Expr:
    """`symbol operand`, computed where the operand is a literal."""
    if isinstance(operand, Literal):
        try:
            if symbol != "not":
                return literal(negate(symbol, operand.value, None))
        except CompileError:
            return Unary(symbol, operand)
        if isinstance(operand.value, bool):
            return Literal(not operand.value)
    return Unary(symbol, operand)


_NEUTRAL_RIGHT = {("*", 1), ("+", 0), ("-", 0), ("**", 1)}
_NEUTRAL_LEFT = {("*", 1), ("+", 0)}


def fold_binary(symbol: str, left: Expr, right: Expr) -> Expr:
    """`left symbol right`, computed where both are literals, without neutral elements."""
    if _is_number(left) and _is_number(right):
        try:
            return literal(combine(symbol, value_of(left), value_of(right), None))
        except CompileError:
            return Binary(symbol, left, right)
    if isinstance(right, Literal) and is_whole(right.value):
        # 2.5 // 1 is 2.0.
        neutral = _NEUTRAL_RIGHT | {("//", 1)} if _is_surely_whole(left) else _NEUTRAL_RIGHT
        if (symbol, right.value) in neutral:
            return left
    if isinstance(left, Literal) and is_whole(left.value) and (symbol, left.value) in _NEUTRAL_LEFT:
        return right
    return Binary(symbol, left, right)


def _is_number(expression: Expr) -> bool:
    """Whether an expression is a concrete value, or a size known at run time."""
    if isinstance(expression, Constant):
        return isinstance(expression.value, Size)
    return isinstance(expression, Literal)


def _is_surely_whole(expression: Expr) -> bool:
    match expression:
        case Literal(value=value):
            return is_whole(value)
        case Member(name="channels" | "length" | "depth" | "height" | "width"):
            return True
        case Binary(operator="+" | "-" | "*" | "//" | "%", left=left, right=right):
            return _is_surely_whole(left) and _is_surely_whole(right)
        case Apply(callee=Constant(value=Function(name="len" | "floor" | "ceil" | "int"))):
            return True
        case _:
            return False


def _compare(operands: tuple[Expr, ...], operators: tuple[str, ...]) -> Expr:
    unsettled = Compare(operands, operators)
    if len(operators) > 1:
        if not all(map(is_literal, operands)):
            return unsettled
        links = [
            _compare((left, right), (symbol,))
            for left, symbol, right in zip(operands, operators, operands[1:], strict=False)
        ]
        folded = fold_logic("and", tuple(links))
        return folded if isinstance(folded, Literal) else unsettled
    (symbol,), (left, right) = operators, operands
    if symbol in ("==", "!="):
        if left == right:
            return Literal(symbol == "==")
        if _is_known(left) and _is_known(right):
            try:
                return Literal(same(_known_value(left), _known_value(right)) is (symbol == "=="))
            except UnknownSize:
                return unsettled
    elif all(is_literal(o) or _is_number(o) for o in operands):
        try:
            return Literal(compare(symbol, value_of(left), value_of(right), None))
        except CompileError:
            return unsettled
    return unsettled


def _is_known(expression: Expr) -> bool:
    return is_literal(expression) or isinstance(expression, Constant | NoneValue)


def _known_value(expression: Expr) -> Any:
    return None if isinstance(expression, NoneValue) else value_of(expression)


def fold_logic(symbol: str, operands: tuple[Expr, ...]) -> Expr:
    """`a and b`, `a or b` without the operands that do not matter."""
    decisive = symbol == "or"
    kept: list[Expr] = []
    for operand in operands:
        if isinstance(operand, Literal) and isinstance(operand.value, bool):
            if operand.value is decisive:
                return operand
            continue
        kept.append(operand)
    if not kept:
        return Literal(not decisive)
    return kept[0] if len(kept) == 1 else Logic(symbol, tuple(kept))


def fold_choice(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """`then if condition else otherwise`, decided where it can be."""
    if isinstance(condition, Literal) and isinstance(condition.value, bool):
        return then if condition.value else otherwise
    if then == otherwise:
        return then
    return Choice(then, condition, otherwise)


def names_in(expression: object) -> set[str]:
    """The names that an expression reads."""
    match expression:
        case Name(id=name):
            return {name}
        case Comprehension():
            inside = names_in(expression.element) | names_in(expression.condition)
            return (inside - set(expression.targets)) | names_in(expression.iterable)
        case tuple():
            return set().union(*map(names_in, expression)) if expression else set()
        case Literal() | Constant() | Input() | NoneValue() | None | str():
            return set()
        case (
            ListOf()
            | Index()
            | Slice()
            | Member()
            | Argument()
            | Apply()
            | Unary()
            | Binary()
            | Compare()
            | Logic()
            | Choice()
        ):
            parts = [getattr(expression, f.name) for f in fields(expression) if f.name != "span"]
            return set().union(*map(names_in, parts))
        case _:
            return set()
