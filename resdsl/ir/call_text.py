"""A call of a block with its concrete arguments, as an author would write it, for messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from resdsl.diagnostics.near import clipped
from resdsl.expressions.run_time import AnySize
from resdsl.sizes import Size

_ENTRIES = 8
_LENGTH = 120


def call_text(name: str, arguments: Mapping[str, Any]) -> str:
    """`basic(width = 64, stride = 2)`; of long lists and long calls only the beginning."""
    shown: list[str] = []
    length = 0
    for key, value in arguments.items():
        if length > _LENGTH:
            shown.append("...")
            break
        text = value_text(value)
        if text:
            shown.append(f"{clipped(key)} = {text}")
            length += len(shown[-1])
    name = clipped(name)
    return f"{name}({', '.join(shown)})" if shown else name


def value_text(value: Any) -> str:
    """A value as it is written in the language; empty for tensors, which cannot be written."""
    match value:
        case None:
            return "none"
        case bool():
            return str(value).lower()
        case int() | float():
            return repr(value)
        case Size() | AnySize():
            return clipped(str(value))
        case str():
            return f'"{clipped(value)}"'
        case tuple():
            entries = [value_text(v) or "..." for v in value[:_ENTRIES]]
            more = ["..."] if len(value) > _ENTRIES else []
            return clipped_list(entries + more)
        case _:
            target = getattr(value, "target", None)
            return clipped(target.name) if target is not None else ""


def clipped_list(entries: list[str]) -> str:
    """Entries in brackets; lists in lists get no longer than a message may be."""
    text = ", ".join(entries)
    return f"[{text if len(text) <= _LENGTH else text[:_LENGTH] + '...'}]"
