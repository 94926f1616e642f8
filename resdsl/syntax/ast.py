"""The syntax tree of a `.res` file: what was written, names unresolved, a span on every node."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.diagnostics import Source, Span
from resdsl.expressions.nodes import Apply, Argument, Expr
from resdsl.records import dataclass

# ---- statements ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameLabel:
    """`conv1:`"""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class IndexLabel:
    """`down[i]:`"""

    name: str
    index: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class TextLabel:
    """`"block{s + 1}-{i}":` texts and the expressions between them, in order."""

    parts: tuple[str | Expr, ...]
    span: Span


Label: TypeAlias = NameLabel | IndexLabel | TextLabel


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)` or `name`, where a dotted name has several parts."""

    path: tuple[str, ...]
    arguments: tuple[Argument, ...]
    span: Span
    path_span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """`label: call { body } { body }`; bodies follow a join alone (the resolver checks)."""

    label: Label | None
    call: Call
    bodies: tuple[Body, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Group:
    """`label: { body }`"""

    label: Label
    body: Body
    span: Span


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`shortcut value`, `shortcut label: value` or `shortcut [label:] { body }`."""

    label: Label | None
    value: Expr | Body
    span: Span


@dataclass(frozen=True, slots=True)
class Residual:
    """`residual { body } [shortcut …]`"""

    body: Body
    shortcut: Shortcut | None
    span: Span


@dataclass(frozen=True, slots=True)
class Stage:
    """`stage label: count x call`"""

    label: Label | None
    count: Expr
    call: Call
    span: Span


@dataclass(frozen=True, slots=True)
class For:
    """`for targets in iterable { body }`"""

    targets: tuple[str, ...]
    iterable: Expr
    body: Body
    span: Span
    targets_span: Span


@dataclass(frozen=True, slots=True)
class If:
    """`if condition { … } else { … }`; `else if` is an `otherwise` of a single `If`."""

    condition: Expr
    then: Body
    otherwise: Body | None
    span: Span


@dataclass(frozen=True, slots=True)
class From:
    """`from tensor`: the pipeline resumes there."""

    source: Expr
    span: Span


@dataclass(frozen=True, slots=True)
class Let:
    """`let name = value`, in a body or at file level."""

    name: str
    value: Expr
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class Defaults:
    """`defaults [tradition] { call; call }`, in a body or at file level."""

    tradition: str | None
    calls: tuple[Call, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Expect:
    """`expect condition, "message"`, in a body or at file level."""

    condition: Expr
    message: str | None
    span: Span


Statement: TypeAlias = Step | Group | Residual | Stage | For | If | From | Let | Defaults | Expect


@dataclass(frozen=True, slots=True)
class Body:
    """`{ statements }`"""

    statements: tuple[Statement, ...]
    span: Span


# ---- definitions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: type = default`"""

    name: str
    type: str | None
    default: Expr | None
    span: Span


@dataclass(frozen=True, slots=True)
class Definition:
    """`block|model|recipe name(parameters) { body }`, or `… name = call`.

    `doc` is the comment right above, without its `#` marks.
    """

    keyword: str
    name: str
    parameters: tuple[Parameter, ...]
    value: Body | Apply
    doc: str
    span: Span
    name_span: Span


@dataclass(frozen=True, slots=True)
class Import:
    """`import "blocks.res"` or `import std.resnet`: `path` is the text or the dotted name."""

    path: str
    is_library: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Function:
    """`def name(parameters) = value`; `doc` as in a `Definition`."""

    name: str
    parameters: tuple[str, ...]
    value: Expr
    span: Span
    name_span: Span
    doc: str = ""


Item: TypeAlias = Import | Let | Function | Defaults | Definition | Expect


@dataclass(frozen=True, slots=True)
class File:
    """A whole `.res` file; `doc` is the comment at its head."""

    source: Source
    items: tuple[Item, ...]
    doc: str
