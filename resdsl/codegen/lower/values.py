"""Symbolic values: tensors by variable and channels, what a branch tells its shortcut, names."""

from __future__ import annotations

import keyword
from collections.abc import Collection
from functools import reduce
from typing import TypeAlias, TypeGuard

from resdsl.codegen.plan import (
    AllItems,
    ForwardExpr,
    ListDisplay,
    MapItem,
    Variable,
    WholeList,
)
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import (
    Apply,
    Argument,
    Binary,
    Compare,
    Comprehension,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Logic,
    Name,
    Unary,
)
from resdsl.expressions.simplify import fold_binary, fold_logic, is_literal, simplify
from resdsl.records import dataclass, field
from resdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class SymbolicTensor:
    """A tensor in generated code: how `forward` names it, and its channels and stride as
    expressions. `stride` is relative to the start of the class or branch, `None` where positions
    end; `types` are those it has in the network. Where `several` tensors come along, no one reads
    the rest."""

    ref: ForwardExpr
    channels: Expr
    stride: Expr | None
    types: tuple[TensorType, ...]
    several: SymbolicMap | SymbolicResults | None = None


@dataclass(frozen=True, slots=True)
class SymbolicMap:
    """A list of tensors under one name: those labelled `y[i]`, the parts of a `split`, what a
    block is handed or leaves. `channels` is a list of theirs; `each` are those of every tensor,
    where they are alike, and `count` says how many there are, where that is known."""

    name: str
    channels: Expr
    types: tuple[TensorType, ...]
    #: Whether they are kept by number, since they are not made in order.
    keyed: bool = False
    each: Expr | None = None
    count: Expr | None = None
    stride: Expr | None = None
    #: Whether one of `y[i]` was made already: all have its stride, or there is none.
    made: bool = False
    #: Whether the list was made somewhere else than in this `forward`.
    foreign: bool = False

    def item(self, index: Expr) -> SymbolicTensor:
        """`y[index]`"""
        channels = self.each or simplify(Index(self.channels, index), lambda _: None)
        return SymbolicTensor(MapItem(self.name, index), channels, self.stride, self.types)

    def all(self) -> SymbolicTensor:
        """`*y`: every one as an operand; `channels` are their sum."""
        if self.each is not None and self.count is not None:
            total = fold_binary("*", self.count, self.each)
        elif isinstance(self.channels, ListOf):
            total = reduce(lambda a, b: fold_binary("+", a, b), self.channels.items)
        else:
            total = function("sum", self.list_of_channels())
        return SymbolicTensor(AllItems(self.name, self.keyed), total, self.stride, self.types)

    def length(self) -> Expr:
        """How many tensors there are."""
        return self.count or function("len", self.channels)

    def list_of_channels(self) -> Expr:
        """The channels of all, in order."""
        if not self.keyed:
            return self.channels
        numbers = function("range", function("len", self.channels))
        return Comprehension(Index(self.channels, Name("i")), ("i",), numbers)

    def whole(self) -> WholeList:
        """The list itself."""
        return WholeList(self.name, self.keyed, self.foreign)

    def tensors(self) -> list[SymbolicTensor]:
        """One by one where it is known how many there are, else all at once."""
        if isinstance(self.count, Literal) and isinstance(self.count.value, int):
            return [self.item(Literal(i)) for i in range(self.count.value)]
        return [self.all()]


@dataclass(frozen=True, slots=True)
class SymbolicResults:
    """Several tensors and lists, each under a name of its own: the results of a block, by name, or
    a list that was written out, `[a, b]`, without names."""

    entries: tuple[SymbolicTensor | SymbolicMap, ...]
    names: tuple[str, ...] = ()

    def named(self, name: str) -> SymbolicTensor | SymbolicMap | None:
        """`label.name`"""
        return dict(zip(self.names, self.entries, strict=False)).get(name)

    def item(self, index: Expr) -> SymbolicTensor | None:
        """`label[index]`, where the compiler knows which one that is."""
        tensors = self.tensors()
        position = index.value if isinstance(index, Literal) else None
        if not isinstance(position, int) or any(isinstance(t.ref, AllItems) for t in tensors):
            return None
        return tensors[position] if -len(tensors) <= position < len(tensors) else None

    def tensors(self) -> list[SymbolicTensor]:
        """All of them; a list whose length is not known stands as one."""
        found: list[SymbolicTensor] = []
        for entry in self.entries:
            found += entry.tensors() if isinstance(entry, SymbolicMap) else [entry]
        return found

    def list_of_channels(self) -> Expr:
        """The channels of all, in order."""
        parts: list[Expr] = []
        for entry in self.entries:
            if isinstance(entry, SymbolicTensor):
                parts.append(ListOf((entry.channels,)))
            else:
                parts.append(entry.list_of_channels())
        if all(isinstance(part, ListOf) for part in parts):
            return ListOf(tuple(c for part in parts for c in part.items))  # type: ignore[union-attr]
        return reduce(lambda a, b: Binary("+", a, b), parts)

    def length(self) -> Expr:
        """How many tensors there are."""
        lengths = [e.length() if isinstance(e, SymbolicMap) else Literal(1) for e in self.entries]
        return reduce(lambda a, b: fold_binary("+", a, b), lengths)

    def whole(self) -> ListDisplay:
        """All of them in one list."""
        parts = [e.all().ref if isinstance(e, SymbolicMap) else e.ref for e in self.entries]
        return ListDisplay(tuple(parts))


def flowing(several: SymbolicMap | SymbolicResults) -> SymbolicTensor:
    """What comes along where there are several tensors."""
    example = several.tensors()[0]
    return SymbolicTensor(several.whole(), example.channels, None, example.types[:1], several)


def local_name(value: SymbolicTensor | SymbolicMap) -> str:
    """The variable of `forward` that a tensor or list is."""
    if isinstance(value, SymbolicMap):
        return value.name
    assert isinstance(value.ref, Variable)
    return value.ref.name


def function(name: str, *arguments: Expr) -> Expr:
    """A call of one of the language's functions."""
    return Apply(Constant(FUNCTIONS[name]), tuple(Argument(None, a) for a in arguments))


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


Value: TypeAlias = Expr | SymbolicTensor | SymbolicMap | SymbolicResults | SymbolicBranch
_SYMBOLIC = SymbolicTensor | SymbolicMap | SymbolicResults | SymbolicBranch


def is_expression(value: Value) -> TypeGuard[Expr]:
    """Whether a name stands for an expression."""
    return not isinstance(value, _SYMBOLIC)


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


__all__ = [
    "Logic",
    "Names",
    "SymbolicBranch",
    "SymbolicMap",
    "SymbolicResults",
    "SymbolicTensor",
    "Variable",
    "flowing",
    "function",
    "local_name",
]
