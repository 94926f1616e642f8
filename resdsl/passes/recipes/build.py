"""A recipe's lines with all its parameters known: values evaluated, checked, and put together."""

from __future__ import annotations

from typing import Any

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.expressions.evaluate import evaluate, evaluate_bool
from resdsl.expressions.values import plain
from resdsl.passes.elaborate.expectations import not_met
from resdsl.passes.elaborate.scope import FileScope, LocalScope
from resdsl.passes.options import accepted, disagreements
from resdsl.passes.resolve.recipes import missing_argument
from resdsl.recipes.options import Option
from resdsl.recipes.recipe import Recipe
from resdsl.recipes.slots import SLOTS, make_recipe, problems_between
from resdsl.records import dataclass


@dataclass(slots=True)
class Filled:
    """An option with the values that it is given, and where each of them stands."""

    option: Option
    values: dict[str, Any]
    spans: dict[str, Span]
    span: Span | None


#: What fills each slot: one option, or any number of them where the slot is a body.
Slots = dict[str, list[Filled]]


def fill(definition: ir.RecipeDefinition, arguments: dict[str, Any], file: FileScope) -> Slots:
    """What the lines of a recipe say, for these values of its parameters.

    Raises `CompileError` with every line that has no value.
    """
    scope = LocalScope(file, dict(arguments))
    bag = Bag()
    slots: Slots = {}
    for line in definition.lines:
        try:
            match line:
                case ir.Let(name=name, value=value):
                    scope.values[name] = plain(evaluate(value, scope))
                case ir.Expectation(condition=condition, message=message, span=span):
                    if not evaluate_bool(condition, scope):
                        raise not_met(condition, message, span, scope)
                case ir.SlotLine(slot=slot, calls=calls):
                    slots[slot.name] = [filled(call, scope) for call in calls]
        except CompileError as failure:
            bag.add(failure)
    bag.raise_errors()
    return slots


def filled(call: ir.OptionCall, scope: FileScope | LocalScope) -> Filled:
    """An option with its arguments evaluated."""
    values = {name: plain(evaluate(value, scope)) for name, value in call.arguments.items()}
    spans = {name: v.span for name, v in call.arguments.items() if v.span is not None}
    return Filled(call.option, values, spans, call.span)


def assemble(name: str, slots: Slots) -> Recipe:
    """The recipe that these slots make. Raises `CompileError` with all that is wrong with them."""
    bag = Bag()
    values: dict[str, Any] = {}
    for key, entries in slots.items():
        made = [_guarded(entry, bag) for entry in entries]
        values[key] = tuple(made) if SLOTS[key].is_body else made[0]
    bag.raise_errors()
    recipe = make_recipe(name, values)
    for key, problem in problems_between(recipe):
        entry = slots[key][0]
        place = entry.spans.get(problem.at, entry.span)
        bag.add(error(problem.code, problem.message, place, help=problem.help))
    bag.raise_errors()
    return recipe


def _guarded(entry: Filled, bag: Bag) -> Any:
    try:
        return _made(entry)
    except CompileError as failure:
        bag.add(failure)
        return None


def _made(entry: Filled) -> Any:
    """The value of an option. Raises `CompileError` with all that is wrong with its arguments."""
    bag = Bag()
    values: dict[str, Any] = {}
    for name, value in entry.values.items():
        try:
            values[name] = accepted(entry.option, name, entry.spans.get(name, entry.span), value)
        except CompileError as failure:
            bag.add(failure)
    for parameter in entry.option.parameters:
        if parameter.is_required and parameter.name not in entry.values:
            bag.add(missing_argument(entry.option, parameter.name, entry.span))
    bag.raise_errors()
    arguments = entry.option.completed(values)
    for problem in disagreements(entry.option, arguments, entry.spans, entry.span):
        bag.add(problem)
    bag.raise_errors()
    return entry.option.make(**arguments)
