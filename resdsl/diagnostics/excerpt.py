"""One line of a file as a terminal shows it, and where a span of it comes to stand.

Tabs become spaces, wide characters take two columns, and of a very long line only the part around
the span is left. For `render` alone.
"""

from __future__ import annotations

from resdsl.records import dataclass

_TAB = 4
_WIDEST = 110
_BEFORE = 40
"""Columns kept before a span when a line is clipped."""
_ELLIPSIS = "..."
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line as shown, with the column and the width of the underline."""

    text: str
    column: int
    width: int


def excerpt(line: str, start: int, end: int) -> Excerpt:
    """The line with characters `start` to `end` to be underlined; the span may run past its end."""
    if len(line) > _LONGEST:
        # Of a megabyte on one line, only what might be shown is looked at.
        cut = max(0, start - _WIDEST)
        part = excerpt(line[cut : cut + _LONGEST], start - cut, end - cut)
        tail = "" if part.text.endswith(_ELLIPSIS) else _ELLIPSIS
        return Excerpt(part.text + tail, part.column, part.width)
    cells = [_cell(character) for character in line]
    widths = [_width(line[i], cell) for i, cell in enumerate(cells)]
    start = min(max(start, 0), len(cells))
    end = min(max(end, start), len(cells))
    first, last = _window(widths, start, end)
    head = _ELLIPSIS if first > 0 else ""
    tail = _ELLIPSIS if last < len(cells) else ""
    column = len(head) + sum(widths[first:start])
    width = sum(widths[start : min(end, last)])
    return Excerpt(head + "".join(cells[first:last]) + tail, column, max(1, width))


def safe(text: str) -> str:
    """A text on one line, without anything a terminal would obey."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_cell(character) for character in text)


def _cell(character: str) -> str:
    """What is shown for a character."""
    if character == "\t":
        return " " * _TAB
    if character.isprintable():
        return character
    # Soft hyphens, joiners and the like are not "printable" but harmless; direction marks are not.
    return " " if character.isspace() else "\ufffd"


def _width(character: str, cell: str) -> int:
    if character.isascii():
        return len(cell)
    from unicodedata import combining, east_asian_width  # Seldom wanted.

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _window(widths: list[int], start: int, end: int) -> tuple[int, int]:
    """Which characters of a line to show."""
    if sum(widths) <= _WIDEST:
        return 0, len(widths)
    first = start
    room = _BEFORE
    while first > 0 and room >= widths[first - 1]:
        first -= 1
        room -= widths[first]
    last = first
    room = _WIDEST - 2 * len(_ELLIPSIS)
    while last < len(widths) and room >= widths[last]:
        room -= widths[last]
        last += 1
    return first, max(last, min(start + 1, len(widths)))
