"""The operators of expressions on concrete values: arithmetic, comparison, equality.

Shared by evaluation and simplification, so that both mean the same by them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.run_time import multiple_that_would_do, unknown_size
from resdsl.expressions.values import (
    MAX_LIST,
    MAX_TEXT,
    MAX_WHOLE,
    checked,
    describe,
    is_number,
    is_whole,
    list_too_long,
    plain,
    text_too_long,
)
from resdsl.sizes import MOST_TERMS, EndlessSize, Size, UnknownSize, equal

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
    if isinstance(value, Size):
        return -value if symbol == "-" else value
    if not is_number(value):
        raise error("R0301", f"`{symbol}` takes a number, and this is {describe(value)}", span)
    return checked(-value if symbol == "-" else value, span)


def combine(symbol: str, left: Any, right: Any, span: Span | None) -> Any:
    """`left symbol right` for the arithmetic operators."""
    if is_number(left) and is_number(right):
        return _calculate(symbol, left, right, span)
    if isinstance(left, Size) or isinstance(right, Size):
        return _calculate_size(symbol, left, right, span)
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


def _calculate_size(symbol: str, left: Any, right: Any, span: Span | None) -> Any:
    """Arithmetic with a size known at run time: what leaves whole numbers."""
    size = left if isinstance(left, Size) else right
    other = right if size is left else left
    if not isinstance(other, Size) and not is_number(other):
        raise error(
            "R0301", f"`{symbol}` does not combine {describe(left)} with {describe(right)}", span
        )
    if symbol in ("/", "**") or isinstance(other, float):
        help = "`//` divides sizes and leaves a whole one" if symbol == "/" else None
        raise unknown_size(
            f"`{symbol}` needs numbers, and `{size}` is known at run time only",
            size,
            span,
            help=help,
        )
    try:
        result = _ARITHMETIC[symbol](left, right)
        return _within(result) if isinstance(result, Size) else checked(result, span)
    except ZeroDivisionError:
        raise error("R0307", "this divides by zero", span) from None
    except UnknownSize:
        raise unknown_size(
            f"what `{left} {symbol} {right}` comes to is known at run time only", size, span
        ) from None
    except EndlessSize:
        raise error("R0313", "this size is too long an expression", span) from None


def _within(size: Size) -> Size:
    """A size, unless it has become too long, or its numbers too large."""
    numbers = (size.constant, *(factor for _, factor in size.terms))
    if len(size.terms) > MOST_TERMS or max(map(abs, numbers)) >= MAX_WHOLE:
        raise EndlessSize
    return size


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
    """Equality of the language: Python's, but a bool is not a number.

    Raises `UnknownSize` where sizes are equal at some inputs and differ at others.
    """
    left, right = plain(left), plain(right)
    if isinstance(left, bool) is not isinstance(right, bool):
        return False
    if isinstance(left, tuple) and isinstance(right, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, int | Size) and isinstance(right, int | Size):
        return equal(left, right)
    return bool(left == right)


def compare(symbol: str, left: Any, right: Any, span: Span | None) -> bool:
    """`left symbol right` for the comparison operators."""
    try:
        return _compare(symbol, left, right, span)
    except UnknownSize as unknown:
        raise _undecided(symbol, left, right, unknown.size, span) from None


def _undecided(symbol: str, left: Any, right: Any, size: Size, span: Span | None) -> CompileError:
    sides = (left, right)
    if not all(isinstance(side, int | float | Size) for side in sides):
        return unknown_size(f"this comparison depends on the input, through `{size}`", size, span)
    help = multiple_that_would_do(sides) if symbol in ("==", "!=") else None
    message = f"whether `{left} {symbol} {right}` depends on the input"
    return unknown_size(message, size, span, help=help)


def _compare(symbol: str, left: Any, right: Any, span: Span | None) -> bool:
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
    numbers = all(is_number(v) or isinstance(v, Size) for v in (left, right))
    if isinstance(left, Size) and isinstance(right, float):
        raise UnknownSize(left)
    if isinstance(left, float) and isinstance(right, Size):
        raise UnknownSize(right)
    if not texts and not numbers:
        raise error("R0301", f"{describe(left)} and {describe(right)} have no order", span)
    return _ORDER[symbol](left, right)
