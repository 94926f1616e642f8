"""The constructors of a plan: where layers live, and the statements that make them."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.codegen.plan_layers import Layer
from resdsl.expressions.nodes import Expr
from resdsl.records import dataclass

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
