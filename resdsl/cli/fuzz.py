"""`resdsl fuzz`: random networks through all backends, made small where something is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.fuzzing.session import Order, Summary

FOUND = 1
INTERRUPTED = 130


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1, type=click.Path())
@click.option(
    "--minutes",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="No network is begun after that.",
)
@click.option(
    "--networks", type=click.IntRange(min=1), metavar="N", help="End after so many networks."
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="The same seed, the same networks.",
)
@click.option(
    "--start",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Number of the first network: one that failed can be run again.",
)
@click.option(
    "--backends",
    metavar="NAMES",
    default="torch,jax,tensorflow,onnx",
    show_default=True,
    help="Two or more, with commas between. PyTorch is the reference, else the first that trains.",
)
@click.option(
    "--dtype", type=click.Choice(["float64", "float32"]), default="float64", show_default=True
)
@click.option(
    "--ops",
    "operations",
    metavar="PATTERNS",
    default="*",
    show_default=True,
    help="Operations that networks are made of, with commas between: `conv*,*norm`.",
)
@click.option(
    "-o",
    "--output",
    metavar="FOLDER",
    default="found",
    show_default=True,
    help="Where findings are written, each in a folder of its own.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=1),
    default=120.0,
    show_default=True,
    metavar="SECONDS",
    help="A backend that takes longer for one network is a finding.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes of each backend.",
)
@click.option("--print", "show", is_flag=True, help="Print the networks instead of running them.")
@click.option("--import-root", metavar="FOLDER", help="Imports stay in there.")
def fuzz(files: tuple[str, ...], show: bool, **options: Any) -> int:
    """Run random networks in several frameworks and compare the numbers.

    Each network is a valid file over all operations and statements of the language. It is compiled
    for every backend; outputs, gradients and two training steps are compared as `resdsl parity`
    compares them. A network that fails is made as small as it may be while it fails in the same
    way, and written with what is wrong.

    With FILEs, the networks call the blocks of these files as well.

    The exit code is 0 if nothing was found, 1 if something was, 2 if the command cannot be carried
    out, 130 after Ctrl-C. What has been found by then is in the folder.
    """
    order = _order(files, options)
    if show:
        return _print(order)
    summary = _run(order)
    from resdsl.fuzzing.display import report

    for line in report(summary):
        say(line)
    if summary.interrupted:
        return INTERRUPTED
    return FOUND if summary.kinds else 0


def _order(files: tuple[str, ...], options: dict[str, Any]) -> Order:
    from resdsl.fuzzing.session import Order

    return Order(
        folder=Path(options["output"]),
        backends=_names(options["backends"]),
        dtype=options["dtype"],
        minutes=options["minutes"],
        seed=options["seed"],
        count=options["networks"],
        start=options["start"],
        operations=_names(options["operations"]),
        files=tuple(map(Path, files)),
        root=options["import_root"],
        copies=options["workers"],
        limit=options["limit"],
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _run(order: Order) -> Summary:
    from rich.console import Console

    from resdsl.fuzzing.display import watching
    from resdsl.fuzzing.session import run

    # Progress goes to stderr, so that stdout is the summary and nothing else.
    with watching(order.minutes, Console(stderr=True)) as watch:
        return run(order, watch)


def _print(order: Order) -> int:
    from resdsl.fuzzing.session import texts

    for number, text in texts(order):
        say(f"# Network {number} of seed {order.seed}.\n\n{text}")
    return 0
