"""Shapes in comments and docstrings."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.expressions.run_time import axis_in_words
from resdsl.sizes import Dim, dimensions, short
from resdsl.types import TensorType


def batch_of(shape: tuple[Dim, ...], channels_first: bool) -> str:
    """`(N, 64, 56, 56)`, or `(N, 64, H/4, W/4)` where sizes are known at run time."""
    sizes = shape if channels_first else (*shape[1:], shape[0])
    return f"({', '.join(['N', *(short(size, _letter) for size in sizes)])})"


def _letter(name: str) -> str:
    label, _, axis = name.rpartition("_")
    letter = axis[0].upper()
    return f"{letter}_{label}" if label else letter


def free_sizes(types: Sequence[TensorType]) -> str:
    """What inputs may be, to stand behind that word: "of any height and width"."""
    by_multiple: dict[int, list[str]] = {}
    for type_ in types:
        for dimension in (d for size in type_.spatial for d in dimensions(size)):
            by_multiple.setdefault(dimension.multiple, []).append(axis_in_words(dimension.name))
    parts = []
    for multiple, names in sorted(by_multiple.items()):
        words = " and ".join(names)
        if multiple == 1:
            parts.append(f"of any {words}")
        elif len(names) > 1:
            parts.append(f"whose {words} are multiples of {multiple}")
        else:
            parts.append(f"whose {words} is a multiple of {multiple}")
    return " and ".join(parts)
