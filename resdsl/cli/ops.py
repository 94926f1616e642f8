"""`resdsl ops`: the operations of the language, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from resdsl.cli.output import say

if TYPE_CHECKING:
    from resdsl.ops import Op


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything about them as JSON.")
def ops(as_json: bool) -> None:
    """List the operations, family by family; `resdsl explain conv` says more about one."""
    from resdsl.ops.reference import families, summary_of

    if as_json:
        import json

        found = [_facts(title, kind) for title, kinds in families().items() for kind in kinds]
        say(json.dumps(found, indent=2))
        return
    width = max(len(kind.name) for kinds in families().values() for kind in kinds)
    for number, (title, kinds) in enumerate(families().items()):
        say(f"{'' if number == 0 else chr(10)}{title}")
        for kind in kinds:
            say(f"  {kind.name:{width}}  {summary_of(kind)}")


def _facts(family: str, kind: type[Op]) -> dict[str, Any]:
    from inspect import cleandoc

    from resdsl.ops import attributes_of, required
    from resdsl.ops.reference import default_text

    return {
        "name": kind.name,
        "family": family,
        "doc": cleandoc(kind.__doc__ or ""),
        "join": kind.is_join,
        "stochastic": kind.stochastic,
        "arguments": [
            {
                "name": name,
                "required": required(attribute),
                "default": None if required(attribute) else default_text(attribute.default),
                "doc": attribute.metadata["doc"],
                "values": attribute.metadata["kind"].says,
            }
            for name, attribute in attributes_of(kind).items()
        ],
    }
