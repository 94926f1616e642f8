"""`resdsl check`: every mistake in files in one run, and a line for each of their models."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import import_root, import_root_option, size
from resdsl.cli.output import say, show_diagnostics
from resdsl.cli.sources import STDIN, read, res_files, shown

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph
    from resdsl.passes.check import Checked


FORMATS = ("text", "json", "sarif")


@click.command()
@import_root_option
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="SARIF is what code review takes from any tool.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def check(paths: tuple[str, ...], format_: str, as_json: bool) -> int:
    """Find what is wrong with .res files, and show what their models come to.

    FILE may be a folder, for all .res files in it, or -, for standard input. All models that can
    be built are built, and everything a file expects of them is checked.
    """
    found = {path: _checked(path) for path in res_files(paths)}
    if as_json or format_ == "json":
        _print_json(found, is_alone=not Path(paths[0]).is_dir() and len(paths) == 1)
    elif format_ == "sarif":
        _print_sarif(found)
    else:
        for path, checked in found.items():
            show_diagnostics(checked.diagnostics)
            _print_models(shown(path), checked)
    return 2 if any(checked.errors for checked in found.values()) else 0


def _checked(path: str) -> Checked:
    from resdsl.diagnostics import CompileError
    from resdsl.passes.check import Checked, check, check_source

    if path != STDIN:
        return check(path, import_root())
    try:
        return check_source(read(path), import_root())
    except CompileError as failure:
        return Checked(diagnostics=list(failure.diagnostics))


def _print_models(path: str, checked: Checked) -> None:
    if checked.errors:
        say(f"{path}: {_count(checked.errors, 'error')}")
        return
    width = max(map(len, checked.graphs), default=0)
    for name, graph in checked.graphs.items():
        parameters = f"{graph.parameters:,}"
        macs = size(graph.macs, "MACs") if isinstance(graph.macs, int) else "MACs vary"
        say(f"{name:{width}}  {parameters:>13} parameters  {macs:>12}  {_shapes(graph)}")
    program = checked.program
    expectations = len(program.expectations) if program is not None else 0
    counted = _count(len(checked.graphs), "model")
    if checked.recipes:
        counted += f", {_count(len(checked.recipes), 'recipe')}"
    if expectations:
        counted += f", {_count(expectations, 'expectation')} met"
    left = f", {checked.left_out} models left out" if checked.left_out else ""
    wanting = "".join(f"; `{name}` wants arguments" for name in checked.unfinished)
    say(f"{path}: {counted}{left}{wanting}")


def _shapes(graph: Graph) -> str:
    inputs = ", ".join(map(str, graph.input_types))
    return f"{inputs} -> {', '.join(map(str, graph.output_types))}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_json(found: Mapping[str, Checked], is_alone: bool) -> None:
    """An object for a file, a list of them where several were asked for."""
    import json

    from resdsl.diagnostics import to_json
    from resdsl.recipes.text import recipe_to_json

    files = [
        {
            "file": shown(path),
            "models": {name: _facts(graph) for name, graph in checked.graphs.items()},
            "recipes": {name: recipe_to_json(r) for name, r in checked.recipes.items()},
            "diagnostics": to_json(checked.diagnostics),
        }
        for path, checked in found.items()
    ]
    say(json.dumps(files[0] if is_alone else files, indent=2))


def _print_sarif(found: Mapping[str, Checked]) -> None:
    import json

    from resdsl import __version__
    from resdsl.diagnostics.sarif import to_sarif

    diagnostics = [(shown(path), d) for path, checked in found.items() for d in checked.diagnostics]
    say(json.dumps(to_sarif(diagnostics, __version__), indent=2))


def _facts(graph: Graph) -> dict[str, Any]:
    return {
        "parameters": graph.parameters,
        "macs": graph.macs if isinstance(graph.macs, int) else None,
        "inputs": [t.to_json() for t in graph.input_types],
        "outputs": [t.to_json() for t in graph.output_types],
    }
