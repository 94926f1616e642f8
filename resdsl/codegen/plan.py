"""Classes to be written, free of any framework: what the constructor makes, what `forward` does.

Lowering fills these from the resolved definitions; a source backend prints them. Expressions are
in terms of the generated code's own names.
"""

from __future__ import annotations

from typing import TypeAlias

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
from resdsl.expressions.nodes import Expr
from resdsl.records import dataclass, field
from resdsl.sizes import Dim

#: Layers are half of what is written here: who reads a plan finds them beside the other half.
__all__ = [
    "BlockLayer",
    "Empty",
    "Layer",
    "LocalLayer",
    "OpLayer",
    "Repeat",
    "SequenceLayer",
    "SequenceOf",
    "SymbolicOp",
]

# ---- where layers live -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attribute:
    """`self.conv1`"""

    name: str


@dataclass(frozen=True, slots=True)
class ListItem:
    """An element of a list attribute: `self.down[i]`, `self.conv2[i][j]`.

    Elements are made in order; those of a `keyed` list in any, so it is a dictionary by number."""

    name: str
    indices: tuple[Expr, ...]
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class Computed:
    """An attribute whose name is put together: `f"denselayer{i + 1}"`."""

    parts: tuple[str | Expr, ...]


Home: TypeAlias = Attribute | ListItem | Computed

# ---- the constructor -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetLayer:
    """Make a layer and keep it. `optional`: the attribute was `Empty` before."""

    home: Home
    layer: Layer
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Assign:
    """`name = value`: a local of the constructor."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class AssignLayer:
    """`layer = Block(…)`: a layer that is asked for its `out_channels` before it is kept."""

    name: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class Store:
    """`self.name = value`: what `forward` needs of the constructor."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Require:
    """Refuse arguments that the author's `expect` rules out."""

    condition: Expr
    message: str


@dataclass(frozen=True, slots=True)
class NewList:
    """`self.name = []` in the framework's own list (or dictionary) of layers; with a `depth`, one
    more list at the end of the list that lies so deep. A `bare` one holds weights, not layers."""

    name: str
    depth: int = 0
    keyed: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class NewLocalList:
    """`name = []`: layers gathered for a sequence."""

    name: str


@dataclass(frozen=True, slots=True)
class Gather:
    """`name.append(layer)` on a local list."""

    name: str
    layer: Layer


@dataclass(frozen=True, slots=True)
class NewMap:
    """`name = []`: numbers for the elements of a list; `{}` where they come in any order."""

    name: str
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class SetItem:
    """`name.append(value)`, or `name[index] = value`."""

    name: str
    index: Expr
    value: Expr
    keyed: bool = False


@dataclass(frozen=True, slots=True)
class InitIf:
    condition: Expr
    then: tuple[InitStatement, ...]
    otherwise: tuple[InitStatement, ...] = ()


@dataclass(frozen=True, slots=True)
class InitFor:
    """`for targets in iterable`; `index` counts the rounds where it is wanted."""

    targets: tuple[str, ...]
    iterable: Expr
    index: str | None
    body: tuple[InitStatement, ...]


InitStatement: TypeAlias = (
    SetLayer
    | Assign
    | AssignLayer
    | Store
    | Require
    | NewList
    | NewLocalList
    | Gather
    | NewMap
    | SetItem
    | InitIf
    | InitFor
)

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


@dataclass(frozen=True, slots=True)
class CallLayer:
    """`self.conv1(x)`. `wraps` layers (norms, dropout) may stand around the call before them;
    `tensors` are handed over beside the current one, as far as the class `plan` takes them."""

    home: Home
    arguments: tuple[ForwardExpr, ...]
    wraps: bool = False
    plan: ClassPlan | None = None
    tensors: tuple[tuple[str, ForwardExpr], ...] = ()

    @property
    def operands(self) -> tuple[ForwardExpr, ...]:
        """Everything that is passed to the layer."""
        taken = self.plan.tensors if self.plan else ()
        return (*self.arguments, *(value for name, value in self.tensors if name in taken))


@dataclass(frozen=True, slots=True)
class CallOp:
    """An operation without state as a function."""

    op: SymbolicOp
    arguments: tuple[ForwardExpr, ...]


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


ForwardExpr: TypeAlias = Variable | MapItem | AllItems | CallLayer | CallOp | Held | Select


@dataclass(frozen=True, slots=True)
class Bind:
    """`name = value`; `shapes` are those of the result in the model's own lines."""

    name: str
    value: ForwardExpr
    shapes: tuple[tuple[Dim, ...], ...] = ()


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


ForwardStatement: TypeAlias = Bind | BindMap | BindItem | ForwardIf | ForwardFor | Return

# ---- classes -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConstructorParameter:
    """A parameter of a generated constructor; `annotation` is Python's."""

    name: str
    annotation: str
    default: Expr | None = None


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
    #: Tensors that `forward` takes beside the current one.
    tensors: tuple[str, ...] = ()
    forward: tuple[ForwardStatement, ...] = ()
    items: Layer | None = None
    takes_size: bool = False
    #: Channels of the result over the constructor's parameters; `None`: ask `out_channels`.
    channels: Expr | None = None
    stride: Expr | None = None
    calls_itself: bool = False


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
