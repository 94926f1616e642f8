"""Which weights decay, told as a person would tell it."""

from __future__ import annotations

from enum import Enum

from resdsl.codegen.python.layout import Group, layout
from resdsl.codegen.trainer.facts import undecayed
from resdsl.ir.graph import Graph
from resdsl.recipes.recipe import Recipe


class DecayRule(Enum):
    """What decays."""

    ALL = "every parameter"
    NONE = "none"
    MATRICES = "those of more than one dimension"
    NO_BIAS = "those whose name does not end in `.bias`"
    NAMES = "those that are not listed by name"


def decay_rule(graph: Graph, recipe: Recipe) -> DecayRule:
    """The rule that holds for exactly the parameters that decay; names where there is no other."""
    if not recipe.optimizer.weight_decay:
        return DecayRule.NONE
    spared = undecayed(graph, recipe)
    shapes = {w.name: w.weight.shape for w in graph.weights if w.weight.trainable}
    if not spared:
        return DecayRule.ALL
    if len(spared) == len(shapes):
        return DecayRule.NONE
    if spared == {name for name, shape in shapes.items() if len(shape) == 1}:
        return DecayRule.MATRICES
    if spared == {name for name in shapes if name.endswith(".bias")}:
        return DecayRule.NO_BIAS
    return DecayRule.NAMES


def undecayed_names(graph: Graph, recipe: Recipe) -> list[str]:
    """The constant `UNDECAYED`, for the rule that goes by names."""
    names = tuple(f'"{name}"' for name in sorted(undecayed(graph, recipe)))
    return layout(Group("UNDECAYED = {", names, "}"), 0)
