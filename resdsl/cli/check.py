"""`resdsl check`: every mistake in a file in one run, and a line for each of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import import_root, import_root_option, size
from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl.ir.graph import Graph
    from resdsl.passes.check import Checked


@click.command()
@import_root_option
@click.argument("path", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def check(path: str, as_json: bool) -> int:
    """Find what is wrong with FILE, and show what its models come to.

    All models that can be built are built, and everything the file expects of them is checked.
    """
    from resdsl.passes.check import check as check_file

    checked = check_file(path, import_root())
    if as_json:
        _print_json(path, checked)
    else:
        show_diagnostics(checked.diagnostics)
        _print_models(path, checked)
    return 2 if checked.errors else 0


def _print_models(path: str, checked: Checked) -> None:
    if checked.errors:
        say(f"{path}: {_count(checked.errors, 'error')}")
        return
    width = max(map(len, checked.graphs), default=0)
    for name, graph in checked.graphs.items():
        parameters = f"{graph.parameters:,}"
        macs = size(graph.macs, "MACs")
        say(f"{name:{width}}  {parameters:>13} parameters  {macs:>12}  {_shapes(graph)}")
    program = checked.program
    expectations = len(program.expectations) if program is not None else 0
    counted = _count(len(checked.graphs), "model")
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


def _print_json(path: str, checked: Checked) -> None:
    import json

    from resdsl.diagnostics import to_json

    say(
        json.dumps(
            {
                "file": path,
                "models": {name: _facts(graph) for name, graph in checked.graphs.items()},
                "diagnostics": to_json(checked.diagnostics),
            },
            indent=2,
        )
    )


def _facts(graph: Graph) -> dict[str, Any]:
    return {
        "parameters": graph.parameters,
        "macs": graph.macs,
        "inputs": [list(t.shape) for t in graph.input_types],
        "outputs": [list(t.shape) for t in graph.output_types],
    }
