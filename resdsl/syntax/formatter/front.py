"""The formatter's front door: a source in, its text in the canonical layout out."""

from __future__ import annotations

from resdsl.diagnostics import InternalError, Source
from resdsl.syntax.formatter.flat import flat
from resdsl.syntax.formatter.layout import lay_out
from resdsl.syntax.formatter.meaning import same_meaning
from resdsl.syntax.formatter.nodes import Line
from resdsl.syntax.formatter.reader import read, without_space
from resdsl.syntax.lexemes import lexemes
from resdsl.syntax.parser import parse


def format_source(source: Source) -> str:
    """The text of a file, laid out anew; its line ends are those of its first line.

    Raises `CompileError` where the file does not parse, and `InternalError` rather than return a
    text that says something else.
    """
    tree = parse(source)
    lines = lay_out(read(source.text))
    text = "".join(f"{line}\n" for line in lines)
    after = Source(source.name, text)
    if not same_meaning(tree, parse(after)) or _comments(source) != _comments(after):
        raise InternalError(f"the layout of `{source.name}` would change what it says")
    crlf = source.text.partition("\n")[0].endswith("\r")
    return text.replace("\n", "\r\n") if crlf else text


def on_one_line(text: str) -> str:
    """A piece of a file that parses, an expression or a parameter, without its comments."""
    lines = [entry for entry in read(text).entries if isinstance(entry, Line)]
    return "; ".join(flat(s.elements) for line in lines for s in line.statements)


def _comments(source: Source) -> list[str]:
    """All comments, sorted: one in the midst of an item moves behind it, over others inside."""
    words = lexemes(source.text, 0, len(source.text), comments=True)
    return sorted(without_space(word.text) for word in words if word.kind == "comment")
