"""Writes nodes on one line, and says which cannot be.

One space stands on either side of an operator, a `=` or a comparison and behind a comma or the `:`
of a label; none stands inside parentheses and brackets, before a call's parenthesis, around a point
or behind a sign.
"""

from __future__ import annotations

from collections.abc import Iterable

from resdsl.syntax.formatter.nodes import Body, Element, Group, Item, Line, Statement, Word

_CLOSE_UP = frozenset({".", ",", ":"})


def is_flat(element: Element) -> bool:
    """Whether an element may stand on one line: it holds no comment and no list of several rows."""
    if isinstance(element, Word):
        return True
    if isinstance(element, Group):
        held = element.has_comments or element.has_rows
        return not held and all(is_flat_item(item) for item in element.items)
    return element.inline and all(
        isinstance(entry, Line) and all(map(is_flat_statement, entry.statements))
        for entry in element.entries
    )


def is_flat_item(item: Item) -> bool:
    return all(map(is_flat, item.elements))


def is_flat_statement(statement: Statement) -> bool:
    return not statement.comments and all(map(is_flat, statement.elements))


def flat(elements: Iterable[Element]) -> str:
    """The elements on one line."""
    written: list[str] = []
    before: Element | None = None
    for element in elements:
        written.append(gap(before, element))
        written.append(_text(element))
        before = element
    return "".join(written)


def gap(before: Element | None, element: Element) -> str:
    """The space between two neighbours."""
    if before is None:
        return ""
    if isinstance(before, Word) and (before.unary or before.text == "."):
        return ""
    if isinstance(element, Group) and element.kind in ("call", "index"):
        return ""
    if isinstance(element, Word) and element.text in _CLOSE_UP:
        # A point right behind digits would be one of theirs.
        is_number = isinstance(before, Word) and before.text[0].isdigit()
        return " " if is_number and element.text == "." else ""
    return " "


def _text(element: Element) -> str:
    if isinstance(element, Word):
        return element.text
    if isinstance(element, Body):
        return flat_body(element)
    return flat_group(element)


def flat_group(group: Group) -> str:
    opener, closer = group.brackets
    if group.kind == "index" and group.items:
        return f"[{_subscript(group.items[0].elements)}]"
    return f"{opener}{', '.join(flat(item.elements) for item in group.items)}{closer}"


def _subscript(elements: list[Element]) -> str:
    """`[i]`, `[:n]`; the `:` of a slice has space around it where its ends are not simple."""
    colon = next((i for i, e in enumerate(elements) if isinstance(e, Word) and e.text == ":"), None)
    if colon is None:
        return flat(elements)
    ends = elements[:colon], elements[colon + 1 :]
    space = "" if all(len(end) < 2 for end in ends) else " "
    start, stop = map(flat, ends)
    return f"{start}{space if start else ''}:{space if stop else ''}{stop}"


def flat_body(body: Body) -> str:
    statements = [
        flat(s.elements) for e in body.entries if isinstance(e, Line) for s in e.statements
    ]
    return f"{{ {'; '.join(statements)} }}" if statements else "{ }"
