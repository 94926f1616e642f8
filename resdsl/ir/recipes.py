"""Recipes as they are resolved: slots bound to their options, expressions intact."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from resdsl.diagnostics import Span
from resdsl.expressions.nodes import Expr
from resdsl.ir.model import Block
from resdsl.ir.statements import Expectation, Let
from resdsl.records import dataclass

if TYPE_CHECKING:
    from resdsl.recipes.options import Option
    from resdsl.recipes.slots import Slot


@dataclass(frozen=True, slots=True, eq=False)
class OptionCall:
    """`sgd(lr = 0.1)`: an option with the arguments that it is given, by name."""

    option: Option
    arguments: dict[str, Expr]
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class SlotLine:
    """`optimizer: sgd(lr = 0.1)`: a slot and what fills it, several calls where it is a body."""

    slot: Slot
    calls: tuple[OptionCall, ...]
    span: Span


RecipeLine: TypeAlias = Let | Expectation | SlotLine


@dataclass(slots=True, eq=False)
class RecipeDefinition(Block):
    """A recipe that is not an alias: it has parameters as a block has them, and lines for a body.

    The lines are filled in after all names are known.
    """

    lines: tuple[RecipeLine, ...] = ()

    def in_words(self) -> str:
        return f"the recipe `{self.name}`"
