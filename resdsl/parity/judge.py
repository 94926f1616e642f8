"""From traces to rows of a report: which limits hold, what differs, and where it starts.

float64: every run against the reference, absolute limits. float32: every run against the float64
reference, with limits taken from the reference backend's own float32 run, the yardstick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from resdsl.codegen.backend import Backend
from resdsl.diagnostics import Diagnostic, Label
from resdsl.ir.graph import Frame, Graph, Origin
from resdsl.parity.compare import Comparison, Finding, Subject, compare
from resdsl.parity.quantities import QUANTITIES, Quantity, float32_limit
from resdsl.parity.report import Cell, DepthPoint, Divergence, Row, Status
from resdsl.parity.trace import Trace

#: A statistic after the first step shows where the forward pass leaves the common path, long
#: before the network's output does.
FIRST_STATISTICS = "statistics-1"
FIRST_LOSS = "loss-1"


@dataclass(frozen=True, slots=True)
class Run:
    """One backend in one precision; `failure` says why its trace is not complete."""

    backend: Backend
    dtype: str
    trace: Trace
    failure: Diagnostic | None = None

    def computes(self, quantity: Quantity, subject: Subject) -> bool:
        """Whether its capabilities, and the network, have this quantity."""
        can_step = "steps" in self.backend.capabilities
        has_sections = any(True for _ in quantity.sections(subject.steps, can_step))
        has_tensors = quantity.name != "statistics" or bool(subject.facts.statistics)
        return quantity.needs in self.backend.capabilities and has_sections and has_tensors


@dataclass(slots=True)
class Judge:
    """Compares runs with the reference. `yardstick` is there for float32 only."""

    graph: Graph
    subject: Subject
    reference: Run
    yardstick: Run | None = None
    _limits: dict[str, float] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)
    _nodes: dict[str, int] = field(default_factory=dict)
    #: The errors along the network, by backend: filled by `rows`.
    depth: dict[str, tuple[DepthPoint, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._places = {named.name: i for i, named in enumerate(self.graph.weights)}
        for named in self.graph.weights:
            self._nodes.setdefault(named.node.path, len(self._nodes))

    def rows(self, runs: Mapping[str, Run]) -> list[Row]:
        """A row for every run, the reference first, the yardstick second."""
        first = [self.reference] if self.yardstick is None else [self.reference, self.yardstick]
        others = [run for run in runs.values() if run not in first]
        return [self._row(run) for run in [*first, *others]]

    def _row(self, run: Run) -> Row:
        cells: dict[str, Cell] = {}
        beyond: list[tuple[Quantity, Finding, float]] = []
        along: list[tuple[Quantity, Finding, float]] = []
        for quantity in QUANTITIES:
            if not run.computes(quantity, self.subject):
                cells[quantity.name] = Cell(Status.NOT_APPLICABLE)
                continue
            comparison = self._compare(quantity, run)
            limit = self._limit(quantity, run, comparison)
            cells[quantity.name] = self._cell(run, comparison, limit)
            if limit is not None:
                beyond.extend((quantity, f, limit) for f in comparison.beyond(limit))
                along.extend((quantity, f, limit) for f in comparison.findings)
        if run is not self.reference and self._obstacle(run) is None:
            self.depth[run.backend.name] = self._along(along)
        # What an earlier comparison left in a kept folder is not this run's.
        side = (run.trace.side if run.failure is None else None) or {}
        return Row(
            backend=run.backend.name,
            dtype=run.dtype,
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
        )

    def _limit(self, quantity: Quantity, run: Run, comparison: Comparison) -> float | None:
        """`None` where nothing can be compared, since the reference does not compute it."""
        if not self.reference.computes(quantity, self.subject):
            return None
        if run is self.reference or self.yardstick is None:
            return quantity.limit
        if quantity.name not in self._limits:
            own = self._compare(quantity, self.yardstick).worst
            self._limits[quantity.name] = float32_limit(own.error if own else 0.0)
        return self._limits[quantity.name]

    def _cell(self, run: Run, comparison: Comparison, limit: float | None) -> Cell:
        worst = comparison.worst
        if limit is None or worst is None:
            return Cell(Status.NOT_APPLICABLE, problem="the reference does not compute it")
        obstacle = self._obstacle(run)
        if obstacle is not None:
            return Cell(Status.FAILED, limit=limit, problem=obstacle)
        status = Status.DIFFERS if worst.beyond(limit) else Status.AGREES
        if status is Status.AGREES and run is self.reference:
            return Cell(Status.REFERENCE)
        if status is Status.AGREES and run is self.yardstick:
            status = Status.YARDSTICK
        return Cell(status, worst.error, limit, _where(worst), worst.problem)

    def _obstacle(self, run: Run) -> str | None:
        """Why this run cannot be compared: its own failure, or that of what it is measured by."""
        for needed in (run, self.reference, self.yardstick):
            if needed is not None and needed.failure is not None:
                return needed.failure.message
        return None

    def _along(self, found: list[tuple[Quantity, Finding, float]]) -> tuple[DepthPoint, ...]:
        """The largest error of each node, in the first step's statistics and in the gradients."""
        points: dict[tuple[int, str], DepthPoint] = {}
        for quantity, finding, limit in found:
            place = self._place(finding.name)
            if finding.section not in (FIRST_STATISTICS, "gradients") or place < 0:
                continue
            path = self.graph.weights[place].node.path
            key = (self._nodes[path], quantity.name)
            point = DepthPoint(path, finding.error, limit, quantity.name)
            if key not in points or not point.error <= points[key].error:
                points[key] = point
        return tuple(points[key] for key in sorted(points))

    def _first(self, beyond: list[tuple[Quantity, Finding, float]]) -> Divergence | None:
        if not beyond:
            return None
        quantity, finding, limit = min(beyond, key=lambda b: self._order(b[1]))
        origin = self._origin(finding)
        step = finding.section.partition("-")[2]
        calls = tuple(f"`{frame.text}` at {frame.span}" for frame in _chain(origin))
        return Divergence(
            quantity=quantity.name,
            name=finding.name,
            error=finding.error,
            limit=limit,
            problem=finding.problem,
            step=int(step) if step else None,
            place=None if origin is None else str(origin.span),
            calls=calls,
            diagnostic=_diagnostic(quantity, finding, limit, origin, calls),
        )

    def _order(self, finding: Finding) -> tuple[int, ...]:
        """When it is computed: the statistics of the first forward pass, outputs, loss, gradients
        from the last layer to the first, then the later steps in the same order, and the end."""
        kind, _, number = finding.section.partition("-")
        step, place = int(number or 0), self._place(finding.name)
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
        return self._places.get(name, -1)

    def _origin(self, finding: Finding) -> Origin | None:
        if finding.name in self._places:
            return self.graph.weights[self._places[finding.name]].node.origin
        names = dict(zip(self.graph.output_names, self.graph.outputs, strict=True))
        # The loss is no value of the network: what is known of it is the output it is made of.
        value = names.get(finding.name, self.graph.outputs[0])
        return next((n.origin for n in self.graph.nodes if value in n.outputs), None)


def _where(finding: Finding) -> str:
    step = finding.section.partition("-")[2]
    return f"{finding.name} after step {step}" if step and finding.name != "loss" else finding.name


def _chain(origin: Origin | None) -> list[Frame]:
    if origin is None or origin.frame is None:
        return []
    return list(origin.frame.chain())


def _diagnostic(
    quantity: Quantity,
    finding: Finding,
    limit: float,
    origin: Origin | None,
    calls: tuple[str, ...],
) -> Diagnostic:
    what = finding.problem or f"differs by {finding.error:.1e}, and {limit:.1e} is allowed"
    return Diagnostic(
        "R0605",
        f"{quantity.title}: `{_where(finding)}` {what}",
        Label(origin.span, "the first value that differs") if origin is not None else None,
        notes=tuple(f"in {call}" for call in calls),
    )
