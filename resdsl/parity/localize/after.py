"""After a red comparison: probed runs of what differs, and what they show, put into the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from resdsl.diagnostics import Diagnostic
from resdsl.parity.facts import absorbed
from resdsl.parity.localize.find import Case, find
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.laboratory import carry_out
from resdsl.parity.localize.local import Evidence
from resdsl.parity.localize.trials import Experiment
from resdsl.parity.localize.words import told
from resdsl.parity.plan import Plan, run_name
from resdsl.parity.probes.session import ProbedRun, can_probe, probed_run
from resdsl.parity.processes import Watch
from resdsl.parity.report import Divergence, Report, Row
from resdsl.parity.trace import Trace
from resdsl.records import replace as changed
from resdsl.weights.store import read_weights

if TYPE_CHECKING:
    from resdsl.parity.session import Session

#: What only the steps after the first gradients show.
LATER = ("losses", "parameters", "after")

UPDATE = (
    "the forward pass, the loss, the gradients and the statistics of the first step agree: what "
    "differs is the update of the optimizer"
)
UPDATES = (
    "updates that are known to differ: the learning rate inside of the velocity, decoupled weight "
    "decay, momentum with dampening, Nesterov's form (Keras and Optax have some of them)"
)
NOWHERE = (
    "no operation makes a difference by itself on the reference's own input: it is rounding that "
    "grows along the network, or made by the compilation of the whole, without which probes run"
)
PARTIAL = (
    "the file has no calls of `probe`, so that values between its layers are not known: "
    "`resdsl parity` without `--source` shows them all"
)


def localized(
    session: Session, plans: Sequence[Plan], folder: Path, report: Report, watch: Watch
) -> Report:
    """The report with the faults of every run that differs."""
    rows = {
        run_name(row.backend, row.dtype): row
        for row in report.rows
        # A module of the user's has no probes.
        if row.first is not None and row.backend in session.backends
    }
    updates = {name for name, row in rows.items() if is_update(row.first)}
    wanted = {
        name
        for name, row in rows.items()
        if name not in updates and can_probe(session.backends[row.backend])
    }
    if session.reference_run in rows or not can_probe(session.backends[session.reference]):
        wanted = set()
    made = None
    if wanted:
        yardstick = run_name(session.reference, session.settings.dtype)
        made = probed_run(session, plans, folder, wanted | {yardstick}, watch)
    bench = _Bench(session, {plan.name: plan for plan in plans}, folder, made)
    found = []
    for row in report.rows:
        name = run_name(row.backend, row.dtype)
        if name in updates:
            found.append(_explained(row, UPDATE, UPDATES))
        elif made is not None and name in wanted:
            found.append(bench.localized(name, row, made))
        else:
            found.append(row)
    return replace(report, rows=tuple(found))


def is_update(first: Divergence | None) -> bool:
    """Whether only what comes after the first step's gradients differs."""
    if first is None or first.problem is not None:
        return False
    later = first.quantity == "statistics" and (first.step or 0) > 1
    return first.quantity in LATER or later


def _explained(row: Row, *notes: str, created: bool | None = None) -> Row:
    """The row with more to say about its first difference."""
    first = row.first
    if first is None or first.diagnostic is None:
        return row
    diagnostic = changed(first.diagnostic, notes=(*notes, *first.diagnostic.notes))
    return replace(row, first=replace(first, diagnostic=diagnostic, created=created))


@dataclass(frozen=True, slots=True)
class _Bench:
    """What is needed to look into one run after the other."""

    session: Session
    plans: dict[str, Plan]
    folder: Path
    made: ProbedRun | None

    def localized(self, name: str, row: Row, made: ProbedRun) -> Row:
        """The row of one run with its faults."""
        failure = made.failures.get(self.session.reference_run) or made.failures.get(name)
        if failure is not None and not self._has_forced(name):
            return _explained(row, f"its values could not be looked at: {_last(failure)}")
        faults = find(self._case(name), lambda found: self._carry_out(name, found))
        is_open = not faults or any(not fault.causes for fault in faults)
        partial = (PARTIAL,) if name in made.partial and is_open else ()
        if not faults:
            return _explained(row, NOWHERE, *partial, created=False)
        shown = told(faults, partial)
        assert row.first is not None
        divergence = replace(row.first, faults=shown, created=True, diagnostic=shown[0].diagnostic)
        return replace(row, first=divergence)

    def _has_forced(self, name: str) -> bool:
        return Trace(self.plans[name].trace).section("forced") is not None

    def _case(self, name: str) -> Case:
        session, plan = self.session, self.plans[name]
        reference = self.plans[session.reference_run]
        dtype = plan.policy.dtype
        own = None if dtype == "float64" else run_name(session.reference, dtype)
        yardstick = None if own is None else self.plans.get(own)
        evidence = Evidence(
            Trace(reference.trace),
            Trace(plan.trace),
            None if yardstick is None else Trace(yardstick.trace),
            absorbed(session.graph),
            dtype,
        )
        return Case(
            Flow(session.graph),
            evidence,
            read_weights(plan.weights),
            plan.batch(0),
            session.reference,
            plan.backend,
        )

    def _carry_out(self, name: str, found: Sequence[Experiment]) -> list[dict[str, Any]] | None:
        threads = self.session.settings.threads
        return carry_out(found, self.folder / name / "trials", threads)


def _last(failure: Diagnostic) -> str:
    return failure.notes[-1] if failure.notes else failure.message
