"""From traces to rows of a report: which limits hold, what differs, and where it starts.

Every run is compared with the float64 reference. In float64 the limits are fixed; in lower
precision they are measured by the reference backend's own runs in it, the yardsticks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from resdsl.codegen.backend import Backend
from resdsl.diagnostics import Diagnostic, Label
from resdsl.parity.compare import Comparison, Finding, Subject, compare
from resdsl.parity.limits import Fixed, Limits, Measured
from resdsl.parity.places import Place, Places
from resdsl.parity.quantities import (
    ACTIVATION_GRADIENTS,
    ACTIVATIONS,
    QUANTITIES,
    Quantity,
)
from resdsl.parity.report import Cell, DepthPoint, Divergence, Row, Status
from resdsl.parity.trace import VALUES, Recorded

#: A statistic after the first step shows where the forward pass leaves the common path, long
#: before the network's output does.
FIRST_STATISTICS = "statistics-1"
FIRST_LOSS = "loss-1"
#: What is said of the place of the first difference.
FIRST = "the first value that differs"


@dataclass(frozen=True, slots=True)
class Run:
    """One backend in one precision; `failure` says why its trace is not complete, `name` which of
    several such traces it is. One that is partial shows its layers' values alone on the way."""

    backend: Backend
    dtype: str
    trace: Recorded
    failure: Diagnostic | None = None
    name: str = ""
    is_partial: bool = False

    def computes(self, quantity: Quantity, subject: Subject) -> bool:
        """Whether its capabilities, and the network, have this quantity."""
        can_step = "steps" in self.backend.capabilities
        has_sections = any(True for _ in quantity.sections(subject.steps, can_step))
        has_tensors = quantity.name != "statistics" or bool(subject.facts.statistics)
        can = quantity.needs in self.backend.capabilities
        if quantity.name in (ACTIVATIONS, ACTIVATION_GRADIENTS):
            has_tensors = bool(subject.probed)
            can = can and (quantity.name == ACTIVATIONS or "gradients" in self.backend.capabilities)
        return can and has_sections and has_tensors


