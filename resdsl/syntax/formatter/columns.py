"""Columns: what stands below each other is aligned where its author has begun to align it.

Lines in a row share a column when they have the same kind of gap: behind a label, behind the n-th
`;`, before the `=` of a definition and between its arguments, before the comparison of an `expect`,
before a body or a comment. If one of them has more space there than is usual, all of them are
aligned, those excepted that would become too long. Labels and comments are aligned over a single
line that has none. In the rows of a list, columns of numbers are flush right.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TypeAlias

from resdsl.records import dataclass, field
from resdsl.syntax.formatter.flat import flat, is_flat_item
from resdsl.syntax.formatter.nodes import Group, Item, Word

Key: TypeAlias = tuple[int, int]
COMMENT: Key = (1 << 30, 0)
LABELLED = 1
"""The second number of the key of what stands behind a label."""


@dataclass(slots=True)
class Cell:
    """A piece of a line up to the next gap; `wide` where much space was before it."""

    key: Key | None
    text: str
    wide: bool = False
    pad: int = 1
    """The spaces before it."""


@dataclass(slots=True)
class Cells:
    """A line in pieces."""

    indent: int
    cells: list[Cell] = field(default_factory=list)

    def find(self, key: Key) -> int | None:
        return next((i for i, cell in enumerate(self.cells) if cell.key == key), None)

    def written(self, until: int | None = None) -> str:
        pieces = [" " * self.indent]
        for number, cell in enumerate(self.cells[:until]):
            pieces.append(" " * cell.pad * (number > 0) + cell.text)
        return "".join(pieces)

    def width(self) -> int:
        """How long the line is without its comment."""
        at = self.find(COMMENT)
        return len(self.written(at))


def align(lines: Sequence[Cells], width: int) -> None:
    """Set the spaces of lines that follow each other."""
    for key in sorted({cell.key for line in lines for cell in line.cells if cell.key is not None}):
        run: list[tuple[Cells, int]] = []
        room = missing = int(key == COMMENT or key[1] == LABELLED)
        for line in lines:
            at = line.find(key)
            if at is not None:
                run.append((line, at))
                missing = room
            elif missing:
                missing -= 1
            else:
                _align_run(run, width)
                run = []
        _align_run(run, width)


def _align_run(run: list[tuple[Cells, int]], width: int) -> None:
    """Bring a cell of several lines into one column, except where a line has no room for it."""
    if not any(line.cells[at].wide for line, at in run):
        return
    while run:
        ends = [len(line.written(at)) + line.cells[at].pad for line, at in run]
        column = max(ends)
        is_comment = run[0][0].cells[run[0][1]].key == COMMENT
        roomy = [
            is_comment or line.width() + column - end <= width
            for (line, _), end in zip(run, ends, strict=True)
        ]
        if all(roomy):
            for (line, at), end in zip(run, ends, strict=True):
                line.cells[at].pad += column - end
            return
        run = [one for one, has_room in zip(run, roomy, strict=True) if has_room]


# ---- rows of a list ------------------------------------------------------------------------------


@dataclass(slots=True)
class Row:
    """Items that share a line, and how they would be written without columns."""

    lines: list[str]
    items: list[Item]


def table(rows: Sequence[Row], indent: int, width: int) -> list[list[str]]:
    """The rows, those that follow each other and have as many cells each aligned if one was."""
    written: list[list[str]] = []
    for count, run in groupby(rows, lambda row: len(_cells(row))):
        members = list(run)
        cells = [_cells(row) for row in members]
        wide = any(_is_wide(item) for row in cells for item in row[1:])
        aligned = _aligned(members, cells, indent) if count > 1 and wide else None
        if aligned is None or any(len(line) > width for line in aligned):
            written += [row.lines for row in members]
        else:
            written += [[line] for line in aligned]
    return written


def _inner(row: Row) -> Group | None:
    """The list that a row is, if it is one."""
    elements = row.items[0].elements
    inner = elements[0] if len(row.items) == len(elements) == 1 else None
    return inner if isinstance(inner, Group) and inner.kind == "list" else None


def _cells(row: Row) -> list[Item]:
    if len(row.lines) != 1:
        return []
    inner = _inner(row)
    items = inner.items if inner is not None else row.items
    return items if all(map(is_flat_item, items)) else []


def _is_wide(item: Item) -> bool:
    return item.elements[0].wide


def _aligned(rows: Sequence[Row], cells: Sequence[list[Item]], indent: int) -> list[str] | None:
    if len({_inner(row) is None for row in rows}) > 1:
        return None
    texts = [[flat(item.elements) for item in row] for row in cells]
    columns = range(len(texts[0]))
    widths = [max(len(row[c]) for row in texts) for c in columns]
    # The first column has its space behind it: none stands inside a bracket.
    numbers = [c > 0 and all(_is_number(row[c]) for row in cells) for c in columns]
    lines = []
    for row, items in zip(rows, texts, strict=True):
        line = ""
        carried = 0
        for c in columns:
            missing = widths[c] - len(items[c])
            line += " " * (carried + missing * numbers[c]) + items[c] + ", " * (c < columns[-1])
            carried = 0 if numbers[c] else missing
        inner = _inner(row)
        comma = "," * row.lines[0].endswith(",")
        lines.append(" " * indent + (f"[{line}]" if inner is not None else line) + comma)
    return lines


def _is_number(item: Item) -> bool:
    *sign, last = item.elements
    signed = all(isinstance(e, Word) and e.unary for e in sign)
    return signed and isinstance(last, Word) and last.kind == "number"
