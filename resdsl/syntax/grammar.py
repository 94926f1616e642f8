"""The grammar at work: one text parsed by one of its rules.

It hands out syntax trees, and `Stuck` where the text does not fit, with what would have fitted as
names of terminals for `expected` to put into words. Texts are parsed by `driver`; Lark is imported
where one does not fit, to say what would have, and where the tables are not those of the grammar.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import resdsl.grammars
from resdsl.diagnostics import Diagnostic, InternalError, Source
from resdsl.records import dataclass
from resdsl.syntax.build import TreeBuilder
from resdsl.syntax.driver import Driver, Mismatch
from resdsl.syntax.tokens import Token

if TYPE_CHECKING:
    import lark

AnyToken = TypeVar("AnyToken", bound=Token)

TABLES = "res.tables.json"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A text does not fit the grammar at `offset` of the source; `accepts` names terminals."""

    offset: int
    accepts: frozenset[str]


class NewlineFilter:
    """Drops newlines inside ( ) and [ ]; a newline behind `=` becomes a `_BREAK`."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[AnyToken]) -> Iterator[AnyToken]:
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
    """The parser made of `grammars/res.lark`. One text at a time: the tree builder has state.

    Without its tables everything is left to Lark, which takes longer.
    """

    def __init__(self, with_tables: bool = True) -> None:
        self._builder = TreeBuilder(self.parse)
        self._lock = threading.RLock()
        self._driver = _load_driver(self._builder) if with_tables else None

    @cached_property
    def _lark(self) -> lark.Lark:
        from resdsl.syntax.diagnosis import load_lark

        return load_lark(grammar_text(), self._builder, NewlineFilter())

    def parse(
        self, source: Source, text: str, base: int, start: str
    ) -> tuple[Any, Stuck | None, list[Diagnostic]]:
        """Parse a text that begins at offset `base` of the source.

        Returns the tree (None where it does not fit), why it does not fit, and what the tree
        builder has to say about a text that does.
        """
        with self._lock:
            if self._driver is not None:
                state = self._builder.begin(source, base)
                try:
                    return self._driver.parse(text, start), None, self._builder.found
                except Mismatch:
                    pass
                except self._builder.TooDeep:
                    return None, None, self._builder.found
                finally:
                    self._builder.restore(state)
            return self._parse_with_lark(source, text, base, start)

    def _parse_with_lark(
        self, source: Source, text: str, base: int, start: str
    ) -> tuple[Any, Stuck | None, list[Diagnostic]]:
        from lark.exceptions import UnexpectedInput

        from resdsl.syntax.diagnosis import stuck

        state = self._builder.begin(source, base)
        try:
            return self._lark.parse(text, start=start), None, self._builder.found
        except UnexpectedInput as failure:
            offset, accepts = stuck(failure, text)
            return None, Stuck(base + offset, accepts), self._builder.found
        except self._builder.TooDeep:
            return None, None, self._builder.found
        finally:
            self._builder.restore(state)


_grammar: Grammar | None = None


def grammar() -> Grammar:
    """The one grammar of this process, loaded when it is first asked for."""
    global _grammar
    if _grammar is None:
        _grammar = Grammar()
    return _grammar


def grammar_text() -> str:
    """The text of `grammars/res.lark`, from an installed package or a checkout."""
    text = _read("res.lark")
    if text is None:
        raise InternalError("grammars/res.lark is missing from this installation")
    return text


def _read(name: str) -> str | None:
    path = Path(next(iter(resdsl.grammars.__path__))) / name
    return path.read_text("utf-8") if path.is_file() else None


def _load_driver(builder: TreeBuilder) -> Driver | None:
    """The driver, if the tables are there and are those of the grammar."""
    stored = _read(TABLES)
    if stored is None:
        return None
    tables = json.loads(stored)
    if tables["grammar"] != fingerprint(grammar_text()):
        return None
    return Driver(tables, builder, NewlineFilter().process)


def fingerprint(grammar: str) -> int:
    """Tells whether tables are those of a grammar: against oversight, not against malice."""
    return zlib.crc32(grammar.encode())
