"""Text labels, `"block{s + 1}-{i}"`: cut into plain parts and the expressions in their holes.

Used by the tree builder; the resolver and the elaborator fill the holes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from resdsl.diagnostics import Diagnostic, Label, Span
from resdsl.expressions.nodes import Expr, Literal
from resdsl.syntax import expected
from resdsl.syntax.limits import TEXT_BYTES

Hole: TypeAlias = Callable[[Span], tuple[Expr | None, Any, list[Diagnostic]]]

_PIECE = re.compile(r"\{([^{}]*)\}|[A-Za-z0-9_-]+|.", re.DOTALL)
_HELP = 'write `"block{s + 1}-{i}"`: letters, digits, `_` and `-`, and expressions in `{ }`'


def label_parts(span: Span, hole: Hole) -> tuple[tuple[str | Expr, ...], list[Diagnostic]]:
    """The parts of the text at `span`, quotes included, and what is wrong with them."""
    parts: list[str | Expr] = []
    if span.end - span.start > TEXT_BYTES:
        message = f"this text is longer than {TEXT_BYTES // 1024} KiB"
        return (), [Diagnostic("R0112", message, Label(span, "texts have a bound"))]
    if span.end - span.start == 2:
        return (), [_wrong("an empty text is no label", span, "nothing to name the weights by")]
    for match in _PIECE.finditer(span.source.text, span.start + 1, span.end - 1):
        where = Span(span.source, match.start(), match.end())
        if match[1] is not None:
            part, wrong = _filled(where, hole)
            if wrong:
                return (), wrong
            parts.append(part)
        elif len(match[0]) == 1 and not _PIECE_NAME.match(match[0]):
            return (), [_misplaced(match[0], where)]
        else:
            parts.append(match[0])
    return tuple(parts), []


_PIECE_NAME = re.compile(r"[A-Za-z0-9_-]")


def _filled(where: Span, hole: Hole) -> tuple[Expr | str, list[Diagnostic]]:
    inside = Span(where.source, where.start + 1, where.end - 1)
    if not inside.text.strip():
        return "", [_wrong("there is nothing in these braces", where, "an expression belongs here")]
    tree, stuck, found = hole(inside)
    if stuck is not None:
        return "", [expected.unexpected(inside, stuck.offset, stuck.accepts, ends="the `{ }` ends")]
    return (tree if tree is not None else Literal(0, inside)), found


def _misplaced(character: str, where: Span) -> Diagnostic:
    if character in "{}":
        partner = "}" if character == "{" else "{"
        return _wrong(f"this `{character}` has no `{partner}`", where, "in a text label")
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    if character == "\\":
        return _wrong("a text label has no `\\` in it", where, "it would end up in weight names")
    return _wrong(f"a text label has no `{shown}` in it", where, "it would end up in weight names")


def _wrong(message: str, span: Span, label: str) -> Diagnostic:
    return Diagnostic("R0126", message, Label(span, label), help=_HELP)
