"""Expressions of the language: Python's, without side effects.

The parser makes them, the resolver replaces names of blocks and operations by `Constant` and
`Partial`, the elaborator evaluates them, and the code generators print them. Nodes compare by
structure; their spans do not take part.
"""

from __future__ import annotations

from typing import TypeAlias

from resdsl.diagnostics import Span
from resdsl.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Literal:
    """A whole number, a float, a bool or a text."""

    value: int | float | bool | str
    span: Span | None = field(default=None, compare=False, repr=False)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Literal)
            and type(self.value) is type(other.value)
            and self.value == other.value
        )

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, `let`, loop variable, label, constant, function, block or operation."""

    id: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Input:
    """`in`: the input of the innermost enclosing block or model."""

    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class NoneValue:
    """`none`: no shortcut, or no value."""

    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that the resolver put in place of a name (a block, an operation, `none`)."""

    value: object
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b, c]`."""

    items: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comprehension:
    """`[element for targets in iterable if condition]`."""

    element: Expr
    targets: tuple[str, ...]
    iterable: Expr
    condition: Expr | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Index:
    """`base[index]`."""

    base: Expr
    index: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Slice:
    """`base[start:stop]`."""

    base: Expr
    start: Expr | None
    stop: Expr | None
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """`base.name`: a size of a tensor, a fact of the branch or of a model."""

    base: Expr
    name: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Argument:
    """`value` or `name = value` in a call."""

    name: str | None
    value: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Apply:
    """`callee(arguments)` where a value is wanted: a function, or a block with arguments given."""

    callee: Expr
    arguments: tuple[Argument, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x`, `+x` or `not x`."""

    operator: str
    operand: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right` with one of `+ - * / // % **`."""

    operator: str
    left: Expr
    right: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Compare:
    """`a < b <= c`: one operand more than operators, each `== != < <= > >= in`."""

    operands: tuple[Expr, ...]
    operators: tuple[str, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Logic:
    """`a and b and c`, or the same with `or`."""

    operator: str
    operands: tuple[Expr, ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """`then if condition else otherwise`."""

    then: Expr
    condition: Expr
    otherwise: Expr
    span: Span | None = field(default=None, compare=False, repr=False)


Expr: TypeAlias = (
    Literal
    | Name
    | Input
    | NoneValue
    | Constant
    | ListOf
    | Comprehension
    | Index
    | Slice
    | Member
    | Apply
    | Unary
    | Binary
    | Compare
    | Logic
    | Choice
)
