"""Runs mutants against the unchanged reference, and says what the harness made of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mutation.expected import CAUSES
from mutation.mutants import Mutant
from mutation.onnx_faults import ONNX_FAULTS, write
from mutation.runtime_faults import RUNTIME_FAULTS
from resdsl.codegen.backend import get_backend
from resdsl.ir.graph import Graph
from resdsl.parity import Settings
from resdsl.parity.compare import Subject
from resdsl.parity.facts import absorbed
from resdsl.parity.judge import Judge, Run
from resdsl.parity.localize import laboratory
from resdsl.parity.localize.after import is_update
from resdsl.parity.localize.find import Case, find
from resdsl.parity.localize.flow import Flow
from resdsl.parity.localize.local import Evidence
from resdsl.parity.localize.trials import Experiment
from resdsl.parity.places import places_of
from resdsl.parity.plan import Plan, Probing, write_plan
from resdsl.parity.probes.session import probing_of
from resdsl.parity.report import Divergence, Row, Status
from resdsl.parity.session import Session
from resdsl.parity.trace import Trace
from resdsl.records import dataclass
from resdsl.weights.store import read_weights

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = "torch"
BY_ID = {fault.id: fault for fault in ONNX_FAULTS}
IN_RUNTIME = {fault.id for fault in RUNTIME_FAULTS}
#: What is shown of a fault of the optimizer.
UPDATE = "update"
#: Two steps tell one optimizer from another.
STEPS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What the harness made of one mutant; of a file without a fault, where `fault` is empty.

    `how` is `differs`, `agrees`, `refused` or `failed`; `what` the quantities that differ, or the
    message. `found` is the line that is shown for it, at `place`, and `named` the causes that are.
    """

    network: str
    backend: str
    fault: str
    how: str
    what: str
    op: str = ""
    lines: tuple[int, ...] = ()
    paths: tuple[str, ...] = ()
    place: str = ""
    found: int | None = None
    named: tuple[str, ...] = ()

    @property
    def is_detected(self) -> bool:
        return self.how != "agrees"

    @property
    def is_localised(self) -> bool:
        """Whether the line that is shown is the one that is wrong."""
        return self.found in self.lines if self.lines else self.place in (UPDATE, "loss")

    @property
    def is_named(self) -> bool:
        """Whether the cause is among those that are given, all of which explain what is seen."""
        return bool(set(self.named) & set(CAUSES.get(self.fault, ())))

    @property
    def is_right(self) -> bool:
        """Whether a fault was found, or none where there is none."""
        return self.is_detected == bool(self.fault)


class Worker:
    """A process that holds one framework."""

    def __init__(self, backend: str) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mutation.worker", backend],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )

    def run(self, plan: Plan, path: Path, runtime_fault: str | None = None) -> dict[str, Any]:
        """Have a plan carried out; returns the worker's answer."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_plan(plan, path)
        return self.order(plan=str(path), fault=runtime_fault)

    def order(self, **order: Any) -> dict[str, Any]:
        """Have an order carried out; returns the answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        # The reference's worker also tries causes, for whoever asks.
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def workers(backends: Iterable[str]) -> Iterator[dict[str, Worker]]:
    """A process for each backend."""
    started = {name: Worker(name) for name in backends}
    try:
        yield started
    finally:
        for worker in started.values():
            worker.close()


