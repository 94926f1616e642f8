"""What the commands have in common: a network asked for on the command line, and its weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph
    from resdsl.recipes.recipe import Recipe

Function = TypeVar("Function", bound=Callable[..., Any])


def import_root_option(function: Function) -> Function:
    """`--import-root`, which a command finds with `import_root` and need not hand on."""
    option = click.option(
        "--import-root",
        metavar="FOLDER",
        type=click.Path(exists=True, file_okay=False),
        expose_value=False,
        callback=_keep_import_root,
        help="Where imports may lead: by default the project, the nearest folder above FILE with "
        "a pyproject.toml or a .git, or else the folder of FILE.",
    )
    return option(function)


def _keep_import_root(context: click.Context, _: click.Parameter, value: str | None) -> None:
    context.meta[__name__] = value


def import_root() -> str | None:
    """The folder that the user lets imports lead to, or `None` for the default."""
    root: str | None = click.get_current_context().meta.get(__name__)
    return root


def network_options(function: Function) -> Function:
    """`FILE[:MODEL]`, `--set`, `--input` and `--import-root`: what `network` takes."""
    return setting_options(click.argument("target", metavar="FILE[:MODEL]")(function))


def setting_options(function: Function) -> Function:
    """The same without `FILE[:MODEL]`."""
    for decorate in (
        import_root_option,
        click.option(
            "--input",
            "input_shape",
            metavar="CxHxW",
            multiple=True,
            callback=lambda context, option, shapes: ",".join(shapes) or None,
            help="Another size of input, channels first: 3x64x64, or 3xanyxany(32) for any size. "
            "Of several inputs, left=3x64x64, repeatable.",
        ),
        click.option(
            "--set",
            "settings",
            metavar="NAME=VALUE",
            multiple=True,
            help="Another value for a parameter of the model, written as in the file. Repeatable.",
        ),
    ):
        function = decorate(function)
    return function


def network(target: str, settings: Iterable[str] = (), input_shape: str | None = None) -> Graph:
    """The network that the options ask for; warnings about its file are shown."""
    from resdsl.cli.output import show_diagnostics
    from resdsl.passes.load import load_graph

    graph = load_graph(target, settings, input_shape, import_root())
    if graph.program is not None:
        show_diagnostics(graph.program.warnings)
    return graph


def network_and_recipe(
    target: str, settings: Iterable[str], input_shape: str | None, recipe: str | None
) -> tuple[Graph, Recipe]:
    """The network that the options ask for, and the recipe `recipe` for it: some of the settings
    are about the one, some about the other. Warnings about the network's file are shown."""
    from resdsl.cli.output import show_diagnostics
    from resdsl.passes.load import (
        definition_of,
        elaborate_with,
        load_program,
        parse_shapes,
        pick_model,
        settings_of,
        split_target,
    )
    from resdsl.passes.recipes import load_recipe, split_settings

    wanted = split_target(target)
    shape = None if input_shape is None else parse_shapes(input_shape)
    program = load_program(wanted.path, import_root())
    model = pick_model(program, wanted)
    parameters = [p.name for p in definition_of(program, model).parameters]
    of_model, of_recipe = split_settings(settings, parameters)
    graph = elaborate_with(program, model, settings_of(program, of_model), shape)
    show_diagnostics(program.warnings)
    return graph, load_recipe(program, recipe, of_recipe, import_root())


def size(count: float, unit: str) -> str:
    """A large number in short: `4.09 GMACs`."""
    for factor, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if count >= factor:
            return f"{count / factor:.2f} {prefix}{unit}"
    return f"{count:g} {unit}"
