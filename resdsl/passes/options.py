"""Arguments of a recipe's options, checked: for the resolver where they stand in the text, for
`passes.recipes` where they were computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.values import describe
from resdsl.ops.attributes import WrongValue
from resdsl.passes.attributes import WHOLE_HELP
from resdsl.recipes.options import Arguments, Option


def accepted(option: Option, name: str, span: Span | None, value: Any) -> Any:
    """The value in the form in which the recipe keeps it. Raises `CompileError` otherwise."""
    kind = option.parameter(name).kind
    try:
        return kind.accept(value)
    except WrongValue as problem:
        message = f"`{name}` of `{option.name}` {problem}"
    if isinstance(value, float) and value.is_integer():
        try:
            kind.accept(int(value))
        except WrongValue:
            pass
        else:
            # A whole number in the form of a float: what was meant is clear.
            raise error("R0302", message, span, f"this is {describe(value)}", help=WHOLE_HELP)
    raise error("R0401", message, span, f"this is {describe(value)}")


def disagreements(
    option: Option, arguments: Arguments, spans: Mapping[str, Span], span: Span | None
) -> Iterator[CompileError]:
    """What is wrong between arguments that are each valid, at the one that it is said about."""
    for problem in option.problems(arguments):
        message = f"`{option.name}`: {problem.message}"
        yield error(problem.code, message, spans.get(problem.at, span), help=problem.help)
