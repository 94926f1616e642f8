"""A file as the formatter sees it: lines of statements, made of words, brackets and bodies."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.records import dataclass, field


@dataclass(slots=True)
class Word:
    """A word or a mark; `wide` where its author put more than one space before it."""

    kind: str
    text: str
    wide: bool = False
    ends: bool = False
    """Whether an operand ends with it: what follows is an operator, or an argument list."""
    unary: bool = False


@dataclass(slots=True)
class Item:
    """What stands between two commas; comments inside of it come to stand behind it."""

    elements: list[Element] = field(default_factory=list)
    new_row: bool = False
    above: list[str] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)

    @property
    def is_comprehension(self) -> bool:
        return any(isinstance(e, Word) and e.text == "for" for e in self.elements)


@dataclass(slots=True)
class Group:
    """A pair of brackets: the arguments of a `call`, a `list`, an `index`, or `parentheses`."""

    kind: str
    wide: bool
    items: list[Item] = field(default_factory=list)
    head: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)

    @property
    def brackets(self) -> tuple[str, str]:
        return ("(", ")") if self.kind in ("call", "parentheses") else ("[", "]")

    @property
    def has_comments(self) -> bool:
        return bool(self.head or self.below) or any(i.above or i.behind for i in self.items)

    @property
    def has_rows(self) -> bool:
        """Whether it is a list whose author put it on several lines."""
        rows = self.kind == "list" and any(item.new_row for item in self.items)
        return rows and not any(item.is_comprehension for item in self.items)

    @property
    def takes_comma(self) -> bool:
        """Whether a comma may follow the last item."""
        wanted = self.kind in ("call", "list") and bool(self.items)
        return wanted and not any(item.is_comprehension for item in self.items)


@dataclass(slots=True)
class Body:
    """`{ ... }`; `inline` where its author put all of it on one line."""

    wide: bool
    head: str = ""
    entries: list[Entry] = field(default_factory=list)
    inline: bool = True


Element: TypeAlias = Word | Group | Body


@dataclass(slots=True)
class Statement:
    """A statement or a definition; `comments` stand behind the `=` of a `def`."""

    elements: list[Element] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def first(self) -> str:
        head = self.elements[0]
        return head.text if isinstance(head, Word) else ""


@dataclass(slots=True)
class Line:
    """Statements that stand on one line, and the comment behind them."""

    statements: list[Statement] = field(default_factory=list)
    comment: str = ""
    comment_wide: bool = False
    blank_above: bool = False


@dataclass(slots=True)
class Remark:
    """A comment on a line of its own."""

    text: str
    blank_above: bool = False


Entry: TypeAlias = Line | Remark
