"""The result of a comparison, as data: what the screen shows and `--json` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from resdsl.diagnostics import Diagnostic
from resdsl.parity.quantities import QUANTITIES, Quantity


class Status(StrEnum):
    """How one quantity of one run came out."""

    REFERENCE = "reference"
    YARDSTICK = "yardstick"
    AGREES = "agrees"
    DIFFERS = "differs"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"

    @property
    def is_good(self) -> bool:
        return self not in (Status.DIFFERS, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One quantity of one run: its largest error, the limit, and where that is."""

    status: Status
    error: float | None = None
    limit: float | None = None
    where: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first value, in the order of computation, that does not agree."""

    quantity: str
    name: str
    error: float
    limit: float
    problem: str | None = None
    step: int | None = None
    place: str | None = None
    calls: tuple[str, ...] = ()
    diagnostic: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One run: a backend in one precision, and how its quantities came out."""

    backend: str
    dtype: str
    cells: Mapping[str, Cell]
    policy: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    first: Divergence | None = None
    failure: Diagnostic | None = None

    @property
    def is_good(self) -> bool:
        return self.failure is None and all(c.status.is_good for c in self.cells.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The whole comparison. `subject` says what was compared, in plain data."""

    model: str
    subject: Mapping[str, Any]
    reference: str
    rows: tuple[Row, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    @property
    def agreed(self) -> bool:
        """Whether every run agrees in everything that it can compute."""
        return bool(self.rows) and all(row.is_good for row in self.rows)

    def quantities(self) -> Iterator[Quantity]:
        """Those that any run has, in the order of computation."""
        for quantity in QUANTITIES:
            if any(
                row.cells.get(quantity.name, _NONE).status is not Status.NOT_APPLICABLE
                for row in self.rows
            ):
                yield quantity

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "agreed": self.agreed,
            "model": self.model,
            "subject": dict(self.subject),
            "reference": self.reference,
            "seconds": round(self.seconds, 2),
            "notes": list(self.notes),
            "runs": [_row_json(row) for row in self.rows],
        }


_NONE = Cell(Status.NOT_APPLICABLE)


def _row_json(row: Row) -> dict[str, Any]:
    return {
        "backend": row.backend,
        "dtype": row.dtype,
        "agreed": row.is_good,
        "quantities": {
            name: {
                "status": cell.status.value,
                "error": _finite(cell.error),
                "limit": cell.limit,
                "where": cell.where,
                "problem": cell.problem,
            }
            for name, cell in row.cells.items()
        },
        "first": None if row.first is None else _divergence_json(row.first),
        "failure": None if row.failure is None else _failure_json(row.failure),
        "policy": dict(row.policy),
        "seconds": dict(row.seconds),
    }


def _divergence_json(first: Divergence) -> dict[str, Any]:
    return {
        "quantity": first.quantity,
        "name": first.name,
        "step": first.step,
        "error": _finite(first.error),
        "limit": first.limit,
        "problem": first.problem,
        "place": first.place,
        "calls": list(first.calls),
    }


def _failure_json(failure: Diagnostic) -> dict[str, Any]:
    return {
        "code": failure.code,
        "message": failure.message,
        "notes": list(failure.notes),
        "help": failure.help,
    }


def _finite(error: float | None) -> float | None:
    """JSON has no infinity; the problem beside it says why there is no number."""
    return error if error is not None and error < float("inf") else None
