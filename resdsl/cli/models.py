"""`resdsl models`: the models and recipes of a file, and what each wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.network import import_root, import_root_option, size
from resdsl.cli.output import say, show_diagnostics

if TYPE_CHECKING:
    from resdsl import ir


@click.command()
@import_root_option
@click.argument("path", metavar="FILE")
@click.option("--build", is_flag=True, help="Build them: parameters and multiply-accumulates.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def models(path: str, build: bool, as_json: bool) -> None:
    """List the models and recipes of FILE, with their documentation and what they want.

    Nothing is built unless --build asks for it, so this is quick however large they are.
    """
    from resdsl.cli.sources import read
    from resdsl.passes.resolve import resolve
    from resdsl.syntax import parse

    program = resolve(parse(read(path)), import_root())
    show_diagnostics(program.warnings)
    found = [_built(program, entry, build) for entry in program.models.values()]
    recipes = [_facts(program, entry) for entry in program.recipes.values()]
    if as_json:
        import json

        shown = {"file": path, "doc": program.doc, "models": found, "recipes": recipes}
        say(json.dumps(shown, indent=2))
        return
    for model in found:
        _print(model)
    for recipe in recipes:
        _print(recipe, "recipe ")


def _built(program: ir.Program, entry: ir.ModelEntry, build: bool) -> dict[str, Any]:
    facts = _facts(program, entry)
    if build and not facts["wants"]:
        from resdsl.passes.elaborate import elaborate

        graph = elaborate(program, entry.name)
        facts |= {"params": graph.parameters, "macs": graph.macs}
    return facts


def _facts(program: ir.Program, entry: ir.ModelEntry) -> dict[str, Any]:
    from resdsl.passes.load import value_of
    from resdsl.syntax.formatter import on_one_line

    definition, given = value_of(program, entry)
    wants = [p.name for p in definition.parameters if p.default is None and p.name not in given]
    own = definition.span == entry.span
    return {
        "name": entry.name,
        "definition": None if own else on_one_line(_written(entry)),
        "parameters": [on_one_line(p.span.text) for p in definition.parameters] if own else [],
        "wants": wants,
        "doc": entry.doc or (definition.doc if own else ""),
        "line": entry.span.line,
    }


def _written(entry: ir.ModelEntry) -> str:
    """What stands behind the `=` of a definition that is another with arguments given."""
    return entry.value.span.text if entry.value.span is not None else ""


def _print(model: dict[str, Any], keyword: str = "") -> None:
    head = keyword + model["name"]
    if model["definition"] is not None:
        head += f" = {model['definition']}"
    elif model["parameters"]:
        head += f"({', '.join(model['parameters'])})"
    if model["wants"]:
        head += f"  wants {', '.join(f'`{name}`' for name in model['wants'])}"
    if "params" in model:
        head += f"  {model['params']:,} parameters, {size(model['macs'], 'MACs')}"
    say(head)
    for line in model["doc"].splitlines():
        say(f"    {line}".rstrip())
