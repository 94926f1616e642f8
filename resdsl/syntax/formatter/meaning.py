"""What a syntax tree says, whatever its layout: the safeguard of the formatter."""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import Source, Span
from resdsl.records import fields
from resdsl.syntax import ast


def same_meaning(one: ast.File, other: ast.File) -> bool:
    """Whether two trees differ in their spans alone; the docs of definitions count."""
    pending: list[tuple[Any, Any]] = [(one, other)]
    while pending:
        left, right = pending.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, Span | Source):
            continue
        if isinstance(left, tuple):
            if len(left) != len(right):
                return False
            pending.extend(zip(left, right, strict=True))
        elif hasattr(left, "__dataclass_fields__"):
            names = [f.name for f in fields(left)]
            pending.extend((getattr(left, name), getattr(right, name)) for name in names)
        elif left != right:
            return False
    return True
