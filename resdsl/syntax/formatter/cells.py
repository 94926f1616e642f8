"""Cuts a line into the cells that `columns` may align."""

from __future__ import annotations

from collections.abc import Iterator

from resdsl.syntax.formatter.columns import COMMENT, LABELLED, Cell, Cells
from resdsl.syntax.formatter.flat import flat
from resdsl.syntax.formatter.nodes import Body, Element, Group, Line, Statement, Word
from resdsl.syntax.lexemes import RESERVED

_DEFINES = ("let", "def", "block", "model", "recipe")
_COMPARES = frozenset({"==", "!=", "<", "<=", ">", ">="})
# What begins a cell, in the order in which it may come within a statement.
_STATEMENT, _COMPARED, _DEFINED, _ARGUMENT, _BODY = 0, 2, 3, 10, 1 << 20


def cells_of(line: Line, indent: int) -> Cells:
    """The cells of a line whose statements are flat."""
    found: list[Cell] = []
    for number, statement in enumerate(line.statements):
        for cell, rank in _cut(statement):
            cell.key = (number, rank) if found else None
            found.append(cell)
        if statement is not line.statements[-1]:
            found[-1].text += ";"
    if line.comment:
        found.append(Cell(COMMENT, line.comment, line.comment_wide, 2))
    return Cells(indent, found)


def _cut(statement: Statement) -> Iterator[tuple[Cell, int]]:
    """The cells of a statement, and what begins each."""
    elements = statement.elements
    starts = sorted({0: _STATEMENT, **_starts(statement)}.items())
    bounds = [start for start, _ in starts[1:]] + [len(elements)]
    for (start, rank), end in zip(starts, bounds, strict=True):
        part = elements[start:end]
        call = part[-1]
        is_renamed = rank >= _DEFINED and end == len(elements) and statement.first != "def"
        if is_renamed and isinstance(call, Group) and call.kind == "call" and call.items:
            yield from _arguments(part, call, rank)
        else:
            yield Cell(None, flat(part), part[0].wide), rank


def _arguments(part: list[Element], call: Group, rank: int) -> Iterator[tuple[Cell, int]]:
    """`= resnet(basic,` and `[2, 2, 2, 2])`: the arguments of a renamed definition."""
    texts = [flat(item.elements) + "," for item in call.items]
    texts[-1] = texts[-1][:-1] + ")"
    yield Cell(None, f"{flat(part[:-1])}({texts[0]}", part[0].wide), rank
    for number, (item, text) in enumerate(zip(call.items[1:], texts[1:], strict=True)):
        yield Cell(None, text, item.elements[0].wide), _ARGUMENT + number


def _starts(statement: Statement) -> dict[int, int]:
    """Where cells begin, besides the first."""
    elements = statement.elements
    first = statement.first
    found: dict[int, int] = {}
    if first not in RESERVED:
        colon = _find(elements, frozenset({":"}))
        if colon is not None:
            found[colon + 1] = LABELLED
    if first in _DEFINES and (mark := _find(elements, frozenset({"="}))) is not None:
        found[mark] = _DEFINED + _DEFINES.index(first)
    if first == "expect" and (mark := _find(elements, _COMPARES)) is not None:
        found[mark] = _COMPARED
    body = next((i for i, e in enumerate(elements) if isinstance(e, Body)), None)
    if body:
        found.setdefault(body, _BODY)
    return found


def _find(elements: list[Element], texts: frozenset[str]) -> int | None:
    return next(
        (i for i, e in enumerate(elements) if isinstance(e, Word) and e.text in texts), None
    )
