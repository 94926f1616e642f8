"""Classes to be written, free of any framework: what the constructor makes, what `forward` does.

Lowering fills these from the resolved definitions; a source backend prints them. Expressions are
in terms of the generated code's own names.
"""

from __future__ import annotations

from typing import TypeAlias

from resdsl.codegen.plan_constructors import (
    Assign,
    AssignLayer,
    Attribute,
    Computed,
    Gather,
    Home,
    InitFor,
    InitIf,
    InitStatement,
    ListItem,
    NewList,
    NewLocalList,
    NewMap,
    Require,
    SetItem,
    SetLayer,
    Store,
)
from resdsl.codegen.plan_layers import (
    BlockLayer,
    Empty,
    Layer,
    LocalLayer,
    OpLayer,
    Repeat,
    SequenceLayer,
    SequenceOf,
    SymbolicOp,
)
from resdsl.diagnostics import Span
from resdsl.expressions.nodes import Expr
from resdsl.records import dataclass, field
from resdsl.sizes import Dim

# ---- forward -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Variable:
    """A local of `forward`."""

    name: str


@dataclass(frozen=True, slots=True)
class MapItem:
    """`taps[index]`: a tensor kept in a local list or dictionary."""

    name: str
    index: Expr


@dataclass(frozen=True, slots=True)
class AllItems:
    """`*taps`: all tensors of a local list, as arguments."""

    name: str
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class WholeList:
    """`taps`: a local list of tensors as it is; what is `foreign` was made elsewhere."""

    name: str
    keyed: bool = False
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class ListDisplay:
    """`[a, b]`"""

    items: tuple[ForwardExpr, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """`a, b`: several results."""

    items: tuple[ForwardExpr, ...]


@dataclass(frozen=True, slots=True)
class CallLayer:
    """`self.conv1(x)`. `wraps` layers (norms, dropout) may stand around the call before them.

    `tensors` are handed over beside the current one, as far as the class `plan` still takes them;
    where it does not take the current one, they are all it is handed.
    """

    home: Home
    arguments: tuple[ForwardExpr, ...]
    wraps: bool = False
    plan: ClassPlan | None = None
    tensors: tuple[tuple[str, ForwardExpr], ...] = ()

    @property
    def operands(self) -> tuple[ForwardExpr, ...]:
        """Everything that is passed to the layer."""
        taken = self.plan.tensors if self.plan else ()
        more = tuple(value for name, value in self.tensors if name in taken)
        return more if self.plan and not self.plan.takes_input else (*self.arguments, *more)


@dataclass(frozen=True, slots=True)
class CallOp:
    """An operation without state as a function; in a probed file with the name of its result."""

    op: SymbolicOp
    arguments: tuple[ForwardExpr, ...]
    label: Computed | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """`self.gamma`: what the constructor keeps there, as a value."""

    home: Home


@dataclass(frozen=True, slots=True)
class Select:
    """`then if condition else otherwise`."""

    condition: Expr
    then: ForwardExpr
    otherwise: ForwardExpr


ForwardExpr: TypeAlias = (
    Variable
    | MapItem
    | AllItems
    | WholeList
    | ListDisplay
    | Together
    | CallLayer
    | CallOp
    | Held
    | Select
)


@dataclass(frozen=True, slots=True)
class Bind:
    """`name = value`; `shapes` are those of the result in the model's own lines."""

    name: str
    value: ForwardExpr
    shapes: tuple[tuple[Dim, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Unpack:
    """`a, b = value`"""

    names: tuple[str, ...]
    value: ForwardExpr


@dataclass(frozen=True, slots=True)
class BindMap:
    """`name = []`: tensors by number; `{}` where they come in any order."""

    name: str
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class BindItem:
    """`name.append(value)` on such a list, or `name[index] = value`."""

    name: str
    index: Expr
    value: ForwardExpr
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class ForwardIf:
    condition: Expr
    then: tuple[ForwardStatement, ...]
    otherwise: tuple[ForwardStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardFor:
    targets: tuple[str, ...]
    iterable: Expr
    index: str | None
    body: tuple[ForwardStatement, ...]


@dataclass(frozen=True, slots=True)
class Return:
    value: ForwardExpr


ForwardStatement: TypeAlias = Bind | Unpack | BindMap | BindItem | ForwardIf | ForwardFor | Return

# ---- classes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConstructorParameter:
    """A parameter of a generated constructor; `annotation` is Python's."""

    name: str
    annotation: str
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One of several results of a class, over the constructor's parameters.

    `channels` are those of a tensor, or a list of those of a list's tensors; `None`: ask
    `out_channels`. `each` are the channels of every tensor of a list, where they are alike, and
    `count` says how many it has, where that is known.
    """

    name: str
    is_list: bool
    channels: Expr | None
    stride: Expr | None = None
    each: Expr | None = None
    count: Expr | None = None


@dataclass(slots=True, eq=False)
class ClassPlan:
    """One class. A `sequence` has no `forward`: its constructor gathers `items`. One that
    `takes_size` is told the positions of its input."""

    name: str
    doc: str
    is_model: bool = False
    sequence: bool = False
    parameters: list[ConstructorParameter] = field(default_factory=list)
    init: tuple[InitStatement, ...] = ()
    #: What `forward` calls its first tensor, whether it takes it, and what it takes beside it;
    #: `lists` are those of them that are lists of tensors.
    first: str = "x"
    takes_input: bool = True
    #: The parameter that a sequence is applied to instead of the current tensor.
    source: str | None = None
    tensors: tuple[str, ...] = ()
    lists: frozenset[str] = frozenset()
    forward: tuple[ForwardStatement, ...] = ()
    items: Layer | None = None
    takes_size: bool = False
    #: Channels of the result over the constructor's parameters; `None`: ask `out_channels`.
    channels: Expr | None = None
    stride: Expr | None = None
    #: Several results: of a tuple, or one that is a list.
    results: tuple[Result, ...] = ()
    calls_itself: bool = False
    #: The definition that it is made of.
    span: Span | None = None

    @property
    def returns_list(self) -> bool:
        """Whether `forward` returns one list of tensors, and no tuple."""
        return len(self.results) == 1


@dataclass(slots=True, eq=False)
class ModulePlan:
    """A file: classes, callees first, the model last.

    `function_names` says how functions are called, by their keys, and `list_names` how lists are
    that the author gave a name to.
    """

    function_names: dict[str, str] = field(default_factory=dict)
    list_names: dict[Expr, str] = field(default_factory=dict)
    classes: list[ClassPlan] = field(default_factory=list)

    @property
    def model(self) -> ClassPlan:
        return self.classes[-1]


__all__ = [
    "AllItems",
    "Assign",
    "AssignLayer",
    "Attribute",
    "Bind",
    "BindItem",
    "BindMap",
    "BlockLayer",
    "CallLayer",
    "CallOp",
    "ClassPlan",
    "Computed",
    "ConstructorParameter",
    "Empty",
    "ForwardExpr",
    "ForwardFor",
    "ForwardIf",
    "ForwardStatement",
    "Gather",
    "Home",
    "InitFor",
    "InitIf",
    "InitStatement",
    "Layer",
    "ListDisplay",
    "ListItem",
    "LocalLayer",
    "MapItem",
    "ModulePlan",
    "NewList",
    "NewLocalList",
    "NewMap",
    "OpLayer",
    "Repeat",
    "Require",
    "Result",
    "Return",
    "Select",
    "SequenceLayer",
    "SequenceOf",
    "SetItem",
    "SetLayer",
    "Store",
    "SymbolicOp",
    "Together",
    "Unpack",
    "Variable",
    "WholeList",
]
