"""Diagnostics as plain data for editors and continuous integration. The keys are stable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from resdsl.diagnostics.diagnostic import Diagnostic, Label


def to_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """One dict for each diagnostic, made of texts, whole numbers, lists and None."""
    return [
        {
            "code": diagnostic.code,
            "severity": str(diagnostic.severity),
            "message": diagnostic.message,
            "location": None if diagnostic.primary is None else _location(diagnostic.primary),
            "related": [_location(label) for label in diagnostic.secondary],
            "notes": list(diagnostic.notes),
            "help": diagnostic.help,
        }
        for diagnostic in diagnostics
    ]


def _location(label: Label) -> dict[str, Any]:
    """Lines and columns count from 1, columns in characters; the end is exclusive."""
    span = label.span
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return {
        "file": span.source.name,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "label": label.text,
    }
