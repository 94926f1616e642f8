"""After a choice: channels, strides and labels, in one form where both arms agree, else as a
conditional expression."""

from __future__ import annotations

from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor, Value
from resdsl.expressions.nodes import Compare, Expr, Literal, Name
from resdsl.expressions.simplify import fold_choice, simplify
from resdsl.records import replace


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


def merged_stride(condition: Expr, then: Expr | None, otherwise: Expr | None) -> Expr | None:
    """The stride after `if condition`, where both arms have one."""
    if then is None or otherwise is None:
        return None
    return merged_channels(condition, then, otherwise)


def merged_labels(
    condition: Expr, then: dict[str, Value], otherwise: dict[str, Value]
) -> dict[str, Value]:
    """The labels in reach after `if condition`. One that both arms make is the same variable."""
    merged = otherwise | then
    for name in then.keys() & otherwise.keys():
        match then[name], otherwise[name]:
            case SymbolicTensor() as first, SymbolicTensor() as second if first != second:
                merged[name] = replace(
                    first,
                    channels=merged_channels(condition, first.channels, second.channels),
                    stride=merged_stride(condition, first.stride, second.stride),
                    types=first.types + second.types,
                )
            case SymbolicMap() as first, SymbolicMap() as second if first != second:
                merged[name] = replace(
                    first,
                    types=first.types + second.types,
                    stride=first.stride if first.stride == second.stride else None,
                    each=first.each if first.each == second.each else None,
                    count=first.count if first.count == second.count else None,
                    made=first.made or second.made,
                )
    return merged


def _with(expression: Expr, name: str, value: Expr) -> Expr:
    return simplify(expression, lambda e: value if isinstance(e, Name) and e.id == name else None)
