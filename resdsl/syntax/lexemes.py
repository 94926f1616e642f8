"""A plain reading of the text into words, for what is done where the grammar does not fit.

The grammar's own lexer knows what may come next; this one takes any text at all, and keeps
together what an author meant as one thing (`:=`, `'text'`, `3x`), so that messages can speak of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from resdsl.records import dataclass

RESERVED = frozenset(
    (
        *("def", "let", "expect", "residual", "shortcut", "stage", "for", "in", "if", "else"),
        *("from", "or", "and", "not", "true", "false", "none"),
    )
)

_LEXEME = re.compile(
    r"""
      (?P<space>[ \t\ufeff]+)
    | (?P<comment>\#[^\n]*)
    | (?P<newline>\r?\n)
    | (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<number>(?:[0-9]|(?<![A-Za-z0-9_)\]])\.[0-9])(?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*)
    | (?P<text>"(?:[^"\\\r\n]|\\[^\r\n])*")
    | (?P<open_text>"[^\n]*?(?=[ \t]*\{?[ \t]*\r?$))
    | (?P<quoted>'[^'\r\n]*'?)
    | (?P<mark>:=|->|=>|<>|&&|\|\||\*\*|//|/\*|[-+*/%]=|[=!<>]=|[!-/:-@\[-`{-~])
    | (?P<foreign>.)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A word of the text; `leads` says that nothing stands before it on its line."""

    kind: str
    text: str
    start: int
    end: int
    leads: bool

    @property
    def opens(self) -> bool:
        return self.text == "(" or self.text == "["

    @property
    def closes(self) -> bool:
        return self.text == ")" or self.text == "]"

    @property
    def is_reserved(self) -> bool:
        return self.text in RESERVED


def lexemes(text: str, start: int, end: int, comments: bool = False) -> Iterator[Lexeme]:
    """The words of a part of the text, line ends among them; comments only where asked for."""
    leads = True
    for match in _LEXEME.finditer(text, start, end):
        kind = match.lastgroup or ""
        if kind != "space" and (comments or kind != "comment"):
            yield Lexeme(kind, match[0], match.start(), match.end(), leads)
            leads = kind == "newline"
