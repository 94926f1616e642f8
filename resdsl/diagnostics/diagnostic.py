"""Diagnostics as data: stages collect them and raise one `CompileError`; only the CLI prints."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from resdsl.diagnostics.source import Span
from resdsl.records import dataclass, field


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Label:
    """A span with what is to be said about it."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message to the author of a `.res` file.

    `code` is stable (`R0304`); its first two digits name the stage: 01 syntax, 02 names, 03 shapes
    and types, 04 attributes, 05 backends, 06 parity, 07 command line and files,
    08 recipes and training.
    """

    code: str
    message: str
    primary: Label | None = None
    secondary: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    severity: Severity = Severity.ERROR


class CompileError(Exception):
    """What a stage raises at its boundary: at least one error, with any warnings beside it."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))

    def __reduce__(self) -> tuple[type[CompileError], tuple[tuple[Diagnostic, ...]]]:
        """What another process needs to make it anew; by itself, that would be the text alone."""
        return type(self), (self.diagnostics,)


class InternalError(Exception):
    """A broken invariant of the compiler itself, never the author's fault."""


def error(
    code: str,
    message: str,
    span: Span | None = None,
    label: str = "",
    *,
    secondary: Iterable[Label] = (),
    notes: Iterable[str] = (),
    help: str | None = None,
) -> CompileError:
    """A `CompileError` that carries one error, for `raise error(...)`."""
    primary = Label(span, label) if span is not None else None
    return CompileError([Diagnostic(code, message, primary, tuple(secondary), tuple(notes), help)])


@dataclass(slots=True)
class Bag:
    """Collects diagnostics within one stage."""

    items: list[Diagnostic] = field(default_factory=list)

    def add(self, failure: CompileError) -> None:
        """Take over what a part of the stage raised."""
        self.items.extend(failure.diagnostics)

    def warn(
        self, code: str, message: str, span: Span, label: str = "", *, help: str | None = None
    ) -> None:
        """Record a warning."""
        self.items.append(
            Diagnostic(code, message, Label(span, label), help=help, severity=Severity.WARNING)
        )

    def raise_errors(self) -> None:
        """Raise everything collected if any of it is an error."""
        if any(d.severity is Severity.ERROR for d in self.items):
            raise CompileError(without_repeats(self.items))


def without_repeats(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic for each mistake: what is wrong at one place is wrong for every caller."""
    found: dict[object, Diagnostic] = {}
    for diagnostic in diagnostics:
        place = diagnostic.primary and diagnostic.primary.span
        found.setdefault((diagnostic.code, place) if place is not None else diagnostic, diagnostic)
    return list(found.values())
