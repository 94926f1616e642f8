"""Values of operations' attributes, checked: for the resolver where they stand in the text, for the
elaborator where they were computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.run_time import unknown_size
from resdsl.expressions.values import describe, is_whole
from resdsl.ops import Op, WrongValue, attributes_of
from resdsl.sizes import Size

WHOLE_HELP = "`//` divides to a whole number, and `int(…)` cuts one off"


def accepted(kind: type[Op], name: str, value: Any, span: Span | None) -> Any:
    """The value in the form in which the operation keeps it. Raises `CompileError` otherwise."""
    try:
        return attributes_of(kind)[name].metadata["kind"].accept(value)
    except WrongValue as problem:
        wanted = str(problem)
    message = f"`{name}` of `{kind.name}` {wanted}"
    sizes = [v for v in (value if isinstance(value, tuple) else (value,)) if isinstance(v, Size)]
    if sizes:
        raise unknown_size(
            message,
            sizes[0],
            span,
            f"this is {describe(sizes[0])}",
            help="weights and windows have one size at every input",
        )
    # A whole number in the form of a float: what was meant is clear.
    if isinstance(value, float) and value.is_integer() and is_whole_wanted(kind, name, value):
        raise error("R0302", message, span, f"this is {describe(value)}", help=WHOLE_HELP)
    raise error("R0401", message, span, f"this is {describe(value)}")


def disagreements(op: Op, span: Span | None) -> Iterator[CompileError]:
    """What is wrong between attributes that are each valid."""
    for problem in op.problems():
        message, _, help = problem.partition(": ")
        yield error("R0402", f"`{op.name}`: {message}", span, help=help or None)


def is_whole_wanted(kind: type[Op], name: str, value: float) -> bool:
    """Whether the attribute would take the value as a whole number."""
    try:
        return is_whole(attributes_of(kind)[name].metadata["kind"].accept(int(value)))
    except WrongValue:
        return False
