"""Channels after a choice: one form where both arms agree, else a conditional expression."""

from __future__ import annotations

from resdsl.expressions.nodes import Compare, Expr, Literal, Name
from resdsl.expressions.simplify import fold_choice, simplify


def merged_channels(condition: Expr, then: Expr, otherwise: Expr) -> Expr:
    """The form after `if condition`.

    Where `condition` is `p != k` and the first form with `k` for `p` is the second, the first
    covers both (MobileNetV2's `hidden`).
    """
    if then == otherwise:
        return then
    if isinstance(condition, Compare) and len(condition.operators) == 1:
        name, value = condition.operands
        if isinstance(name, Name) and isinstance(value, Literal):
            general, special = then, otherwise
            if condition.operators[0] == "==":
                general, special = otherwise, then
            covers = condition.operators[0] in ("==", "!=")
            if covers and _with(general, name.id, value) == special:
                return general
    return fold_choice(condition, then, otherwise)


def _with(expression: Expr, name: str, value: Expr) -> Expr:
    return simplify(expression, lambda e: value if isinstance(e, Name) and e.id == name else None)