@dataclass(slots=True)
class Judge:
    """Compares runs with the reference.

    `yardsticks` are runs of the reference backend in the precision compared, if that is not the
    reference's: as it is, and from inputs that are moved by one spacing. The first has a row.
    """

    places: Places
    subject: Subject
    reference: Run
    yardsticks: Sequence[Run] = ()
    _measured: dict[str, Limits] = field(default_factory=dict)
    _order_of: dict[str, int] = field(default_factory=dict)
    _node_order: dict[str, int] = field(default_factory=dict)
    #: The errors along the network, by backend or trace: filled by `rows`.
    depth: dict[str, tuple[DepthPoint, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._order_of = {name: i for i, name in enumerate(self.places.weights)}
        self._node_order = {path: i for i, path in enumerate(self.places.nodes)}

    def rows(self, runs: Mapping[str, Run]) -> list[Row]:
        """A row for every run, the reference first, the yardstick second."""
        shown = [self.reference, *self.yardsticks[:1]]
        others = [run for run in runs.values() if run not in (self.reference, *self.yardsticks)]
        return [self._row(run) for run in [*shown, *others]]

    def _row(self, run: Run) -> Row:
        cells: dict[str, Cell] = {}
        beyond: list[tuple[Quantity, Finding, float]] = []
        along: list[tuple[Quantity, Finding, float]] = []
        for quantity in QUANTITIES:
            if not run.computes(quantity, self.subject):
                cells[quantity.name] = Cell(Status.NOT_APPLICABLE)
                continue
            if not self.reference.computes(quantity, self.subject):
                why = "the reference does not compute it"
                cells[quantity.name] = Cell(Status.NOT_APPLICABLE, problem=why)
                continue
            comparison = self._compare(quantity, run)
            limits = self._limits(quantity, run)
            cells[quantity.name] = self._cell(run, comparison, limits)
            limit = partial(limits.of, quantity)
            beyond.extend((quantity, f, limit(f)) for f in comparison.beyond(limit))
            along.extend((quantity, f, limit(f)) for f in comparison.findings)
        if run is not self.reference and self._obstacle(run) is None:
            self.depth[run.name or run.backend.name] = self._along(along)
        # What an earlier comparison left in a kept folder is not this run's.
        side = (run.trace.side if run.failure is None else None) or {}
        return Row(
            backend=run.backend.name,
            dtype=run.dtype,
            trace=run.name,
            cells=cells,
            policy=side.get("policy", {}),
            seconds=side.get("seconds", {}),
            first=self._first(beyond) if self._obstacle(run) is None else None,
            failure=run.failure,
        )

    def _compare(self, quantity: Quantity, run: Run) -> Comparison:
        return compare(
            quantity,
            self.subject,
            self.reference.trace,
            run.trace,
            candidate_steps="steps" in run.backend.capabilities,
            dtype=run.dtype,
            is_partial=run.is_partial,
        )

    def _limits(self, quantity: Quantity, run: Run) -> Limits:
        """How far this run may be from the reference."""
        if run is self.reference or not self.yardsticks:
            return Fixed()
        if quantity.name not in self._measured:
            runs = [self._compare(quantity, yardstick).findings for yardstick in self.yardsticks]
            self._measured[quantity.name] = Measured.by(self.yardsticks[0].dtype, runs)
        return self._measured[quantity.name]

    def _cell(self, run: Run, comparison: Comparison, limits: Limits) -> Cell:
        quantity = comparison.quantity
        worst = comparison.worst(partial(limits.of, quantity))
        if worst is None:
            return Cell(Status.NOT_APPLICABLE)
        limit = limits.of(quantity, worst)
        obstacle = self._obstacle(run)
        if obstacle is not None:
            return Cell(Status.FAILED, limit=limit, problem=obstacle)
        status = Status.DIFFERS if worst.beyond(limit) else Status.AGREES
        if status is Status.AGREES and run is self.reference:
            return Cell(Status.REFERENCE)
        if status is Status.AGREES and run in self.yardsticks:
            status = Status.YARDSTICK
        return Cell(status, worst.error, limit, _where(worst), worst.problem)

    def _obstacle(self, run: Run) -> str | None:
        """Why this run cannot be compared: its own failure, or that of what it is measured by."""
        for needed in (run, self.reference, *self.yardsticks):
            if needed.failure is not None:
                return needed.failure.message
        return None

    def _along(self, found: list[tuple[Quantity, Finding, float]]) -> tuple[DepthPoint, ...]:
        """The largest error of each node, in the first step's statistics, in the gradients, and of
        its values where they were looked at."""
        points: dict[tuple[int, str], DepthPoint] = {}
        first: dict[str, int] = {}
        for quantity, finding, limit in found:
            if finding.section in VALUES:
                path, kind = finding.name.partition("#")[0], finding.section.removesuffix("-train")
                place = self._node_order.get(path, -1)
            elif finding.section in (FIRST_STATISTICS, "gradients"):
                path, kind = self.places.owners.get(finding.name, ""), quantity.name
                place = self._place(finding.name)
            else:
                continue
            if place < 0:
                continue
            key = (self._node_order.get(path, first.setdefault(path, place)), kind)
            point = DepthPoint(path, finding.error, limit, kind)
            if key not in points or not point.error <= points[key].error:
                points[key] = point
        return tuple(points[key] for key in sorted(points))

    def _first(self, beyond: list[tuple[Quantity, Finding, float]]) -> Divergence | None:
        if not beyond:
            return None
        quantity, finding, limit = min(beyond, key=lambda b: self._order(b[1]))
        place = self.places.of(finding.name)
        step = _step(finding)
        return Divergence(
            quantity=quantity.name,
            name=finding.name,
            error=finding.error,
            limit=limit,
            problem=finding.problem,
            step=int(step) if step else None,
            place=None if place is None else place.at,
            calls=() if place is None else place.calls,
            diagnostic=_diagnostic(quantity, finding, limit, place),
        )

    def _order(self, finding: Finding) -> tuple[int, ...]:
        """When it is computed: values on the way, the statistics of the first forward pass,
        outputs, loss, gradients by values and by weights from the last layer to the first, then the
        later steps in the same order, and the end."""
        kind, step, place = _kind(finding), int(_step(finding) or 0), self._place(finding.name)
        if finding.section in VALUES:
            node = self._node_order.get(finding.name.partition("#")[0], -1)
            backwards = finding.section == "gradients-values"
            return (2, 1, -node) if backwards else (-1, finding.section != "values", node)
        if finding.section == FIRST_STATISTICS and finding.problem is None:
            return (0, place)
        match kind:
            case "eval" | "train":
                return (1, kind == "train", place)
            case "gradients":
                return (3, -place)
            case "parameters" | "after":
                return (5, kind == "after", place)
        if finding.section == FIRST_LOSS:
            return (2,)
        return (4, step, kind == "loss", place)

    def _place(self, name: str) -> int:
        return self._order_of.get(name, -1)


def _kind(finding: Finding) -> str:
    return finding.section.partition("-")[0]


def _step(finding: Finding) -> str:
    """The training step of a section that has one in its name."""
    step = finding.section.partition("-")[2]
    return step if step.isdigit() else ""


def _where(finding: Finding) -> str:
    if finding.section == "values-train":
        return f"{finding.name} in training"
    step = _step(finding)
    return f"{finding.name} after step {step}" if step and finding.name != "loss" else finding.name


def _diagnostic(
    quantity: Quantity, finding: Finding, limit: float, place: Place | None
) -> Diagnostic:
    what = finding.problem or f"differs by {finding.error:.1e}, and {limit:.1e} is allowed"
    message = f"{quantity.title}: `{_where(finding)}` {what}"
    if place is None:
        return Diagnostic("R0605", message)
    calls = tuple(f"in {call}" for call in place.calls)
    if place.span is None:
        here = f"the first value that differs is made at {place.at}: `{place.words}`"
        return Diagnostic("R0605", message, notes=(here, *calls))
    return Diagnostic("R0605", message, Label(place.span, FIRST), notes=calls)
