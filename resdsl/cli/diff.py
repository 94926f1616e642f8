"""`resdsl diff`: in what two networks differ in meaning."""

from __future__ import annotations

import click

from resdsl.cli.network import import_root_option, network
from resdsl.cli.output import say

DIFFERENT = 1


@click.command()
@click.argument("first", metavar="FILE[:MODEL]")
@click.argument("second", metavar="FILE[:MODEL]")
@click.option(
    "--input", "input_shape", metavar="CxHxW", help="Another size of input for both networks."
)
@import_root_option
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def diff(first: str, second: str, input_shape: str | None, as_json: bool) -> int:
    """Compare two networks in meaning: operations, attributes, connections, shapes and weight
    names, whatever the files look like.

    The exit code is 0 if they mean the same, 1 if not, 2 if one of them cannot be built.
    """
    graphs = [network(target, (), input_shape) for target in (first, second)]

    from resdsl.analysis.differences.report import difference

    report = difference(*graphs)
    if as_json:
        import json

        say(json.dumps(report.to_json(), indent=2))
    else:
        say(str(report))
    return 0 if report.is_equal else DIFFERENT
