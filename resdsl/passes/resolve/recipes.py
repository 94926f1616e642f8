"""Recipes: every line a slot, filled with options whose arguments are bound and checked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Label, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed
from resdsl.expressions.nodes import Argument, Expr
from resdsl.passes.options import accepted, disagreements
from resdsl.passes.resolve.arguments import (
    BROKEN,
    UnknownValue,
    check_constant,
    check_names,
    constant_of,
)
from resdsl.passes.resolve.defaults import Defaults
from resdsl.passes.resolve.definitions import resolve_parameters
from resdsl.passes.resolve.expressions import resolve_expression
from resdsl.passes.resolve.lexical import FileNames, Lexical
from resdsl.passes.resolve.types import Types
from resdsl.recipes.elsewhere import option_meant, parameter_meant, slot_meant
from resdsl.recipes.options import Option
from resdsl.recipes.slots import OPTIONS, SLOTS, Slot
from resdsl.records import dataclass
from resdsl.syntax import ast
from resdsl.syntax.limits import ERRORS


def resolve_recipe(
    item: ast.Definition,
    recipe: ir.RecipeDefinition,
    names: FileNames,
    defaults: Defaults,
    types: Types,
    bag: Bag,
) -> None:
    """Fill in the parameters and the lines of `recipe`; what is wrong goes to the bag."""
    assert isinstance(item.value, ast.Body)
    values = resolve_parameters(item, recipe, names, defaults, types, bag)
    scope = Lexical(names, values)
    resolver = LineResolver(scope, defaults, bag)
    lines: list[ir.RecipeLine] = []
    filled: dict[str, Span] = {}
    is_whole = True
    for statement in item.value.statements:
        if len(bag.items) > ERRORS:
            return
        _insist_new(statement, filled, bag)
        try:
            lines.append(resolver.line(statement))
        except CompileError as failure:
            bag.add(failure)
            is_whole = False  # The line may have been meant for any slot.
    recipe.lines = tuple(lines)
    missing = [s for s in SLOTS.values() if s.is_required and s.name not in filled]
    if missing and is_whole:
        wanted = listed(slot.name for slot in missing)
        message = f"the recipe `{clipped(item.name)}` lacks {wanted}"
        help = f"such as `{missing[0].example}`"
        bag.add(error("R0823", message, item.name_span, help=help))


def _insist_new(statement: ast.Statement, filled: dict[str, Span], bag: Bag) -> None:
    """Take down which slot a statement fills, and report one that has been filled before."""
    label = statement.label if isinstance(statement, ast.Step | ast.Group) else None
    if not isinstance(label, ast.NameLabel):
        return
    if label.name in filled and label.name in SLOTS:
        first = Label(filled[label.name], "first here")
        message = f"the slot `{label.name}` is filled twice"
        bag.add(error("R0822", message, label.span, "here again", secondary=[first]))
    filled.setdefault(label.name, label.span)


@dataclass(slots=True)
class LineResolver:
    """Resolves the lines of one recipe, and those that the command line puts in their place."""

    scope: Lexical
    defaults: Defaults
    bag: Bag

    def line(self, statement: ast.Statement) -> ir.RecipeLine:
        """One line. Raises for what is none, and reports what is wrong in it."""
        match statement:
            case ast.Let(name=name, value=value, span=span):
                settled = self._settle(value)
                self.scope.add_value(name, statement.name_span)
                return ir.Let(name, settled, span)
            case ast.Expect(condition=condition, message=message, span=span):
                return ir.Expectation(self._settle(condition), message, span)
            case ast.Step(label=ast.NameLabel() as label, call=call, bodies=bodies):
                slot = _slot(label)
                if bodies:
                    raise error("R0225", "an option takes no body", bodies[0].span)
                return ir.SlotLine(slot, self._calls(slot, [call]), label.span)
            case ast.Group(label=ast.NameLabel() as label, body=body):
                slot = _slot(label)
                if not slot.is_body:
                    message = f"`{slot.name}` takes one {slot.noun}, and no body"
                    raise error("R0827", message, body.span, help=f"`{slot.example}`")
                inside = [self._in_body(slot, inner) for inner in body.statements]
                calls = [call for call in inside if call is not None]
                return ir.SlotLine(slot, self._calls(slot, calls), label.span)
            case _:
                raise _no_line(statement)

    def _in_body(self, slot: Slot, statement: ast.Statement) -> ast.Call | None:
        if isinstance(statement, ast.Step) and statement.label is None and not statement.bodies:
            return statement.call
        message = f"the body of `{slot.name}` is a chain of {slot.noun}s"
        self.bag.add(error("R0827", message, statement.span, help=f"`{slot.example}`"))
        return None

    def _calls(self, slot: Slot, calls: list[ast.Call]) -> tuple[ir.OptionCall, ...]:
        """The options that are called; those that are wrong are reported, and left out."""
        found: list[ir.OptionCall] = []
        for call in calls:
            try:
                found.append(self._call(slot, call))
            except CompileError as failure:
                self.bag.add(failure)
        return tuple(found)

    def _call(self, slot: Slot, call: ast.Call) -> ir.OptionCall:
        written = ".".join(call.path)
        arguments = tuple(Argument(a.name, self._settle(a.value), a.span) for a in call.arguments)
        option = slot.options.get(written)
        if option is None:
            raise unknown_option(slot, written, call.path_span)
        check_names(arguments)
        bound = _bound(option, arguments, call.span)
        for name, value in bound.items():
            check = partial(accepted, option, name, value.span or call.span)
            check_constant(value, check, self.bag)
        for failure in _disagreements(option, bound, call.span):
            self.bag.add(failure)
        return ir.OptionCall(option, bound, call.span)

    def _settle(self, expression: Expr) -> Expr:
        try:
            return resolve_expression(expression, self.scope, self.defaults)
        except CompileError as failure:
            self.bag.add(failure)
            return BROKEN


def _bound(option: Option, arguments: tuple[Argument, ...], span: Span) -> dict[str, Expr]:
    for argument in arguments:
        if argument.name is not None and argument.name not in option.parameter_names:
            raise unknown_parameter(option, argument.name, argument.span or span)
    positional = [a.value for a in arguments if a.name is None]
    keywords = {a.name: a.value for a in arguments if a.name is not None}
    spans = {a.name: a.span for a in arguments if a.name is not None and a.span is not None}
    bound = ir.bind(option, {}, positional, keywords, span, spans)
    for parameter in option.parameters:
        if parameter.is_required and parameter.name not in bound:
            raise missing_argument(option, parameter.name, span)
    return bound


def _disagreements(option: Option, bound: dict[str, Expr], span: Span) -> list[CompileError]:
    """What is wrong between arguments that are each valid, where the text tells them all."""
    try:
        known = {n: accepted(option, n, span, constant_of(e)) for n, e in bound.items()}
    except (UnknownValue, CompileError, RecursionError):
        return []  # Unknown, or reported by itself.
    spans = {name: value.span for name, value in bound.items() if value.span is not None}
    return list(disagreements(option, option.completed(known), spans, span))


def missing_argument(option: Option, name: str, span: Span | None) -> CompileError:
    """The error for an option without an argument that it must have."""
    return error(
        "R0207",
        f"`{option.name}` lacks its argument `{name}`",
        span,
        help=f"`{name}` is the {option.parameter(name).doc}",
    )


def unknown_parameter(option: Option, name: str, span: Span | None) -> CompileError:
    """The error for an argument that an option does not have."""
    known = option.parameter_names
    return error(
        "R0206",
        f"`{option.name}` has no parameter `{clipped(name)}`",
        span,
        help=option.absent.get(name)
        or parameter_meant(name, known)
        or did_you_mean(name, known)
        or ir.parameters_in_words(option),
    )


def unknown_option(slot: Slot, name: str, span: Span | None) -> CompileError:
    """The error for something that a slot cannot be filled with."""
    others = [s.name for s in OPTIONS.get(name, [])]
    if slot.name == "evaluate" and "augment" in others:
        return error(
            "R0824",
            f"`{name}` is random, and `evaluate` is for test images",
            span,
            help="what is done to test images is the same every time: `{ resize(256) }`",
        )
    help = f"it belongs to {listed(others)}" if others else option_meant(name, slot)
    return error(
        "R0824",
        f"there is no {slot.noun} called `{clipped(name)}`",
        span,
        help=help or did_you_mean(name, slot.options) or f"there {_are(slot.options)}",
    )


def unknown_slot(name: str, span: Span | None) -> CompileError:
    """The error for a line that fills no slot."""
    return error(
        "R0821",
        f"a recipe has no slot `{clipped(name)}`",
        span,
        help=slot_meant(name) or did_you_mean(name, SLOTS) or f"its slots are {listed(SLOTS, 20)}",
    )


def _are(options: Iterable[str]) -> str:
    names = list(options)
    return f"is {listed(names)} alone" if len(names) == 1 else f"are {listed(names)}"


def _slot(label: ast.NameLabel) -> Slot:
    if label.name not in SLOTS:
        raise unknown_slot(label.name, label.span)
    return SLOTS[label.name]


def _no_line(statement: ast.Statement) -> CompileError:
    if isinstance(statement, ast.Step) and statement.label is None:
        written = ".".join(statement.call.path)
        slots = OPTIONS.get(written)
        return error(
            "R0827",
            "a line of a recipe says which slot it fills",
            statement.span,
            help=f"`{slots[0].name}: {written}`" if slots else "as in `optimizer: sgd(lr = 0.1)`",
        )
    return error(
        "R0827",
        "this has no place in a recipe",
        statement.span,
        help="its lines fill slots, `optimizer: sgd(lr = 0.1)`, or are a `let` or an `expect`",
    )
