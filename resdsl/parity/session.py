"""One comparison from beginning to end: files, workers, traces, verdict."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.runtime import Array, Batch, Facts, training_form
from resdsl.diagnostics import CompileError, Diagnostic, error
from resdsl.ir.graph import Graph
from resdsl.parity import draw, photographs
from resdsl.parity.compare import Subject
from resdsl.parity.facts import absorbed, facts_of
from resdsl.parity.inputs import load_network, smallest_statistics
from resdsl.parity.judge import Judge, Run
from resdsl.parity.limits import is_coarse
from resdsl.parity.places import places_of
from resdsl.parity.plan import Plan, run_name, write_batch
from resdsl.parity.probes.patterns import chosen
from resdsl.parity.probes.session import can_probe, is_partial, probing_of
from resdsl.parity.processes import Progress, Watch, run_workers
from resdsl.parity.quantities import QUANTITIES
from resdsl.parity.report import Report, Row, Status
from resdsl.parity.settings import Settings, missing_of, reference_of
from resdsl.parity.trace import Trace
from resdsl.weights.names import layouts, load_weights
from resdsl.weights.store import read_weights, write_weights

#: Batch norms over fewer values than this are near-singular, which multiplies rounding.
FEW = 16


def run(
    network: Graph | str, settings: Settings | None = None, watch: Watch | None = None
) -> Report:
    """Compare one network, a graph or `net.res:model`, in several backends.

    `watch` is told what the workers do, from several threads. Raises `CompileError` where nothing
    can be compared: wrong settings, a missing framework or device. A worker that fails on the way
    is part of the report.
    """
    settings = settings or Settings()
    graph = load_network(network) if isinstance(network, str) else network
    started = time.perf_counter()
    settings.check()
    session = Session(graph, settings, backends_of(settings))
    session.check()
    with work_folder(settings.keep) as folder:
        plans = session.prepare(folder)
        failures = run_workers(plans, folder, settings.workers, watch or ignore)
        refusals = [f for f in failures.values() if f is not None and f.code == "R0603"]
        if refusals:
            raise CompileError(refusals)
        report = session.report(plans, failures, time.perf_counter() - started)
        if not report.agreed and settings.localize:
            from resdsl.parity.localize.after import localized

            report = localized(session, plans, folder, report, watch or ignore)
            report = replace(report, seconds=time.perf_counter() - started)
        return report


def ignore(progress: Progress) -> None:
    """Nobody watches."""


def backends_of(settings: Settings) -> dict[str, Backend]:
    """The backends by name. Raises `CompileError` where one is not installed."""
    backends = {name: get_backend(name) for name in settings.backends}
    for backend in backends.values():
        if not backend.runtime:
            raise error("R0602", f"parity cannot run the backend `{backend.name}`")
        missing = missing_of(backend)
        if missing:
            raise error(
                "R0602",
                f"`{backend.name}` needs {', '.join(missing)}, which is not installed",
                help=f"`pip install 'resdsl[{backend.extra}]'`",
            )
    return backends


@contextmanager
def work_folder(keep: Path | None) -> Iterator[Path]:
    """`keep`, made if need be, or a folder that is removed at the end."""
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="resdsl-parity-") as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise error("R0602", f"`{keep}` cannot be used as a folder: {problem.strerror}") from None
    yield keep.resolve()


@dataclass(frozen=True, slots=True)
class Session:
    """The parts of one comparison: what is compared, how, and in what."""

    graph: Graph
    settings: Settings
    backends: Mapping[str, Backend]

    @property
    def facts(self) -> Facts:
        return facts_of(self.graph)

    @property
    def declared(self) -> Graph:
        """What source code is made of: the network as its file has it."""
        return self.graph.declared or self.graph

    @property
    def reference_run(self) -> str:
        """The name of the run that all others are compared with."""
        return run_name(self.reference, "float64")

    def check(self) -> None:
        """Raise `CompileError` for what this network cannot be asked."""
        if self.settings.images == "photographs":
            photographs.check(self.facts)
        if self.settings.probe is not None:
            chosen(self.facts, self.settings.probe)
        smallest = smallest_statistics(self.graph, self.settings.batch)
        if self.settings.steps and smallest is not None and smallest[1] < 2:
            raise error(
                "R0606",
                f"batch norm `{smallest[0]}` sees one value per channel: it cannot train on that",
                help="a larger `--input` or `--batch`, or `--steps 0` for the eval forward alone",
            )

    def prepare(
        self, folder: Path, runs: Iterable[tuple[str, str, bool]] | None = None
    ) -> list[Plan]:
        """Write everything that the workers read; returns what each is to do.

        `runs` are backends and precisions, and whether inputs are moved: by default those of a
        comparison.
        """
        weights = folder / "weights.safetensors"
        self._write_weights(weights)
        self._write_batches(folder / "batches")
        plans = []
        for name, dtype, moved in runs or self._runs():
            backend = self.backends[name]
            source = self._write_source(backend, dtype, folder / run_name(name, dtype), weights)
            plan = self._plan(name, dtype, source, folder)
            if moved:
                trace = folder / run_name(name, dtype, moved=True) / "trace"
                plan = replace(plan, moved=self.settings.seed, trace=trace)
            plans.append(self._with_probes(plan))
        return plans

    @property
    def probed(self) -> tuple[str, ...]:
        """The names of the values on the way that are asked for."""
        pattern = self.settings.probe
        return () if pattern is None else chosen(self.facts, pattern)

    def _with_probes(self, plan: Plan) -> Plan:
        backend, names = self.backends[plan.backend], self.probed
        if not names or not can_probe(backend):
            return plan
        given = plan.backend in self.settings.sources
        probing = probing_of(plan, backend, self.declared, names, given=given)
        return replace(plan, probing=probing)

    def _runs(self) -> list[tuple[str, str, bool]]:
        """Backends and precisions. In lower precision the float64 reference comes first, and the
        reference backend runs once more, from moved inputs."""
        dtype, reference = self.settings.dtype, self.reference
        runs = [(name, dtype, False) for name in self.backends]
        if dtype == "float64":
            return runs
        return [(reference, "float64", False), *runs, (reference, dtype, True)]

    @property
    def reference(self) -> str:
        """The backend that the others are compared with."""
        return reference_of(self.backends)

    def _write_weights(self, path: Path) -> None:
        given = self.settings.weights
        arrays: Iterator[tuple[str, Array]]
        if given is None:
            arrays = draw.starting_weights(self.graph, self.settings.seed)
        else:
            arrays = iter(load_weights(given, self.graph.weights).items())
        write_weights(path, layouts(self.graph.weights), arrays)

    def _write_batches(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        facts, size, seed = self.facts, self.settings.batch, self.settings.seed
        real = self.settings.images == "photographs"
        photos = photographs.photographs() if real else []
        for step in range(max(1, self.settings.steps)):
            inputs = (
                draw.noise(facts, size, step, seed)
                if not real
                else {facts.inputs[0].name: photographs.batch_of(facts, photos, size, step, seed)}
            )
            targets = draw.targets(facts, size, step, seed)
            masks = draw.masks(facts, size, step, seed)
            write_batch(folder, step, Batch(inputs, targets, draw.loss_name(facts), masks))

    def _write_source(self, backend: Backend, dtype: str, home: Path, weights: Path) -> Path:
        given = self.settings.sources.get(backend.name)
        if given is not None:
            if not given.is_file():
                raise error("R0602", f"there is no file `{given}`")
            return given.resolve()
        path = home / backend.file_name(self.graph.name)
        path.parent.mkdir(exist_ok=True)
        if backend.emit is not None:
            path.write_text(backend.emit(self.declared), encoding="utf-8")
        elif backend.export is not None:
            arrays = read_weights(weights)
            # In float64 every size is a number: elementary operations have no other form.
            graph = self.graph if dtype == "float64" else self.declared
            backend.export(graph, path, arrays, dtype=dtype)
            if self.settings.steps:
                # Its weights are inputs: they need not be written once more.
                batch = self.settings.batch
                backend.export(
                    self.graph, training_form(path), training=True, batch=batch, dtype=dtype
                )
        return path

    def _plan(self, name: str, dtype: str, source: Path, folder: Path) -> Plan:
        facts, settings = self.facts, self.settings
        return Plan(
            backend=name,
            policy=settings.policy(dtype),
            facts=facts,
            source=source,
            weights=folder / "weights.safetensors",
            batches=folder / "batches",
            trace=folder / run_name(name, dtype) / "trace",
            loss=draw.loss_name(facts),
            rates=tuple(settings.rates()),
            momentum=settings.momentum,
            decay=settings.decay,
        )

    def report(
        self, plans: list[Plan], failures: Mapping[str, Diagnostic | None], seconds: float
    ) -> Report:
        """Read the traces and judge."""
        runs = {
            plan.name: Run(
                self.backends[plan.backend],
                plan.policy.dtype,
                Trace(plan.trace),
                failures[plan.name],
                is_partial=is_partial(Trace(plan.trace)),
            )
            for plan in plans
        }
        facts, settings = self.facts, self.settings
        subject = Subject(facts, settings.batch, settings.steps, absorbed(self.graph), self.probed)
        reference = runs[self.reference_run]
        names = [run_name(self.reference, settings.dtype, moved=moved) for moved in (False, True)]
        yardsticks = [runs[name] for name in names] if settings.dtype != "float64" else []
        judge = Judge(places_of(self.graph), subject, reference, yardsticks)
        rows = judge.rows(runs)
        return Report(
            model=facts.model,
            subject=self.subject(),
            reference=self.reference_run.replace("-", " "),
            rows=tuple(rows),
            seconds=seconds,
            notes=(*self.notes(), *_partly(runs, subject), *_coarse(rows)),
            depth=judge.depth,
        )

    def subject(self) -> dict[str, Any]:
        """What is compared, in plain data."""
        settings = self.settings
        return {
            "parameters": self.graph.parameters,
            "inputs": {i.name: list(i.shape) for i in self.facts.inputs},
            "dtype": settings.dtype,
            "batch": settings.batch,
            "steps": settings.steps,
            "images": settings.images,
            "seed": settings.seed,
            "device": settings.device,
            "tf32": settings.tf32,
            "loss": draw.loss_name(self.facts),
            "lr": settings.rates(),
            "momentum": settings.momentum,
            "weight decay": settings.decay,
            "weights": str(settings.weights or "drawn"),
            "sources": {name: str(path) for name, path in settings.sources.items()},
            "absorbed biases": len(absorbed(self.graph)),
            "probe": settings.probe,
        }

    def notes(self) -> Iterator[str]:
        """What a reader of the figures should know of the network."""
        settings = self.settings
        if self.graph.declared is not None:
            inputs = " and ".join(map(str, self.graph.input_types))
            yield (
                f"sizes are known at run time only, and compared at an input of {inputs}: --input "
                "takes others"
            )
        if settings.steps:
            smallest = smallest_statistics(self.graph, settings.batch)
            if smallest is not None and smallest[1] < FEW:
                yield (
                    f"batch norm `{smallest[0]}` sees {smallest[1]} values per channel: so few "
                    "multiply rounding, a larger --input or --batch does not"
                )
            count = len(absorbed(self.graph))
            if count:
                biases = "one bias" if count == 1 else f"{count} biases"
                yield (
                    f"{biases} cannot change the result (a batch norm or the softmax of an "
                    "attention is behind): the gradient is rounding, measured by the scale of the "
                    "layer's weight"
                )


def _partly(runs: Mapping[str, Run], subject: Subject) -> Iterator[str]:
    """Of files that have no calls of `probe`."""
    for run in runs.values():
        if run.is_partial and subject.probed:
            seen = len(run.trace.section("values") or ())
            yield (
                f"the source for {run.backend.name} has no calls of `probe`: of "
                f"{len(subject.probed)} values, the {seen} that its layers leave are compared"
            )


def _coarse(rows: list[Row]) -> Iterator[str]:
    """Of lower precision: where rounding has grown so far that agreement says little."""
    for row in rows:
        for quantity in QUANTITIES:
            cell = row.cells[quantity.name]
            if cell.status is Status.YARDSTICK and is_coarse(cell.limit or 0, row.dtype):
                yield (
                    f"{quantity.title}: {row.dtype} itself is {cell.error:.0e} away from float64, "
                    "so that agreement within ten times that says little"
                )
