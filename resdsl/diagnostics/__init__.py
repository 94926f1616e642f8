"""Diagnostics: sources and spans, messages as data, and their rendering."""

from resdsl.diagnostics.diagnostic import (
    Bag,
    CompileError,
    Diagnostic,
    InternalError,
    Label,
    Severity,
    error,
)
from resdsl.diagnostics.json import to_json
from resdsl.diagnostics.render import render, render_all
from resdsl.diagnostics.source import Source, Span

__all__ = [
    "Bag",
    "CompileError",
    "Diagnostic",
    "InternalError",
    "Label",
    "Severity",
    "Source",
    "Span",
    "error",
    "render",
    "render_all",
    "to_json",
]
