"""Diagnostics on their way from a worker to the parent, as JSON."""

from __future__ import annotations

from typing import Any

from resdsl.diagnostics import Diagnostic, Severity


def diagnostic_to_json(diagnostic: Diagnostic) -> dict[str, Any]:
    """All but the place in a source: a worker reads none."""
    return {
        "code": diagnostic.code,
        "message": diagnostic.message,
        "notes": list(diagnostic.notes),
        "help": diagnostic.help,
        "severity": diagnostic.severity.value,
    }


def diagnostic_from_json(data: dict[str, Any]) -> Diagnostic:
    """The inverse of `diagnostic_to_json`."""
    return Diagnostic(
        data["code"],
        data["message"],
        notes=tuple(data["notes"]),
        help=data["help"],
        severity=Severity(data["severity"]),
    )
