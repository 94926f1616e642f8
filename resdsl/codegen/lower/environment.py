"""Names of a definition in terms of the generated class, and expressions rewritten by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl import ir
from resdsl.codegen.lower.values import (
    SymbolicBranch,
    SymbolicMap,
    SymbolicResults,
    SymbolicTensor,
    Value,
    is_expression,
)
from resdsl.codegen.plan import AllItems, BlockLayer, ForwardExpr
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.functions import Function
from resdsl.expressions.nodes import (
    Apply,
    Choice,
    Constant,
    Expr,
    Index,
    Input,
    ListOf,
    Literal,
    Member,
    Name,
    NoneValue,
    Slice,
)
from resdsl.expressions.simplify import is_literal, literal, simplify, value_of
from resdsl.ops.shapes import AXES
from resdsl.passes.elaborate.scope import FileScope
from resdsl.records import dataclass, field


def beyond(what: str, span: Span | None, help: str | None = None) -> CompileError:
    """Refuse a construct that has no form in source code."""
    return error("R0503", f"source code cannot be generated for {what}", span, help=help)


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled item as it was applied the first time, and the channels that it left, `None` where
    they are those of one round of a loop. `results` are there where it leaves several tensors."""

    value: ForwardExpr
    channels: Expr | None
    #: The stride through it, where that is known.
    stride: Expr | None = None
    results: Layered | None = None
    #: What an operation was given beside the current tensor.
    named: dict[str, SymbolicTensor] = field(default_factory=dict)
    #: Whether items of its list are different operations, so that a number is needed to choose.
    mixed: bool = False


@dataclass(frozen=True, slots=True)
class Layered:
    """An instance of a class with several results, and what its `out_channels` are asked of."""

    layer: BlockLayer
    owner: Expr


