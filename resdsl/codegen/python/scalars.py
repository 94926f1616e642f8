"""`scale` and `offset` as source backends want them: where they start, and the terms they make."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import atom
from resdsl.codegen.python.operations import shared
from resdsl.codegen.python.target import Scribe
from resdsl.diagnostics import CompileError, error
from resdsl.expressions.nodes import Expr, Literal
from resdsl.ops import Constant, Initializer
from resdsl.ops.scalars import Scale


def start_of(op: SymbolicOp) -> Expr | Initializer:
    """The number that all entries start from, or how they are drawn."""
    drawn = {isinstance(getattr(i.op, "value"), Initializer) for i in op.instances}  # noqa: B009
    if drawn == {False}:
        value = op.attributes["value"]
        number = number_in(value)
        return value if number is None else Literal(float(number))
    start: Initializer = shared(op, "value")
    return Literal(start.value) if isinstance(start, Constant) else start


def number_in(value: Expr) -> int | float | None:
    """The number that an expression is, where it is known as it stands."""
    known = value.value if isinstance(value, Literal) else None
    return known if isinstance(known, int | float) else None


def positions_of(op: SymbolicOp) -> tuple[int, ...]:
    """The sizes of the input, of an operation that has a weight for each entry."""
    found = {i.inputs[0].numbers[1:] for i in op.instances}
    if len(found) != 1:
        raise error(
            "R0503",
            f"`{op.kind.name}` has a weight for each entry, and the sizes differ between its uses",
            op.span,
            help="write a block for each size",
        )
    return found.pop()


def is_learned(op: SymbolicOp) -> bool:
    """Whether there is a weight: in all uses, or in none."""
    learned: bool = shared(op, "learned")
    return learned


def with_constant(op: SymbolicOp, x: str, scribe: Scribe) -> str:
    """`x * 0.1` or `x + 0.1`, for a number that is not learned."""
    value = op.attributes["value"]
    number = number_in(value)
    if op.kind is Scale:
        return f"{atom(x)} * {scribe.atom(value) if number is None else scribe.text(value)}"
    if number is not None and number < 0:
        return f"{x} - {scribe.text(Literal(-number))}"
    return f"{x} + {scribe.atom(value)}"


def with_weight(op: SymbolicOp, x: str, weight: str) -> str:
    """`x * weight` or `x + weight`."""
    return f"{atom(x)} * {weight}" if op.kind is Scale else f"{x} + {weight}"


def no_module(layer: OpLayer, framework: str) -> CompileError:
    """The error for a weight that would have to be an item of a sequence of layers."""
    name = layer.op.kind.name
    return error(
        "R0503",
        f"a learned `{name}` is no layer in {framework}, and cannot stand in a sequence of layers",
        layer.op.span,
        help="with labels in its scope it becomes an attribute: `gain: scale`",
    )
