"""The result of a comparison, as data: what the screen shows and `--json` writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
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
class Cause:
    """A variant that reproduces what a backend computes: see `resdsl.parity.causes`.

    `name` is how an author would write it, `path` the operation, `tradition` where it is the
    convention, `help` what to do.
    """

    name: str
    path: str
    says: str
    tradition: str
    help: str


@dataclass(frozen=True, slots=True)
class Fault:
    """Operations of one line of the text that make a difference by themselves.

    `phase` is the part of a run in which it shows first, `key` the value (or weight) and `error`
    how far that is from the reference on the reference's own input. `before` and `behind` are the
    errors along the normal run, at the operation's input and at its result. `paths` are all the
    operations alike. `odd` is the backend that departs from the network, which may be the
    reference. `causes` are all that would explain it, the commonest first.
    """

    phase: str
    path: str
    key: str
    error: float
    limit: float
    odd: str
    problem: str | None = None
    before: float | None = None
    behind: float | None = None
    paths: tuple[str, ...] = ()
    place: str | None = None
    calls: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    diagnostic: Diagnostic | None = None


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first value, in the order of computation, that does not agree.

    `faults` are the operations that make differences, the first of them first, where these were
    looked for; `created` says whether any was found, `None` that nobody looked.
    """

    quantity: str
    name: str
    error: float
    limit: float
    problem: str | None = None
    step: int | None = None
    place: str | None = None
    calls: tuple[str, ...] = ()
    diagnostic: Diagnostic | None = None
    faults: tuple[Fault, ...] = ()
    created: bool | None = None


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
        "created": first.created,
        "faults": [_fault_json(fault) for fault in first.faults],
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {
        "phase": fault.phase,
        "path": fault.path,
        "key": fault.key,
        "error": _finite(fault.error),
        "limit": fault.limit,
        "problem": fault.problem,
        "before": _finite(fault.before),
        "behind": _finite(fault.behind),
        "odd": fault.odd,
        "paths": list(fault.paths),
        "place": fault.place,
        "calls": list(fault.calls),
        "causes": [asdict(cause) for cause in fault.causes],
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
