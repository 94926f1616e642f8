"""What numbers and texts in a file come to, and what is wrong with those that come to nothing."""

from __future__ import annotations

import math
import re

from resdsl.diagnostics import Diagnostic, Label, Span
from resdsl.syntax.limits import LARGEST_NUMBER, TEXT_BYTES

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_LONGEST_NUMBER = 400
"""Digits a number is read to: Python refuses huge ones, and no float needs more."""


def number(written: str, span: Span) -> int | float | Diagnostic:
    """The value of a number that is well formed, or why it has none."""
    digits = written.replace("_", "")
    if "." in digits or "e" in digits or "E" in digits:
        value = float(digits) if len(digits) <= _LONGEST_NUMBER else math.inf
        if math.isinf(value):
            return _over(span, "this number is larger than any float")
        return value
    if digits[0] == "0" and digits.strip("0"):
        return Diagnostic(
            "R0110",
            f"`{_short(written)}` is not a number of the language",
            Label(span, "a whole number does not begin with 0"),
            help=f"write `{_short(written.lstrip('0_'))}`",
        )
    if len(digits) > _LONGEST_NUMBER or int(digits) > LARGEST_NUMBER:
        return _over(span, f"the largest whole number is {LARGEST_NUMBER:_}")
    return int(digits)


def text(written: str, span: Span) -> tuple[str, list[Diagnostic]]:
    """The value of a text, quotes and escapes resolved, and what is wrong with it."""
    found = []
    inner = written[1:-1]
    if len(inner) > TEXT_BYTES or len(inner.encode("utf-8", "replace")) > TEXT_BYTES:
        message = f"this text is longer than {TEXT_BYTES // 1024} KiB"
        found.append(Diagnostic("R0112", message, Label(span, "texts have a bound")))
        return "", found
    for match in _ESCAPE.finditer(inner):
        if match[1] not in '"\\':
            at = span.start + 1 + match.start()
            found.append(_bad_escape(match[0], Span(span.source, at, at + 2)))
    return _ESCAPE.sub(r"\1", inner), found


def _bad_escape(written: str, span: Span) -> Diagnostic:
    return Diagnostic(
        "R0106",
        f"`{written}` means nothing in a text" if written.isprintable() else "a stray backslash",
        Label(span, r"only `\"` and `\\` are written with a backslash"),
        help=r"for a backslash, write `\\`",
    )


def _over(span: Span, label: str) -> Diagnostic:
    return Diagnostic("R0111", "this number is too large", Label(span, label))


def _short(written: str) -> str:
    return written if len(written) <= 24 else written[:20] + "..."
