"""Lark's side of the parser: the grammar's tables, and one text parsed by one of its rules.

Everything Lark stays in this module: it hands out syntax trees, and `Stuck` where the text does not
fit, with what would have fitted as names of terminals for `expected` to put into words.
"""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.lexer import Token

import resdsl.grammars
from resdsl.diagnostics import Diagnostic, InternalError, Source
from resdsl.records import dataclass
from resdsl.syntax import cache
from resdsl.syntax.build import TreeBuilder

STARTS = ["definition", "statement", "call", "expr"]


@dataclass(frozen=True, slots=True)
class Stuck:
    """A text does not fit the grammar at `offset` of the source; `accepts` names terminals."""

    offset: int
    accepts: frozenset[str]


class NewlineFilter:
    """Drops newlines inside ( ) and [ ]; a newline behind `=` becomes a `_BREAK`."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        depth = 0
        previous = ""
        for token in stream:
            kind = token.type
            if kind == "LPAR" or kind == "LSQB":
                depth += 1
            elif kind == "RPAR" or kind == "RSQB":
                depth = max(0, depth - 1)
            elif kind == "_NL":
                # A `;` ends the statement wherever it stands, unless a comment holds it.
                ends = ";" in token and any(
                    ";" in part.partition("#")[0] for part in token.split("\n")
                )
                if not ends and depth:
                    continue
                if not ends and previous == "EQUAL":
                    token.type = "_BREAK"
            previous = kind
            yield token


class Grammar:
    """The parser made of `grammars/res.lark`. One text at a time: the tree builder has state."""

    def __init__(self) -> None:
        self._builder = TreeBuilder(self.parse)
        self._lark = _load(self._builder)
        self._lock = threading.RLock()

    def parse(
        self, source: Source, text: str, base: int, start: str
    ) -> tuple[Any, Stuck | None, list[Diagnostic]]:
        """Parse a text that begins at offset `base` of the source.

        Returns the tree (None where it does not fit), why it does not fit, and what the tree
        builder has to say about a text that does.
        """
        with self._lock:
            state = self._builder.begin(source, base)
            try:
                tree = self._lark.parse(text, start=start)
                return tree, None, self._builder.found
            except UnexpectedInput as failure:
                return None, _stuck(failure, text, base), self._builder.found
            except self._builder.TooDeep:
                return None, None, self._builder.found
            finally:
                self._builder.restore(state)


def _stuck(failure: UnexpectedInput, text: str, base: int) -> Stuck:
    if isinstance(failure, UnexpectedToken):
        ended = failure.token.type == "$END"
        offset = len(text) if ended else failure.token.start_pos or 0
    elif isinstance(failure, UnexpectedCharacters):
        offset = failure.pos_in_stream
    else:
        offset = len(text)
    interactive = getattr(failure, "interactive_parser", None)
    accepts = interactive.accepts() if interactive is not None else set()
    return Stuck(base + offset, frozenset(accepts))


_grammar: Grammar | None = None


def grammar() -> Grammar:
    """The one grammar of this process, loaded when it is first asked for."""
    global _grammar
    if _grammar is None:
        _grammar = Grammar()
    return _grammar


def grammar_text() -> str:
    """The text of `grammars/res.lark`, from an installed package or a checkout."""
    path = Path(next(iter(resdsl.grammars.__path__))) / "res.lark"
    if path.is_file():
        return path.read_text("utf-8")
    raise InternalError("grammars/res.lark is missing from this installation")


def _load(builder: TreeBuilder) -> lark.Lark:
    text = grammar_text()
    own = {"transformer": builder, "postlex": NewlineFilter()}
    key = cache.key_of(text, lark.__version__, sys.version, ",".join(STARTS))
    stored = cache.load(key)
    if isinstance(stored, dict):
        # Tables of another make are built anew. Lark's own stand-alone parsers load theirs so.
        with contextlib.suppress(Exception):
            from_tables: Callable[..., lark.Lark] = lark.Lark._load_from_dict
            return from_tables(stored["data"], stored["memo"], **own)
    made = lark.Lark(
        text, parser="lalr", lexer="contextual", start=STARTS, maybe_placeholders=True, **own
    )
    buffer = io.BytesIO()
    made.save(buffer, {"transformer", "postlex"})
    cache.store(key, buffer.getvalue())
    return made
