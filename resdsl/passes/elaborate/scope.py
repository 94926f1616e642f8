"""Scopes of a running body: values, labels, and the budget of work."""

from __future__ import annotations

from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.ir.graph import Frame, Specialization
from resdsl.passes.elaborate.naming import Naming
from resdsl.passes.elaborate.problems import leaving_function
from resdsl.passes.elaborate.repeats import Item
from resdsl.passes.elaborate.values import Flow, Tensor, TensorList, named
from resdsl.records import dataclass, field

MAX_STEPS = 1_000_000
MAX_DEPTH = 64


@dataclass(slots=True)
class Work:
    """How much has been done, against the bounds of the language."""

    steps: int = 0
    function_depth: int = 0
    #: Where the work is, for an error about all of it.
    at: Span | None = None

    def tick(self, span: Span | None, steps: int = 1) -> None:
        """Count steps. Raises when there were too many."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise error("R0310", f"this takes more than {MAX_STEPS:_} steps", span)


@dataclass(slots=True)
class FileScope:
    """The outermost scope: the file's constants, evaluated once where they are first used."""

    program: ir.Program
    work: Work = field(default_factory=Work)
    values: dict[str, Any] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    def settle_constants(self) -> None:
        """Evaluate every constant of the file itself, used or not.

        Raises for the first that has no value.
        """
        names = self.program.names
        for name in names.constants:
            self.lookup(names.own_constant(name, None).id, None)

    def lookup(self, name: str, span: Span | None) -> Any:
        """The value of a constant."""
        if name in self.values:
            return self.values[name]
        constants = self.program.constants
        if name not in constants:
            raise error("R0201", f"`{name}` has no value here", span)
        if name in self.under_way:
            written = name.partition("@")[0]
            raise error("R0220", f"the constant `{written}` is defined by itself", span)
        if len(self.under_way) >= MAX_DEPTH:
            message = f"constants that need one another, more than {MAX_DEPTH} deep"
            raise error("R0311", message, span, help="define them in the order in which they build")
        self.under_way.append(name)
        self.work.at = constants[name].span
        try:
            self.values[name] = evaluate(constants[name], self)
        finally:
            self.under_way.pop()
        return self.values[name]

    def tensor_in(self, span: Span | None) -> Any:
        """`in` has no meaning outside of blocks, nor in a model before its input."""
        raise error(
            "R0204",
            "nothing flows here yet, and so there is no `in`",
            span,
            help="it is known behind the model's `input`",
        )

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.work.tick(span, steps)

    def inner(self, names: dict[str, Any]) -> LocalScope:
        return LocalScope(self, names)

    def function_body(
        self, function: ir.UserFunction, arguments: dict[str, Any], span: Span | None
    ) -> Any:
        """The value of a `def` for these arguments; its body sees the file, not the caller."""
        if self.work.function_depth >= MAX_DEPTH:
            raise error(
                "R0311",
                f"calls of functions are nested more than {MAX_DEPTH} deep here",
                span,
                help="a function that calls itself needs an `if` that ends it",
            )
        assert function.value is not None
        self.work.function_depth += 1
        try:
            return evaluate(function.value, LocalScope(self, arguments))
        except CompileError as failure:
            raise leaving_function(failure, function, arguments, span) from None
        finally:
            self.work.function_depth -= 1


@dataclass(slots=True)
class LocalScope:
    """Names inside a body, with the scope around it behind them."""

    outer: FileScope | LocalScope
    values: dict[str, Any]
    labels: Labels | None = None
    block_input: Flow | None = None
    #: The scope of the file around everything.
    file: FileScope = field(init=False)

    def __post_init__(self) -> None:
        self.file = self.outer if isinstance(self.outer, FileScope) else self.outer.file

    def lookup(self, name: str, span: Span | None) -> Any:
        """The value or labelled tensor called `name`."""
        scope: FileScope | LocalScope = self
        while isinstance(scope, LocalScope):
            if name in scope.values:
                return scope.values[name]
            if scope.labels is not None and name in scope.labels.tensors:
                return scope.labels.tensors[name]
            scope = scope.outer
        if name in scope.program.constants:
            return scope.lookup(name, span)
        if name == "branch":
            raise error(
                "R0204",
                "`branch` is known in a shortcut alone",
                span,
                help="this block was called as a step: write `residual { … } shortcut` before it",
            )
        raise error(
            "R0204",
            f"the label `{name}` was not made on the way here",
            span,
            help="a label inside an `if` or a loop is there only where that ran",
        )

    def tensor_in(self, span: Span | None) -> Any:
        if self.block_input is None:
            return self.outer.tensor_in(span)
        if isinstance(self.block_input, Tensor):
            return self.block_input
        raise error(
            "R0204",
            "several tensors come along here, and none of them is `in`",
            span,
            help="name the one that is meant",
        )

    def item(self, name: str, index: int | None) -> Item | None:
        """The item that bears a label in reach."""
        scope: FileScope | LocalScope = self
        while isinstance(scope, LocalScope):
            if scope.labels is not None and (name, index) in scope.labels.items:
                return scope.labels.items[name, index]
            scope = scope.outer
        return None

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.file.work.tick(span, steps)

    def inner(self, names: dict[str, Any]) -> LocalScope:
        return LocalScope(self, names)

    def function_body(
        self, function: ir.UserFunction, arguments: dict[str, Any], span: Span | None
    ) -> Any:
        return self.file.function_body(function, arguments, span)


@dataclass(slots=True)
class Labels:
    """The labelled tensors of one naming scope, and the items that can be run again."""

    tensors: dict[str, Flow] = field(default_factory=dict)
    items: dict[tuple[str, int | None], Item] = field(default_factory=dict)

    def add(self, name: ir.ItemName, text: str, result: Flow, span: Span) -> Flow:
        """Remember the result of a labelled item, and give it its name."""
        if isinstance(name, ir.Fixed):
            result = self.tensors[name.text] = named(result, name.text)
        elif isinstance(name, ir.Element):
            elements = self.tensors.setdefault(name.base, TensorList(name.base))
            if not isinstance(result, Tensor):
                raise error(
                    "R0301",
                    f"an element of `{name.base}` is one tensor, and these are several",
                    span,
                    help="give this item a label of its own",
                )
            if isinstance(elements, TensorList):
                elements.elements[int(text.rpartition(".")[2])] = result
        return result


@dataclass(slots=True)
class Context:
    """Where a statement runs."""

    scope: LocalScope
    naming: Naming
    labels: Labels
    specialization: Specialization
    frame: Frame | None
    depth: int
    #: The stage whose block is about to be called, for messages.
    stage: str = ""

    def nested(self, values: dict[str, Any]) -> Context:
        """A body inside the same naming scope."""
        inner = LocalScope(self.scope, values)
        return Context(inner, self.naming, self.labels, self.specialization, self.frame, self.depth)
