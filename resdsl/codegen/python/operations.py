"""Attributes of operations in the forms that frameworks want: pairs, paddings, initial values."""

from __future__ import annotations

from typing import Any

from resdsl.codegen.plan import SymbolicOp
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Constant, Expr, Index, ListOf, Literal
from resdsl.expressions.simplify import fold_binary, is_literal
from resdsl.ops import Initializer
from resdsl.records import dataclass

Pair = tuple[Expr, Expr]


@dataclass(frozen=True, slots=True)
class Padding:
    """Where zeros go: `sides` is (top, bottom, left, right), `None` for TensorFlow's rule."""

    sides: tuple[Expr, Expr, Expr, Expr] | None

    @property
    def is_none(self) -> bool:
        """Whether there is no padding at all."""
        return self.sides is not None and all(s == Literal(0) for s in self.sides)

    @property
    def symmetric(self) -> Pair | None:
        """(down, across) where opposite sides are alike."""
        if self.sides is None:
            return None
        top, bottom, left, right = self.sides
        return (top, left) if top == bottom and left == right else None


def pair(op: SymbolicOp, name: str) -> Pair:
    """An attribute that is one number or two, as two."""
    expression = op.attributes[name]
    forms = {isinstance(getattr(i.op, name), tuple) for i in op.instances}
    if isinstance(expression, ListOf):
        return expression.items[0], expression.items[1]
    if forms == {True}:
        return Index(expression, Literal(0)), Index(expression, Literal(1))
    if len(forms) > 1:
        raise error(
            "R0503",
            f"`{name}` of `{op.kind.name}` is one number here and a pair there",
            op.span,
            help="give it as a pair everywhere",
        )
    return expression, expression


def pool_stride(op: SymbolicOp) -> Pair:
    """The stride of a pool: its kernel unless given."""
    stride = op.attributes["stride"]
    unset = isinstance(stride, Constant) and stride.value is None
    return pair(op, "kernel" if unset else "stride")


def is_square(values: Pair) -> bool:
    """Whether both directions are alike."""
    return values[0] == values[1]


def padding(op: SymbolicOp) -> Padding:
    """The padding of a convolution or pool."""
    expression = op.attributes["pad"]
    kernel = pair(op, "kernel")
    if expression == Literal("tf_same"):
        return Padding(None)
    if expression == Literal("valid"):
        zero = Literal(0)
        return Padding((zero, zero, zero, zero))
    if expression == Literal("same"):
        dilation = pair(op, "dilation") if "dilation" in op.attributes else (Literal(1),) * 2
        down, across = (_half_reach(k, d) for k, d in zip(kernel, dilation, strict=True))
        return Padding((down, down, across, across))
    if isinstance(expression, ListOf):
        top, bottom, left, right = expression.items
        return Padding((top, bottom, left, right))
    forms = {type(getattr(i.op, "pad")) for i in op.instances}  # noqa: B009
    if forms == {int}:
        return Padding((expression, expression, expression, expression))
    if forms == {tuple}:
        sides = [Index(expression, Literal(i)) for i in range(4)]
        return Padding((sides[0], sides[1], sides[2], sides[3]))
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
            f"`{op.kind.name}` runs on images here and on vectors there",
            op.span,
            help="write a block for each",
        )
    return ranks.pop()


def sides_of(op: SymbolicOp, name: str) -> tuple[Expr, Expr, Expr, Expr]:
    """An attribute that is one number for all sides or four of them, as four."""
    expression = op.attributes[name]
    if isinstance(expression, ListOf):
        top, bottom, left, right = expression.items
        return top, bottom, left, right
    if all(isinstance(getattr(i.op, name), tuple) for i in op.instances):
        four = [Index(expression, Literal(i)) for i in range(4)]
        return four[0], four[1], four[2], four[3]
    return expression, expression, expression, expression
