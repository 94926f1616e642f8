"""Symbolic values: tensors by variable and channels, what a branch tells its shortcut, names."""

from __future__ import annotations

import keyword
from collections.abc import Collection
from typing import TypeAlias, TypeGuard

from resdsl.codegen.plan import AllItems, ForwardExpr, MapItem, Variable
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Compare,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Logic,
    Name,
    Unary,
)
from resdsl.expressions.simplify import fold_logic, is_literal
from resdsl.records import dataclass, field
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class SymbolicTensor:
    """A tensor in generated code: how `forward` names it, and its channels and stride as
    expressions. `stride` is relative to the start of the class or branch, `None` where positions
    end; `types` are those it has in the network."""

    ref: ForwardExpr
    channels: Expr
    stride: Expr | None
    types: tuple[TensorType, ...]


@dataclass(frozen=True, slots=True)
class SymbolicMap:
    """The tensors labelled `y[i]`, kept in a map by number; their channels in another."""

    name: str
    channels: str
    types: tuple[TensorType, ...]
    #: Whether they are kept by number, since they are not made in order.
    keyed: bool = False

    def item(self, index: Expr) -> SymbolicTensor:
        """`y[index]`"""
        channels = Index(Name(self.channels), index)
        return SymbolicTensor(MapItem(self.name, index), channels, None, self.types)

    def all(self) -> SymbolicTensor:
        """`*y`: every one as an operand; `channels` are their sum."""
        channels = Apply(Constant(FUNCTIONS["sum"]), (Argument(None, Name(self.channels)),))
        return SymbolicTensor(AllItems(self.name), channels, None, self.types)


@dataclass(frozen=True, slots=True)
class SymbolicBranch:
    """What a shortcut knows of its branch."""

    before: Expr
    channels: Expr
    stride: Expr | None
    #: How many numbers the stride may be, one for each dimension; 0 where it is surely one.
    numbers: int = 0

    def reshapes(self) -> Expr:
        """`stride != 1 or in_channels != width`, folded."""
        assert self.stride is not None
        one = Literal(1)
        strided = differ(self.stride, one)
        if self.numbers and not is_literal(self.stride):
            none = ListOf((one, ListOf((one,) * self.numbers)))
            strided = Unary("not", Compare((self.stride, none), ("in",)))
        return fold_logic("or", (strided, differ(self.before, self.channels)))


def differ(left: Expr, right: Expr) -> Expr:
    """`left != right`, folded where it can be decided."""
    if left == right:
        return Literal(False)
    if is_literal(left) and is_literal(right):
        return Literal(True)
    return Compare((left, right), ("!=",))


Value: TypeAlias = Expr | SymbolicTensor | SymbolicMap | SymbolicBranch


def is_expression(value: Value) -> TypeGuard[Expr]:
    """Whether a name stands for an expression."""
    return not isinstance(value, SymbolicTensor | SymbolicMap | SymbolicBranch)


@dataclass(slots=True)
class Names:
    """Python names given out in one class."""

    taken: set[str] = field(default_factory=set)

    def fresh(self, wanted: str, avoid: Collection[str] = ()) -> str:
        """`wanted`, or the same with a number."""
        wanted = f"{wanted}_" if keyword.iskeyword(wanted) else wanted
        name, number = wanted, 1
        while name in self.taken or name in avoid:
            number += 1
            name = f"{wanted}{number}"
        self.taken.add(name)
        return name


__all__ = ["Logic", "Names", "SymbolicBranch", "SymbolicMap", "SymbolicTensor", "Variable"]
