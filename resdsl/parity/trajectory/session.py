"""One comparison of trainers from beginning to end: files, workers, and steps as they come."""

from __future__ import annotations

import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from resdsl.codegen.backend import Backend
from resdsl.codegen.runtime import Policy
from resdsl.diagnostics import CompileError, Diagnostic, error
from resdsl.files import write_text
from resdsl.ir.graph import Graph
from resdsl.parity.facts import absorbed, facts_of
from resdsl.parity.session import work_folder
from resdsl.parity.trajectory.compare import Comparer, Point
from resdsl.parity.trajectory.judge import Judge
from resdsl.parity.trajectory.orders import Orders, Step, step_file, take_step, write_orders
from resdsl.parity.trajectory.report import FLOOR, Trajectory
from resdsl.parity.trajectory.settings import LIMIT, Settings
from resdsl.processes.pool import Job, Message, Pool
from resdsl.recipes.recipe import Recipe
from resdsl.records import dataclass
from resdsl.training.begin import subject_of, trainable
from resdsl.training.messages import diagnostic_from_json
from resdsl.training.plan import Plan, write_plan
from resdsl.weights.canonical import write_canonical

WORKER = "resdsl.parity.trajectory.worker"
#: Told the phases of each run, and the step that all have reached; from several threads.
Watch = Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Run:
    """One process: a backend, perhaps with moved inputs. It writes its steps into `folder`."""

    name: str
    backend: str
    orders: Path
    folder: Path


def run(
    graph: Graph, recipe: Recipe, settings: Settings | None = None, watch: Watch | None = None
) -> Trajectory:
    """Train one network by `recipe` in several frameworks side by side, comparing every step.

    The recipe's precision is what is compared: `float64`, or `float32`, which has always a noise
    floor. Raises `CompileError` where nothing can be compared.
    """
    settings = settings or Settings()
    watch = watch or _ignore
    started = time.perf_counter()
    check(graph, recipe, settings)
    with work_folder(settings.keep) as folder:
        runs = prepare(graph, recipe, settings, folder)
        # Every run waits for the slowest, and so all are under way at the same time.
        listener = Listener(runs, watch)
        jobs = [Job(r.name, WORKER, r.orders) for r in runs]
        with Pool(jobs, len(jobs), listener.hear) as pool:
            comparison = Comparison(graph, recipe, settings, listener)
            comparison.follow(runs)
            pool.stop()
            endings = pool.join()
        for name, ending in endings.items():
            listener.judge(name, ending.status, ending.how, ending.tail)
        listener.expect_allowed()
        return comparison.report(runs, time.perf_counter() - started)


def _ignore(run: str, what: str) -> None:
    """Nobody watches."""


def check(graph: Graph, recipe: Recipe, settings: Settings) -> None:
    """Raise `CompileError` for what cannot be compared."""
    settings.check()
    trainable(settings.backends)
    subject_of(graph, recipe)
    if recipe.precision not in ("float64", "float32"):
        raise error(
            "R0601",
            f"trajectories are compared in float64 or float32, and not in {recipe.precision}",
            help="`--dtype float64`",
        )


def prepare(graph: Graph, recipe: Recipe, settings: Settings, folder: Path) -> list[Run]:
    """Write everything that the workers read; the reference comes first."""
    weights = folder / "weights.safetensors"
    write_canonical(graph, weights, settings.weights, recipe.seed)
    backends = {b.name: b for b in trainable(settings.backends)}
    for backend in backends.values():
        _write_source(backend, graph, recipe, settings, folder)
    reference = settings.reference
    names = [reference, *(name for name in backends if name != reference)]
    wanted = [(name, name) for name in names]
    if settings.floor or recipe.precision == "float32":
        wanted.insert(1, (FLOOR, reference))
    facts = facts_of(graph)
    runs = []
    for name, key in wanted:
        own = folder / name.replace(" ", "-")
        own.mkdir(exist_ok=True)
        plan = Plan(
            backend=key,
            subject=subject_of(graph, recipe),
            recipe=recipe,
            policy=Policy(recipe.precision, settings.device, settings.threads(len(wanted))),
            source=folder / "source" / backends[key].file_name(graph.name),
            trainer=folder / "source" / backends[key].trainer_name(graph.name),
            weights=weights,
            folder=own,
        )
        write_plan(plan, own / "plan.json")
        orders = own / "orders.json"
        moved = name == FLOOR
        write_orders(Orders(own / "plan.json", settings.steps, own, moved, facts), orders)
        runs.append(Run(name, key, orders, own))
    return runs


