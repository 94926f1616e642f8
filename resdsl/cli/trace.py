"""`resdsl trace`: what one framework computes, as a file that can be compared elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from resdsl.cli.network import import_root, network_options
from resdsl.cli.output import say, show_diagnostics
from resdsl.cli.runs import run_options, run_settings


@click.command()
@network_options
@click.option("--backend", metavar="NAME", required=True, help="See `resdsl backends`.")
@run_options
@click.option(
    "--source",
    metavar="FILE",
    help="Run this file, such as a generated one that was edited by hand.",
)
@click.option(
    "--moved",
    is_flag=True,
    help="Move each input by one spacing of the precision: with a trace of the reference without "
    "it, the yardstick of float32 and bfloat16.",
)
@click.option("-o", "--output", metavar="FILE", required=True, help="Where the trace goes.")
@click.option("--keep", metavar="DIR", help="Keep the generated file and the batches in a folder.")
def trace(
    target: str,
    settings: tuple[str, ...],
    input_shape: str | None,
    backend: str,
    source: str | None,
    moved: bool,
    output: str,
    keep: str | None,
    **options: Any,
) -> int:
    """Write down what one framework computes of a network, as one file.

    It is what that backend's part of `resdsl parity` would be, on this machine: a GPU machine may
    have no TensorFlow, a laptop no GPU. `resdsl compare` judges such files anywhere, with neither
    the frameworks nor the .res file. docs/traces.md
    """
    from rich.console import Console

    from resdsl.parity import Settings
    from resdsl.parity.display import watching
    from resdsl.parity.inputs import load_network
    from resdsl.parity.traces.record import record

    wanted = Settings(
        backends=(backend,),
        sources={} if source is None else {backend: Path(source)},
        workers=1,
        keep=None if keep is None else Path(keep),
        **run_settings(options),
    )
    wanted.check(least=1)
    graph = load_network(target, settings, input_shape, import_root())
    if graph.program is not None:
        show_diagnostics(graph.program.warnings)
    with watching(wanted.steps, Console(stderr=True)) as watch:
        record(graph, Path(output), wanted, watch, moved=moved)
    say(f"wrote {output} ({Path(output).stat().st_size / 1e6:.1f} MB)")
    return 0
