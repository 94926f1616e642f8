"""`resdsl init`: the canonical weights of a network, drawn from its declared distributions."""

from __future__ import annotations

import click

from resdsl.cli.network import network, network_options
from resdsl.cli.output import say


@click.command()
@network_options
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Another seed gives other weights.",
)
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="The safetensors file to write."
)
def init(
    target: str, settings: tuple[str, ...], input_shape: str | None, seed: int, output: str
) -> None:
    """Draw the initial weights of a network, once for all backends.

    They come from the distributions that the .res file declares, as one safetensors file in
    PyTorch's layout under the canonical names. The same seed gives the same bytes everywhere.
    """
    from resdsl.weights.canonical import write_canonical

    graph = network(target, settings, input_shape)
    write_canonical(graph, output, seed=seed)
    say(f"{output}: {len(graph.weights)} arrays, {graph.parameters:,} parameters, seed {seed}")
