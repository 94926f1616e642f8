"""The tables of PyTorch rules, and what the rules have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import Each, Sides, is_default, one_or_each
from resdsl.codegen.python.target import Scribe
from resdsl.codegen.rules import RuleSet
from resdsl.expressions.nodes import Expr

LAYERS: RuleSet[Callable[[OpLayer, Scribe], Doc]] = RuleSet("torch")


ITEMS: RuleSet[Callable[[OpLayer, Scribe], Doc | None]] = RuleSet("torch")


FUNCTIONS: RuleSet[Callable[[SymbolicOp, Sequence[str], Scribe], str]] = RuleSet("torch")


def each_text(values: Each, scribe: Scribe) -> str:
    """One number where all dimensions are alike, else a tuple."""
    return one_or_each(values, scribe.text)


def given(scribe: Scribe, default: object, **arguments: Expr) -> list[Keyword]:
    """Arguments by name, without those equal to the framework's default."""
    return [Keyword(n, scribe.text(e)) for n, e in arguments.items() if not is_default(e, default)]


def sides_text(sides: Sides, scribe: Scribe) -> str:
    """Paddings in PyTorch's order, the last dimension first: left, right, top, bottom."""
    texts = list(map(scribe.text, sides))
    pairs = [texts[i : i + 2] for i in range(len(texts) - 2, -1, -2)]
    return f"({', '.join(text for pair in pairs for text in pair)})"


def functional(scribe: Scribe) -> None:
    scribe.uses.imports.add("import torch.nn.functional as F")


def call_text(function: str, items: Sequence[Doc]) -> str:
    from resdsl.codegen.python.layout import flat

    return flat(Group(f"{function}(", tuple(items)))
