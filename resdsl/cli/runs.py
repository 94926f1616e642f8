"""What `parity`, `trace` and `compare` share: options of runs, and how reports are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl.parity import Report

#: Exit code where something differs.
DIFFERENT = 1

Function = TypeVar("Function", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--dtype",
        type=click.Choice(["float64", "float32", "bfloat16"]),
        default="float64",
        show_default=True,
        help="float64 tells meaning from rounding; the others are measured by the reference's own.",
    ),
    click.option(
        "--steps",
        type=click.IntRange(min=0),
        default=5,
        show_default=True,
        help="Training steps; 0 compares the eval forward alone.",
    ),
    click.option("--batch", type=click.IntRange(min=1), default=4, show_default=True),
    click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True),
    click.option(
        "--tf32",
        is_flag=True,
        help="Let float32 products on a GPU round their factors to 10 bits (PyTorch, JAX, "
        "TensorFlow). Otherwise they may not, in matrix products and in convolutions.",
    ),
    click.option(
        "--images",
        type=click.Choice(["noise", "photographs"]),
        default="noise",
        show_default=True,
        help="Drawn numbers, or random crops of the two photographs that scikit-learn ships.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=0,
        show_default=True,
        help="Of weights, images, labels and dropout masks.",
    ),
    click.option(
        "--weights",
        metavar="FILE",
        help="Canonical safetensors, taken as they are. Without, weights are drawn, with scales, "
        "shifts and running statistics that differ from plain ones and zeros.",
    ),
    click.option("--lr", type=float, default=0.01, show_default=True, help="Of the first step."),
    click.option("--momentum", type=float, default=0.9, show_default=True),
    click.option("--weight-decay", type=float, default=1e-3, show_default=True),
)

REPORTS = (
    click.option(
        "--json", "json_file", metavar="FILE", help="Write the report as JSON; - prints it."
    ),
    click.option("--junit", metavar="FILE", help="Write the report as JUnit XML, for CI systems."),
    click.option("--html", metavar="FILE", help="Write the report as one page by itself."),
)


def run_options(function: Function) -> Function:
    """The options, which `run_settings` reads."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def run_settings(options: dict[str, Any]) -> dict[str, Any]:
    """The options under the names of `resdsl.parity.Settings`."""
    return {
        "dtype": options["dtype"],
        "steps": options["steps"],
        "batch": options["batch"],
        "device": options["device"],
        "tf32": options["tf32"],
        "images": options["images"],
        "seed": options["seed"],
        "rate": options["lr"],
        "momentum": options["momentum"],
        "decay": options["weight_decay"],
        "weights": None if options["weights"] is None else Path(options["weights"]),
    }


def report_options(function: Function) -> Function:
    """`--json`, `--junit` and `--html`, which `show_report` takes."""
    for option in reversed(REPORTS):
        function = option(function)
    return function


def check_reports(html: str | None) -> None:
    """Raise `CompileError` if a page is asked for that cannot be made here."""
    if html is not None:
        from resdsl.parity.reports import page

        page.check()


def show_report(report: Report, json_file: str | None, junit: str | None, html: str | None) -> int:
    """Show a comparison, as JSON on standard output for `-`, and write it to files; returns the
    exit code."""
    import json

    text = json.dumps(report.to_json(), indent=2, allow_nan=False)
    if json_file == "-":
        say(text)
    else:
        _show(report)
        if json_file is not None:
            _write(json_file, text + "\n")
    _write_reports(report, junit, html)
    return 0 if report.agreed else DIFFERENT


def _show(report: Report) -> None:
    from rich.console import Console

    from resdsl.parity import display

    display.show(report, Console(), say)
    sys.stdout.flush()
    show_diagnostics(report.warnings)
    for _, diagnostic in report.diagnostics:
        show_diagnostics([diagnostic])
    say(display.verdict(report))


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
