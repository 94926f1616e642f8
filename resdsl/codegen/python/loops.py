"""Heads of loops, with `enumerate` where the round's number is wanted and `_` for what is not."""

from __future__ import annotations

from collections.abc import Callable

from resdsl.codegen.lower.loops import length_of
from resdsl.codegen.plan import ForwardFor, InitFor
from resdsl.codegen.python.layout import Doc, Group, layout
from resdsl.expressions.nodes import Expr, ListOf


def loop_head(
    statement: InitFor | ForwardFor, reads: set[str], text: Callable[[Expr], str], depth: int
) -> list[str]:
    """`for n, width in zip(…):`"""
    iterable = _iterable(statement.iterable, text)
    targets = [t if t in reads else "_" for t in statement.targets]
    names = ", ".join(targets)
    if statement.index is None or statement.index not in reads:
        return layout(iterable, depth, f"for {names} in ", ":")
    if all(t == "_" for t in targets):
        count = text(length_of(statement.iterable))
        return layout(f"range({count})", depth, f"for {statement.index} in ", ":")
    inner = names if len(targets) == 1 else f"({names})"
    numbered = Group("enumerate(", (iterable,))
    return layout(numbered, depth, f"for {statement.index}, {inner} in ", ":")


def _iterable(expression: Expr, text: Callable[[Expr], str]) -> Doc:
    """A list to loop over, which may be broken over several lines."""
    printed = text(expression)
    # A list may go by a name.
    if isinstance(expression, ListOf) and len(expression.items) > 1 and printed.startswith("("):
        return Group("(", tuple(_iterable(item, text) for item in expression.items))
    return printed
