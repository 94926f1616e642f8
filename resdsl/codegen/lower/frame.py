"""The class being written: its statements so far, its names, and what `forward` needs stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.environment import Environment
from resdsl.codegen.lower.values import Names, SymbolicTensor
from resdsl.codegen.plan import (
    Assign,
    Attribute,
    Bind,
    CallLayer,
    ClassPlan,
    Computed,
    ForwardExpr,
    ForwardStatement,
    Home,
    InitStatement,
    Layer,
    ListItem,
    NewList,
    NewMap,
    SetLayer,
    Variable,
)
from resdsl.expressions.nodes import Apply, Choice, Constant, Expr, Literal, Member, Name
from resdsl.expressions.simplify import fold_binary, fold_choice, simplify
from resdsl.ir.graph import Instance, Specialization
from resdsl.types import TensorType

if TYPE_CHECKING:
    from resdsl.codegen.lower.module import ModuleLowering


@dataclass(slots=True)
class Loop:
    """A loop around the statements being lowered: its number variable, and what must stand
    before the outermost one."""

    index: Name
    targets: tuple[str, ...]
    #: The target that runs over `range(n)`, so that it equals the index.
    counter: str | None


@dataclass(slots=True)
class ClassFrame:
    """State shared by everything that is lowered into one class."""

    module: ModuleLowering
    plan: ClassPlan
    specialization: Specialization
    tapped: frozenset[str]
    names: Names = field(default_factory=Names)
    init: list[InitStatement] = field(default_factory=list)
    forward: list[ForwardStatement] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    #: Classes written for groups of this one.
    outlined: list[ClassPlan] = field(default_factory=list)
    #: Working variables in use, outermost first.
    branches: list[str] = field(default_factory=list)
    #: Names of lists and maps that a loop fills: made before the outermost loop.
    lists: dict[str, int] = field(default_factory=dict)
    #: What a local stands for, to close expressions over the parameters.
    definitions: dict[str, Expr] = field(default_factory=dict)

    # ---- statements ---------------------------------------------------------------------------

    @contextmanager
    def aside(self) -> Iterator[tuple[list[InitStatement], list[ForwardStatement]]]:
        """Gather statements apart, for an arm or the body of a loop."""
        outer = self.init, self.forward
        self.init, self.forward = [], []
        inner = self.init, self.forward
        try:
            yield inner
        finally:
            self.init, self.forward = outer

    @contextmanager
    def trial(self) -> Iterator[list[InitStatement]]:
        """Lower something only to see where it leads; nothing is kept."""
        kept = set(self.names.taken), dict(self.lists), dict(self.definitions)
        parameters, outlined = list(self.plan.parameters), len(self.outlined)
        with self.aside() as (init, _):
            yield init
        self.names.taken, self.lists, self.definitions = kept
        self.plan.parameters[:] = parameters
        for plan in self.outlined[outlined:]:
            self.module.plan.classes.remove(plan)
        del self.outlined[outlined:]

    def bind(
        self, variable: str, value: ForwardExpr, types: tuple[TensorType, ...] = ()
    ) -> Variable:
        """`variable = value` in `forward`."""
        shapes = tuple(dict.fromkeys(t.shape for t in types)) if self.plan.is_model else ()
        self.forward.append(Bind(variable, value, shapes))
        return Variable(variable)

    def assign(self, name: str, value: Expr, wanted: str | None = None) -> Name:
        """A local of the constructor with a fresh name."""
        local = self.names.fresh(wanted or name)
        self.init.append(Assign(local, value))
        self.definitions[local] = value
        return Name(local)

    # ---- facts --------------------------------------------------------------------------------

    def instances(self, statement: ir.Statement) -> tuple[Instance, ...]:
        """Every execution of a statement in the network."""
        key = (self.specialization, statement)
        return tuple(self.module.graph.facts.get(key, ()))

    def types_after(
        self, statement: ir.Statement, fallback: tuple[TensorType, ...]
    ) -> tuple[TensorType, ...]:
        """The types a statement leaves, or `fallback` where the network never runs it."""
        return tuple(i.output for i in self.instances(statement)) or fallback

    # ---- homes of layers ----------------------------------------------------------------------

    def home(self, name: ir.ItemName, environment: Environment, text: str) -> Home:
        """Where the layer of an item lives. `text` is what an item without a name is called."""
        dialect = self.module.dialect
        match name:
            case ir.Fixed(text=label):
                return Attribute(dialect.attribute(label))
            case ir.Automatic(text=label, loops=0):
                return Attribute(dialect.attribute(label))
            case ir.Automatic(text=label):
                self.lists[dialect.attribute(label)] = len(self.loops)
                return ListItem(dialect.attribute(label), tuple(loop.index for loop in self.loops))
            case ir.Element(base=base, index=index):
                self.lists.setdefault(dialect.attribute(base), 1)
                return ListItem(dialect.attribute(base), (environment.simplify(index),))
            case ir.Template(parts=parts):
                return Computed(
                    tuple(p if isinstance(p, str) else environment.simplify(p) for p in parts)
                )
            case ir.Position():
                return Attribute(text)

    def keep(self, home: Home, layer: Layer, *, optional: bool = False) -> None:
        """Make a layer in the constructor. Outside loops, its list is made first."""
        if isinstance(home, ListItem) and not self.loops:
            self.flush_lists()
        self.init.append(SetLayer(home, layer, optional))

    def flush_lists(self) -> None:
        """Make the lists and maps that were asked for."""
        for name, depth in self.lists.items():
            if depth > 0 and name not in self.names.taken:
                self.names.taken.add(name)
                self.init.append(NewList(name))
        self.lists = {n: d for n, d in self.lists.items() if d > 1}

    def new_map(self, name: str) -> None:
        """A map in the constructor."""
        self.init.append(NewMap(name))

    def call(
        self, home: Home, current: SymbolicTensor, *more: ForwardExpr, wraps: bool = False
    ) -> CallLayer:
        """A kept layer applied to the current tensor."""
        return CallLayer(home, (current.ref, *more), wraps)

    # ---- closing expressions ------------------------------------------------------------------

    def closed(self, expression: Expr) -> Expr | None:
        """`expression` over the constructor's parameters alone, if it can be so written."""
        known = {"in_channels"} | {p.name for p in self.plan.parameters}
        free = False

        def leaf(e: Expr) -> Expr | None:
            nonlocal free
            if isinstance(e, Name):
                if e.id in self.definitions:
                    return simplify(self.definitions[e.id], leaf)
                free = free or e.id not in known
            if isinstance(e, Member) or (
                isinstance(e, Apply) and not isinstance(e.callee, Constant)
            ):
                free = True
                return e
            return None

        result = simplify(expression, leaf)
        return None if free else result


def product(left: Expr | None, right: Expr | None) -> Expr | None:
    """The product of two strides, `None` where one is unknown.

    Choices by one condition multiply arm by arm: a stride that is either in the first convolution
    or in the second is the same through both.
    """
    if left is None or right is None:
        return None
    if isinstance(left, Choice) and isinstance(right, Choice) and left.condition == right.condition:
        then, otherwise = product(left.then, right.then), product(left.otherwise, right.otherwise)
        assert then is not None and otherwise is not None
        return fold_choice(left.condition, then, otherwise)
    return fold_binary("*", left, right)


ONE = Literal(1)
