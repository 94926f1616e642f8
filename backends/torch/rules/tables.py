"""The tables of PyTorch rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    Pair,
    is_default,
)
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.expressions.nodes import Expr

LAYERS: RuleSet[Callable[[OpLayer, Scribe], Doc]] = RuleSet("torch")


ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc | None]] = RuleSet("torch")


FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("torch")


def pair_text(values: Pair, scribe: Scribe) -> str:
    """One number where both directions are alike, else a tuple."""
    first, second = map(scribe.text, values)
    return first if first == second else f"({first}, {second})"


def given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the framework's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


def sides_text(sides: tuple[Expr, Expr, Expr, Expr], scribe: Scribe) -> str:
    """Four paddings in PyTorch's order: left, right, top, bottom."""
    top, bottom, left, right = map(scribe.text, sides)
    return f"({left}, {right}, {top}, {bottom})"


def functional(scribe: Scribe) -> None:
    scribe.uses.imports.add("import torch.nn.functional as F")


def call_text(function: str, items: Sequence[Doc]) -> str:
    from resdsl.codegen.python.layout import flat

    return flat(Group(f"{function}(", tuple(items)))
