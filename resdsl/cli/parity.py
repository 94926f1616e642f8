"""`resdsl parity`: one network in several frameworks, compared number by number."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import import_root, network_options
from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl.parity import Report, Settings

DIFFERENT = 1


@click.command()
@network_options
@click.option(
    "--backends",
    metavar="NAMES",
    default="torch,jax,tensorflow,onnx",
    show_default=True,
    help="Two or more, with commas between. PyTorch is the reference, else the first that trains.",
)
@click.option(
    "--dtype",
    type=click.Choice(["float64", "float32"]),
    default="float64",
    show_default=True,
    help="float64 tells meaning from rounding; float32 is measured by the reference's rounding.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Training steps; 0 compares the eval forward alone.",
)
@click.option("--batch", type=click.IntRange(min=1), default=4, show_default=True)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--images",
    type=click.Choice(["noise", "photographs"]),
    default="noise",
    show_default=True,
    help="Drawn numbers, or random crops of the two photographs that scikit-learn ships.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of weights, images, labels and dropout masks.",
)
@click.option(
    "--weights",
    metavar="FILE",
    help="Canonical safetensors, taken as they are. Without, weights are drawn, with scales, "
    "shifts and running statistics that differ from plain ones and zeros.",
)
@click.option("--lr", type=float, default=0.01, show_default=True, help="Of the first step.")
@click.option("--momentum", type=float, default=0.9, show_default=True)
@click.option("--weight-decay", type=float, default=1e-3, show_default=True)
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
@click.option("--json", "json_file", metavar="FILE", help="Write the report as JSON; - prints it.")
@click.option("--junit", metavar="FILE", help="Write the report as JUnit XML, for CI systems.")
@click.option("--html", metavar="FILE", help="Write the report as one page by itself.")
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
    if html is not None:
        _check_page()
    graph = load_network(target, settings, input_shape, import_root())
    if graph.program is not None:
        show_diagnostics(graph.program.warnings)
    report = _run(graph, wanted)
    if json_file == "-":
        say(_json(report))
    else:
        _show(report)
        if json_file is not None:
            _write(json_file, _json(report) + "\n")
    _write_reports(report, junit, html)
    return 0 if report.agreed else DIFFERENT


def _settings(**options: Any) -> Settings:
    from resdsl.parity import Settings
    from resdsl.parity.settings import default_workers

    return Settings(
        backends=tuple(name.strip() for name in options["backends"].split(",")),
        dtype=options["dtype"],
        steps=options["steps"],
        batch=options["batch"],
        device=options["device"],
        images=options["images"],
        seed=options["seed"],
        rate=options["lr"],
        momentum=options["momentum"],
        decay=options["weight_decay"],
        weights=_path(options["weights"]),
        sources=sources_of(options["sources"]),
        workers=options["workers"] or default_workers(),
        keep=_path(options["keep"]),
    )


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)


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
    from resdsl.parity.display import watching

    # Progress goes to stderr, so that stdout is the report and nothing else.
    with watching(settings.steps, Console(stderr=True)) as watch:
        return run(graph, settings, watch)


def _show(report: Report) -> None:
    from rich.console import Console

    from resdsl.parity import display

    display.show(report, Console(), say)
    sys.stdout.flush()
    for _, diagnostic in report.diagnostics:
        show_diagnostics([diagnostic])
    say(display.verdict(report))


def _json(report: Report) -> str:
    import json

    return json.dumps(report.to_json(), indent=2, allow_nan=False)


def _check_page() -> None:
    from resdsl.parity.reports import page

    page.check()


def _write_reports(report: Report, junit: str | None, html: str | None) -> None:
    from datetime import datetime

    now = datetime.now()
    if junit is not None:
        from resdsl.parity.reports.junit import junit as junit_of

        _write(junit, junit_of(report, now))
    if html is not None:
        from resdsl.parity.reports.page import page

        _write(html, page(report, now))


def _write(path: str, text: str) -> None:
    from resdsl.files import write_text

    write_text(path, text)
