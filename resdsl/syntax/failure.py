"""A statement or definition that does not parse, as those who explain it see it."""

from __future__ import annotations

from resdsl.diagnostics import Diagnostic, Label, Source, Span
from resdsl.records import dataclass, field
from resdsl.syntax.lexemes import Lexeme


@dataclass(frozen=True, slots=True)
class Failure:
    """`tokens` fit the rule `start` up to `offset`, where the terminals `accepts` would have."""

    source: Source
    tokens: list[Lexeme]
    offset: int
    accepts: frozenset[str]
    start: str
    at: int = field(init=False)
    """The index of the word that does not fit; one past the last where the line ends."""

    def __post_init__(self) -> None:
        ends = (i for i, token in enumerate(self.tokens) if token.end > self.offset)
        object.__setattr__(self, "at", next(ends, len(self.tokens)))

    def token(self, index: int) -> Lexeme | None:
        return self.tokens[index] if 0 <= index < len(self.tokens) else None

    def text(self, index: int) -> str:
        token = self.token(index)
        return token.text if token is not None else ""

    def joined(self, end: int) -> str:
        """The words before `end`, written together."""
        return "".join(token.text for token in self.tokens[:end])

    def rest(self, index: int) -> str:
        """What the author wrote from a word on, or `...` where that is much."""
        token = self.token(index)
        text = "" if token is None else self.source.text[token.start : self.tokens[-1].end]
        return text if 0 < len(text) <= 40 and text.isprintable() else "..."

    def span(self, first: Lexeme, last: Lexeme | None = None) -> Span:
        return Span(self.source, first.start, (last or first).end)

    def say(
        self, code: str, message: str, where: Lexeme, label: str, help: str | None = None
    ) -> Diagnostic:
        return Diagnostic(code, message, Label(self.span(where), label), help=help)
