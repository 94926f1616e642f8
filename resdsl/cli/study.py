"""`resdsl study`: the experiments that made residual networks famous, each one command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.training.studies.session import Order


@click.command()
@click.argument("name", metavar="[NAME]", required=False)
@click.option(
    "--full",
    is_flag=True,
    help="On CIFAR-10 and at the paper's length, which wants a GPU; without, minutes on two cores, "
    "on scikit-learn's digits.",
)
@click.option("--data", metavar="FOLDER", help="Where CIFAR-10 lies; data/cifar10 by default.")
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True)
@click.option("-o", "--output", metavar="FOLDER", help="Of the results; by default studies/NAME.")
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option(
    "--threads", type=click.IntRange(min=1), default=1, show_default=True, help="Of each run."
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Runs at a time; by default as many as there are cores for them, on a GPU one.",
)
@click.option("--redraw", is_flag=True, help="Plot and page again, from the tables in the folder.")
def study(name: str | None, **options: Any) -> None:
    """Repeat an experiment of the papers on residual networks; without NAME, list them.

    The folder gets the numbers as CSV, a plot as SVG and PNG, and a page that says what was
    expected and what was measured. A study that was interrupted goes on where it was.
    """
    from resdsl.training.studies import STUDIES, check_name

    if name is None:
        for each, question in STUDIES.items():
            say(f"{each:<16}{question}")
        return
    check_name(name)
    folder = Path(options["output"] or f"studies/{name}")
    if options["redraw"]:
        _redraw(folder)
    else:
        _carry_out(_order(name, folder, options))
    say(f"{folder / 'README.md'}")


def _order(name: str, folder: Path, options: dict[str, Any]) -> Order:
    from resdsl.training.studies.bench import Place
    from resdsl.training.studies.session import Order

    device, threads = options["device"], options["threads"]
    cores = max(1, (os.cpu_count() or 1) // threads)
    said = [f"resdsl study {name}", f"--seeds {options['seeds']}"]
    said += ["--full"] if options["full"] else []
    said += [f"--device {device}"] if device != "cpu" else []
    said += [f"--threads {threads}"] if threads != 1 else []
    return Order(
        study=name,
        scale="cifar10" if options["full"] else "digits",
        seeds=options["seeds"],
        place=Place(device, threads, options["data"]),
        workers=options["workers"] or (1 if device == "cuda" else cores),
        folder=folder,
        command=" ".join(said),
    )


def _carry_out(order: Order) -> None:
    from rich.console import Console

    from resdsl.training.studies.display import watching
    from resdsl.training.studies.session import carry_out

    with watching(Console(stderr=True)) as watch:
        carry_out(order, watch)


def _redraw(folder: Path) -> None:
    from resdsl.training.studies.results import read_results, write_shown

    write_shown(read_results(folder), folder)
