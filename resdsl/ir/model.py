"""Resolved definitions: what source backends read, and the values that calls are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from resdsl.diagnostics import Bag, CompileError, Diagnostic, Source, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.nodes import Expr
from resdsl.expressions.values import measured
from resdsl.ir.statements import Body
from resdsl.ops import Op, attributes_of
from resdsl.records import dataclass, field

if TYPE_CHECKING:
    from resdsl.recipes.options import Option

# ---- values of the compile-time language that are not numbers, texts or tuples -------------------


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as something that can be called or passed."""

    kind: type[Op]

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def parameter_names(self) -> list[str]:
        return list(attributes_of(self.kind))

    def in_words(self) -> str:
        return f"the operation `{self.name}`"

    def apply(
        self, positional: list[Any], keywords: dict[str, Any], scope: Any, span: Span | None
    ) -> BlockValue:
        """The operation with arguments given."""
        return BlockValue(self).apply(positional, keywords, scope, span)


@dataclass(frozen=True, slots=True)
class BlockValue:
    """A block or operation with some arguments given: what a `block` parameter holds.

    `arguments` are sorted by name, so that equal values are equal.
    """

    target: Block | Operation
    arguments: tuple[tuple[str, Any], ...] = ()
    #: How much it holds, and its hash: blocks given to blocks share their parts.
    measure: tuple[int, int] = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = tuple(value for _, value in self.arguments)
        object.__setattr__(self, "measure", measured(parts))
        object.__setattr__(self, "_hash", hash((self.target, self.arguments)))

    def __hash__(self) -> int:
        return self._hash

    def in_words(self) -> str:
        return self.target.in_words()

    def apply(
        self, positional: list[Any], keywords: dict[str, Any], scope: Any, span: Span | None
    ) -> BlockValue:
        """The same with more arguments: positions fill what is left in order, keywords override."""
        bound = self.bind(positional, keywords, span)
        return BlockValue(self.target, tuple(sorted(bound.items())))

    def bind(
        self,
        positional: Sequence[Any],
        keywords: Mapping[str, Any],
        span: Span | None,
        spans: Mapping[str, Span] | None = None,
    ) -> dict[str, Any]:
        """All arguments by name. Raises `CompileError` for one too many, unknown or twice given."""
        return bind(self.target, dict(self.arguments), positional, keywords, span, spans)


#: What has parameters that arguments can be bound to.
Target: TypeAlias = "Block | Operation | UserFunction | Option"


def bind(
    target: Target,
    given: dict[str, Any],
    positional: Sequence[Any],
    keywords: Mapping[str, Any],
    span: Span | None,
    spans: Mapping[str, Span] | None = None,
) -> dict[str, Any]:
    """Arguments by name: `given` before, then positions in order of what is left, then keywords.

    The values may be concrete or expressions: only names and places are looked at. `spans` tells
    where each keyword argument stands, if that is known.
    """
    where = spans or {}
    names = dict.fromkeys(target.parameter_names)
    remaining = [n for n in names if n not in given]
    placed = dict(zip(remaining, positional, strict=False))
    bag = Bag()
    if len(positional) > len(remaining):
        bag.add(_too_many(target, len(positional), len(remaining), bool(given), span))
    for name in keywords:
        if name not in names:
            message = f"`{target.name}` has no parameter `{clipped(name)}`"
            help = did_you_mean(name, names) or parameters_in_words(target)
            if name == "stride" and isinstance(target, Block):
                help = f"give it one, `block {target.name}(…, stride = 1)`, for its layers to use"
            bag.add(error("R0206", message, where.get(name, span), help=help))
        elif name in placed:
            bag.add(
                error(
                    "R0208",
                    f"`{name}` is given twice in this call",
                    where.get(name, span),
                    "here by name, and before by position",
                )
            )
    bag.raise_errors()
    return given | placed | dict(keywords)


def _too_many(
    target: Target, count: int, room: int, partly: bool, span: Span | None
) -> CompileError:
    still = "still " if partly else ""
    if room == 0:
        takes = "no more arguments" if partly else "no arguments"
    else:
        takes = f"{room} argument{'s' if room > 1 else ''}"
    return error(
        "R0209",
        f"`{target.name}` {still}takes {takes} by position, and gets {count}",
        span,
        help=parameters_in_words(target),
    )


def parameters_in_words(target: Target) -> str | None:
    """The parameters of something that can be called, for help."""
    names = target.parameter_names
    if len(names) == 1:
        return f"its only parameter is {listed(names)}"
    return f"its parameters are {listed(names)}" if names else None


# ---- definitions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter of a block or model; `type` is `None` where neither type nor default says it."""

    name: str
    type: str | None
    default: Expr | None
    span: Span


@dataclass(slots=True, eq=False)
class Block:
    """A block, or a model that is not an alias. Its body is filled in after all names are known."""

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    span: Span
    is_model: bool = False
    is_prelude: bool = False
    #: The number of the file that it stands in; the first is 0.
    file: int = 0
    body: Body = ()
    is_sequence: bool = False
    #: Labels whose tensors are read somewhere in the body, and those of items that run again.
    tapped: frozenset[str] = frozenset()
    repeated: frozenset[str] = frozenset()

    @property
    def parameter_names(self) -> list[str]:
        return [p.name for p in self.parameters]

    def in_words(self) -> str:
        return f"the {'model' if self.is_model else 'block'} `{self.name}`"

    def apply(
        self, positional: list[Any], keywords: dict[str, Any], scope: Any, span: Span | None
    ) -> BlockValue:
        """The block with arguments given."""
        return BlockValue(self).apply(positional, keywords, scope, span)

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(slots=True, eq=False)
class UserFunction:
    """A `def`: its body sees its parameters and the file's constants and functions."""

    name: str
    parameters: tuple[str, ...]
    #: The number of the file that it stands in.
    file: int = 0
    doc: str = ""
    value: Expr | None = None

    @property
    def key(self) -> str:
        """A name that no function of another file has."""
        return f"{self.name}@{self.file}"

    @property
    def parameter_names(self) -> list[str]:
        return list(self.parameters)

    def in_words(self) -> str:
        return f"the function `{self.name}`"

    def apply(
        self, positional: list[Any], keywords: dict[str, Any], scope: Any, span: Span | None
    ) -> Any:
        """The value of the body for these arguments."""
        bound = bind(self, {}, positional, keywords, span)
        missing = [n for n in self.parameters if n not in bound]
        if missing:
            raise error(
                "R0207",
                f"`{self.name}` lacks its argument `{missing[0]}`",
                span,
                help=parameters_in_words(self),
            )
        return scope.function_body(self, bound, span)


@dataclass(frozen=True, slots=True, eq=False)
class ModelEntry:
    """A model or recipe as the command line names it: a definition, or one with arguments given."""

    name: str
    value: Expr
    doc: str
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class FileExpectation:
    """`expect resnet50.params == …`: checked over the facts of the models that it names."""

    condition: Expr
    message: str | None
    models: frozenset[str]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """A resolved file. `names` and `defaults` settle expressions from the command line.

    `constants` and `functions` are those of all files, constants by their names in resolved
    expressions; `imported` are models of other files that expectations of this one are about.
    """

    source: Source
    doc: str
    names: Any
    defaults: Any
    constants: dict[str, Expr]
    functions: Sequence[UserFunction]
    models: dict[str, ModelEntry]
    recipes: dict[str, ModelEntry]
    imported: dict[str, ModelEntry]
    expectations: tuple[FileExpectation, ...]
    warnings: tuple[Diagnostic, ...] = ()
