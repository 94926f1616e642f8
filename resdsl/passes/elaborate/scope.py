"""Scopes of a running body: values, labels, canonical names, and the budget of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Label, Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.functions import is_whole
from resdsl.ir.graph import Frame, Specialization
from resdsl.passes.elaborate.values import Tensor, TensorList

MAX_STEPS = 1_000_000
MAX_DEPTH = 64


@dataclass(slots=True)
class Work:
    """How much has been done, against the bounds of the language."""

    steps: int = 0
    function_depth: int = 0

    def tick(self, span: Span | None, steps: int = 1) -> None:
        """Count steps. Raises when there were too many."""
        self.steps += steps
        if self.steps > MAX_STEPS:
            raise error("R0310", f"this takes more than {MAX_STEPS} steps to unroll", span)


@contextmanager
def within_the_stack(span: Span) -> Iterator[None]:
    """Turns Python's limit on nested calls into an error of the author's at `span`.

    Levels of blocks, braces, functions and brackets are bounded one by one; only their product can
    come to this.
    """
    try:
        yield
    except RecursionError:
        raise error(
            "R0311", "blocks, conditions and function calls are nested too deeply here", span
        ) from None


@dataclass(slots=True)
class FileScope:
    """The outermost scope: the file's constants, evaluated once where they are first used."""

    program: ir.Program
    work: Work = field(default_factory=Work)
    values: dict[str, Any] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)

    def lookup(self, name: str, span: Span | None) -> Any:
        """The value of a constant."""
        if name in self.values:
            return self.values[name]
        constants = self.program.names.constants
        if name not in constants:
            raise error("R0201", f"`{name}` has no value here", span)
        if name in self.under_way:
            raise error("R0220", f"`{name}` is defined by itself", span)
        self.under_way.add(name)
        self.values[name] = evaluate(constants[name], self)
        return self.values[name]

    def tensor_in(self, span: Span | None) -> Any:
        """`in` has no meaning outside a body."""
        raise error("R0201", "`in` is the input of a block, and this is not inside one", span)

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.work.tick(span, steps)

    def inner(self, names: dict[str, Any]) -> LocalScope:
        return LocalScope(self, names)

    def function_body(
        self, function: ir.UserFunction, arguments: dict[str, Any], span: Span | None
    ) -> Any:
        """The value of a `def` for these arguments; its body sees the file, not the caller."""
        self.work.function_depth += 1
        if self.work.function_depth > MAX_DEPTH:
            raise error("R0311", f"`{function.name}` calls itself more than {MAX_DEPTH} deep", span)
        assert function.value is not None
        value = evaluate(function.value, LocalScope(self, arguments))
        self.work.function_depth -= 1
        return value


@dataclass(slots=True)
class LocalScope:
    """Names inside a body, with the scope around it behind them."""

    outer: FileScope | LocalScope
    values: dict[str, Any]
    labels: Labels | None = None
    block_input: Tensor | None = None

    def lookup(self, name: str, span: Span | None) -> Any:
        """The value or labelled tensor called `name`."""
        scope: FileScope | LocalScope = self
        while isinstance(scope, LocalScope):
            if name in scope.values:
                return scope.values[name]
            if scope.labels is not None and name in scope.labels.tensors:
                return scope.labels.tensors[name]
            scope = scope.outer
        if name == "branch":
            raise error("R0201", "`branch` is known in a shortcut alone", span)
        if name in ("index", "first", "last"):
            raise error("R0201", f"`{name}` is known in a loop or stage alone", span)
        if name not in scope.program.names.constants:
            raise error(
                "R0204",
                f"the label `{name}` was not made on this path",
                span,
                help="a label inside `if` is there only where that arm is taken",
            )
        return scope.lookup(name, span)

    def tensor_in(self, span: Span | None) -> Any:
        if self.block_input is not None:
            return self.block_input
        return self.outer.tensor_in(span)

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.file.work.tick(span, steps)

    def inner(self, names: dict[str, Any]) -> LocalScope:
        return LocalScope(self, names)

    @property
    def file(self) -> FileScope:
        """The scope of the file around everything."""
        scope: FileScope | LocalScope = self
        while isinstance(scope, LocalScope):
            scope = scope.outer
        return scope

    def function_body(
        self, function: ir.UserFunction, arguments: dict[str, Any], span: Span | None
    ) -> Any:
        return self.file.function_body(function, arguments, span)


