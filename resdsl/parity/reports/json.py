"""A report as JSON. `docs/parity.md` says what each key means; a test compares the two.

Within one `SCHEMA` keys may be added. Where one goes away or changes its meaning, the number grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Any

from resdsl import __version__
from resdsl.diagnostics import Diagnostic, to_json
from resdsl.parity.quantities import QUANTITIES

if TYPE_CHECKING:
    from resdsl.parity.report import Cell, DepthPoint, Divergence, Fault, Report, Row

FORMAT = "resdsl-parity"
SCHEMA = 1


def report_json(report: Report) -> dict[str, Any]:
    """The whole report, made of what JSON can hold: numbers are finite."""
    return {
        "format": FORMAT,
        "schema": SCHEMA,
        "resdsl": __version__,
        "agreed": report.agreed,
        "model": report.model,
        "subject": dict(report.subject),
        "reference": report.reference,
        "seconds": round(report.seconds, 2),
        "numerics": report.numerics,
        "notes": list(report.notes),
        "warnings": [_diagnostic(warning) for warning in report.warnings],
        "quantities": [
            {"name": q.name, "title": q.title, "float64_limit": q.limit} for q in QUANTITIES
        ],
        "runs": [_row(row) for row in report.rows],
        "depth": {backend: _depth(points) for backend, points in report.depth.items()},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "backend": row.backend,
        "dtype": row.dtype,
        "trace": row.trace or None,
        "agreed": row.is_good,
        "quantities": {name: _cell(cell) for name, cell in row.cells.items()},
        "first": None if row.first is None else _divergence(row.first),
        "failure": None if row.failure is None else _diagnostic(row.failure),
        "policy": dict(row.policy),
        "seconds": dict(row.seconds),
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "status": cell.status.value,
        "error": _finite(cell.error),
        "limit": _finite(cell.limit),
        "ratio": _finite(cell.ratio),
        "where": cell.where,
        "problem": cell.problem,
    }


def _divergence(first: Divergence) -> dict[str, Any]:
    return {
        "quantity": first.quantity,
        "name": first.name,
        "step": first.step,
        "error": _finite(first.error),
        "limit": _finite(first.limit),
        "problem": first.problem,
        "place": first.place,
        "calls": list(first.calls),
        "diagnostic": None if first.diagnostic is None else _diagnostic(first.diagnostic),
        "created": first.created,
        "faults": [_fault(fault) for fault in first.faults],
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "phase": fault.phase,
        "path": fault.path,
        "paths": list(fault.paths),
        "name": fault.key,
        "error": _finite(fault.error),
        "limit": _finite(fault.limit),
        "problem": fault.problem,
        "before": _finite(fault.before),
        "behind": _finite(fault.behind),
        "odd": fault.odd,
        "place": fault.place,
        "calls": list(fault.calls),
        "causes": [asdict(cause) for cause in fault.causes],
        "diagnostic": None if fault.diagnostic is None else _diagnostic(fault.diagnostic),
    }


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    (data,) = to_json([diagnostic])
    return data


def _depth(points: Iterable[DepthPoint]) -> list[dict[str, Any]]:
    return [
        {
            "path": point.path,
            "quantity": point.quantity,
            "error": _finite(point.error),
            "limit": _finite(point.limit),
        }
        for point in points
    ]


def _finite(number: float | None) -> float | None:
    """JSON has neither infinity nor NaN; the problem beside it says why there is no number."""
    return number if number is not None and isfinite(number) else None
