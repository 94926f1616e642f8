"""PyTorch and JAX on a GPU, beside PyTorch on the CPU: `make gpu-parity`.

For each network a trace of every run: float64 on both devices, float32 on the GPU with TF32 off and
on, and bfloat16, each with its yardsticks. They are compared with `resdsl compare`'s judge, and
FOLDER/report.md has the figures, devices, versions and policies. TensorFlow is not needed. Exits
with 1 if any differs or failed, with 2 if nothing could run on the device.

    python -m tests.gpu_parity [-o FOLDER] [--device cpu] [--backends torch,jax] [--keep]
                               [--traces FOLDER] [NETWORK ...]

`--keep` keeps the traces in FOLDER/traces, and `--traces` takes such a folder from another machine:
its traces of the same networks are compared too. Without networks it is ResNet-50, ResNet-110 and
the smallest model of each file of examples/zoo.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resdsl.diagnostics import CompileError, Diagnostic, render_all
from resdsl.ir.graph import Graph
from resdsl.parity.inputs import load_network
from resdsl.parity.report import Cell, Report, Row, Status
from resdsl.parity.settings import DTYPES, Settings
from resdsl.parity.traces.judged import compare_traces
from resdsl.parity.traces.record import record
from resdsl.passes.load import complete_models, load_program
from tests.parity_all import EXAMPLES, ZOO, batch_for, steps_for

FIRST = ("resnet.res:resnet50", "resnet_cifar.res:resnet110")
MARKS = {Status.AGREES: "✓ ", Status.DIFFERS: "✗ "}


@dataclass(frozen=True)
class Run:
    """One trace to be made."""

    backend: str
    device: str
    dtype: str
    tf32: bool = False
    moved: bool = False

    @property
    def name(self) -> str:
        more = ["tf32"] * self.tf32 + ["moved"] * self.moved
        return "-".join([self.backend, self.device, self.dtype, *more])


@dataclass
class Outcome:
    """What became of one network: runs that failed, by name, and the comparison of the others."""

    network: str
    failures: dict[str, Diagnostic]
    report: Report | None = None
    problem: Diagnostic | None = None

    @property
    def is_good(self) -> bool:
        return not self.failures and self.report is not None and self.report.agreed


def runs_on(device: str, backends: list[str]) -> list[Run]:
    """All runs, the reference first: the first backend in float64 on the CPU."""
    runs = [Run(backends[0], "cpu", "float64")]
    for dtype in DTYPES:
        forms = (False, True) if (dtype, device) == ("float32", "cuda") else (False,)
        for tf32 in forms:
            runs.extend(Run(backend, device, dtype, tf32) for backend in backends)
            if dtype != "float64":
                runs.append(Run(backends[0], device, dtype, tf32, moved=True))
    return list(dict.fromkeys(runs))


def networks(patterns: list[str]) -> Iterator[Path | str]:
    """Targets: those that are named, or the usual ones."""
    if patterns:
        yield from patterns
        return
    yield from (str(EXAMPLES / name) for name in FIRST)
    for file in sorted(ZOO.glob("*.res")):
        models = complete_models(load_program(str(file)))
        graphs = {model: load_network(f"{file}:{model}") for model in models}
        yield f"{file}:{min(models, key=lambda model: graphs[model].parameters)}"


def trace_all(graph: Graph, stem: str, runs: list[Run], folder: Path, steps: int) -> Outcome:
    """Make the traces, and say which could not be made."""
    outcome = Outcome(stem, {})
    for run in runs:
        settings = Settings(
            backends=(run.backend,),
            dtype=run.dtype,
            device=run.device,
            tf32=run.tf32,
            steps=steps,
            batch=batch_for(graph),
            workers=1,
        )
        try:
            path = folder / f"{stem}-{run.name}.safetensors"
            record(graph, path, settings, moved=run.moved)
        except CompileError as failure:
            outcome.failures[run.name] = failure.diagnostics[0]
    return outcome


def compare(outcome: Outcome, runs: list[Run], folders: list[Path]) -> None:
    """Judge the traces of a network that are there, with those that were brought along."""
    own = [folders[0] / f"{outcome.network}-{run.name}.safetensors" for run in runs]
    brought = [p for f in folders[1:] for p in sorted(f.glob(f"{outcome.network}-*.safetensors"))]
    paths = [path for path in [*own, *brought] if path.is_file()]
    try:
        outcome.report = compare_traces(paths)
    except CompileError as failure:
        outcome.problem = failure.diagnostics[0]


def carry_out(options: argparse.Namespace) -> Iterator[Outcome]:
    """One network after the other; traces take gigabytes, so that they go when they are judged."""
    runs = runs_on(options.device, options.backends.split(","))
    folder = options.output / "traces"
    folder.mkdir(parents=True, exist_ok=True)
    brought = [] if options.traces is None else [options.traces]
    for target in networks(options.networks):
        started = time.perf_counter()
        graph = load_network(str(target))
        stem = f"{Path(str(target).rpartition(':')[0]).stem}-{graph.name}"
        steps = (
            steps_for(graph, Path(str(target)).parent) if options.steps is None else options.steps
        )
        outcome = trace_all(graph, stem, runs, folder, steps)
        compare(outcome, runs, [folder, *brought])
        if not options.keep:
            shutil.rmtree(folder)
            folder.mkdir()
        said = f"{verdict(outcome)} ({time.perf_counter() - started:.0f} s)"
        print(f"{stem}: {said}", flush=True)
        for failure in dict.fromkeys([*outcome.failures.values(), outcome.problem]):
            if failure is not None:
                print(render_all([failure]), file=sys.stderr, flush=True)
        yield outcome
    if not options.keep:
        folder.rmdir()


def verdict(outcome: Outcome) -> str:
    """One line: who differs, and what was not run."""
    rows = [] if outcome.report is None else outcome.report.rows
    differ = [run_name(row) for row in rows if not row.is_good]
    parts = [
        f"{', '.join(names)} {what}"
        for names, what in (
            (differ, "differ"),
            (list(outcome.failures), "were not run"),
        )
        if names
    ]
    return "; ".join(parts) or "all runs agree"


def written(outcomes: list[Outcome], device: str) -> str:
    """The report, as Markdown."""
    used = dict.fromkeys(
        str(row.policy["device"]) for o in outcomes if o.report for row in o.report.rows
    )
    good = sum(outcome.is_good for outcome in outcomes)
    head = (
        f"{good} of {len(outcomes)} networks agree in every run. Devices: {', '.join(used)}; "
        f"{platform.platform()}. Errors are relative to the largest entry of each array; the "
        "reference is the first row, and each other precision is measured by its own yardsticks."
    )
    parts = [f"# Parity on {device}", head, *(section(outcome) for outcome in outcomes)]
    return "\n\n".join(parts) + "\n"


def section(outcome: Outcome) -> str:
    """One network."""
    parts = [f"## {outcome.network}"]
    for name, failure in outcome.failures.items():
        parts.append(f"- `{name}` was not run: {failure.message}")
    if outcome.report is None:
        reason = "" if outcome.problem is None else f": {outcome.problem.message}"
        return "\n\n".join([*parts, f"Nothing was compared{reason}"])
    report = outcome.report
    parts.append(table(report))
    parts.append("\n".join(f"- {said}" for said in remarks(report)))
    return "\n\n".join(parts)


def table(report: Report) -> str:
    """Runs down, quantities across."""
    quantities = list(report.quantities())
    titles = [q.title for q in quantities]
    lines = [f"| run | {' | '.join(titles)} |", "|---" * (len(titles) + 1) + "|"]
    for row in report.rows:
        cells = [cell_text(row.cells[q.name]) for q in quantities]
        lines.append(f"| {run_name(row)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def run_name(row: Row) -> str:
    tf32 = " TF32" if row.policy.get("tf32 matmul") else ""
    return f"{row.backend} {row.dtype}{tf32}, {row.policy['device']}"


def cell_text(cell: Cell) -> str:
    if cell.problem is not None and cell.status is Status.DIFFERS:
        return f"✗ {cell.problem}"
    if cell.error is None:
        return cell.status.value
    return f"{MARKS.get(cell.status, '')}{cell.error:.1e} of {cell.limit:.0e}"


def remarks(report: Report) -> Iterator[str]:
    """What was computed, how, and where the first difference of each run is."""
    about = report.subject
    shapes = ", ".join("x".join(map(str, shape)) for shape in about["inputs"].values())
    yield f"{about['parameters']:,} parameters, {about['batch']} x {shapes}, {about['steps']} steps"
    versions = [row.policy["versions"] for row in report.rows]
    yield "versions: " + ", ".join(
        dict.fromkeys(f"{name} {version}" for found in versions for name, version in found.items())
    )
    for row in report.rows:
        yield f"{run_name(row)}: {policy(row)}"
        if row.first is not None:
            first = row.first
            what = first.problem or f"{first.error:.1e}"
            yield f"{run_name(row)} differs first in {first.quantity} `{first.name}`: {what}"


def policy(row: Row) -> str:
    """Everything in force but what stands elsewhere."""
    told = {k: v for k, v in row.policy.items() if k not in ("versions", "device", "dtype")}
    return ", ".join(f"{key} {value}" for key, value in told.items() if value != "")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/gpu"), metavar="FOLDER")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--backends", default="torch,jax")
    parser.add_argument("--steps", type=int, help="by default 5, and 1 for the zoo")
    parser.add_argument("--traces", type=Path, metavar="FOLDER")
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args(arguments)
    outcomes = []
    for outcome in carry_out(options):
        outcomes.append(outcome)
        tried = {run.name for run in runs_on(options.device, options.backends.split(","))}
        there = {name for name in tried if f"-{options.device}-" in name}
        if there <= outcome.failures.keys():
            # Nothing of this ran: it would be so for the next network too.
            reasons = dict.fromkeys(outcome.failures[name].message for name in sorted(there))
            print(
                f"nothing can run on {options.device} here: {'; '.join(reasons)}", file=sys.stderr
            )
            return 2
    path = options.output / "report.md"
    path.write_text(written(outcomes, options.device), encoding="utf-8")
    print(f"wrote {path}")
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
