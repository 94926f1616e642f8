"""Documents: source that can be laid out on one line or on several."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Brackets around items: a call, a list, a signature."""

    opening: str
    items: tuple[Doc, ...]
    closing: str = ")"


@dataclass(frozen=True, slots=True)
class Generator:
    """`opening element for … if … closing`: a generator or comprehension."""

    opening: str
    element: Doc
    clauses: tuple[str, ...]
    closing: str = ")"


@dataclass(frozen=True, slots=True)
class Keyword:
    """`name=value` in a call."""

    name: str
    value: Doc


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands of one strength, each behind its operator: `a + b - c`, `a if b else c`."""

    parts: tuple[tuple[str, Doc], ...]


@dataclass(frozen=True, slots=True)
class Postfix:
    """Brackets behind brackets: `getattr(self, name)(x)`, `pool(x).flatten(1)`."""

    parts: tuple[Group | Generator, ...]


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda x: body`"""

    head: str
    body: Doc


Doc: TypeAlias = str | Group | Generator | Keyword | Chain | Postfix | Lambda


def call(function: str, *items: Doc, **keywords: Doc) -> Group:
    """`function(items, name=value)`"""
    named = tuple(Keyword(name, value) for name, value in keywords.items())
    return Group(f"{function}(", (*items, *named))


def flat(doc: Doc) -> str:
    """The document on one line."""
    match doc:
        case str():
            return doc
        case Keyword(name=name, value=value):
            return f"{name}={flat(value)}"
        case Generator(opening=opening, element=element, clauses=clauses, closing=closing):
            return f"{opening}{' '.join([flat(element), *clauses])}{closing}"
        case Group(opening=opening, items=items, closing=closing):
            return f"{opening}{', '.join(map(flat, items))}{closing}"
        case Chain(parts=parts):
            return " ".join(f"{operator} {flat(part)}".strip() for operator, part in parts)
        case Postfix(parts=parts):
            return "".join(map(flat, parts))
        case Lambda(head=head, body=body):
            return f"{head}: {flat(body)}"
