"""The names of a file: its definitions, with the prelude and the operations of the language behind.

Also what is said about a name that none of them is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean
from resdsl.expressions.functions import FUNCTIONS
from resdsl.expressions.nodes import Constant, Expr
from resdsl.ops import INITIALIZERS, OPS, WrongInitializer, make_initializer
from resdsl.records import dataclass, field

#: Operations of the language, whether this version has them or not.
LANGUAGE_OPS = frozenset(
    (
        *("conv", "depthwise", "conv_transpose", "linear", "batch_norm", "group_norm"),
        *("layer_norm", "max_pool", "avg_pool", "global_avg_pool", "global_max_pool"),
        *("adaptive_avg_pool", "flatten", "reshape", "relu", "relu6", "leaky_relu", "silu"),
        *("gelu", "sigmoid", "tanh", "hard_swish", "hard_sigmoid", "softmax", "dropout"),
        *("drop_path", "lrn", "scale", "offset", "pad", "subsample", "pad_channels", "upsample"),
        *("split", "attend", "again", "identity", "add", "sub", "mul", "concat"),
    )
)

#: Attributes of operations that this version does not have yet.
LATER_ATTRIBUTES = {"conv": ("standardize",)}

#: What other libraries call an operation, where it is too far from its name here to be guessed.
_ELSEWHERE = {"dense": "linear", "fc": "linear", "bn": "batch_norm", "gap": "global_avg_pool"}


@dataclass(frozen=True, slots=True)
class InitializerFunction:
    """The name of an initializer as something that can be called."""

    name: str

    def in_words(self) -> str:
        return f"the initializer `{self.name}`"

    def apply(
        self,
        positional: list[object],
        keywords: dict[str, object],
        scope: object,
        span: Span | None,
    ) -> object:
        """The initializer."""
        try:
            return make_initializer(self.name, positional, keywords)
        except WrongInitializer as problem:
            raise error("R0401", str(problem), span) from None


@dataclass(slots=True)
class FileNames:
    """The definitions that a file's text can name."""

    constants: dict[str, Expr] = field(default_factory=dict)
    functions: dict[str, ir.UserFunction] = field(default_factory=dict)
    blocks: dict[str, ir.Block] = field(default_factory=dict)
    #: Blocks with arguments given, under names of their own; settled when first asked for.
    aliases: dict[str, Expr] = field(default_factory=dict)
    models: dict[str, Span] = field(default_factory=dict)
    prelude: dict[str, ir.Block] = field(default_factory=dict)
    #: Settles an alias that is not in `aliases` yet.
    settle_alias: Callable[[str], Expr | None] = lambda name: None

    def callee(self, name: str, span: Span | None) -> Expr | None:
        """What `name` calls: an author's block, the prelude's, or an operation."""
        alias = self.aliases.get(name) or self.settle_alias(name)
        if alias is not None:
            return alias
        if name in self.functions:
            return None
        block = self.blocks.get(name) or self.prelude.get(name)
        if block is not None:
            return Constant(block, span)
        if name in OPS:
            return Constant(ir.Operation(OPS[name]), span)
        return None

    def function(self, name: str, span: Span | None) -> Expr | None:
        """What `name` means where a function or initializer is wanted."""
        if name in self.functions:
            return Constant(self.functions[name], span)
        if name in self.blocks or name in self.aliases:
            return None
        if name in FUNCTIONS:
            return Constant(FUNCTIONS[name], span)
        if name in INITIALIZERS:
            return Constant(InitializerFunction(name), span)
        return None

    def callables(self) -> Iterator[str]:
        """All names that a step can call, for near misses."""
        yield from OPS
        yield from ("input", "output")
        yield from self.prelude
        yield from self.blocks
        yield from self.aliases

    def values(self) -> Iterator[str]:
        """All names that an expression can use, for near misses."""
        yield from self.constants
        yield from self.functions
        yield from FUNCTIONS
        yield from INITIALIZERS
        yield from self.callables()

    # ---- what is said about names that are none ----------------------------------------------

    def unknown_callee(self, name: str, span: Span, near: Iterable[str]) -> CompileError:
        """The error for a step that calls nothing; `near` are names in reach beside the file's."""
        if name in self.models:
            return error(
                "R0227",
                f"`{name}` is a model, and only blocks are called in a body",
                span,
                help="write what they share as a block, and let both models call it",
            )
        if name in self.functions or name in FUNCTIONS:
            return error(
                "R0227",
                f"`{name}` is a function: it gives a value, and does nothing to a tensor",
                span,
            )
        later = later_operation(name, span)
        if later is not None:
            return later
        help = f"did you mean `{_ELSEWHERE[name]}`?" if name in _ELSEWHERE else None
        return error(
            "R0205",
            f"there is no operation or block called `{clipped(name)}`",
            span,
            help=help or did_you_mean(name, [*near, *self.callables()]),
        )

    def unknown_value(self, name: str, span: Span | None, near: Iterable[str]) -> CompileError:
        """The error for an expression that names nothing."""
        if name == "any":
            return error(
                "R0224",
                "sizes known at run time are not in this version",
                span,
                help="give a number, as in `input(3, 224, 224)`; `--input` sets another one",
            )
        if name in self.models:
            return error(
                "R0227",
                f"`{name}` is a model, and no value",
                span,
                help=f"`expect {name}.params == …` at the margin reads its facts",
            )
        return later_operation(name, span) or unknown(
            "R0201",
            f"nothing here is called `{clipped(name)}`",
            name,
            [*near, *self.values()],
            span,
        )


def later_operation(name: str, span: Span | None) -> CompileError | None:
    """The error for an operation that only a later version will have."""
    if name not in LANGUAGE_OPS or name in OPS:
        return None
    return error(
        "R0205",
        f"`{name}` is an operation of the language that this version does not have yet",
        span,
    )


def unknown(
    code: str, message: str, name: str, known: Iterable[str], span: Span | None
) -> CompileError:
    """An error about a name that means nothing, with the nearest one that does."""
    return error(code, message, span, help=did_you_mean(name, known))
