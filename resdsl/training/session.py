"""Runs the workers of a run folder, and says what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from resdsl.codegen.backend import Backend, get_backend
from resdsl.codegen.runtime import Policy
from resdsl.diagnostics import Diagnostic, Severity, error
from resdsl.processes.pool import Ending, Job, Message, Pool, free_addresses
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.text import recipe_from_json
from resdsl.records import dataclass, field
from resdsl.training.begin import expect_compilable, expect_shares, trainable
from resdsl.training.folder import RunFolder
from resdsl.training.messages import diagnostic_from_json
from resdsl.training.plan import WATCHED, Plan, Subject, subject_from_json, write_plan
from resdsl.training.report import Report, Result, Status, result_of
from resdsl.training.settings import Settings

WORKER = "resdsl.training.worker"

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

    @property
    def is_distributed(self) -> bool:
        """Whether its trainers are those for several devices: if it began with several."""
        return self.settings.devices > 1


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
    backends = trainable(run.backends, run.settings.devices)
    unfinished = [b for b in backends if not run.folder.is_finished(b.name)]
    plans = [_plan(run, backend, settings) for backend in unfinished]
    problems: dict[str, list[Diagnostic]] = {backend.name: [] for backend in backends}
    last: dict[str, str] = {}

    def hear(name: str, message: Message) -> None:
        if "diagnostic" in message:
            found = diagnostic_from_json(message["diagnostic"])
            # Processes that share a batch may all say the same.
            if found.message not in {told.message for told in problems[name]}:
                problems[name].append(found)
        last[name] = message.get("phase", last.get(name, ""))
        watch(name, message)

    expect_same_form(run, settings)
    endings, interrupted = _run(plans, settings, hear) if plans else ({}, False)
    results = []
    for backend in backends:
        ending = endings.get(backend.name)
        found = problems[backend.name]
        if ending is not None and not interrupted:
            found += _failure(backend.name, ending, found)
        results.append(result_of(run.folder, backend.name, found))
    return Report(run.folder.path, run.subject.model, tuple(results), interrupted)


def expect_same_form(run: Run, settings: Settings) -> None:
    """Raise `CompileError` (`R0861`) for a batch that the devices cannot share, for steps that are
    not compiled, and where the run's trainer is one for a single device and there are several."""
    expect_shares(run.recipe, settings.devices)
    if run.is_distributed:
        expect_compilable(map(get_backend, run.backends), settings)
    if settings.devices > 1 and not run.is_distributed:
        raise error(
            "R0861",
            f"the run in `{run.folder.path}` has a trainer for one device",
            help="a new run goes on from its last checkpoint: "
            f"`--resume {run.folder.path}/{run.backends[0]}/checkpoints/… "
            f"--devices {settings.devices}`",
        )


def prepare(run: Run, settings: Settings) -> list[Plan]:
    """Write the plans of a run whose workers are started by somebody else, and return them."""
    expect_same_form(run, settings)
    plans = [_plan(run, backend, settings) for backend in trainable(run.backends, settings.devices)]
    for plan in plans:
        write_plan(plan, plan.path)
    return plans


def _run(
    plans: list[Plan], settings: Settings, hear: Callable[[str, Message], None]
) -> tuple[dict[str, Ending], bool]:
    jobs = []
    for plan in plans:
        write_plan(plan, plan.path)
        environments = _environments(plan.backend, settings)
        jobs.append(Job(plan.backend, WORKER, plan.path, (WATCHED,), environments))
    with Pool(jobs, settings.workers, hear) as pool:
        try:
            return pool.join(), False
        except KeyboardInterrupt:
            for plan in plans:
                hear(plan.backend, {"phase": "stopping"})
            pool.stop()
            return pool.join(), True


def _environments(name: str, settings: Settings) -> tuple[Mapping[str, str], ...]:
    """What each process of a backend knows of the others."""
    launch = get_backend(name).launch
    if settings.devices == 1 or launch is None:
        return ({},)
    addresses = free_addresses(settings.devices)
    return tuple(launch(rank, addresses, settings.device) for rank in range(settings.devices))


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
            # As the script computes that a user takes away.
            exact_rounding=False,
            flush_denormals=False,
        ),
        source=folder.source / backend.file_name(model),
        trainer=folder.source / backend.trainer_name(model),
        weights=folder.weights,
        folder=folder.of(backend.name),
        start=folder.start if run.has_start else None,
        distributed=run.is_distributed,
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
            f"the {name} worker{_of_device(ending)} {ending.how}",
            notes=ending.tail,
            help=help if ending.status == -9 else None,
        )
    ]


def _of_device(ending: Ending) -> str:
    return "" if ending.process is None else f" of device {ending.process}"


__all__ = ["Report", "Result", "Run", "Status", "Watch", "go_on", "read_run"]
