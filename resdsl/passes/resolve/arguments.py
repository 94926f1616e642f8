"""What can be said about the arguments of a call before anything runs.

Calls of known blocks and operations are bound, and attributes whose values stand in the text are
checked, so that one run reports the mistakes of every body, used or not.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Bag, CompileError, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Apply, Argument, Constant, Expr, Literal
from resdsl.ops import Op, attributes_of, required, tensors_of
from resdsl.passes.attributes import accepted, disagreements
from resdsl.passes.resolve.elsewhere import argument_meant
from resdsl.records import fields

#: Stands for an expression that is wrong, and has been reported: nothing more is said about it.
BROKEN = Constant(None)


class UnknownValue(Exception):
    """A value that only elaboration knows."""


class _NoNames:
    """A scope without names: what can be evaluated in it is a constant."""

    steps = 0

    def lookup(self, name: str, span: Span | None) -> Any:
        raise UnknownValue

    def tensor_in(self, span: Span | None) -> Any:
        raise UnknownValue

    def tick(self, span: Span | None, steps: int = 1) -> None:
        self.steps += steps
        if self.steps > 10_000:
            raise UnknownValue

    def inner(self, names: dict[str, Any]) -> _NoNames:
        raise UnknownValue

    def function_body(self, *_: object) -> Any:
        raise UnknownValue


def check_attribute(kind: type[Op], name: str, value: Expr, span: Span | None, bag: Bag) -> None:
    """Check an attribute whose value can be read off the text."""
    check_constant(value, lambda known: accepted(kind, name, known, value.span or span), bag)


def check_constant(value: Expr, check: Callable[[Any], object], bag: Bag) -> None:
    """Check a value if it can be read off the text; what `check` raises goes to the bag."""
    try:
        check(constant_of(value))
    except (UnknownValue, RecursionError):
        return
    except CompileError as failure:
        if not _is_broken(value):
            bag.add(failure)


def _is_broken(part: Any) -> bool:
    """Whether something in an expression is wrong and has been reported."""
    if isinstance(part, tuple):
        return any(map(_is_broken, part))
    if (
        part is BROKEN
        or isinstance(part, Constant | Literal | Span)
        or not hasattr(part, "__dataclass_fields__")
    ):
        return part is BROKEN
    return any(_is_broken(getattr(part, field.name)) for field in fields(part))


def check_together(kind: type[Op], arguments: dict[str, Expr], span: Span, bag: Bag) -> None:
    """Check attributes that are each valid against one another, where the text tells them all."""
    try:
        known = {name: accepted(kind, name, constant_of(e), span) for name, e in arguments.items()}
    except (UnknownValue, CompileError, RecursionError):
        return  # Unknown, or reported by itself.
    for failure in disagreements(kind(**known), span):
        bag.add(failure)


def constant_of(value: Expr) -> Any:
    """A value that can be read off the text. Raises `UnknownValue` for all others."""
    if value is BROKEN:
        raise UnknownValue
    return evaluate(value, _NoNames())


def gives_tensors(kind: type[Op], arguments: tuple[Argument, ...]) -> bool:
    """Whether a call gives an operation tensors beside the current one."""
    tensors = tensors_of(kind)
    if not tensors:
        return False
    placed = list(attributes_of(kind))[: sum(a.name is None for a in arguments)]
    given = {*placed, *(a.name for a in arguments)}
    return any(name in given or required(attributes_of(kind)[name]) for name in tensors)


def unknown_attribute(kind: type[Op], name: str, span: Span | None) -> CompileError:
    """The error for an argument that an operation does not have."""
    help = argument_meant(kind, name) or did_you_mean(name, attributes_of(kind))
    return error(
        "R0206",
        f"`{kind.name}` has no parameter `{clipped(name)}`",
        span,
        help=help or ir.parameters_in_words(ir.Operation(kind)),
    )


def check_names(arguments: tuple[Argument, ...]) -> None:
    """Raise where a call gives an argument twice, or by position behind one by name."""
    named: set[str] = set()
    for argument in arguments:
        if argument.name is None and named:
            raise error(
                "R0209",
                "arguments by position stand before those by name",
                argument.span,
            )
        if argument.name is not None:
            if argument.name in named:
                raise error(
                    "R0208", f"`{argument.name}` is given twice in this call", argument.span
                )
            named.add(argument.name)


def known_target(
    expression: Expr,
) -> tuple[ir.Block | ir.Operation | ir.UserFunction, dict[str, Expr]] | None:
    """The block, operation or function that a callee is for sure, and the arguments it has.

    Raises where an argument is given that cannot be.
    """
    if isinstance(expression, Constant):
        value = expression.value
        if isinstance(value, ir.Block | ir.Operation | ir.UserFunction):
            return value, {}
        return None
    if not isinstance(expression, Apply):
        return None
    known = known_target(expression.callee)
    if known is None or isinstance(known[0], ir.UserFunction):
        return None
    target, given = known
    return target, bound_arguments(target, given, expression.arguments, expression.span)


def bound_arguments(
    target: ir.Block | ir.Operation | ir.UserFunction,
    given: dict[str, Expr],
    arguments: tuple[Argument, ...],
    span: Span | None,
) -> dict[str, Expr]:
    """The arguments of a call by name. Raises for those that cannot be."""
    positional = [a.value for a in arguments if a.name is None]
    keywords = {a.name: a.value for a in arguments if a.name is not None}
    spans = {a.name: a.span for a in arguments if a.name is not None and a.span is not None}
    if isinstance(target, ir.Operation):
        known = attributes_of(target.kind)
        for name in keywords:
            if name not in known:
                raise unknown_attribute(target.kind, name, spans.get(name, span))
    return ir.bind(target, given, positional, keywords, span, spans)
