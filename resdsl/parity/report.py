"""The result of a comparison, as data: what the screen shows, and what reports are written from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from resdsl.diagnostics import Diagnostic
from resdsl.parity.numerics import line
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

    @property
    def ratio(self) -> float | None:
        """The error in units of the limit: above one, it differs."""
        if self.error is None or not self.limit:
            return None
        return self.error / self.limit


class DepthPoint(NamedTuple):
    """The error of one node of the network in one quantity, for the curve along its depth.

    `quantity` is the section of the trace that it comes from: `statistics`, `gradients` and, of a
    probed run, `values` and `gradients-values`.
    """

    path: str
    error: float
    limit: float
    quantity: str = "values"

    @property
    def is_beyond(self) -> bool:
        # Written so that a NaN is beyond every limit.
        return not self.error <= self.limit


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
    """One run: a backend in one precision, and how its quantities came out.

    `trace` is the file that it was read from, where it was not run for this report.
    """

    backend: str
    dtype: str
    cells: Mapping[str, Cell]
    policy: Mapping[str, Any] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    first: Divergence | None = None
    failure: Diagnostic | None = None
    trace: str = ""

    @property
    def is_good(self) -> bool:
        return self.failure is None and all(c.status.is_good for c in self.cells.values())


@dataclass(frozen=True, slots=True)
class Report:
    """The whole comparison. `subject` says what was compared, in plain data.

    `depth` has the errors along the network, in the order of computation, by backend or trace; the
    run that everything is compared with has none.
    """

    model: str
    subject: Mapping[str, Any]
    reference: str
    rows: tuple[Row, ...]
    seconds: float
    notes: tuple[str, ...] = ()
    depth: Mapping[str, tuple[DepthPoint, ...]] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def numerics(self) -> str:
        """The numerics policy of all runs in a line."""
        return line([(row.trace or row.backend, row.policy) for row in self.rows if row.policy])

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

    @property
    def diagnostics(self) -> list[tuple[Row, Diagnostic]]:
        """What is to be shown of runs that failed or differ: of one that differs, all the faults
        that were found, or the first value."""
        found: list[tuple[Row, Diagnostic]] = []
        for row in self.rows:
            shown: list[Diagnostic | None] = [row.failure]
            if row.failure is None and row.first is not None:
                faults = [fault.diagnostic for fault in row.first.faults]
                shown = [*faults] or [row.first.diagnostic]
            found.extend((row, diagnostic) for diagnostic in shown if diagnostic is not None)
        return found

    def to_json(self) -> dict[str, Any]:
        """As plain data: see `resdsl.parity.reports.json`."""
        from resdsl.parity.reports.json import report_json

        return report_json(self)


_NONE = Cell(Status.NOT_APPLICABLE)
