"""Runs the workers of a run folder, and says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resdsl.codegen.backend import Backend
from resdsl.codegen.runtime import Policy
from resdsl.diagnostics import Diagnostic, Severity, error
from resdsl.processes.pool import Ending, Job, Message, Pool
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.text import recipe_from_json
from resdsl.records import dataclass, field
from resdsl.training.begin import trainable
from resdsl.training.folder import RunFolder
from resdsl.training.messages import diagnostic_from_json
from resdsl.training.plan import Plan, Subject, subject_from_json, write_plan
from resdsl.training.report import Report, Result, Status, result_of
from resdsl.training.settings import Settings

#: Called from several threads, with the name of a backend and what its worker says.
Watch = Callable[[str, Message], None]


@dataclass(frozen=True, slots=True)
class Run:
    """What `run.json` says, in our own terms."""

    folder: RunFolder
    subject: Subject
    recipe: Recipe
    backends: tuple[str, ...]
    settings: Settings
    has_start: bool
    network: Mapping[str, Any] = field(default_factory=dict)


def read_run(folder: RunFolder) -> Run:
    """Read `run.json`. Raises `CompileError` (`R0853`) where it is none."""
    said = folder.read()
    try:
        return Run(
            folder=folder,
            subject=subject_from_json(said["subject"]),
            recipe=recipe_from_json(said["recipe"]),
            backends=tuple(said["backends"]),
            settings=Settings(**said["settings"]),
            has_start=said["start"] is not None,
            network=said["network"],
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise error(
            "R0853", f"`{folder.run}` does not say what a run is", notes=[str(problem)]
        ) from None


def go_on(run: Run, settings: Settings, watch: Watch) -> Report:
    """Train in every backend that has not come to the end; returns what is there afterwards.

    Ctrl-C lets workers finish their step and write a checkpoint; a second one ends them at once.
    """
    backends = trainable(run.backends)
    unfinished = [b for b in backends if not run.folder.is_finished(b.name)]
    plans = [_plan(run, backend, settings) for backend in unfinished]
    problems: dict[str, list[Diagnostic]] = {backend.name: [] for backend in backends}
    last: dict[str, str] = {}

    def hear(name: str, message: Message) -> None:
        if "diagnostic" in message:
            problems[name].append(diagnostic_from_json(message["diagnostic"]))
        last[name] = message.get("phase", last.get(name, ""))
        watch(name, message)

    endings, interrupted = _run(plans, settings.workers, hear) if plans else ({}, False)
    results = []
    for backend in backends:
        ending = endings.get(backend.name)
        found = problems[backend.name]
        if ending is not None and not interrupted:
            found += _failure(backend.name, ending, found)
        results.append(result_of(run.folder, backend.name, found))
    return Report(run.folder.path, run.subject.model, tuple(results), interrupted)


def _run(
    plans: list[Plan], workers: int, hear: Callable[[str, Message], None]
) -> tuple[dict[str, Ending], bool]:
    jobs = []
    for plan in plans:
        path = plan.folder / "plan.json"
        write_plan(plan, path)
        jobs.append(Job(plan.backend, "resdsl.training.worker", path))
    with Pool(jobs, workers, hear) as pool:
        try:
            return pool.join(), False
        except KeyboardInterrupt:
            for plan in plans:
                hear(plan.backend, {"phase": "stopping"})
            pool.stop()
            return pool.join(), True


def _plan(run: Run, backend: Backend, settings: Settings) -> Plan:
    folder, model = run.folder, run.subject.model
    folder = RunFolder(folder.path.resolve())
    return Plan(
        backend=backend.name,
        subject=run.subject,
        recipe=run.recipe,
        policy=Policy(
            dtype="float64" if run.recipe.precision == "float64" else "float32",
            device=settings.device,
            threads=settings.share,
            deterministic=settings.deterministic,
        ),
        source=folder.source / backend.file_name(model),
        trainer=folder.source / backend.trainer_name(model),
        weights=folder.weights,
        folder=folder.of(backend.name),
        start=folder.start if run.has_start else None,
        compile=settings.compile,
        data_workers=settings.data_workers,
        log_every=settings.log_every,
        checkpoint_every=settings.checkpoint_every,
        evaluate_every=settings.evaluate_every,
        keep_last=settings.keep_last,
        stop_after=settings.stop_after,
    )


def _failure(name: str, ending: Ending, told: list[Diagnostic]) -> list[Diagnostic]:
    if ending.status == 0 or any(d.severity is Severity.ERROR for d in told):
        return []
    help = "signal 9 mostly means that memory ran out: a smaller batch, or `accumulate`, takes less"
    return [
        Diagnostic(
            "R0857",
            f"the {name} worker {ending.how}",
            notes=ending.tail,
            help=help if ending.status == -9 else None,
        )
    ]


__all__ = ["Report", "Result", "Run", "Status", "Watch", "go_on", "read_run"]
