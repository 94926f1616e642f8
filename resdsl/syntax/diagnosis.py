"""Lark itself: made from the grammar where a text does not fit, because it knows what would have.

Nothing else imports Lark, so that a file without mistakes never waits for it. Its own tables are
kept in the user's cache folder, since building them takes longer than all the rest.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable

import lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from resdsl.syntax import cache
from resdsl.syntax.build import TreeBuilder

STARTS = ["definition", "statement", "call", "expr"]


def load_lark(text: str, builder: TreeBuilder | None, token_filter: object) -> lark.Lark:
    """The parser of a grammar, from the cache if it is there."""
    own = {"transformer": builder, "postlex": token_filter}
    key = cache.key_of(text, lark.__version__, sys.version, ",".join(STARTS))
    stored = cache.load(key)
    if isinstance(stored, dict):
        # Tables of another make are built anew. Lark's own stand-alone parsers load theirs so.
        with contextlib.suppress(Exception):
            from_tables: Callable[..., lark.Lark] = lark.Lark._load_from_dict
            return from_tables(stored["data"], stored["memo"], **own)
    made = build_lark(text, builder, token_filter)
    buffer = io.BytesIO()
    made.save(buffer, {"transformer", "postlex"})
    cache.store(key, buffer.getvalue())
    return made


def build_lark(text: str, builder: TreeBuilder | None, token_filter: object) -> lark.Lark:
    """The parser of a grammar, made from its text."""
    own = {"transformer": builder, "postlex": token_filter}
    return lark.Lark(
        text, parser="lalr", lexer="contextual", start=STARTS, maybe_placeholders=True, **own
    )


def stuck(failure: UnexpectedInput, text: str) -> tuple[int, frozenset[str]]:
    """Where a text does not fit, and the terminals that would have fitted there."""
    if isinstance(failure, UnexpectedToken):
        ended = failure.token.type == "$END"
        offset = len(text) if ended else failure.token.start_pos or 0
    elif isinstance(failure, UnexpectedCharacters):
        offset = failure.pos_in_stream
    else:
        offset = len(text)
    interactive = getattr(failure, "interactive_parser", None)
    accepts = interactive.accepts() if interactive is not None else set()
    return offset, frozenset(accepts)
