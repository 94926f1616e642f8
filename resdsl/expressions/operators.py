"""The operators of expressions on concrete values: arithmetic, comparison, equality.

Shared by evaluation and simplification, so that both mean the same by them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from resdsl.diagnostics import Span, error
from resdsl.expressions.values import (
    MAX_LIST,
    MAX_TEXT,
    checked,
    describe,
    is_number,
    is_whole,
    list_too_long,
    plain,
    text_too_long,
)

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def negate(symbol: str, value: Any, span: Span | None) -> Any:
    """`-value` or `+value`."""
    if not is_number(value):
        raise error("R0301", f"`{symbol}` takes a number, and this is {describe(value)}", span)
    return checked(-value if symbol == "-" else value, span)


def combine(symbol: str, left: Any, right: Any, span: Span | None) -> Any:
    """`left symbol right` for the arithmetic operators."""
    if is_number(left) and is_number(right):
        return _calculate(symbol, left, right, span)
    left, right = plain(left), plain(right)
    if symbol == "+" and any(all(isinstance(v, t) for v in (left, right)) for t in (tuple, str)):
        return checked(left + right, span)
    if symbol == "*" and is_whole(right) and isinstance(left, tuple | str):
        return _repeated(left, right, span)
    if symbol == "*" and is_whole(left) and isinstance(right, tuple | str):
        return _repeated(right, left, span)
    raise error(
        "R0301", f"`{symbol}` does not combine {describe(left)} with {describe(right)}", span
    )


def _calculate(symbol: str, left: Any, right: Any, span: Span | None) -> Any:
    try:
        if symbol == "**":
            return checked(_power(left, right, span), span)
        return checked(_ARITHMETIC[symbol](left, right), span)
    except ZeroDivisionError:
        raise error("R0307", "this divides by zero", span) from None
    except OverflowError:
        raise error("R0307", "this comes to no finite number", span) from None


def _power(left: Any, right: Any, span: Span | None) -> Any:
    if is_whole(left) and is_whole(right) and abs(left) > 1 and right > 64:
        raise error("R0313", "this number does not fit in 64 bits", span)
    result = left**right
    if isinstance(result, complex):
        raise error("R0307", "a negative number has no fractional power", span)
    return result


def _repeated(value: Any, times: int, span: Span | None) -> Any:
    # Before it is made: `[0] * 10**9` would fill the memory.
    length = len(value) * max(times, 0)
    if isinstance(value, str) and length > MAX_TEXT:
        raise text_too_long(span)
    if isinstance(value, tuple) and length > MAX_LIST:
        raise list_too_long(span)
    return checked(value * times, span)


def same(left: Any, right: Any) -> bool:
    """Equality of the language: Python's, but a bool is not a number."""
    left, right = plain(left), plain(right)
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def compare(symbol: str, left: Any, right: Any, span: Span | None) -> bool:
    """`left symbol right` for the comparison operators."""
    if symbol == "==":
        return same(left, right)
    if symbol == "!=":
        return not same(left, right)
    left, right = plain(left), plain(right)
    texts = isinstance(left, str) and isinstance(right, str)
    if symbol == "in":
        if texts:
            return left in right
        if not isinstance(right, tuple):
            raise error("R0301", f"`in` looks into a list, and this is {describe(right)}", span)
        return any(same(left, entry) for entry in right)
    if not texts and not (is_number(left) and is_number(right)):
        raise error("R0301", f"{describe(left)} and {describe(right)} have no order", span)
    return _ORDER[symbol](left, right)
