"""`resdsl draw`: networks as a picture."""

from __future__ import annotations

from pathlib import Path

import click

from resdsl.cli.network import import_root_option, network
from resdsl.cli.output import say

FORMATS = ("svg", "mermaid", "dot")
_ENDINGS = {".svg": "svg", ".mmd": "mermaid", ".mermaid": "mermaid", ".dot": "dot", ".gv": "dot"}


@click.command()
@click.argument("targets", metavar="FILE[:MODEL]...", nargs=-1, required=True)
@click.option("-o", "--output", metavar="FILE", help="File to write; without it, to stdout.")
@click.option(
    "--format",
    "chosen",
    type=click.Choice(FORMATS),
    help="By default what the ending of the file says, else svg.",
)
@click.option(
    "--collapse",
    type=click.Choice(["stage", "block", "layer", "none"]),
    default="layer",
    show_default=True,
    help="What becomes one box: a stage, a block, a layer with its norm and activation, or no more "
    "than one operation.",
)
@click.option(
    "--set",
    "settings",
    metavar="NAME=VALUE",
    multiple=True,
    help="Another value for a parameter of every model, written as in the file. Repeatable.",
)
@import_root_option
@click.option(
    "--input", "input_shape", metavar="CxHxW", help="Another size of input, channels first."
)
def draw(
    targets: tuple[str, ...],
    output: str | None,
    chosen: str | None,
    collapse: str,
    settings: tuple[str, ...],
    input_shape: str | None,
) -> None:
    """Draw networks the way papers do, from top to bottom, several of them side by side.

    Boxes of one output size stand at one height and have one colour. Arrows beside the boxes are
    shortcuts, dotted where they are not the identity.
    """
    graphs = [network(target, settings, input_shape) for target in targets]

    from resdsl.analysis.drawing.scene import scene_of

    scenes = [scene_of(graph, collapse) for graph in graphs]
    ending = Path(output).suffix.lower() if output is not None else ""
    match chosen or _ENDINGS.get(ending, "svg"):
        case "mermaid":
            from resdsl.analysis.drawing.mermaid import mermaid

            text = mermaid(scenes)
        case "dot":
            from resdsl.analysis.drawing.dot import dot

            text = dot(scenes)
        case _:
            from resdsl.analysis.drawing.svg import svg

            text = svg(scenes)
    if output is None:
        say(text.rstrip("\n"))
    else:
        from resdsl.files import write_text

        write_text(Path(output), text)
