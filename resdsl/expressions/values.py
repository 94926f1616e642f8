"""What expressions come to: kinds of values, their bounds, and how messages speak of them.

Values are whole numbers of 64 bits, floats, bools, texts, tuples for lists, `None` for `none`, and
what the scope's names stand for (blocks, tensors, initializers). Below everything else here.
"""

from __future__ import annotations

import math
from typing import Any

from resdsl.diagnostics import CompileError, Span, error

MAX_LIST = 100_000
"""Entries of a list, those of the lists in it included."""

MAX_LEVELS = 64
"""Levels of lists in lists, and of blocks given to blocks."""

MAX_WHOLE = 2**63
MAX_TEXT = 64 * 1024

_SHOWN_TEXT = 40
_SHOWN_NUMBERS = 8


# Asked for by name: an `isinstance` of a protocol takes ten times as long.
_IN_WORDS = "in_words"
"""A method of values: what messages call it, to stand after "this is "."""

_MEASURE = "measure"
"""What `measured` says of a value other than a tuple that holds values, worked out once."""

_AS_LIST = "as_list"
"""A method of values other than tuples that stand for a list."""


def is_number(value: object) -> bool:
    """Whether `value` is a number of the language; a bool is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether `value` is a whole number of the language."""
    return isinstance(value, int) and not isinstance(value, bool)


def plain(value: Any) -> Any:
    """`value`, with the labelled tensors `y[i]` as the list they stand for."""
    if isinstance(value, int | float | str | tuple) or value is None:
        return value
    as_list = getattr(value, _AS_LIST, None)
    return value if as_list is None else as_list()


def describe(value: object) -> str:
    """A value in words, for messages; of long ones only the beginning."""
    match value:
        case None:
            return "`none`"
        case bool():
            return f"`{str(value).lower()}`"
        case int():
            return f"the number {value}"
        case float():
            return f"the float {value!r}"
        case str():
            return f'the text "{_clipped(value)}"'
        case tuple():
            if 0 < len(value) <= _SHOWN_NUMBERS and all(map(is_number, value)):
                return f"the list [{', '.join(map(repr, value))}]"
            return f"a list of {len(value)}" if value else "an empty list"
        case _:
            in_words = getattr(value, _IN_WORDS, None)
            return "an initializer" if in_words is None else str(in_words())


def _clipped(text: str) -> str:
    return text if len(text) <= _SHOWN_TEXT else text[:_SHOWN_TEXT] + "..."


def size_of(value: object) -> int:
    """How many steps it takes to go through a value: its entries, those of its parts included.

    Counts no further than just over `MAX_LIST`, so that values that share their parts, and would
    take ages to go through, are found out in time.
    """
    return measured(value)[0]


def measured(value: object) -> tuple[int, int]:
    """Size and levels of a value; the first entry or level too many ends it."""
    if isinstance(value, str):
        return len(value) // 64, 0
    count = levels = deepest = 0
    level: list[Any] = [value]
    while level and count <= MAX_LIST and levels <= MAX_LEVELS:
        below: list[Any] = []
        for holder in level:
            if isinstance(holder, tuple):
                count += len(holder)
                if count > MAX_LIST:
                    break
                below.extend(p for p in holder if not isinstance(p, int | float | str))
                continue
            size, depth = getattr(holder, _MEASURE, (0, 0))
            count += size
            deepest = max(deepest, levels + depth)
        level, levels = below, levels + 1
    return count, max(levels, deepest)


def checked(value: Any, span: Span | None) -> Any:
    """`value`, if it is within the bounds of the language."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if not -MAX_WHOLE <= value < MAX_WHOLE:
            raise error("R0313", "this number does not fit in 64 bits", span)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise error("R0307", "this comes to no finite number", span)
    elif isinstance(value, str):
        if len(value) > MAX_TEXT or (len(value) * 4 > MAX_TEXT and _bytes(value) > MAX_TEXT):
            raise text_too_long(span)
    else:
        size, levels = measured(value)
        if size > MAX_LIST and isinstance(value, tuple):
            raise list_too_long(span)
        if size > MAX_LIST:
            message = f"{describe(value)} has been given more than {MAX_LIST:_} values"
            raise error("R0313", message, span)
        if levels > MAX_LEVELS:
            raise error("R0313", f"values are nested more than {MAX_LEVELS} deep here", span)
    return value


def list_too_long(span: Span | None) -> CompileError:
    """The error for a list over the bound."""
    return error("R0313", f"this list has more than {MAX_LIST:_} entries", span)


def text_too_long(span: Span | None) -> CompileError:
    """The error for a text over the bound."""
    return error("R0313", f"this text is longer than {MAX_TEXT // 1024} KiB", span)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
