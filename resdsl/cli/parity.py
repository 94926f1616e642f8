"""`resdsl parity`: one network in several frameworks, compared number by number."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import import_root, network_options
from resdsl.cli.output import show_diagnostics
from resdsl.cli.runs import check_reports, report_options, run_options, run_settings, show_report

if TYPE_CHECKING:
    from resdsl.parity import Report, Settings


@click.command()
@network_options
@click.option(
    "--backends",
    metavar="NAMES",
    default="torch,jax,tensorflow,onnx",
    show_default=True,
    help="Two or more, with commas between. PyTorch is the reference, else the first that trains.",
)
@run_options
@click.option(
    "--source",
    "sources",
    metavar="BACKEND=FILE",
    multiple=True,
    help="Compare this file, such as a generated one that was edited by hand. Repeatable.",
)
@click.option(
    "--recipe",
    metavar="NAME",
    help="Compare the trainers of `resdsl train` by this recipe, after every step. `--source` then "
    "takes trainer scripts.",
)
@click.option(
    "--floor",
    is_flag=True,
    help="With --recipe: judge by the noise floor, what the reference makes of inputs one ulp off. "
    "In float64 it excuses what is beyond the limit, in float32 it is the limit.",
)
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    help="With --recipe: where trajectory.csv, .svg and .png go.",
)
@report_options
@click.option(
    "--probe",
    metavar="all|blocks|PATTERN",
    help="Compare the values on the way too, and the gradients by them: all of them, the last of "
    "every block, or those whose canonical paths fit a pattern such as `layer1.*.relu?`.",
)
@click.option(
    "--localize/--no-localize",
    default=True,
    show_default=True,
    help="Trace a difference to the operation that makes it and to its cause, by more runs.",
)
@click.option("--keep", metavar="DIR", help="Keep generated files, batches and traces in a folder.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Backends at a time; by default 2 at most."
)
def parity(
    target: str,
    settings: tuple[str, ...],
    input_shape: str | None,
    json_file: str | None,
    junit: str | None,
    html: str | None,
    recipe: str | None,
    output: str | None,
    **options: Any,
) -> int:
    """Run a network in several frameworks and compare the numbers.

    Each backend runs in a process of its own, from the same weights on the same batches: forward
    pass in both modes, loss, gradients, batch-norm statistics, and everything after SGD steps with
    momentum, weight decay and a falling learning rate. The exit code is 0 if all agree, 1 if
    something differs or a backend failed, 2 if the command cannot be carried out.

    Without --input, a small size is chosen that still tells.

    With --recipe, the trainers that `resdsl train` runs go side by side over the recipe's own data,
    and the loss and all weights are compared after every step: `--recipe digits --steps 200`.
    """
    if recipe is not None:
        if junit is not None or html is not None:
            raise click.UsageError("--junit and --html do not go with --recipe.")
        if options["probe"] is not None:
            raise click.UsageError("--probe does not go with --recipe.")
        from resdsl.cli.trajectory import compare_trainers

        given = {"settings": settings, "input_shape": input_shape, "recipe_name": recipe}
        return compare_trainers(target, given, options, output, json_file)
    if output is not None:
        raise click.UsageError("-o goes with --recipe.")
    if options["floor"]:
        raise click.UsageError("--floor goes with --recipe.")
    from resdsl.parity.inputs import load_network

    wanted = _settings(**options)
    wanted.check()
    check_reports(html)
    graph = load_network(target, settings, input_shape, import_root())
    if graph.program is not None:
        show_diagnostics(graph.program.warnings)
    report = _run(graph, wanted)
    return show_report(report, json_file, junit, html)


def _settings(**options: Any) -> Settings:
    from resdsl.parity import Settings
    from resdsl.parity.settings import default_workers

    return Settings(
        backends=tuple(name.strip() for name in options["backends"].split(",")),
        sources=sources_of(options["sources"]),
        workers=options["workers"] or default_workers(),
        keep=None if options["keep"] is None else Path(options["keep"]),
        localize=options["localize"],
        probe=options["probe"],
        **run_settings(options),
    )


def sources_of(texts: tuple[str, ...]) -> dict[str, Path]:
    """The files of `--source`, by backend."""
    from resdsl.diagnostics import error

    found = {}
    for text in texts:
        name, equals, path = text.partition("=")
        if not equals or not name or not path:
            raise error("R0601", f"`{text}` names no source", help="`--source jax=resnet18_jax.py`")
        found[name] = Path(path)
    return found


def _run(graph: Any, settings: Settings) -> Report:
    from rich.console import Console

    from resdsl.parity import run
    from resdsl.parity.display import PROBING, watching

    # Progress goes to stderr, so that stdout is the report and nothing else.
    probing = PROBING * (settings.probe is not None)
    with watching(settings.steps + probing, Console(stderr=True)) as watch:
        return run(graph, settings, watch)