@dataclass(slots=True)
class Environment:
    """What names mean in one body. `capture` is asked for names of the class around a group."""

    file: FileScope
    values: dict[str, Value] = field(default_factory=dict)
    #: Labelled tensors: shared by all bodies of one naming scope.
    labels: dict[str, Value] = field(default_factory=dict)
    input: SymbolicTensor | None = None
    #: Labelled items that can run again, by label.
    items: dict[str, Item] = field(default_factory=dict)
    capture: Callable[[str], Value | None] | None = None
    capture_input: Callable[[], SymbolicTensor | None] | None = None

    def nested(self, values: dict[str, Value]) -> Environment:
        """A body inside: sees these names too; what it makes does not leak out."""
        return Environment(
            self.file,
            self.values | values,
            self.labels,
            self.input,
            self.items,
            self.capture,
            self.capture_input,
        )

    def get(self, name: str) -> Value | None:
        """The value of a name; `None` where it is not one of this class."""
        if name in self.values:
            return self.values[name]
        if name in self.labels:
            return self.labels[name]
        if self.capture is not None:
            captured = self.capture(name)
            if captured is not None:
                self.values[name] = captured
            return captured
        return None

    def in_tensor(self) -> SymbolicTensor | None:
        """The tensor that `in` names."""
        if self.input is None and self.capture_input is not None:
            self.input = self.capture_input()
        return self.input

    # ---- expressions ------------------------------------------------------------------------

    def simplify(self, expression: Expr) -> Expr:
        """`expression` over the generated code's names."""
        return simplify(expression, self._leaf)

    def _leaf(self, expression: Expr) -> Expr | None:
        match expression:
            case Member(base=base, name=name):
                return self._member(base, name, expression.span)
            case Name(id=name):
                value = self.get(name)
                if value is not None:
                    return value if is_expression(value) else expression
                if name in self.file.program.constants:
                    return literal(self.file.lookup(name, expression.span))
                return None
            case Apply(callee=Constant(value=Function(name="len")), arguments=(of,)):
                several = self.tensors(of.value)
                return None if several is None else several.length()
            case Apply(callee=Constant(value=ir.Block() | ir.Operation())):
                return Constant(self.block_value(expression))
            case NoneValue():
                return Constant(None)
            case _:
                return None

    def _member(self, base: Expr, name: str, span: Span | None) -> Expr | None:
        if isinstance(base, Name) and isinstance(self.get(base.id), SymbolicBranch):
            return self._of_branch(self.get(base.id), name, span)  # type: ignore[arg-type]
        tensor = self.tensor(base)
        if tensor is None:
            return None
        if name == "channels":
            return tensor.channels
        if any(name not in AXES[t.rank] for t in tensor.types):
            raise beyond(f"`.{name}`, which not every tensor here has", span)
        sizes = {t.spatial[AXES[t.rank].index(name)] for t in tensor.types}
        if len(sizes) != 1:
            raise error(
                "R0504",
                f"`.{name}` differs between the uses of this block",
                span,
                help="give the block a parameter for it",
            )
        (size,) = sizes
        return Literal(size) if isinstance(size, int) else Constant(size, span)

    def _of_branch(self, branch: SymbolicBranch, name: str, span: Span | None) -> Expr:
        if name == "channels":
            return branch.channels
        if branch.stride is None:
            raise beyond(
                "the stride of this branch",
                span,
                "give the shortcut a body of its own with its stride",
            )
        return branch.stride if name == "stride" else branch.reshapes()

    # ---- tensors and block values ------------------------------------------------------------

    def tensor(self, expression: Expr) -> SymbolicTensor | None:
        """The tensor that an expression names, if it names one."""
        match expression:
            case Input():
                return self.in_tensor()
            case Name(id=name):
                value = self.get(name)
                return value if isinstance(value, SymbolicTensor) else None
            case Index(base=base, index=index):
                several = self.tensors(base)
                if several is None:
                    return None
                item = several.item(self.simplify(index))
                if item is None:
                    raise beyond(
                        "a place in this list that only the generated code knows",
                        expression.span,
                        "number the tensors as you make them: `y[i]: …`",
                    )
                return item
            case Member(base=base, name=name):
                several = self.tensors(base)
                entry = several.named(name) if isinstance(several, SymbolicResults) else None
                return entry if isinstance(entry, SymbolicTensor) else None
            case _:
                return None

    def tensors(self, expression: Expr) -> SymbolicMap | SymbolicResults | None:
        """The list of tensors, or the results of a block, that an expression names."""
        match expression:
            case Name(id=name):
                value = self.get(name)
                return value if isinstance(value, SymbolicMap | SymbolicResults) else None
            case Member(base=base, name=name):
                several = self.tensors(base)
                entry = several.named(name) if isinstance(several, SymbolicResults) else None
                return entry if isinstance(entry, SymbolicMap) else None
            case ListOf(items=items) if items:
                entries = [self.tensor(item) for item in items]
                tensors = tuple(entry for entry in entries if entry is not None)
                return SymbolicResults(tensors) if len(tensors) == len(items) else None
            case Slice(base=base, start=start, stop=stop):
                several = self.tensors(base)
                if several is None:
                    return None
                bounds = [None if b is None else self.simplify(b) for b in (start, stop)]
                return _sliced(several, bounds, expression.span)
            case _:
                return None

    def is_block(self, expression: Expr) -> bool:
        """Whether an expression stands for a block or operation, or for a choice of such."""
        match expression:
            case Name(id=name):
                value = self.get(name)
                return isinstance(value, Constant) and self.is_block(value)
            case Constant(value=value):
                return isinstance(value, ir.Block | ir.Operation | ir.BlockValue | Choice)
            case Choice(then=then, otherwise=otherwise):
                return self.is_block(then) or self.is_block(otherwise)
            case Apply(callee=callee):
                return self.is_block(callee)
            case _:
                return False

    def block_value(self, expression: Expr) -> Any:
        """The `BlockValue` (or `None`) an expression stands for, or a `Choice` between such."""
        if isinstance(expression, Constant):
            value = expression.value
            return ir.BlockValue(value) if isinstance(value, ir.Block | ir.Operation) else value
        if isinstance(expression, Name):
            value = self.get(expression.id)
            if isinstance(value, Constant):
                return value.value
        if isinstance(expression, Choice):
            condition = self.simplify(expression.condition)
            then = self.block_value(expression.then)
            otherwise = self.block_value(expression.otherwise)
            if isinstance(condition, Literal):
                return then if condition.value is True else otherwise
            if then == otherwise:
                return then
            return Choice(Constant(then), condition, Constant(otherwise), expression.span)
        if isinstance(expression, NoneValue):
            return None
        return self._applied(expression)

    def _applied(self, expression: Expr) -> Any:
        """A block with arguments, which must be known to the compiler."""
        scope = self.file.inner(_Known(self))
        try:
            value = evaluate(expression, scope)
        except _NotKnown as unknown:
            raise beyond(
                f"a block value that depends on `{unknown}`",
                expression.span,
                "pass the number itself to the block that needs it",
            ) from None
        return value


def _sliced(
    several: SymbolicMap | SymbolicResults, bounds: list[Expr | None], span: Span | None
) -> SymbolicResults:
    """The tensors of a slice, where the compiler knows which ones they are."""
    tensors = several.tensors()
    known = all(b is None or isinstance(b, Literal) for b in bounds)
    if not known or any(isinstance(t.ref, AllItems) for t in tensors):
        raise beyond(
            "a slice of a list that only the generated code knows", span, "loop over its numbers"
        )
    start, stop = (None if b is None else value_of(b) for b in bounds)
    return SymbolicResults(tuple(tensors[start:stop]))


class _NotKnown(Exception):
    """A name whose value only the generated code knows."""


class _Known(dict[str, Any]):
    """Names with values known to the compiler, for evaluating block values."""

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self.environment = environment

    def __contains__(self, name: object) -> bool:
        return self.environment.get(str(name)) is not None

    def __getitem__(self, name: str) -> Any:
        value = self.environment.get(name)
        if isinstance(value, Constant):
            return value.value
        if value is None or not is_expression(value) or not is_literal(value):
            raise _NotKnown(name)
        return value_of(value)