class Bench:
    """One network with its weights, batches and reference trace."""

    def __init__(self, name: str, graph: Graph, folder: Path, backends: Iterable[str]) -> None:
        self.name = name
        self.graph = graph
        self.folder = folder
        names = tuple(dict.fromkeys([REFERENCE, *backends]))
        self.settings = Settings(backends=names, steps=STEPS, workers=os.cpu_count() or 1)
        session = Session(graph, self.settings, {n: get_backend(n) for n in names})
        folder.mkdir(parents=True, exist_ok=True)
        self.facts = session.facts
        self.values = [value.name for value in session.facts.values]
        self.plans = {plan.backend: plan for plan in session.prepare(folder)}

    def reference(self, worker: Worker) -> None:
        """Make the trace that everything is compared with, with the values on the way."""
        plan = self.plans[REFERENCE]
        backend, declared = get_backend(REFERENCE), self.graph.declared or self.graph
        probing = probing_of(plan, backend, declared, self.values, given=False)
        answer = worker.run(replace(plan, probing=probing), self.folder / "reference.json")
        assert not answer, f"{self.name}: the reference failed: {answer}"

    def unchanged(self, backend: str, running: Mapping[str, Worker]) -> Result:
        """The file as the compiler wrote it: must agree."""
        return self.run(Mutant(self.name, backend, ""), running)

    def run(self, mutant: Mutant, running: Mapping[str, Worker]) -> Result:
        """One mutant; what it leaves on disk is removed."""
        folder = self.folder / mutant.backend / (mutant.fault or "unchanged")
        folder.mkdir(parents=True, exist_ok=True)
        plan = replace(self.plans[mutant.backend], trace=folder / "trace")
        plan = replace(plan, source=self._source(mutant, plan.source, folder))
        in_runtime = mutant.fault if mutant.fault in IN_RUNTIME else None
        answer = running[mutant.backend].run(plan, folder / "plan.json", in_runtime)
        result = self._result(mutant, answer)
        if not answer and (first := self._row(plan).first) is not None:
            result = self._localised(result, mutant, plan, first, running)
        shutil.rmtree(folder)
        return result

    def _source(self, mutant: Mutant, unchanged: Path, folder: Path) -> Path:
        if mutant.node is not None:
            target = folder / unchanged.name
            write(unchanged, target, BY_ID[mutant.fault], mutant.node, self.graph)
            return target
        if not mutant.text:
            return unchanged
        target = folder / unchanged.name
        target.write_text(mutant.text, encoding="utf-8")
        return target

    def _result(self, mutant: Mutant, answer: dict[str, Any]) -> Result:
        return Result(
            mutant.network,
            mutant.backend,
            mutant.fault,
            next(iter(answer), "agrees"),
            next(iter(answer.values()), ""),
            mutant.op,
            mutant.lines,
            mutant.paths,
        )

    def _localised(
        self,
        result: Result,
        mutant: Mutant,
        plan: Plan,
        first: Divergence,
        running: Mapping[str, Worker],
    ) -> Result:
        """The result with what the harness shows of it."""
        row = self._row(plan)
        differ = [n for n, cell in row.cells.items() if cell.status is Status.DIFFERS]
        result = replace(result, how="differs", what=", ".join(differ))
        if is_update(first) or first.name == "loss":
            return replace(result, place=UPDATE if is_update(first) else "loss")
        folder = plan.trace.parent
        source = plan.source
        if mutant.probed:
            source = folder / "probed" / plan.source.name
            source.parent.mkdir()
            source.write_text(mutant.probed, encoding="utf-8")
        reference = self.plans[REFERENCE].trace
        probing = Probing(source, tuple(self.values), ("record", "force"), reference)
        probed = replace(plan, probing=probing, is_plain=False)
        answer = running[mutant.backend].run(probed, folder / "probed.json")
        case = Case(
            Flow(self.graph),
            Evidence(Trace(reference), Trace(plan.trace), None, absorbed(self.graph)),
            read_weights(plan.weights),
            plan.batch(0),
            REFERENCE,
            mutant.backend,
        )
        faults = find(case, lambda wanted: self._tried(wanted, folder, running[REFERENCE]))
        if not faults:
            return replace(result, place=next(iter(answer.values()), "nowhere"))
        return replace(
            result,
            place=faults[0].path,
            found=int(str(faults[0].place).split(":")[-2]),
            named=tuple(cause.name for cause in faults[0].causes),
        )

    def _tried(
        self, wanted: Sequence[Experiment], folder: Path, worker: Worker
    ) -> list[dict[str, Any]]:
        """Trials, in the reference's worker."""
        path = folder / "trials.json"
        entries = [laboratory.written(e, folder / f"trial-{i}") for i, e in enumerate(wanted)]
        path.write_text(json.dumps(entries), encoding="utf-8")
        results: list[dict[str, Any]] = worker.order(trials=str(path))["results"]
        return results

    def _row(self, plan: Plan) -> Row:
        reference = self.plans[REFERENCE]
        subject = Subject(self.facts, self.settings.batch, STEPS, absorbed(self.graph))
        right = Run(get_backend(REFERENCE), "float64", Trace(reference.trace))
        mutant = Run(get_backend(plan.backend), "float64", Trace(plan.trace))
        return Judge(places_of(self.graph), subject, right).rows(
            {"right": right, "mutant": mutant}
        )[1]
