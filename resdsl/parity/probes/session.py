"""Probed runs: their plans, and how they are started after a comparison that found something."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from resdsl.codegen.backend import Backend
from resdsl.diagnostics import Diagnostic
from resdsl.ir.graph import Graph
from resdsl.parity.plan import Plan, Probing
from resdsl.parity.processes import Watch, run_workers
from resdsl.parity.trace import Trace

if TYPE_CHECKING:
    from resdsl.parity.session import Session


@dataclass(frozen=True, slots=True)
class ProbedRun:
    """What a probed run left: for each run, by name, why it failed or `None`.

    `traces` has the folder of every run that did not; `partial` names those whose file has no
    calls of `probe`, so that only their layers' values are there.
    """

    failures: dict[str, Diagnostic | None]
    traces: dict[str, Path]
    partial: tuple[str, ...]


def can_probe(backend: Backend) -> bool:
    """Whether a backend can show its values."""
    return "probes" in backend.capabilities


def probing_of(
    plan: Plan,
    backend: Backend,
    graph: Graph,
    names: Sequence[str],
    *,
    given: bool,
    modes: tuple[str, ...] = ("record",),
    reference: Path | None = None,
) -> Probing:
    """What a run is to look at; writes the probed file beside the plain one.

    A file that was `given` is taken as it is. A binary target needs no other file.
    """
    source = plan.source
    if backend.emit is not None and not given:
        source = source.parent / "probed" / source.name
        source.parent.mkdir(exist_ok=True)
        source.write_text(backend.emit(graph, probed=True), encoding="utf-8")
    return Probing(source, tuple(names), modes, reference)


def probed_run(
    session: Session,
    plans: Sequence[Plan],
    folder: Path,
    deviating: Collection[str],
    watch: Watch,
    names: Sequence[str] | None = None,
) -> ProbedRun:
    """Record the values of the reference and of the `deviating` runs (names such as `jax-float64`),
    and what each operation of the latter makes of the reference's own.

    `names` are the values to look at, all of them by default. The sections are written into the
    runs' traces, beside what a comparison left there.
    """
    first = next(p for p in plans if p.name == session.reference_run)
    wanted = [value.name for value in session.facts.values] if names is None else list(names)
    own = _probed_plan(session, first, wanted, ("record",), None)
    failures = run_workers([own], folder, 1, watch)
    others = [p for p in plans if p.name in deviating and p.name != first.name]
    others = [p for p in others if can_probe(session.backends[p.backend])]
    if failures[first.name] is None:
        both = [_probed_plan(session, p, wanted, ("record", "force"), first.trace) for p in others]
        failures |= run_workers(both, folder, session.settings.workers, watch)
    ran = [p for p in (first, *others) if p.name in failures and failures[p.name] is None]
    partial = tuple(p.name for p in ran if is_partial(Trace(p.trace)))
    return ProbedRun(failures, {p.name: p.trace for p in ran}, partial)


def is_partial(trace: Trace) -> bool:
    """Whether a probed run saw its layers' values alone."""
    probes = trace.probes
    return probes is not None and not probes["complete"]


def _probed_plan(
    session: Session, plan: Plan, names: Sequence[str], modes: tuple[str, ...], other: Path | None
) -> Plan:
    probing = probing_of(
        plan,
        session.backends[plan.backend],
        session.declared,
        names,
        given=plan.backend in session.settings.sources,
        modes=modes,
        reference=other,
    )
    return replace(plan, probing=probing, is_plain=False)