@dataclass(slots=True)
class Labels:
    """The labelled tensors of one naming scope."""

    tensors: dict[str, Tensor | TensorList] = field(default_factory=dict)

    def add(self, name: ir.ItemName, text: str, tensor: Tensor) -> None:
        """Remember the result of a labelled item."""
        if isinstance(name, ir.Fixed):
            self.tensors[name.text] = tensor
        elif isinstance(name, ir.Element):
            elements = self.tensors.setdefault(name.base, TensorList(name.base))
            if isinstance(elements, TensorList):
                elements.elements[int(text.rpartition(".")[2])] = tensor


@dataclass(slots=True)
class Naming:
    """Canonical names under one prefix."""

    prefix: str
    loops: tuple[int, ...] = ()
    count: int = 0
    #: Names given out, with the place of the item that bears each.
    taken: dict[str, Span] = field(default_factory=dict)
    elements: dict[str, dict[int, Span]] = field(default_factory=dict)

    def path(self, text: str) -> str:
        """The full path of an item of this scope."""
        return f"{self.prefix}.{text}" if self.prefix else text

    def text(self, name: ir.ItemName, scope: LocalScope, span: Span) -> str:
        """The name of the next item, unique here for everything but automatic names."""
        match name:
            case ir.Fixed(text=text):
                pass
            case ir.Element(base=base, index=index):
                position = evaluate(index, scope)
                if not is_whole(position) or position < 0:
                    raise error("R0302", "an element's number is a whole number from 0", span)
                text = f"{base}.{position}"
                self.elements.setdefault(base, {})[position] = span
            case ir.Template(parts=parts):
                text = self._filled(parts, scope, span)
            case ir.Position():
                text = str(self.count)
                self.count += 1
            case ir.Automatic(text=kind):
                text = ".".join([kind, *map(str, self.loops)])
                return text
        self.claim(text, span)
        return text

    def claim(self, text: str, span: Span) -> None:
        """Give out a name. Raises where it was given out before."""
        if text in self.taken:
            other = self.taken[text]
            again = other.start == span.start
            raise error(
                "R0210",
                f"the name `{self.path(text)}` is given twice",
                span,
                "in every round of this loop" if again else "here again",
                secondary=[] if again else [Label(other, "first here")],
                help="number it: `name[i]: …`" if again else "give one of them another label",
            )
        self.taken[text] = span

    def _filled(self, parts: tuple[Any, ...], scope: LocalScope, span: Span) -> str:
        pieces = []
        for part in parts:
            value = part if isinstance(part, str) else evaluate(part, scope)
            if isinstance(value, bool) or not isinstance(value, int | str):
                raise error("R0301", "a label is filled in with whole numbers and texts", span)
            pieces.append(str(value))
        text = "".join(pieces)
        plain = text.replace("_", "a").replace("-", "a")
        if not (plain.isascii() and plain.isalnum()):
            raise error(
                "R0223",
                f'"{text}" cannot be a label',
                span,
                help="a label has letters, digits, `_` and `-`",
            )
        return text

    def check_gaps(self) -> None:
        """Every list of elements is complete. Raises `CompileError` otherwise."""
        for base, positions in self.elements.items():
            missing = next((i for i in range(len(positions)) if i not in positions), None)
            if missing is not None:
                raise error(
                    "R0215",
                    f"`{base}` has no element {missing}, but later ones",
                    positions[max(positions)],
                    help="number the elements from 0 without a gap",
                )
            if base in self.taken:
                raise error(
                    "R0210",
                    f"`{base}` is a list and an item",
                    self.taken[base],
                    help="give the item another label",
                )


@dataclass(slots=True)
class Context:
    """Where a statement runs."""

    scope: LocalScope
    naming: Naming
    labels: Labels
    specialization: Specialization
    frame: Frame | None
    depth: int

    def nested(self, values: dict[str, Any], loops: tuple[int, ...] | None = None) -> Context:
        """A body inside the same naming scope."""
        inner = LocalScope(self.scope, values)
        context = Context(
            inner, self.naming, self.labels, self.specialization, self.frame, self.depth
        )
        if loops is not None:
            self.naming.loops = loops
        return context
