"""The class being written: its statements so far, its names, and what `forward` needs stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from resdsl import ir
from resdsl.codegen.lower.dialect import FORWARD_LOCALS
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.lists import Keyed
from resdsl.codegen.lower.values import Names, SymbolicTensor, Value
from resdsl.codegen.plan import (
    Assign,
    Attribute,
    Bind,
    CallLayer,
    CallOp,
    ClassPlan,
    Computed,
    ForwardExpr,
    ForwardStatement,
    Held,
    Home,
    InitStatement,
    Layer,
    ListItem,
    SetLayer,
    SymbolicOp,
    Variable,
)
from resdsl.diagnostics import InternalError, Span
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Choice,
    Constant,
    Expr,
    Index,
    ListOf,
    Literal,
    Member,
    Name,
)
from resdsl.expressions.simplify import fold_binary, fold_choice, names_in, simplify
from resdsl.ir.graph import Instance, Specialization
from resdsl.records import dataclass, field, replace
from resdsl.types import TensorType

if TYPE_CHECKING:
    from resdsl.codegen.lower.module import ModuleLowering

_LETTERS = "zabcdefghijklmnopqrstuvw"


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
    keyed: Keyed
    #: Attributes that the labels of this class become, which no value of the constructor may take.
    attributes: frozenset[str]
    #: Names in the constructor, and in `forward`.
    names: Names
    locals: Names
    init: list[InitStatement] = field(default_factory=list)
    forward: list[ForwardStatement] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)
    #: Working variables in use, outermost first, and those that were in use before.
    branches: list[str] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    #: How `forward` calls the tensors that bear labels.
    taps: dict[str, str] = field(default_factory=dict)
    #: What a class for a group knows of the class around it, and the tensors it is handed.
    captured: dict[str, Value] = field(default_factory=dict)
    passed: list[tuple[str, ForwardExpr]] = field(default_factory=list)
    #: Variables that carry channels, tensors that are in need still, and what was seen of loops:
    #: whether they move the channels on, and to what.
    carriers: set[str] = field(default_factory=set)
    held: list[SymbolicTensor] = field(default_factory=list)
    carried: dict[Any, tuple[bool, Expr]] = field(default_factory=dict)
    #: Variables of layers that are asked for their channels, up to the end of the loop.
    asked: list[str] = field(default_factory=list)
    #: Whether this is a class for a group, and not for a whole block or model.
    is_group: bool = False
    #: Trials begun inside a trial, 0 outside.
    tries: int = 0
    #: The inputs of a model, by name.
    inputs: dict[str, SymbolicTensor] = field(default_factory=dict)
    #: The list in `forward` for a list of channels in the constructor.
    lengths: dict[str, str] = field(default_factory=dict)
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
        """Lower something only to see where it leads; nothing is kept but classes of blocks."""
        names = set(self.names.taken), set(self.locals.taken)
        kept = dict(self.taps), dict(self.captured), list(self.passed), dict(self.definitions)
        spare, parameters, tensors = self.spare[:], self.plan.parameters[:], self.plan.tensors
        classes, carriers, tries = self.module.plan.classes[:], set(self.carriers), self.tries
        self.tries += 1
        with self.aside() as (init, _):
            yield init
        self.carriers, self.tries = carriers, self.tries if tries else 0
        self.names.taken, self.locals.taken = names
        self.taps, self.captured, self.passed, self.definitions = kept
        self.spare, self.plan.parameters[:], self.plan.tensors = spare, parameters, tensors
        classes += self.module.settled
        self.module.plan.classes[:] = [c for c in self.module.plan.classes if c in classes]

    def bind(
        self, variable: str, value: ForwardExpr, types: tuple[TensorType, ...] = ()
    ) -> Variable:
        """`variable = value` in `forward`."""
        shapes = tuple(dict.fromkeys(t.shape for t in types)) if self.plan.is_model else ()
        self.forward.append(Bind(variable, value, shapes))
        return Variable(variable)

    def assign(self, name: str, value: Expr, wanted: str | None = None) -> Name:
        """A local of the constructor with a fresh name."""
        local = self.names.fresh(wanted or name, self.attributes)
        self.init.append(Assign(local, value))
        self.definitions[local] = value
        return Name(local)

    def tap(self, label: str, *, is_list: bool = False) -> str:
        """The variable of `forward` for a label, the same in both arms of an `if`."""
        if label not in self.taps:
            # `xs[i]` beside the `x` and `y` of every forward pass.
            wanted = f"{label}s" if is_list and label in FORWARD_LOCALS else label
            self.taps[label] = self.locals.fresh(wanted)
        return self.taps[label]

    def tap_channels(self, label: str) -> str:
        """The variable of the constructor for the channels of a list of tensors."""
        key = f"{label}.channels"
        if key not in self.taps:
            self.taps[key] = self.names.fresh(f"{label}_channels", self.attributes)
        return self.taps[key]

    def layer_local(self) -> str:
        """A variable for a layer that is asked for its channels later in the same round."""
        local = self.names.fresh("layer") if self.asked else "layer"
        self.asked.append(local)
        return local

    @contextmanager
    def branch_variable(self) -> Iterator[str]:
        """A working variable for a branch: `y`, inside it `z`."""
        free = (v for v in ("y", *self.spare) if v not in self.branches)
        name = next(free, None)
        if name is None:
            name = next((v for v in _LETTERS if v not in self.locals.taken), None)
            name = self.locals.fresh(name or "y")
            self.spare.append(name)
        self.branches.append(name)
        yield name
        self.branches.remove(name)

    def loop_names(self) -> set[str]:
        """The variables of the loops around."""
        return {name for loop in self.loops for name in (*loop.targets, loop.index.id)}

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

    def types_there(self, statement: ir.Statement) -> tuple[TensorType, ...]:
        """The types that a statement leaves where it stands, for the comment beside it."""
        return tuple(i.output for i in self.instances(statement) if not i.again)

    def all_types_after(
        self, statement: ir.Statement, fallback: tuple[TensorType, ...]
    ) -> tuple[TensorType, ...]:
        """The types of everything that a statement with several results leaves."""
        return tuple(t for i in self.instances(statement) for t in i.outputs) or fallback

    # ---- homes of layers ----------------------------------------------------------------------

    def home(self, name: ir.ItemName, environment: Environment, span: Span) -> Home:
        """Where the layer of an item at `span` lives."""
        dialect = self.module.dialect
        match name:
            case ir.Fixed(text=label):
                return Attribute(dialect.attribute(label))
            case ir.Automatic(text=label, loops=0):
                return Attribute(dialect.attribute(label))
            case ir.Automatic(text=label):
                keyed, indices = label in self.keyed.layers, [loop.index for loop in self.loops]
                if keyed and len(indices) > 1:
                    raise beyond(f"`{label}`, which some rounds of the loops leave out", span)
                return ListItem(dialect.attribute(label), tuple(indices), keyed)
            case ir.Element(base=base, index=index):
                keyed = base in self.keyed.layers
                return ListItem(dialect.attribute(base), (environment.simplify(index),), keyed)
            case ir.Template(parts=parts):
                return self._computed(parts, environment)
            case ir.Position():
                raise InternalError(f"no attribute for the item of a sequence at {span}")

    def _computed(self, parts: tuple[str | Expr, ...], environment: Environment) -> Home:
        settled = tuple(p if isinstance(p, str) else environment.simplify(p) for p in parts)
        if all(isinstance(p, str | Literal) for p in settled):
            text = "".join(p if isinstance(p, str) else str(p.value) for p in settled)  # type: ignore[union-attr]
            safe = self.module.dialect.attribute(text)
            return Attribute(safe) if text.isidentifier() else Computed((safe,))
        return Computed(settled)

    def keep(self, home: Home, layer: Layer, *, optional: bool = False) -> None:
        """Make a layer in the constructor."""
        self.init.append(SetLayer(home, layer, optional))

    def call(
        self, home: Home, current: SymbolicTensor, *more: ForwardExpr, wraps: bool = False
    ) -> CallLayer:
        """A kept layer applied to the current tensor."""
        return CallLayer(home, (current.ref, *more), wraps)

    def applied(
        self,
        op: SymbolicOp,
        home: Home,
        current: SymbolicTensor,
        *more: ForwardExpr,
        wraps: bool = False,
        label: Computed | None = None,
    ) -> ForwardExpr:
        """A kept operation applied to the current tensor: a layer called, or a weight used."""
        if not op.kind.bare_weight:
            return self.call(home, current, *more, wraps=wraps)
        # How the weight starts is the constructor's alone.
        return CallOp(replace(op, attributes={}), (current.ref, Held(home)), label)

    def inlined(self, expression: Expr) -> Expr | None:
        """What a `let` inside a loop or choice stands for: `forward` cannot ask the constructor.

        The length of a list it asks of the list that it has itself.
        """
        match expression:
            case Apply(callee=Constant(value=Function(name="len")), arguments=(of,)):
                local = self.lengths.get(getattr(of.value, "id", ""))
                if local is not None:
                    return replace(expression, arguments=(replace(of, value=Name(f"@{local}")),))
        if not isinstance(expression, Name) or expression.id not in self.definitions:
            return None
        if any(isinstance(s, Assign) and s.name == expression.id for s in self.init):
            return None
        value = simplify(self.definitions[expression.id], self.inlined)
        # What carries channels has moved on when the constructor is done.
        return None if names_in(value) & self.carriers else value

    # ---- strides ------------------------------------------------------------------------------

    def product(self, left: Expr | None, right: Expr | None) -> Expr | None:
        """The product of two strides, `None` where one is unknown, or a list meets another."""
        lists = [s for s in (left, right) if s is not None and self.may_be_list(s)]
        if lists and ONE not in (left, right):
            return None
        return product(left, right)

    def may_be_list(self, stride: Expr) -> bool:
        """Whether a stride may be a list of numbers, as far as its uses in the network tell."""
        match stride:
            case ListOf():
                return True
            case Name(id=name) if name in self.definitions:
                return self.may_be_list(self.definitions[name])
            case Name(id=name):
                known = {p.name: p.annotation for p in self.plan.parameters}
                return known.get(name) != "int"
            case Index(base=base):
                return self.may_be_list(base)
            case Choice(then=then, otherwise=otherwise):
                return self.may_be_list(then) or self.may_be_list(otherwise)
            case _:
                return False

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
