"""Trainers of several processes: the steps of a recipe done by one process, or shared by some.

No framework is imported here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from trainers import MOMENTUM, PLAIN, RECIPES, State, batch, first_state, tiny

from resdsl.codegen.backend import get_backend
from resdsl.codegen.lower.dialect import pascal
from resdsl.ir.graph import Graph
from resdsl.processes.pool import free_addresses
from resdsl.recipes.recipe import Ema, Recipe, Sgd
from resdsl.records import replace

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "tests" / "training" / "devices" / "steps.py"
#: Seconds after which processes of a test are ended.
PATIENCE = 240
STEPS = 3
#: Cases that come out otherwise in two processes.
DIFFERENT = ("local", "still", "dropping")
#: Whether `make device-test` asks for all cases in all frameworks.
EVERYTHING = "DEVICE_TEST" in os.environ
#: Backends that print trainers for several processes, and what each is tested with: PyTorch, which
#: starts fastest, with all.
SELECTED = {
    "torch": ("momentum", "clip", "accumulate", "adamw", "all", "population", *DIFFERENT),
    "jax": ("all", "still"),
    "tensorflow": ("all", "population", "still", "dropping"),
}
BACKENDS = tuple(SELECTED)
#: Those with which whole runs are tested.
RUNNERS = BACKENDS if EVERYTHING else ("torch",)
#: Agreement of the run that two processes share with that of one, in float64.
TOLERANCE = 1e-12

#: Small, without a bias that a norm takes away again: its gradient is noise, and AdamW makes it
#: large. `unused` has no gradient at all.
NETWORK = """
model tiny(classes = 3) {
    input(2, 6, 6)
    conv: conv(4, 3, bias = false); norm: batch_norm; relu; start: identity
    dead: { unused: conv(4, 1) }
    from start
    residual {
        conv1: conv(4, 3, bias = false); norm1: batch_norm(affine = false); relu
    }
    shift: offset
    global_avg_pool
    drop: dropout(0)
    fc: linear(classes)
}
"""
DROPPING = NETWORK.replace("dropout(0)", "dropout(0.5)")
POPULATION = NETWORK.replace("batch_norm", 'batch_norm(variance = "population")', 1).replace(
    "affine = false", 'affine = false, variance = "population"'
)
LOCAL = replace(PLAIN, optimizer=MOMENTUM)
#: Recipes whose run is the same, however many processes share it.
SYNCHRONIZED = {
    name: replace(RECIPES[name], batch_norm="synchronized")
    for name in ("momentum", "clip", "accumulate", "adamw", "all")
}

Cases = Mapping[str, tuple[Graph, Recipe]]


def launch(backend: str, rank: int, addresses: Sequence[str]) -> dict[str, str]:
    """The environment that a launcher gives a process; alone, it has none."""
    kept = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    chosen = get_backend(backend).launch
    assert chosen is not None
    return {**kept, **chosen(rank, addresses, "cpu")} if len(addresses) > 1 else kept


def start(
    command: list[str], backend: str, processes: int, folder: Path
) -> list[subprocess.Popen[bytes]]:
    """The command in some processes that know of each other; what they say goes into files."""
    addresses = free_addresses(processes)
    started = []
    for rank in range(processes):
        with (folder / f"said-{rank}-of-{processes}").open("wb") as said:
            environment = launch(backend, rank, addresses)
            started.append(
                subprocess.Popen(command, env=environment, stdout=said, stderr=subprocess.STDOUT)
            )
    return started


def finish(started: list[subprocess.Popen[bytes]], folder: Path) -> None:
    """Wait for the processes, all of which must come to their end."""
    try:
        for rank, process in enumerate(started):
            status = process.wait(PATIENCE)
            said = folder / f"said-{rank}-of-{len(started)}"
            assert status == 0, said.read_text(errors="replace")
    finally:
        for process in started:
            process.kill()
            process.wait()


def write_scripts(graph: Graph, recipe: Recipe, backend: str, folder: Path, processes: int) -> Path:
    """The model's file and a script beside it, the ordinary one if it is for one process; returns
    the script."""
    chosen = get_backend(backend)
    emit = chosen.trainer(distributed=processes > 1)
    assert chosen.emit is not None and emit is not None
    (folder / chosen.file_name(graph.name)).write_text(chosen.emit(graph))
    script = folder / chosen.trainer_name(graph.name)
    script.write_text(emit(graph, recipe))
    return script


def write_cases(cases: Cases, backend: str, folder: Path, processes: int) -> Path:
    """Scripts, batches and first states, and the plan that the driver reads."""
    said = []
    for name, (graph, recipe) in cases.items():
        own = folder / name
        own.mkdir()
        script = write_scripts(graph, recipe, backend, own, processes)
        batches = [batch(graph, recipe, step) for step in range(STEPS)]
        images, labels = (np.stack(parts) for parts in zip(*batches, strict=True))
        np.savez(own / "batches.npz", images=images, labels=labels)
        np.savez(own / "first.npz", **first_state(graph, recipe))
        rate = recipe.optimizer.lr
        case = {"folder": str(own), "script": script.stem, "class": pascal(graph.name)}
        said.append(case | {"rate": rate, "accumulate": recipe.accumulate})
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"backend": backend, "cases": said}))
    return plan


def run_cases(cases: Cases, backend: str, processes: int, folder: Path) -> dict[str, list[State]]:
    """What each process's trainer holds after `STEPS` steps, by the name of the case: its state,
    with `loss` and `correct` of each step, and `tested`, what `evaluate` said at the end."""
    folder.mkdir()
    plan = write_cases(cases, backend, folder, processes)
    command = [sys.executable, str(DRIVER), str(plan), str(processes)]
    finish(start(command, backend, processes, folder), folder)
    return {
        name: [dict(np.load(folder / name / f"after-{rank}.npz")) for rank in range(processes)]
        for name in cases
    }


def all_cases() -> dict[str, tuple[Graph, Recipe]]:
    """What two processes are tested with."""
    network = tiny(NETWORK)
    cases = {name: (network, recipe) for name, recipe in SYNCHRONIZED.items()}
    cases["population"] = tiny(POPULATION), SYNCHRONIZED["momentum"]
    cases["local"] = network, replace(LOCAL, average=Ema(0.8))
    cases["still"] = network, replace(LOCAL, average=Ema(0.8), optimizer=Sgd(lr=0.0))
    cases["dropping"] = tiny(DROPPING), SYNCHRONIZED["momentum"]
    return cases


def selected(backend: str) -> dict[str, tuple[Graph, Recipe]]:
    """What a backend is tested with."""
    cases = all_cases()
    return cases if EVERYTHING else {name: cases[name] for name in SELECTED[backend]}


def farthest(one: State, other: State) -> float:
    """The largest difference of all."""
    return max(differences(one, other).values())


def differences(one: State, other: State) -> dict[str, float]:
    """The largest difference of each array."""
    assert one.keys() == other.keys()
    return {name: float(abs(one[name] - other[name]).max()) for name in one}
