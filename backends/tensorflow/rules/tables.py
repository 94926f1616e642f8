"""The tables of Keras rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, flat
from resdsl.codegen.python.operations import (
    Pair,
    is_default,
)
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.expressions.nodes import Expr, Literal

from ..layer_classes import Style
from ..prelude import SIDES

Sides = tuple[Expr, Expr, Expr, Expr]


LAYERS: RuleSet[Callable[[OpLayer, Scribe, Style], Doc]] = RuleSet("tensorflow")


ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc | None]] = RuleSet("tensorflow")


FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("tensorflow")


ONES: Pair = (Literal(1), Literal(1))


def one_or_pair(values: Pair, scribe: Scribe) -> str:
    """One number where both directions are alike, else a tuple."""
    first, second = map(scribe.text, values)
    return first if first == second else f"({first}, {second})"


def pair_text(values: Pair, scribe: Scribe) -> str:
    return f"({', '.join(map(scribe.text, values))})"


def sides_text(sides: Sides, scribe: Scribe) -> str:
    """One number where all sides are alike, else `((top, bottom), (left, right))`."""
    first = scribe.text(sides[0])
    return first if len(set(map(scribe.text, sides))) == 1 else nested_sides(sides, scribe)


def nested_sides(sides: Sides, scribe: Scribe) -> str:
    """`((top, bottom), (left, right))`"""
    top, bottom, left, right = map(scribe.text, sides)
    return f"(({top}, {bottom}), ({left}, {right}))"


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
