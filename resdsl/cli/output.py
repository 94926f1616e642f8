"""What the commands print: results to stdout, everything about mistakes to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from resdsl.diagnostics import Diagnostic, render_all


def say(text: str = "") -> None:
    """A line of the result."""
    click.echo(text)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> None:
    """Errors and warnings in full, with colour where somebody looks."""
    shown = render_all(diagnostics, color=wants_color())
    if shown:
        # Not click.echo: it would take the colours out again by rules of its own.
        sys.stderr.write(shown + "\n")
        sys.stderr.flush()


def wants_color() -> bool:
    """Whether stderr is a terminal whose user has not said no (https://no-color.org)."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stderr.isatty()


def show_internal(failure: Exception) -> None:
    """A mistake of ours: said so, with the traceback for those who ask for it."""
    lines = [
        f"internal error: {type(failure).__name__}: {failure}",
        "This is a mistake in resdsl, not in your file. Please report it, with the file and the",
        "command. `RESDSL_TRACEBACK=1` shows where it happened.",
    ]
    click.echo("\n".join(lines), err=True)
    if os.environ.get("RESDSL_TRACEBACK"):
        import traceback

        click.echo("".join(traceback.format_exception(failure)), err=True)
