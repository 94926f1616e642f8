"""`resdsl train`: one network and one recipe, in one framework or several."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import network_and_recipe, setting_options
from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph
    from resdsl.recipes.recipe import Recipe
    from resdsl.training.folder import RunFolder
    from resdsl.training.report import Report
    from resdsl.training.session import Run
    from resdsl.training.settings import Settings

FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130

#: What a run that goes on has from its beginning.
FIXED = {
    "backends": "--backend",
    "weights": "--weights",
    "output": "-o",
}
#: Options that are fields of `Settings`.
SETTINGS = (
    *("device", "devices", "threads", "deterministic", "compile", "workers", "data_workers"),
    *("log_every", "checkpoint_every", "evaluate_every", "keep_last", "stop_after"),
)


@click.command()
@click.argument("target", metavar="[FILE[:MODEL]]", required=False)
@setting_options
@click.option(
    "--recipe",
    "recipe_name",
    metavar="NAME",
    help="A recipe of the file, one of the library, or FILE.res:NAME. By default the only one of "
    "the file, or `digits`, whose data is installed with scikit-learn.",
)
@click.option(
    "--backends",
    "--backend",
    "backends",
    metavar="NAMES",
    help="torch, jax, tensorflow, or several of them with commas between; torch by default.",
)
@click.option("-o", "--output", metavar="FOLDER", help="Run folder; by default runs/MODEL-1, -2, …")
@click.option(
    "--resume",
    metavar="RUN",
    help="A run folder: go on with its run. Or a checkpoint: a new run, in any framework, from "
    "where that one was.",
)
@click.option("--weights", metavar="FILE", help="First weights, canonical safetensors.")
@click.option("--seed", type=click.IntRange(min=0), help="In the place of the recipe's.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "tf32", "bfloat16", "float64"]),
    help="In the place of the recipe's precision.",
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), help="cpu by default.")
@click.option(
    "--devices",
    type=click.IntRange(min=1),
    help="How many share every batch, with a process for each; 1 by default.",
)
@click.option(
    "--prepare",
    is_flag=True,
    help="Write the run folder, and say how its workers are started by torchrun or a scheduler.",
)
@click.option("--threads", type=click.IntRange(min=1), help="Of each framework; all by default.")
@click.option(
    "--deterministic/--fast",
    default=None,
    help="--fast takes a GPU's faster kernels, whose bits differ from run to run.",
)
@click.option(
    "--compile/--no-compile",
    "compile",
    default=None,
    help="torch.compile for PyTorch, XLA for TensorFlow; JAX always compiles.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Backends at a time; 1 by default.")
@click.option(
    "--data-workers",
    type=click.IntRange(min=0),
    help="Processes that make batches; without, a thread does.",
)
@click.option("--log-every", type=click.IntRange(min=1), help="Steps; 10 by default.")
@click.option("--checkpoint-every", type=click.IntRange(min=1), help="Steps; an epoch by default.")
@click.option("--evaluate-every", type=click.IntRange(min=1), help="Steps; an epoch by default.")
@click.option(
    "--keep-last",
    type=click.IntRange(min=1),
    help="Checkpoints kept beside the best; 3 by default.",
)
@click.option("--stop-after", type=click.IntRange(min=1), help="Stop behind this step, to resume.")
def train(target: str | None, resume: str | None, **options: Any) -> int:
    """Train a network by a recipe.

    Each backend runs the trainer that `resdsl compile --with-trainer` prints, in a process of its
    own, from the same weights on the same batches. A run folder keeps sources, logs, checkpoints
    and curves; after Ctrl-C, or whatever else ends it, `--resume` goes on as if nothing had been.
    The exit code is 0 if all is well, 1 if a backend failed or diverged, 2 if the command cannot be
    carried out, 130 after Ctrl-C.
    """
    from resdsl.training.session import read_run

    if resume is not None and Path(resume).suffix != ".safetensors":
        run, settings = _resumed(Path(resume), target, options)
    else:
        folder, settings = _begun(target, None if resume is None else Path(resume), options)
        run = read_run(folder)
    if options["prepare"]:
        return _prepare(run, settings)
    return _carry_out(run, settings)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The settings that the command line says."""
    return {name: options[name] for name in SETTINGS if options[name] is not None}


# ---- a new run -----------------------------------------------------------------------------------


def _begun(
    target: str | None, checkpoint: Path | None, options: dict[str, Any]
) -> tuple[RunFolder, Settings]:
    from resdsl.training.begin import Request, begin
    from resdsl.training.settings import Settings, Start

    if checkpoint is not None and options["weights"] is not None:
        raise click.UsageError("--weights and --resume exclude each other.")
    if target is None:
        if checkpoint is None:
            raise click.UsageError("Missing argument 'FILE[:MODEL]'.")
        graph, recipe, origin = _of_checkpoint(checkpoint, options)
    else:
        graph, recipe, origin = wanted_network(target, options)
    settings = Settings(**_given(options))
    request = Request(
        graph=graph,
        recipe=recipe,
        backends=_backends(options["backends"]),
        settings=settings,
        start=Start(_path(options["weights"]), checkpoint),
        output=_path(options["output"]),
        origin=origin,
    )
    return begin(request), settings


