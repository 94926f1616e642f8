"""Statements of resolved definitions.

They keep the author's loops, ifs and expressions; only names are settled. A name of a block, an
operation or a function has become a `Constant`, arguments are bound to parameter names, the
`defaults` in force are merged in, and every item knows how its canonical name is made. Statements
compare by identity, so that facts can be looked up by statement.
"""

from __future__ import annotations

from typing import TypeAlias

from resdsl.diagnostics import Span
from resdsl.expressions.nodes import Expr
from resdsl.ops import Op
from resdsl.records import dataclass

# ---- names of items ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    """A plain label: `conv1`."""

    text: str


@dataclass(frozen=True, slots=True)
class Element:
    """`down[i]`: element of the list called `base`; the canonical name is `down.0`."""

    base: str
    index: Expr


@dataclass(frozen=True, slots=True)
class Template:
    """`"denselayer{i + 1}"`: texts and expressions in order."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """In a sequence: the number of items before it."""


@dataclass(frozen=True, slots=True)
class Automatic:
    """Unlabelled in a named scope: `conv2`, and `conv2.0` inside a loop (`loops` levels deep)."""

    text: str
    loops: int


ItemName: TypeAlias = Fixed | Element | Template | Position | Automatic

# ---- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Let:
    """A name for a value, to the end of its body."""

    name: str
    value: Expr
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """A condition that the author states about parameters."""

    condition: Expr
    message: str | None
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class InputStep:
    """The input of a model: its shape, channels first."""

    shape: tuple[Expr, ...]
    name: Fixed
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class OutputStep:
    """The end of a model or block, naming what it returns."""

    values: tuple[Expr, ...]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class AgainStep:
    """A labelled item, `label` or `label[index]`, run once more on the current tensor."""

    label: str
    index: Expr | None
    name: ItemName
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class OpStep:
    """An operation applied to the current tensor.

    `arguments` hold what the author and the `defaults` in force gave; the operation's own defaults
    fill the rest. `labelled` says that the label can be used as a tensor later.
    """

    kind: type[Op]
    arguments: dict[str, Expr]
    name: ItemName
    span: Span
    spans: dict[str, Span]


@dataclass(frozen=True, slots=True, eq=False)
class CallStep:
    """A block, or a parameter that holds a block or an operation, applied to the current tensor.

    `callee` evaluates to a `BlockValue`. `written` is how the author wrote its name.
    """

    callee: Expr
    positional: tuple[Expr, ...]
    arguments: dict[str, Expr]
    name: ItemName
    written: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class JoinStep:
    """`add`, `sub`, `mul`, `concat` of tensors and of bodies run on the current tensor."""

    kind: type[Op]
    operands: tuple[Expr, ...]
    bodies: tuple[Body, ...]
    name: ItemName
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class GroupStep:
    """A labelled body: a scope of its own for names."""

    body: Body
    name: ItemName
    is_sequence: bool
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ResidualStep:
    """`residual { F } shortcut S`.

    `shortcut` is `None` for the identity, a group for an own body, or a call whose callee may
    evaluate to `None` (no shortcut), an operation or a block. `name` is that of the addition.
    """

    body: Body
    shortcut: GroupStep | CallStep | None
    name: ItemName
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class StageStep:
    """`count` blocks in a row under one scope, numbered from 0."""

    count: Expr
    call: CallStep
    name: ItemName
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class ForStep:
    """The general loop; its body belongs to the scope around it."""

    targets: tuple[str, ...]
    iterable: Expr
    body: Body
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class IfStep:
    """The choice, made by the compiler; `otherwise` is empty where there is no `else`."""

    condition: Expr
    then: Body
    otherwise: Body
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class FromStep:
    """The pipeline resumes at a tensor named before."""

    source: Expr
    span: Span


Statement: TypeAlias = (
    Let
    | Expectation
    | InputStep
    | OutputStep
    | OpStep
    | CallStep
    | JoinStep
    | GroupStep
    | ResidualStep
    | StageStep
    | ForStep
    | IfStep
    | FromStep
    | AgainStep
)
Body: TypeAlias = tuple[Statement, ...]


def inner_bodies(statement: Statement) -> tuple[Body, ...]:
    """The bodies inside a statement that belong to the naming scope around it."""
    match statement:
        case ResidualStep(body=body) | ForStep(body=body):
            return (body,)
        case JoinStep(bodies=bodies):
            return bodies
        case IfStep(then=then, otherwise=otherwise):
            return (then, otherwise)
        case _:
            return ()
