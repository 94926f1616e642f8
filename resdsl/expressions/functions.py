"""The functions an expression may call. Lists are tuples here; every result is bounded."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from resdsl.diagnostics import Span, error
from resdsl.expressions.operators import same
from resdsl.expressions.run_time import unknown_size
from resdsl.expressions.values import (
    MAX_LIST,
    checked,
    describe,
    is_number,
    is_whole,
    list_too_long,
)
from resdsl.records import dataclass
from resdsl.sizes import Size, UnknownSize

#: More digits than any float has; Python would compute a power of ten for each.
MAX_DIGITS = 20
#: Stands for "any number of arguments".
MANY = 1000


class FunctionError(Exception):
    """Why a function cannot take its arguments, to stand after its name."""

    code = "R0301"


class _NotWhole(FunctionError):
    """An argument is a float where a whole number is wanted."""

    code = "R0302"


class _TooLong(Exception):
    """The list that a function would make is over the bound."""


@dataclass(frozen=True, slots=True)
class Function:
    """A built-in function and the numbers of arguments it takes."""

    name: str
    compute: Callable[..., Any]
    fewest: int
    most: int

    def call(self, arguments: list[Any], span: Span | None) -> Any:
        """The result, or a `CompileError` at `span`."""
        self.check_count(len(arguments), span)
        try:
            return checked(self.compute(*arguments), span)
        except UnknownSize as unknown:
            raise unknown_size(
                f"`{self.name}` needs numbers, and `{unknown.size}` is known at run time only",
                unknown.size,
                span,
            ) from None
        except FunctionError as problem:
            raise error(problem.code, f"`{self.name}` {problem}", span) from None
        except _TooLong:
            raise list_too_long(span) from None
        except (ValueError, OverflowError, ZeroDivisionError):
            given = " and ".join(map(describe, arguments))
            raise error("R0307", f"`{self.name}` has no value for {given}", span) from None

    def check_count(self, count: int, span: Span | None) -> None:
        """Raise `CompileError` unless the function takes `count` arguments."""
        if self.fewest <= count <= self.most:
            return
        if self.most == MANY:
            wanted = f"{self.fewest} or more arguments"
        elif self.most > self.fewest:
            wanted = f"{self.fewest} to {self.most} arguments"
        else:
            wanted = f"{self.fewest} argument{'s' if self.fewest > 1 else ''}"
        raise error("R0209", f"`{self.name}` takes {wanted}, and gets {count}", span)

    def in_words(self) -> str:
        return f"the function `{self.name}`"


def _number(value: Any) -> Any:
    if isinstance(value, Size):
        raise UnknownSize(value)
    if not is_number(value):
        raise FunctionError(f"takes a number, and this is {describe(value)}")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, Size):
        raise UnknownSize(value)
    if not is_whole(value):
        kind = _NotWhole if isinstance(value, float) else FunctionError
        raise kind(f"takes whole numbers, and this is {describe(value)}")
    return int(value)


def _list(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, tuple):
        raise FunctionError(f"takes a list, and this is {describe(value)}")
    return value


def _len(value: object) -> int:
    return len(value) if isinstance(value, str) else len(_list(value))


def _range(*bounds: object) -> tuple[int, ...]:
    start, stop, step = 0, _whole(bounds[0]), 1
    if len(bounds) > 1:
        start, stop = stop, _whole(bounds[1])
    if len(bounds) > 2:
        step = _whole(bounds[2])
    if step == 0:
        raise FunctionError("takes a step other than 0")
    # Python's own `len(range(…))` fails beyond the size of a machine word.
    if -(-(stop - start) // step) > MAX_LIST:
        raise _TooLong
    return tuple(range(start, stop, step))


def _sum(values: object) -> Any:
    return sum(map(_number, _list(values)))


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    def compute(*values: object) -> Any:
        candidates = _list(values[0]) if len(values) == 1 else values
        if not candidates:
            raise FunctionError("takes at least one number, and this list is empty")
        return choose(map(_number, candidates))

    return compute


def _one_number(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: function(_number(value))


def _round(value: object, digits: object = None) -> Any:
    number = _number(value)
    if digits is None:
        return round(number)
    if abs(_whole(digits)) > MAX_DIGITS:
        raise FunctionError(f"rounds to {MAX_DIGITS} digits at most")
    return round(number, _whole(digits))


def _log(value: object, base: object = None) -> float:
    if base is None:
        return math.log(_number(value))
    return math.log(_number(value), _number(base))


def _zip(*lists: object) -> tuple[Any, ...]:
    columns = [_list(v) for v in lists]
    if len({len(c) for c in columns}) > 1:
        lengths = " and ".join(str(len(c)) for c in columns)
        raise FunctionError(f"takes lists of one length, these have {lengths}")
    if len(columns) * len(columns[0]) > MAX_LIST:
        raise _TooLong
    return tuple(zip(*columns, strict=True))


def _unique(values: object) -> tuple[Any, ...]:
    found: dict[Any, Any] = {}
    for value in _list(values):
        # To a dict alone, `true` would be 1.
        found.setdefault((isinstance(value, bool), value), value)
    return tuple(found.values())


def _count(values: object, wanted: object) -> int:
    return sum(same(value, wanted) for value in _list(values))


def divisible(value: Any, by: Any) -> int:
    """The multiple of `by` nearest to `value`, never under 90% of it (Sandler et al. 2018)."""
    _number(value)
    if _whole(by) < 1:
        raise FunctionError("takes a whole number, 1 or more, to be divisible by")
    rounded = max(by, int(value + by / 2) // by * by)
    return int(rounded + by if rounded < 0.9 * value else rounded)


FUNCTIONS: dict[str, Function] = {
    f.name: f
    for f in (
        Function("len", _len, 1, 1),
        Function("range", _range, 1, 3),
        Function("sum", _sum, 1, 1),
        Function("min", _extreme(min), 1, MANY),
        Function("max", _extreme(max), 1, MANY),
        Function("abs", _one_number(abs), 1, 1),
        Function("round", _round, 1, 2),
        Function("floor", _one_number(math.floor), 1, 1),
        Function("ceil", _one_number(math.ceil), 1, 1),
        Function("int", _one_number(int), 1, 1),
        Function("log", _log, 1, 2),
        Function("sqrt", _one_number(math.sqrt), 1, 1),
        Function("zip", _zip, 1, MANY),
        Function("reversed", lambda v: _list(v)[::-1], 1, 1),
        Function("unique", _unique, 1, 1),
        Function("count", _count, 2, 2),
        Function("divisible", divisible, 2, 2),
    )
}
