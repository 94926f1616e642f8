"""Reads the comments that document something: above a definition, and at the head of a file."""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.diagnostics import Source, Span
from resdsl.syntax import ast


def comment_above(span: Span) -> str:
    """The block of comment lines right above the line on which a definition begins."""
    text = span.source.text
    end = text.rfind("\n", 0, span.start) + 1
    lines: list[str] = []
    while end > 0:
        start = text.rfind("\n", 0, end - 1) + 1
        line = _comment(text[start : end - 1])
        if line is None:
            break
        lines.append(line)
        end = start
    return _joined(reversed(lines))


def head_comment(source: Source, first: ast.Item | None) -> str:
    """The first comment of a file, unless it is the doc of the definition right below it."""
    lines: list[str] = []
    number = 1
    for number in range(1, len(source.line_starts) + 1):
        line = _comment(source.line(number))
        if line is not None:
            lines.append(line)
        elif lines or source.line(number).strip(" \t\ufeff"):
            break
    if isinstance(first, ast.Definition) and first.span.line == number:
        return ""
    return _joined(lines)


def _comment(line: str) -> str | None:
    """The text of a line that holds a comment alone."""
    bare = line.strip(" \t\r\ufeff")
    return bare.removeprefix("#").removeprefix(" ") if bare.startswith("#") else None


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).strip()
