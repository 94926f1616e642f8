"""`resdsl summary`: a network as a table on the screen."""

from __future__ import annotations

import click

from resdsl.cli.network import network, network_options


@click.command()
@network_options
@click.option(
    "--depth",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Levels of stages and blocks to open.",
)
def summary(target: str, settings: tuple[str, ...], input_shape: str | None, depth: int) -> None:
    """Show a network layer by layer, with output shapes, parameters and multiply-accumulates."""
    graph = network(target, settings, input_shape)

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from resdsl.analysis.summary import HEADINGS, summarize

    found = summarize(graph, depth)
    console = Console(highlight=False)
    if not console.is_terminal:
        # Somebody else's program reads it: nothing wrapped, nothing cut off.
        click.echo(found)
        return
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="right" if column > 2 else "left", no_wrap=True)
    for row in found.rows:
        # Text, since Rich would read brackets in a label as markup.
        table.add_row(*map(Text, row.cells), style=None if row.parameters else "dim")
    console.print(table)
    console.print(Text("\n" + found.total, style="bold"), soft_wrap=True)
