"""Symbolic values: tensors by variable and channels, what a branch tells its shortcut, names."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from resdsl.codegen.plan import ForwardExpr, MapItem, Variable
from resdsl.expressions.nodes import Compare, Expr, Index, Literal, Logic, Name
from resdsl.expressions.simplify import fold_logic, is_literal
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

    def item(self, index: Expr) -> SymbolicTensor:
        """`y[index]`"""
        channels = Index(Name(self.channels), index)
        return SymbolicTensor(MapItem(self.name, index), channels, None, self.types)


@dataclass(frozen=True, slots=True)
class SymbolicBranch:
    """What a shortcut knows of its branch."""

    before: Expr
    channels: Expr
    stride: Expr | None

    def reshapes(self) -> Expr:
        """`stride != 1 or in_channels != width`, folded."""
        assert self.stride is not None
        return fold_logic(
            "or", (differ(self.stride, Literal(1)), differ(self.before, self.channels))
        )


def differ(left: Expr, right: Expr) -> Expr:
    """`left != right`, folded where it can be decided."""
    if left == right:
        return Literal(False)
    if is_literal(left) and is_literal(right):
        return Literal(True)
    return Compare((left, right), ("!=",))


Value: TypeAlias = Expr | SymbolicTensor | SymbolicMap | SymbolicBranch


@dataclass(slots=True)
class Names:
    """Python names given out in one class."""

    taken: set[str] = field(default_factory=set)

    def fresh(self, wanted: str) -> str:
        """`wanted`, or the same with a number."""
        name, number = wanted, 1
        while name in self.taken:
            number += 1
            name = f"{wanted}{number}"
        self.taken.add(name)
        return name


__all__ = ["Logic", "Names", "SymbolicBranch", "SymbolicMap", "SymbolicTensor", "Variable"]
