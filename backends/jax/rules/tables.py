"""The tables of Flax NNX rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, flat
from resdsl.codegen.python.operations import Each, is_default, rank, tuple_of
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.expressions.nodes import Expr
from resdsl.records import dataclass

from ..functions import Convs, ConvTransposes, Linears
from ..norms import BatchNorms


@dataclass(frozen=True, slots=True)
class Common:
    """What the layers of one file have in common."""

    convs: Convs
    transposes: ConvTransposes
    linears: Linears
    norms: BatchNorms


@dataclass(frozen=True, slots=True)
class Application:
    """A function and what it takes beside the tensor: by position, and by name."""

    function: str
    arguments: tuple[Keyword, ...] = ()
    #: How many of them may stand by position where the tensor comes first.
    positional: int = 0

    def to(self, x: str) -> str:
        """The function applied to a tensor."""
        first = [a.value for a in self.arguments[: self.positional]]
        return flat(Group(f"{self.function}(", (x, *first, *self.arguments[self.positional :])))

    def item(self, scribe: Scribe) -> Doc:
        """The function with its arguments given."""
        if not self.arguments:
            return self.function
        scribe.uses.imports.add("from functools import partial")
        return Group("partial(", (self.function, *self.arguments))


#: Operations with state, or with random numbers.
LAYERS: RuleSet[Callable[[OpLayer, Scribe, Common], Doc]] = RuleSet("jax")


#: Functions of one tensor, to be applied or to stand in a sequence.
APPLICATIONS: RuleSet[Callable[[SymbolicOp, Scribe], Application]] = RuleSet("jax")


#: What is applied to tensors in another form, or is no function of one.
FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("jax")


def each_text(values: Each, scribe: Scribe) -> str:
    """A tuple with a number for each spatial dimension, as Flax wants its windows."""
    return tuple_of(values, scribe.text)


def positions(op: SymbolicOp) -> str:
    """The axes of positions: `1`, or `(1, 2)` for images."""
    return "1" if rank(op) == 1 else f"({', '.join(map(str, range(1, 1 + rank(op))))})"


def given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the function's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]
