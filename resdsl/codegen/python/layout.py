"""Layout: calls and lists on one line where they fit, broken as `ruff format` breaks them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TypeAlias

from resdsl.records import dataclass

WIDTH = 100
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Group:
    """Brackets around items: a call, a list, a signature."""

    opening: str
    items: tuple[Doc, ...]
    closing: str = ")"


@dataclass(frozen=True, slots=True)
class Generator:
    """`opening element for … closing`: a generator or comprehension."""

    opening: str
    element: Doc
    clause: str
    closing: str = ")"


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value` in a call."""

    name: str
    value: Doc


Doc: TypeAlias = str | Group | Generator | Keyword


def call(function: str, *items: Doc, **keywords: Doc) -> Group:
    """`function(items, name=value)`"""
    named = tuple(Keyword(name, value) for name, value in keywords.items())
    return Group(f"{function}(", (*items, *named))


def step(text: str) -> str:
    """A slice that takes every `text`-th entry; the formatter sets anything but a word apart."""
    return f"::{text}" if text.isalnum() else f":: {text}"


def atom(text: str) -> str:
    """An expression as an operand: in brackets if it is more than one term."""
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if character == " " and depth == 0:
            return f"({text})"
    return text


def parsed(text: str) -> Doc:
    """Source that ends in a bracket, as what can be broken there; any other as it is."""
    opening, commas, depth, quote = -1, [0], 0, ""
    for position, character in enumerate(text):
        if quote or character in "\"'":
            quote = "" if character == quote else quote or character
        elif character in "([{":
            if depth == 0:
                opening, commas = position, []
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 1:
            commas.append(position)
    if opening < 0 or not text.endswith((")", "]")):
        return text
    ends = [opening, *commas, len(text) - 1]
    items = [text[start + 1 : end].strip() for start, end in itertools.pairwise(ends)]
    return Group(text[: opening + 1], tuple(map(_parsed_item, items)), text[-1])


def _parsed_item(text: str) -> Doc:
    name, equals, value = text.partition("=")
    return Keyword(name, parsed(value)) if equals and name.isidentifier() else parsed(text)


def flat(doc: Doc) -> str:
    """The document on one line."""
    match doc:
        case str():
            return doc
        case Keyword(name=name, value=value):
            return f"{name}={flat(value)}"
        case Generator(opening=opening, element=element, clause=clause, closing=closing):
            return f"{opening}{flat(element)} {clause}{closing}"
        case Group(opening=opening, items=items, closing=closing):
            return f"{opening}{', '.join(map(flat, items))}{closing}"


def layout(doc: Doc, indent: int, prefix: str = "", suffix: str = "") -> list[str]:
    """Lines for `prefix doc suffix` at a depth of indentation."""
    margin = INDENT * indent
    line = f"{margin}{prefix}{flat(doc)}{suffix}"
    if len(line) <= WIDTH:
        return [line]
    match doc:
        case Keyword(name=name, value=value):
            return layout(value, indent, f"{prefix}{name}=", suffix)
        case Group(opening=opening, items=items, closing=closing) if items:
            head, tail = f"{margin}{prefix}{opening}", f"{margin}{closing}{suffix}"
            return [head, *_items(items, indent + 1), tail]
        case Generator(opening=opening, element=element, clause=clause, closing=closing):
            inner = layout(element, indent + 1)
            head, tail = f"{margin}{prefix}{opening}", f"{margin}{closing}{suffix}"
            return [head, *inner, f"{INDENT * (indent + 1)}{clause}", tail]
        case _:
            return [line]


def _items(items: Sequence[Doc], indent: int) -> list[str]:
    """The inside of broken brackets: on one line if it fits, else one item a line."""
    if len(items) == 1:
        # The formatter puts no comma behind an item that stands alone.
        return layout(items[0], indent)
    together = INDENT * indent + ", ".join(map(flat, items))
    if len(together) <= WIDTH:
        return [together]
    return [line for item in items for line in layout(item, indent, suffix=",")]