def _write_source(
    backend: Backend, graph: Graph, recipe: Recipe, settings: Settings, folder: Path
) -> None:
    assert backend.emit is not None and backend.emit_trainer is not None
    source = folder / "source"
    source.mkdir(exist_ok=True)
    write_text(source / backend.file_name(graph.name), backend.emit(graph))
    trainer = source / backend.trainer_name(graph.name)
    given = settings.sources.get(backend.name)
    if given is not None:
        shutil.copyfile(given, trainer)
    else:
        write_text(trainer, backend.emit_trainer(graph, recipe))


class Listener:
    """What the workers said, and which have ended; heard in the threads of the pool."""

    def __init__(self, runs: list[Run], watch: Watch) -> None:
        self._watch = watch
        self._changed = threading.Condition()
        self._at = dict.fromkeys((r.name for r in runs), 0)
        self._ended: set[str] = set()
        self._refusals: list[Diagnostic] = []
        self._told: dict[str, list[Diagnostic]] = defaultdict(list)
        self.failures: dict[str, Diagnostic] = {}

    def hear(self, name: str, message: Message) -> None:
        """One message of a worker."""
        with self._changed:
            if "at" in message:
                self._at[name] = message["at"]
            elif "refused" in message:
                text = f"{name}: {message['refused']}"
                self._refusals.append(Diagnostic("R0603", text, help=message["help"]))
            elif "diagnostic" in message:
                self._told[name].append(diagnostic_from_json(message["diagnostic"]))
            elif "ended" in message:
                self._ended.add(name)
            elif "phase" in message:
                self._watch(name, message["phase"])
            self._changed.notify_all()

    def wait(self, run: Run, step: int) -> bool:
        """Until a run has done a step; whether it has, or has ended without it."""
        with self._changed:
            self._changed.wait_for(lambda: self._at[run.name] >= step or run.name in self._ended)
            return self._at[run.name] >= step and step_file(run.folder, step).exists()

    def reached(self, step: int, steps: int) -> None:
        """All runs are here."""
        self._watch("all", f"step {step} of {steps}")

    def judge(self, name: str, status: int, how: str, tail: tuple[str, ...]) -> None:
        """Remember why a run failed, if it did."""
        if status != 0 and not self._told[name]:
            text = f"the {name} worker {how}"
            self.failures[name] = Diagnostic("R0604", text, notes=tail)

    def expect_allowed(self) -> None:
        """Raise `CompileError` where a worker was not able to begin."""
        found = [*self._refusals, *(d for told in self._told.values() for d in told)]
        if found:
            raise CompileError(found)


class Comparison:
    """Follows the runs step by step; keeps a few numbers of each step and none of its arrays."""

    def __init__(
        self, graph: Graph, recipe: Recipe, settings: Settings, listener: Listener
    ) -> None:
        self._graph = graph
        self._recipe = recipe
        self._settings = settings
        self._listener = listener
        order = tuple(w.name for w in graph.weights)
        limit = LIMIT if recipe.precision == "float64" else None
        self._comparer = Comparer(order, absorbed(graph), limit)
        self._points: dict[str, list[Point]] = defaultdict(list)
        self._losses: list[float] = []

    def follow(self, runs: list[Run]) -> None:
        """Compare all steps, up to where the reference or all others end."""
        reference, *others = runs
        for number in range(1, self._settings.steps + 1):
            if not others or not self._listener.wait(reference, number):
                return
            step = take_step(reference.folder, number)
            self._losses.append(step.loss)
            others = [r for r in others if self._compare(r, number, step)]
            self._listener.reached(number, self._settings.steps)

    def _compare(self, run: Run, number: int, reference: Step) -> bool:
        if not self._listener.wait(run, number):
            return False
        step = take_step(run.folder, number)
        self._points[run.name].append(self._comparer.compare(reference, step))
        return True

    def report(self, runs: list[Run], seconds: float) -> Trajectory:
        """What came out."""
        reference, *others = runs
        dtype, failures = self._recipe.precision, self._listener.failures
        floor = tuple(self._points.get(FLOOR, ()))
        judge = Judge(self._graph, dtype, reference.name, floor, self._settings.floor)
        return Trajectory(
            model=self._graph.name,
            recipe=self._recipe.name,
            dtype=dtype,
            reference=reference.name,
            steps=self._settings.steps,
            by_floor=self._settings.floor,
            curves=tuple(
                judge.curve(r.name, tuple(self._points[r.name]), failures.get(r.name))
                for r in others
            ),
            losses=tuple(self._losses),
            seconds=seconds,
            failure=failures.get(reference.name),
        )


__all__ = ["Settings", "Trajectory", "Watch", "run"]
