"""Runs mutants against the unchanged reference, and says what the harness made of each."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mutation.mutants import Mutant
from mutation.onnx_faults import ONNX_FAULTS, write
from mutation.runtime_faults import RUNTIME_FAULTS
from resdsl.codegen.backend import get_backend
from resdsl.diagnostics import Diagnostic
from resdsl.ir.graph import Graph
from resdsl.parity import Settings
from resdsl.parity.compare import Subject
from resdsl.parity.facts import absorbed
from resdsl.parity.judge import Judge, Run
from resdsl.parity.plan import Plan, write_plan
from resdsl.parity.report import Row, Status
from resdsl.parity.session import Session
from resdsl.parity.trace import Trace
from resdsl.records import dataclass

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = "torch"
BY_ID = {fault.id: fault for fault in ONNX_FAULTS}
IN_RUNTIME = {fault.id for fault in RUNTIME_FAULTS}
#: Two steps tell one optimizer from another.
STEPS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """What the harness made of one mutant; of a file without a fault, where `fault` is empty.

    `how` is `differs`, `agrees`, `refused` or `failed`; `what` the quantities that differ, or the
    message. `first` is the first value that differs, at line `found`.
    """

    network: str
    backend: str
    fault: str
    how: str
    what: str
    op: str = ""
    line: int | None = None
    paths: tuple[str, ...] = ()
    cause: str | None = None
    first: str | None = None
    found: int | None = None

    @property
    def is_detected(self) -> bool:
        return self.how != "agrees"

    @property
    def is_right(self) -> bool:
        """Whether a fault was found, or none where there is none."""
        return self.is_detected == bool(self.fault)


class Worker:
    """A process that holds one framework."""

    def __init__(self, backend: str) -> None:
        path = os.pathsep.join([str(ROOT), str(ROOT / "tests" / "support")])
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
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"plan": str(path), "fault": runtime_fault}) + "\n")
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
        self.plans = {plan.backend: plan for plan in session.prepare(folder)}

    def reference(self, worker: Worker) -> None:
        """Make the trace that everything is compared with."""
        plan = self.plans[REFERENCE]
        answer = worker.run(plan, self.folder / "reference.json")
        assert not answer, f"{self.name}: the reference failed: {answer}"

    def unchanged(self, backend: str, worker: Worker) -> Result:
        """The file as the compiler wrote it: must agree."""
        return self.run(Mutant(self.name, backend, ""), worker)

    def run(self, mutant: Mutant, worker: Worker) -> Result:
        """One mutant; what it leaves on disk is removed."""
        folder = self.folder / mutant.backend / (mutant.fault or "unchanged")
        folder.mkdir(parents=True, exist_ok=True)
        plan = replace(self.plans[mutant.backend], trace=folder / "trace")
        plan = replace(plan, source=self._source(mutant, plan.source, folder))
        in_runtime = mutant.fault if mutant.fault in IN_RUNTIME else None
        answer = worker.run(plan, folder / "plan.json", in_runtime)
        result = self._result(mutant, plan, answer)
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

    def _result(self, mutant: Mutant, plan: Plan, answer: dict[str, Any]) -> Result:
        made = Result(
            mutant.network,
            mutant.backend,
            mutant.fault,
            next(iter(answer), "agrees"),
            next(iter(answer.values()), ""),
            mutant.op,
            mutant.line,
            mutant.paths,
            mutant.cause,
        )
        if answer:
            return made
        row = self._row(plan)
        differ = [n for n, cell in row.cells.items() if cell.status is Status.DIFFERS]
        if row.first is None:
            return made
        return replace(
            made,
            how="differs",
            what=", ".join(differ),
            first=row.first.name,
            found=_line_of(row.first.diagnostic),
        )

    def _row(self, plan: Plan) -> Row:
        reference = self.plans[REFERENCE]
        subject = Subject(self.facts, self.settings.batch, STEPS, absorbed(self.graph))
        right = Run(get_backend(REFERENCE), "float64", Trace(reference.trace))
        mutant = Run(get_backend(plan.backend), "float64", Trace(plan.trace))
        return Judge(self.graph, subject, right).rows({"right": right, "mutant": mutant})[1]


def _line_of(diagnostic: Diagnostic | None) -> int | None:
    if diagnostic is None or diagnostic.primary is None:
        return None
    return diagnostic.primary.span.line
