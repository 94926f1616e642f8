"""The tables of Keras rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, flat
from resdsl.codegen.python.operations import (
    Each,
    Sides,
    is_default,
    nested,
    one_or_each,
    rank,
    tuple_of,
)
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.expressions.nodes import Expr

from ..layer_classes import Style
from ..prelude import SIDES

LAYERS: RuleSet[Callable[[OpLayer, Scribe, Style], Doc]] = RuleSet("tensorflow")


ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc | None]] = RuleSet("tensorflow")


FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("tensorflow")


def one_text(values: Each, scribe: Scribe) -> str:
    """One number where all dimensions are alike, else a tuple."""
    return one_or_each(values, scribe.text)


def each_text(values: Each, scribe: Scribe) -> str:
    """A tuple with a number for each dimension."""
    return tuple_of(values, scribe.text)


def sides_text(sides: Sides, scribe: Scribe) -> str:
    """One number where all sides are alike, else `((top, bottom), (left, right))`."""
    texts = list(map(scribe.text, sides))
    return texts[0] if len(set(texts)) == 1 else nested_sides(sides, scribe)


def nested_sides(sides: Sides, scribe: Scribe) -> str:
    """`((top, bottom), (left, right))`"""
    return nested(sides, scribe.text)


def positions(op: SymbolicOp) -> str:
    """The axes of positions: `1`, or `(1, 2)` for images."""
    return "1" if rank(op) == 1 else f"({', '.join(map(str, range(1, 1 + rank(op))))})"


def given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the framework's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


def ops_call(name: str, items: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.imports.add("from keras import ops")
    return flat(Group(f"ops.{name}(", tuple(items)))


def helper_call(name: str, items: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.helpers.add(name)
    return flat(Group(f"{name}(", tuple(items)))


def padded_call(x: str, sides: str, more: Sequence[Doc], scribe: Scribe) -> str:
    scribe.uses.helpers.add("padded" if not sides.endswith(")") else SIDES)
    return flat(Group("padded(", (x, sides, *more)))
