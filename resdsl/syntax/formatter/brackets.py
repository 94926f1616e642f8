"""Writes what stands in brackets on several lines, where it does not fit on one or must not.

A list keeps the rows its author gave it. Anything else is broken only where it is too long: behind
its opening bracket, where that is enough, or into one item a line.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.syntax.formatter.columns import Row, table
from resdsl.syntax.formatter.flat import flat, gap, is_flat, is_flat_item
from resdsl.syntax.formatter.nodes import Element, Group, Item, Word

WIDTH = 100
STEP = 4
_SHORT = 12
"""Items up to this long are filled into lines, as many as fit."""
_TRIED = 8
"""How many brackets of a line are tried by themselves before all of them are broken."""

# Where an item that is too long may be broken, what binds least first.
_BREAKS = (
    frozenset({"for", "if"}),
    frozenset({"if", "else"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"+", "-"}),
)


class Brackets:
    """Remembers what it has laid out: the same brackets are tried in several surroundings."""

    def __init__(self) -> None:
        self._broken: dict[tuple[int, int, bool], list[str]] = {}

    def sequence(
        self, elements: Sequence[Element], indent: int, column: int, reserve: int = 0
    ) -> list[str]:
        """Elements without bodies, the first line to begin at `column`; `reserve` follows the last.

        The rightmost brackets that help are broken, and all of them where no pair helps.
        """
        forced = {i for i, e in enumerate(elements) if not is_flat(e)}
        groups = [i for i, e in enumerate(elements) if isinstance(e, Group) and e.items]
        others = [i for i in reversed(groups) if i not in forced][:_TRIED]
        lines: list[str] = []
        for chosen in [forced, *(forced | {i} for i in others), forced | set(groups)]:
            for hug in (True, False):
                lines = self._written(elements, chosen, indent, hug)
                if fits(lines, column, reserve):
                    return lines
        return lines

    def _written(
        self, elements: Sequence[Element], broken: set[int], indent: int, hug: bool
    ) -> list[str]:
        lines = [""]
        before: Element | None = None
        for index, element in enumerate(elements):
            lines[-1] += gap(before, element)
            if index in broken and isinstance(element, Group):
                first, *rest = self._group(element, indent, hug)
                lines[-1] += first
                lines += rest
            else:
                lines[-1] += flat([element])
            before = element
        return lines

    def _group(self, group: Group, indent: int, hug: bool) -> list[str]:
        key = (id(group), indent, hug)
        if key not in self._broken:
            hugging = self._hugging(group, indent) if hug else None
            self._broken[key] = hugging or self._opened(group, indent)
        return self._broken[key]

    def _hugging(self, group: Group, indent: int) -> list[str] | None:
        """`net([` and `])`: brackets around a broken list that is their last item."""
        if group.has_comments or group.has_rows or not group.items:
            return None
        *others, last = group.items
        inner = last.elements[-1]
        if not isinstance(inner, Group):
            return None
        # A list that has no room on a line of its own has rows from now on.
        breaks = inner.kind == "list" and indent + STEP + len(flat(last.elements)) >= WIDTH
        breaks = breaks and not any(item.is_comprehension for item in inner.items)
        if is_flat(inner) and not breaks:
            return None
        if not all(map(is_flat_item, others)) or not all(map(is_flat, last.elements[:-1])):
            return None
        opener, closer = group.brackets
        before = "".join(flat(item.elements) + ", " for item in others)
        lines = self._written(last.elements, {len(last.elements) - 1}, indent, True)
        return [opener + before + lines[0], *lines[1:-1], lines[-1] + closer]

    def _opened(self, group: Group, indent: int) -> list[str]:
        opener, closer = group.brackets
        inner = indent + STEP
        margin = " " * inner
        head, *more = group.head or [""]
        lines = [f"{opener}  {head}" if head else opener]
        lines += [margin + comment for comment in more]
        rows = self._rows(group, inner)
        commas = group.takes_comma
        written = table([self._row(group, row, inner, commas) for row in rows], inner, WIDTH)
        for row, text in zip(rows, written, strict=True):
            lines += [margin + comment for comment in row[0].above]
            comment, *below = row[-1].behind or [""]
            *start, end = text
            lines += [*start, f"{end}  {comment}" if comment else end]
            lines += [margin + other for other in below]
        lines += [margin + comment for comment in group.below]
        return [*lines, " " * indent + closer]

    def _row(self, group: Group, row: list[Item], indent: int, commas: bool) -> Row:
        """Items that share a line, with commas between them, and `commas` also behind the last."""
        lines = [" " * indent]
        for item in row:
            comma = "," if commas or item is not group.items[-1] else ""
            text = self._item(item, indent, len(lines[-1]), len(group.items) > 1)
            lines[-1] += text[0]
            lines += text[1:]
            lines[-1] += comma + (" " if item is not row[-1] else "")
        return Row(lines, row)

    def _item(self, item: Item, indent: int, column: int, among_others: bool) -> list[str]:
        """An item that is too long is broken where its loosest operators stand, if it has any."""
        elements = item.elements
        if is_flat_item(item):
            text = flat(elements)
            if column + len(text) < WIDTH:
                return [text]
        parts = _parts(elements)
        if len(parts) < 2:
            return self.sequence(elements, indent, column, 1)
        deeper = indent + STEP * among_others
        lines = self.sequence(parts[0], indent, column)
        for part in parts[1:]:
            first, *rest = self.sequence(part, deeper, deeper, 1)
            lines += [" " * deeper + first, *rest]
        return lines

    # ---- which items share a line ------------------------------------------------------------

    def _rows(self, group: Group, indent: int) -> list[list[Item]]:
        items = group.items
        if group.has_rows or group.has_comments:
            rows: list[list[Item]] = []
            for item in items:
                starts = item.new_row or item.above or not rows or rows[-1][-1].behind
                if starts:
                    rows.append([])
                rows[-1].append(item)
            return [part for row in rows for part in self._refilled(row, indent)]
        return self._refilled(items, indent)

    def _refilled(self, row: list[Item], indent: int) -> list[list[Item]]:
        """A row that fits, or its items on lines of their own; short ones fill their lines."""
        if not row:
            return []
        if not all(map(is_flat_item, row)):
            return [[item] for item in row]
        widths = [len(flat(item.elements)) + 2 for item in row]
        if indent + sum(widths) - 1 <= WIDTH:
            return [row]
        if max(widths) - 2 > _SHORT:
            return [[item] for item in row]
        rows: list[list[Item]] = []
        room = 0
        for item, width in zip(row, widths, strict=True):
            if room < width - 1:
                rows.append([])
                room = WIDTH - indent
            rows[-1].append(item)
            room -= width
        return rows


def fits(lines: Sequence[str], column: int = 0, reserve: int = 0) -> bool:
    """Whether lines keep to the width, comments at their ends left out of account."""
    room = [WIDTH] * len(lines)
    room[0] -= column
    room[-1] -= reserve
    return all(_length(line) <= space for line, space in zip(lines, room, strict=True))


def _length(line: str) -> int:
    """How long a line is without the comment at its end."""
    if len(line) <= WIDTH or "#" not in line:
        return len(line)
    from resdsl.syntax.lexemes import lexemes

    ends = [lexeme.end for lexeme in lexemes(line, 0, len(line))]
    return ends[-1] if ends else 0


def _parts(elements: Sequence[Element]) -> list[list[Element]]:
    """An item cut before its loosest operators."""
    words = {i: e.text for i, e in enumerate(elements) if i and isinstance(e, Word) and not e.ends}
    for level in _BREAKS:
        if level == _BREAKS[0] and "for" not in words.values():
            continue
        cuts = [i for i, text in words.items() if text in level and not _is_unary(elements[i])]
        if cuts:
            bounds = zip([0, *cuts], [*cuts, len(elements)], strict=True)
            return [list(elements[start:end]) for start, end in bounds]
    return [list(elements)]


def _is_unary(element: Element) -> bool:
    return isinstance(element, Word) and element.unary
