"""Attributes of operations in the forms that frameworks want: one number for each dimension,
paddings, initial values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Constant, Expr, Index, ListOf, Literal
from resdsl.expressions.simplify import fold_binary, is_literal
from resdsl.ops import Initializer
from resdsl.ops.sequence import REST
from resdsl.records import dataclass

#: One expression for each spatial dimension.
Each = tuple[Expr, ...]
#: Two for each: before and after. (top, bottom, left, right) for an image.
Sides = tuple[Expr, ...]
ONE = Literal(1)


@dataclass(frozen=True, slots=True)
class Padding:
    """Where zeros go; `sides` is `None` for TensorFlow's rule."""

    sides: Sides | None

    @property
    def is_none(self) -> bool:
        """Whether there is no padding at all."""
        return self.sides is not None and all(s == Literal(0) for s in self.sides)

    @property
    def symmetric(self) -> Each | None:
        """One for each dimension, where opposite sides are alike."""
        if self.sides is None or self.sides[::2] != self.sides[1::2]:
            return None
        return self.sides[::2]


def family(op: SymbolicOp) -> str:
    """The kind of layer that frameworks have for an operation."""
    return "conv" if op.kind.name == "depthwise" else op.kind.name


def channel_counts(layer: OpLayer) -> tuple[Expr, Expr]:
    """The output channels of a convolution, and its groups; a depthwise one has one a channel."""
    op = layer.op
    out = op.kind.channels_out(op.attributes, layer.channels, ())
    return out, op.attributes.get("groups", layer.channels)


def is_standardized(op: SymbolicOp) -> bool:
    """Whether a convolution's kernels are standardized."""
    return "standardize" in op.attributes and bool(shared(op, "standardize"))


def each(op: SymbolicOp, name: str) -> Each:
    """An attribute that is one number or one for each spatial dimension, for each."""
    expression = op.attributes[name]
    if isinstance(expression, ListOf):
        return expression.items
    forms = {isinstance(getattr(i.op, name), tuple) for i in op.instances}
    if forms == {True}:
        return tuple(Index(expression, Literal(i)) for i in range(rank(op)))
    if len(forms) > 1:
        raise error(
            "R0503",
            f"`{name}` of `{op.kind.name}` is one number here and a list there",
            op.span,
            help="give it as a list everywhere",
        )
    return (expression,) * rank(op)


def pool_stride(op: SymbolicOp) -> Each:
    """The stride of a pool: its kernel unless given."""
    stride = op.attributes["stride"]
    unset = isinstance(stride, Constant) and stride.value is None
    return each(op, "kernel" if unset else "stride")


def are_alike(values: Each) -> bool:
    """Whether all dimensions are alike."""
    return all(value == values[0] for value in values)


def is_one(op: SymbolicOp, name: str) -> bool:
    """Whether an attribute is 1 in all dimensions, as strides and dilations are unless given."""
    return all(e == ONE for e in _items(op.attributes[name]))


def is_zero(op: SymbolicOp, name: str) -> bool:
    """Whether an attribute is 0 in all dimensions, as paddings are unless given."""
    return all(e == Literal(0) for e in _items(op.attributes[name]))


def _items(expression: Expr) -> tuple[Expr, ...]:
    return expression.items if isinstance(expression, ListOf) else (expression,)


def is_one_number(op: SymbolicOp, name: str) -> bool:
    """Whether an attribute is printed as one number for all dimensions, in every use."""
    expression = op.attributes[name]
    if isinstance(expression, ListOf):
        return are_alike(expression.items)
    return not any(isinstance(getattr(i.op, name), tuple) for i in op.instances)


def one_or_each(values: Each, text: Callable[[Expr], str]) -> str:
    """One number where all dimensions are alike, else a tuple."""
    texts = list(map(text, values))
    return texts[0] if all(t == texts[0] for t in texts) else f"({', '.join(texts)})"


def as_given(op: SymbolicOp, name: str, text: Callable[[Expr], str]) -> str:
    """An attribute for a function that takes one number or a tuple: a variable of the constructor,
    which may be either, is handed on as it is."""
    expression = op.attributes[name]
    if isinstance(expression, ListOf):
        return one_or_each(expression.items, text)
    return text(expression)


def tuple_of(values: Each, text: Callable[[Expr], str]) -> str:
    """A tuple, of one number as well."""
    texts = ", ".join(map(text, values))
    return f"({texts},)" if len(values) == 1 else f"({texts})"


def pairs_of(sides: Sides, text: Callable[[Expr], str]) -> str:
    """`(top, bottom), (left, right)`"""
    texts = list(map(text, sides))
    return ", ".join(f"({a}, {b})" for a, b in zip(texts[::2], texts[1::2], strict=True))


