"""`resdsl explain`: what a code means, at more length than a message has room for."""

from __future__ import annotations

import click

from resdsl.cli.output import say


@click.command()
@click.argument("code", metavar="CODE")
def explain(code: str) -> None:
    """Say more about a mistake by its code, such as R0304."""
    from textwrap import fill, indent

    from resdsl.diagnostics import error
    from resdsl.diagnostics.codes import CODES
    from resdsl.diagnostics.near import did_you_mean

    found = CODES.get(code.upper())
    if found is None:
        help = did_you_mean(code.upper(), CODES)
        raise error("R0716", f"there is no diagnostic with the code `{code}`", help=help)
    say(f"{found.code}: {found.title}\n\n{fill(found.explanation, 80)}")
    for title, text in (("Wrong:", found.wrong), ("Right:", found.right)):
        if text:
            say(f"\n{title}\n\n{indent(text.rstrip(), '    ')}")
