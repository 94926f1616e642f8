"""One network through the backends: compiled, run, compared, and judged a second time where numbers
are beyond a limit."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from resdsl.codegen.backend import Backend
from resdsl.diagnostics import CompileError, Diagnostic
from resdsl.fuzzing import rounding
from resdsl.fuzzing.bench import Bench, Trouble
from resdsl.fuzzing.compiling import Crash
from resdsl.fuzzing.verdicts import Failure, Verdict
from resdsl.ir.graph import Graph
from resdsl.parity.compare import Subject
from resdsl.parity.facts import absorbed
from resdsl.parity.plan import Plan, run_name
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.report import Report, Row, Status
from resdsl.parity.session import Session
from resdsl.parity.settings import Settings
from resdsl.parity.trace import Trace
from resdsl.records import dataclass

#: Samples of a batch: enough for a batch norm over vectors, and no power of two.
BATCH = 6
#: What comes first, so that two failures are the same if this is.
GROUPS = {
    "eval": "forward",
    "train": "forward",
    "loss": "forward",
    "gradients": "gradients",
    "statistics": "statistics",
}


@dataclass(frozen=True, slots=True)
class Trial:
    """How networks are tried: in these backends, so many steps, in one precision."""

    backends: dict[str, Backend]
    bench: Bench
    dtype: str = "float64"
    steps: int = 2
    seed: int = 0

    def of(self, graph: Graph, only: Sequence[str] = ()) -> Verdict:
        """What becomes of a network, in all backends or in `only` some and the reference."""
        chosen = {n: b for n, b in self.backends.items() if not only or n in only}
        if only:
            reference = self._session(graph, self.backends).reference
            chosen = {reference: self.backends[reference]} | chosen
        with tempfile.TemporaryDirectory(prefix="resdsl-fuzz-") as name:
            return self._of(graph, chosen, Path(name), 1 if only else 2)

    def _session(self, graph: Graph, backends: dict[str, Backend]) -> Session:
        settings = Settings(
            backends=tuple(backends),
            dtype=self.dtype,
            steps=self.steps,
            batch=BATCH,
            seed=self.seed,
            workers=1,
        )
        return Session(graph, settings, backends)

    def _of(self, graph: Graph, backends: dict[str, Backend], folder: Path, least: int) -> Verdict:
        willing, refused, failures = backends, dict[str, str](), list[Failure]()
        try:
            session = self._session(graph, willing)
            plans = session.prepare(folder)
        except Exception:
            # One of them is to blame, and the others go on.
            willing, refused, failures = self._compiled(graph, backends, folder)
            if failures or len(willing) < least:
                return Verdict(tuple(willing), refused, tuple(failures))
            session = self._session(graph, willing)
            plans = session.prepare(folder)
        troubles = self.bench.run(plans, folder)
        wrong = [_trouble(p, t) for p in plans if (t := troubles[str(p.trace)]) is not None]
        if wrong:
            return Verdict(tuple(willing), refused, tuple(wrong))
        report = session.report(plans, dict.fromkeys(p.name for p in plans), 0.0)
        return self._judged(graph, session, plans, report, folder, refused)

    def _compiled(
        self, graph: Graph, backends: dict[str, Backend], folder: Path
    ) -> tuple[dict[str, Backend], dict[str, str], list[Failure]]:
        """The backends that take a network, the codes of those that refuse it, and failures."""
        willing: dict[str, Backend] = {}
        refused: dict[str, str] = {}
        failures: list[Failure] = []
        for name, backend in backends.items():
            own = folder / f"for-{name}"
            own.mkdir()
            try:
                self._session(graph, {name: backend}).prepare(own)
            except CompileError as refusal:
                refused[name] = refusal.diagnostics[0].code
            except Exception as failure:
                failures.append(crashed(failure, name))
            else:
                willing[name] = backend
        return willing, refused, failures

    def _judged(
        self,
        graph: Graph,
        session: Session,
        plans: list[Plan],
        report: Report,
        folder: Path,
        refused: dict[str, str],
    ) -> Verdict:
        ran = tuple(dict.fromkeys(plan.backend for plan in plans))
        beyond = [row for row in report.rows if not row.is_good and row.first is not None]
        if not beyond:
            return Verdict(ran, refused)
        if any(
            (row.first.problem or "").endswith("in the reference") for row in beyond if row.first
        ):
            return Verdict(ran, refused, not_finite=True)
        real = list(self._beyond_rounding(graph, session, plans, beyond, folder))
        failures = tuple(_differs(row) for row in real)
        return Verdict(ran, refused, failures, by_rounding=not failures)

    def _beyond_rounding(
        self, graph: Graph, session: Session, plans: list[Plan], rows: list[Row], folder: Path
    ) -> Iterator[Row]:
        """The rows that differ by more than rounding."""
        of = {plan.name: plan for plan in plans}
        base = of[run_name(session.reference, self.dtype)]
        others = rounding.perturbed(base, folder, self.steps, self.seed)
        troubles = self.bench.run(others, folder)
        moved = [Trace(plan.trace) for plan in others if troubles[str(plan.trace)] is None]
        subject = Subject(session.facts, BATCH, self.steps, absorbed(graph))
        floors = rounding.floors(Trace(base.trace), moved, subject)
        reference = Trace(of[run_name(session.reference, "float64")].trace)
        for row in rows:
            limits = {q.name: _limit(row, q.name) for q in QUANTITIES}
            candidate = Trace(of[run_name(row.backend, row.dtype)].trace)
            can_step = "steps" in self.backends[row.backend].capabilities
            if not rounding.is_rounding(
                reference, candidate, subject, limits, floors, can_step=can_step
            ):
                yield row


def _limit(row: Row, quantity: str) -> float | None:
    cell = row.cells[quantity]
    return cell.limit if cell.status is Status.DIFFERS else None


def crashed(failure: Exception, backend: str | None = None) -> Failure:
    """A failure of the compiler: an exception that is no diagnostic."""
    inner = failure.failure if isinstance(failure, Crash) else failure
    frames = traceback.extract_tb(inner.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""
    where = f"compiling for {backend}" if backend else "compiling"
    diagnostic = Diagnostic(
        "R0630",
        f"{where} raised `{type(inner).__name__}`: {inner}",
        notes=tuple("".join(traceback.format_exception(inner, limit=-5)).splitlines()),
    )
    return Failure(("compiler", type(inner).__name__, place), diagnostic)


def _trouble(plan: Plan, trouble: Trouble) -> Failure:
    diagnostic = Diagnostic(
        "R0604", f"the {plan.backend} worker {trouble.message}", notes=trouble.notes
    )
    name = "" if trouble.kind == "refused" else trouble.name
    return Failure((trouble.kind, plan.backend, name), diagnostic)


def _differs(row: Row) -> Failure:
    assert row.first is not None and row.first.diagnostic is not None
    group = GROUPS.get(row.first.quantity, "later")
    found = row.first.diagnostic
    diagnostic = Diagnostic(
        found.code, f"{row.backend}: {found.message}", found.primary, notes=found.notes
    )
    return Failure(("differs", row.backend, group), diagnostic)
