"""Sizes known at run time in expressions: `any`, and what is said where a number is needed."""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import CompileError, Span, error
from resdsl.records import dataclass
from resdsl.sizes import Size, dimensions, settling

#: What the dimensions of an input are called in sizes, and in words.
AXES = {"d": "depth", "h": "height", "w": "width", "length": "length"}


@dataclass(frozen=True, slots=True)
class AnySize:
    """`any`, or `any(32)`: an input may have any size there, or any multiple of 32."""

    multiple: int = 1

    def in_words(self) -> str:
        return f"`{self}`, a size known at run time"

    def apply(
        self, positional: list[Any], keywords: dict[str, Any], scope: Any, span: Span | None
    ) -> AnySize:
        """`any(32)`"""
        multiple = positional[0] if len(positional) == 1 and not keywords else None
        if self.multiple != 1 or type(multiple) is not int or multiple < 1:
            raise error(
                "R0401",
                "`any` takes one whole number, 1 or more: what the size is a multiple of",
                span,
                help="`any(32)` is 32, 64, 96 and so on",
            )
        return AnySize(multiple)

    def __str__(self) -> str:
        return "any" if self.multiple == 1 else f"any({self.multiple})"


def axis_in_words(name: str) -> str:
    """`h` as "height", `left_h` as "height of `left`"."""
    label, _, axis = name.rpartition("_")
    words = AXES.get(axis, axis)
    return f"{words} of `{label}`" if label else words


def unknown_size(
    message: str,
    size: Size,
    span: Span | None,
    label: str = "",
    *,
    help: str | None = None,
) -> CompileError:
    """The error for a size known at run time where a number is needed."""
    return error("R0317", message, span, label, notes=[meaning(size)], help=help)


def meaning(size: Size) -> str:
    """What the names in a size stand for."""
    found = dimensions(size)
    words = [
        f"`{d.name}` is the {axis_in_words(d.name)} of the input, `{AnySize(d.multiple)}`"
        for d in found
    ]
    return "; ".join(words)


def multiple_that_would_do(*pairs: tuple[Any, Any]) -> str | None:
    """The multiples of the input's sizes with which others are equal in pairs, for help."""
    multiples = settling(*pairs)
    if not multiples:
        return None
    named = " and ".join(
        f"`{AnySize(multiple)}` for the {axis_in_words(name)}"
        for name, multiple in multiples.items()
    )
    return f"they are equal with {named} of the input"
