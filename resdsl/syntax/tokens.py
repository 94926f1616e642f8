"""Tokens of a `.res` text: strings that know what they are and where they stand."""

from __future__ import annotations

from typing import Any


class Token(str):
    """A piece of text; `start_pos` and `end_pos` count from the start of the text parsed.

    Has the attributes of Lark's tokens that the tree builder reads, so that it takes either.
    """

    __slots__ = ("end_pos", "start_pos", "type")

    type: str
    start_pos: int
    end_pos: int

    def __new__(cls, type: str, text: str, start: int, end: int) -> Token:
        token = super().__new__(cls, text)
        token.type = type
        token.start_pos = start
        token.end_pos = end
        return token


def is_token(child: Any) -> bool:
    """Whether a child of a rule is a token, ours or one of Lark's: both are strings, and know their
    place by the same names."""
    return isinstance(child, str)
