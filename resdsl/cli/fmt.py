"""`resdsl fmt`: files in the canonical layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from resdsl.cli.output import say, show_diagnostics
from resdsl.cli.sources import STDIN, read, res_files

if TYPE_CHECKING:
    from resdsl.diagnostics import Source

UNFORMATTED = 1
WRONG_INPUT = 2


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Change nothing; show what would change.")
def fmt(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Lay out .res files the one canonical way, in place.

    FILE may be a folder, for all .res files in it, or -, to read from standard input and write to
    standard output. A file that does not parse is left as it is, with its mistakes shown.
    """
    from resdsl.diagnostics import CompileError

    failed = changed = 0
    for path in res_files(paths):
        try:
            changed += _format(path, check, diff)
        except CompileError as failure:
            show_diagnostics(failure.diagnostics)
            failed += 1
    if failed:
        return WRONG_INPUT
    return UNFORMATTED if changed and check else 0


def _format(path: str, check: bool, diff: bool) -> bool:
    """Whether a file is laid out otherwise than it should be; unless only looking, it then is."""
    from resdsl.files import write_text
    from resdsl.syntax.formatter import format_source

    source = read(path)
    text = format_source(source)
    changed = text != source.text
    if diff:
        _show_difference(source, text)
    if check:
        if changed:
            say(f"{source.name}: would be laid out anew")
    elif path == STDIN and not diff:
        click.echo(text, nl=False)
    elif changed and not diff:
        write_text(path, text)
        say(f"{path}: laid out anew")
    return changed


def _show_difference(source: Source, text: str) -> None:
    from difflib import unified_diff

    before, after = source.text.splitlines(keepends=True), text.splitlines(keepends=True)
    for line in unified_diff(before, after, source.name, source.name):
        click.echo(line, nl=not line.endswith("\n"))
