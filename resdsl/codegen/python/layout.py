"""Layout: source on one line where it fits, broken as `ruff format` breaks it."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.python.docs import (
    Chain,
    Doc,
    Generator,
    Group,
    Keyword,
    Lambda,
    Postfix,
    call,
    flat,
)
from resdsl.codegen.python.source import parsed

WIDTH = 100
INDENT = "    "


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


def layout(doc: Doc, indent: int, prefix: str = "", suffix: str = "") -> list[str]:
    """Lines for `prefix doc suffix` inside brackets, at a depth of indentation."""
    line = f"{INDENT * indent}{prefix}{flat(doc)}{suffix}"
    return [line] if len(line) <= WIDTH else _broken(doc, indent, prefix, suffix)


def _broken(doc: Doc, indent: int, prefix: str, suffix: str) -> list[str]:
    """The same over several lines, where that can be."""
    margin = INDENT * indent
    match doc:
        case Keyword(name=name, value=value):
            return layout(value, indent, f"{prefix}{name}=", suffix)
        case Group(opening=opening, items=items, closing=closing) if items:
            head, tail = f"{margin}{prefix}{opening}", f"{margin}{closing}{suffix}"
            return [head, *_items(items, indent + 1, is_list=opening == "["), tail]
        case Generator(opening=opening, element=element, clauses=clauses, closing=closing):
            inner = layout(element, indent + 1)
            inner += [INDENT * (indent + 1) + clause for clause in clauses]
            return [f"{margin}{prefix}{opening}", *inner, f"{margin}{closing}{suffix}"]
        case Chain(parts=parts):
            return _chain(parts, indent, prefix, suffix)
        case Postfix(parts=(first, *rest)):
            # The first bracket is broken; its last line goes on with the others.
            *lines, closing = _broken(first, indent, prefix, "")
            following = rest[0] if len(rest) == 1 else Postfix(tuple(rest))
            return lines + layout(following, indent, closing.strip(), suffix)
        case Lambda(head=head, body=Chain() as body):
            inner = layout(body, indent + 1)
            return [f"{margin}{prefix}{head}: (", *inner, f"{margin}){suffix}"]
        case Lambda(head=head, body=body):
            return layout(body, indent, f"{prefix}{head}: ", suffix)
        case str() if not isinstance(parsed(doc), str):
            return _broken(parsed(doc), indent, prefix, suffix)
        case _:
            return [f"{margin}{prefix}{flat(doc)}{suffix}"]


def statement(doc: Doc, indent: int, prefix: str = "", suffix: str = "") -> list[str]:
    """Lines for a whole statement, which needs brackets to go on over several lines."""
    if isinstance(doc, str) and len(f"{INDENT * indent}{prefix}{doc}{suffix}") > WIDTH:
        doc = parsed(doc)
    if not isinstance(doc, Chain):
        return layout(doc, indent, prefix, suffix)
    line = f"{INDENT * indent}{prefix}{flat(doc)}{suffix}"
    if len(line) <= WIDTH:
        return [line]
    hugged = _hugged(doc, indent, prefix, suffix) if len(doc.parts) == 2 else None
    if hugged is not None:
        return hugged
    margin = INDENT * indent
    return [f"{margin}{prefix}(", *_chain(doc.parts, indent + 1, "", ""), f"{margin}){suffix}"]


def _hugged(doc: Chain, indent: int, prefix: str, suffix: str) -> list[str] | None:
    """One operator beside a bracket: the bracket is broken, where what stands before it fits."""
    (_, first), (operator, last) = doc.parts
    if isinstance(first, Group) and first.opening in ("(", "["):
        return layout(first, indent, prefix, f" {operator} {flat(last)}{suffix}")
    if not (isinstance(last, Group) and last.items):
        return None
    before = f"{prefix}{flat(first)} {operator} "
    if len(INDENT * indent + before + last.opening) > WIDTH:
        return None
    return layout(last, indent, before, suffix)


def _chain(parts: Sequence[tuple[str, Doc]], indent: int, prefix: str, suffix: str) -> list[str]:
    lines: list[str] = []
    for position, (operator, part) in enumerate(parts):
        start = f"{operator} " if operator else prefix
        end = suffix if position == len(parts) - 1 else ""
        lines += layout(part, indent, start, end)
    return lines


def _items(items: Sequence[Doc], indent: int, *, is_list: bool) -> list[str]:
    """The inside of broken brackets: of a call on one line if it fits, else one item a line."""
    together = INDENT * indent + ", ".join(map(flat, items))
    if len(together) <= WIDTH and not is_list:
        return [together]
    if len(items) == 1 and not is_list:  # the formatter adds no comma after a sole argument
        return layout(items[0], indent)
    return [line for item in items for line in layout(item, indent, suffix=",")]


__all__ = [
    "INDENT",
    "WIDTH",
    "Chain",
    "Doc",
    "Generator",
    "Group",
    "Keyword",
    "atom",
    "call",
    "flat",
    "layout",
    "parsed",
    "statement",
    "step",
]
