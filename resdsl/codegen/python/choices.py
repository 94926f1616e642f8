"""`if` as one would write it: `elif`, a conditional expression where both arms set one name, and
nothing at all where the arms do not differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from resdsl.codegen.plan import ForwardIf, InitIf
from resdsl.codegen.python.layout import INDENT, WIDTH, atom
from resdsl.codegen.python.layout import statement as write
from resdsl.expressions.nodes import Choice, Expr, Logic, Unary

#: Prints an expression, and statements at a depth of indentation.
Text = Callable[[Expr], str]
Block = Callable[[Sequence[Any], int], list[str]]

_ASSIGNMENT = re.compile(r" *(\w+) = (.+?)(  # .*)?")


def if_lines(statement: InitIf | ForwardIf, depth: int, text: Text, block: Block) -> list[str]:
    """The lines of a choice at a depth of indentation."""
    condition, then, otherwise = statement.condition, statement.then, statement.otherwise
    while not otherwise and len(then) == 1 and isinstance(then[0], type(statement)):
        inner = then[0]
        if inner.otherwise:
            break
        condition, then = _both(condition, inner.condition), inner.then
    first, second = block(then, depth + 1), block(otherwise, depth + 1)
    if first == second:
        return block(then, depth)
    if not first:
        condition, first, second, otherwise = Unary("not", condition), second, [], ()
    margin = INDENT * depth
    conditional = _conditional(first, second, condition, text)
    if conditional is not None and len(margin + conditional) <= WIDTH:
        return [margin + conditional]
    lines = [*write(text(condition), depth, "if ", ":"), *first]
    if len(otherwise) == 1 and isinstance(otherwise[0], type(statement)):
        more = if_lines(otherwise[0], depth, text, block)
        # Two arms alike, one after the other, would ask to be one.
        if more[0].startswith(f"{margin}if ") and more[1 : len(first) + 1] != first:
            return [*lines, f"{margin}el{more[0].strip()}", *more[1:]]
    return [*lines, f"{margin}else:", *second] if second else lines


def assignment(line: str) -> re.Match[str] | None:
    """A line that sets one name: the name, its value, and the comment."""
    return _ASSIGNMENT.fullmatch(line)


def _both(left: Expr, right: Expr) -> Expr:
    return Logic("and", (*_operands(left), *_operands(right)))


def _operands(expression: Expr) -> tuple[Expr, ...]:
    """What an `and` joins, or the expression alone."""
    if isinstance(expression, Logic) and expression.operator == "and":
        return expression.operands
    return (expression,)


def _conditional(first: list[str], second: list[str], condition: Expr, text: Text) -> str | None:
    """`name = a if condition else b`, if each arm does nothing but set that name."""
    if len(first) != 1 or len(second) != 1:
        return None
    one, other = assignment(first[0]), assignment(second[0])
    if one is None or other is None or one[1] != other[1]:
        return None
    test = atom(text(condition)) if isinstance(condition, Choice) else text(condition)
    note = (one[3] or "") if one[3] == other[3] else ""
    if one[2] == other[2]:
        return f"{one[1]} = {one[2]}{note}"
    value = atom(one[2]) if " if " in one[2] else one[2]
    return f"{one[1]} = {value} if {test} else {other[2]}{note}"