def nested(sides: Sides, text: Callable[[Expr], str]) -> str:
    """`((top, bottom), (left, right))`"""
    pairs = pairs_of(sides, text)
    return f"({pairs},)" if len(sides) == 2 else f"({pairs})"


def padding(op: SymbolicOp) -> Padding:
    """The padding of a convolution or pool."""
    expression = op.attributes["pad"]
    if expression == Literal("tf_same"):
        return Padding(None)
    if expression == Literal("valid"):
        return Padding((Literal(0), Literal(0)) * rank(op))
    if expression == Literal("same"):
        kernel = each(op, "kernel")
        dilation = each(op, "dilation") if "dilation" in op.attributes else (ONE,) * len(kernel)
        reaches = [_half_reach(k, d) for k, d in zip(kernel, dilation, strict=True)]
        return Padding(tuple(reach for reach in reaches for _ in range(2)))
    forms = {type(getattr(i.op, "pad")) for i in op.instances}  # noqa: B009
    if isinstance(expression, ListOf) or forms in ({int}, {tuple}):
        return Padding(sides_of(op, "pad"))
    raise error(
        "R0503",
        f"the padding of `{op.kind.name}` is known to the generated code alone",
        op.span,
        help="choose between two calls with `if`",
    )


def _half_reach(kernel: Expr, dilation: Expr) -> Expr:
    reach = fold_binary("*", dilation, fold_binary("-", kernel, Literal(1)))
    return fold_binary("//", reach, Literal(2))


def shared(op: SymbolicOp, name: str) -> Any:
    """An attribute that must be one concrete value in all uses (initializers, texts)."""
    values = {getattr(i.op, name) for i in op.instances}
    if len(values) != 1:
        raise error(
            "R0503",
            f"`{name}` of `{op.kind.name}` differs between the uses of this block",
            op.span,
            help="write the operation twice, each with its own, and choose with `if`",
        )
    return values.pop()


def is_given(op: SymbolicOp, name: str) -> bool:
    """Whether an attribute that may be `none` is something else, in all uses or in none."""
    given = {getattr(i.op, name) is not None for i in op.instances}
    if len(given) != 1:
        raise error(
            "R0503",
            f"`{name}` of `{op.kind.name}` is given in some uses of this block, and not in others",
            op.span,
            help="write the operation twice, and choose with `if`",
        )
    return given.pop()


def initial(op: SymbolicOp, name: str) -> Initializer:
    """The initializer of a weight."""
    value: Initializer = shared(op, name)
    return value


def is_default(expression: Expr, value: Any) -> bool:
    """Whether an argument is the constant that the framework takes anyway."""
    return is_literal(expression) and expression == Literal(value)


def rank(op: SymbolicOp) -> int:
    """Spatial dimensions of the input, the same in every use."""
    ranks = {i.inputs[0].rank for i in op.instances}
    if len(ranks) != 1:
        raise error(
            "R0503",
            f"`{op.kind.name}` runs on inputs of {' and '.join(map(str, sorted(ranks)))} spatial "
            "dimensions here",
            op.span,
            help="choose between two calls with `if`, or write a block for each",
        )
    return ranks.pop()


def sides_of(op: SymbolicOp, name: str) -> Sides:
    """An attribute that is one number for all sides, or two for each dimension, for each side."""
    expression, count = op.attributes[name], 2 * rank(op)
    if isinstance(expression, ListOf):
        return expression.items
    if all(isinstance(getattr(i.op, name), tuple) for i in op.instances):
        return tuple(Index(expression, Literal(i)) for i in range(count))
    return (expression,) * count


def given_sizes(op: SymbolicOp) -> list[Expr]:
    """The sizes that a `reshape` is given: as many in every use."""
    counts = {len(getattr(i.op, "sizes")) for i in op.instances}  # noqa: B009
    if len(counts) != 1:
        raise error(
            "R0503",
            "`reshape` leaves more sizes here than there",
            op.span,
            help="choose between two calls with `if`",
        )
    names = ("channels", "first", "second", "third")
    return [op.attributes[name] for name in names[: counts.pop()]]


def leaves_rest(op: SymbolicOp) -> bool:
    """Whether a `reshape` leaves one size to be counted, however that is written."""
    return any(REST in getattr(i.op, "sizes") for i in op.instances)  # noqa: B009


def size_text(size: Expr | None, text: Callable[[Expr], str]) -> str:
    """The positions of an input as a tuple, or the name that stands for it."""
    assert size is not None
    return tuple_of(size.items, text) if isinstance(size, ListOf) else text(size)
