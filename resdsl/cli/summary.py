"""`resdsl summary`: a network as a table on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resdsl.cli.network import network, network_options
from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.analysis.summary import Summary


@click.command()
@network_options
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Levels of stages and blocks to show.",
)
@click.option("--layers", is_flag=True, help="Show every layer, also those without weights.")
@click.option("--json", "as_json", is_flag=True, help="Print the table as JSON.")
def summary(
    target: str,
    settings: tuple[str, ...],
    input_shape: str | None,
    depth: int,
    layers: bool,
    as_json: bool,
) -> None:
    """Show a network stage by stage: output shapes, parameters, multiply-accumulates, and the
    results that training keeps, with what each is of the whole in per cent.

    Activations are the results of layers that a gradient reads again, each counted once, for one
    sample in float32.
    """
    graph = network(target, settings, input_shape)

    from resdsl.analysis.summary import summarize

    found = summarize(graph, depth, layers)
    if as_json:
        import json

        say(json.dumps(found.to_json(), indent=2))
    else:
        _show(found)


def _show(found: Summary) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from resdsl.analysis.summary import HEADINGS, NUMBERS

    console = Console(highlight=False)
    if not console.is_terminal:
        # Somebody else's program reads it: nothing wrapped, nothing cut off.
        say(str(found))
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column, heading in enumerate(HEADINGS):
        is_number = column >= NUMBERS
        table.add_column(heading, justify="right" if is_number else "left", no_wrap=True)
    for line in found.lines:
        # Text, since Rich would read brackets in a label as markup.
        table.add_row(*map(Text, line.cells), style="bold" if line.is_open else None)
    console.print(table)
    console.print(Text("\n" + found.total), soft_wrap=True)