def _backends(names: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (names or "torch").split(","))


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


def wanted_network(target: str, options: dict[str, Any]) -> tuple[Graph, Recipe, dict[str, Any]]:
    """The network and the recipe that the options ask for, and where they come from."""
    from resdsl.passes.load import split_target
    from resdsl.records import replace

    graph, recipe = network_and_recipe(
        target, options["settings"], options["input_shape"], options["recipe_name"]
    )
    if options["seed"] is not None:
        recipe = replace(recipe, seed=options["seed"])
    if options["dtype"] is not None:
        recipe = replace(recipe, precision=options["dtype"])
    path = Path(split_target(target).path).resolve()
    origin = {
        "target": f"{path}:{graph.name}",
        "settings": list(options["settings"]),
        "input_shape": options["input_shape"],
        "recipe_name": options["recipe_name"],
        "seed": options["seed"],
        "dtype": options["dtype"],
        "text": path.read_text(encoding="utf-8"),
    }
    return graph, recipe, origin


def _of_checkpoint(
    checkpoint: Path, options: dict[str, Any]
) -> tuple[Graph, Recipe, dict[str, Any]]:
    """The network and the recipe of the run that a checkpoint belongs to."""
    from resdsl.training.folder import RunFolder
    from resdsl.training.session import read_run

    # RUN/torch/checkpoints/step-00000100.safetensors
    run = read_run(RunFolder(checkpoint.resolve().parent.parent.parent))
    origin = dict(run.network)
    changed = {name: options[name] for name in origin.keys() & options.keys() if options[name]}
    target = origin["target"]
    return wanted_network(target, {**origin, **changed})


# ---- a run that goes on --------------------------------------------------------------------------


def _resumed(path: Path, target: str | None, options: dict[str, Any]) -> tuple[Run, Settings]:
    from resdsl.records import replace
    from resdsl.training.folder import RunFolder
    from resdsl.training.session import read_run

    for name, flag in FIXED.items():
        if options[name] is not None:
            raise click.UsageError(f"{flag} cannot be given with --resume FOLDER.")
    run = read_run(RunFolder(path))
    _expect_same(run, target, options)
    return run, replace(run.settings, **_given(options))


def _expect_same(run: Run, target: str | None, options: dict[str, Any]) -> None:
    """What the command line says of network and recipe must be what the run began with."""
    from resdsl.diagnostics import error
    from resdsl.training.begin import subject_of

    names = ("settings", "input_shape", "recipe_name", "seed", "dtype")
    said = {name: options[name] for name in names if options[name] not in (None, ())}
    if target is None and not said:
        return
    origin = dict(run.network)
    graph, recipe, _ = wanted_network(target or origin["target"], {**origin, **said})
    found = subject_of(graph, recipe)
    for what, is_same in (
        ("network", found.network == run.subject.network),
        ("recipe", found.recipe == run.subject.recipe),
    ):
        if not is_same:
            raise error(
                "R0855",
                f"the run in `{run.folder.path}` began with another {what}",
                help="`--resume` alone goes on with it; without `--resume` a new run begins",
            )


def _prepare(run: Run, settings: Settings) -> int:
    from resdsl.training.session import WORKER, prepare

    for plan in prepare(run, settings):
        say(f"{plan.backend}: python -m {WORKER} {plan.path}")
    return 0


# ---- both ----------------------------------------------------------------------------------------


def _carry_out(run: Run, settings: Settings) -> int:
    from rich.console import Console

    from resdsl.training.display import watching
    from resdsl.training.session import go_on

    if all(run.folder.is_finished(name) for name in run.backends):
        say(f"the run in {run.folder.path} is finished")
    else:
        # So that a scheduler's request to end is heard like Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    with watching(Console(stderr=True)) as watch:
        report = go_on(run, settings, watch)
    _show(report)
    return _exit_code(report)


def _show(report: Report) -> None:
    from rich.console import Console

    from resdsl.training import display
    from resdsl.training.curves import draw_run

    for result in report.results:
        show_diagnostics(result.diagnostics)
    draw_run(report)
    console = Console()
    if console.is_terminal:
        console.print(display.table(report))
    else:
        for line in display.lines(report):
            say(line)
    if not report.is_finished:
        say(f"to go on: resdsl train --resume {report.folder}")


def _exit_code(report: Report) -> int:
    if report.interrupted:
        return INTERRUPTED
    codes = {d.code for result in report.failed for d in result.diagnostics}
    if codes - {"R0856", "R0857"}:
        return WRONG_INPUT
    return FAILED if codes else 0
