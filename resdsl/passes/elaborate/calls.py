"""Arguments of calls made concrete: operations bound, parameters of blocks checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import index
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Span, error
from resdsl.expressions.evaluate import Scope, describe, evaluate
from resdsl.expressions.run_time import unknown_size
from resdsl.expressions.values import is_number, is_whole, plain
from resdsl.ops import Op, OpError, Weight, attributes_of, required, tensors_of
from resdsl.ops.shapes import describe as shape_in_words
from resdsl.passes.attributes import WHOLE_HELP, accepted, disagreements
from resdsl.passes.elaborate.flows import one
from resdsl.passes.elaborate.values import Flow, Tensor
from resdsl.sizes import EndlessSize, Size, UnknownSize
from resdsl.types import TensorType

#: Entries of one tensor, or of one weight, for a single sample.
MAX_ENTRIES = 2**40


def bind_operation(
    kind: type[Op], values: dict[str, Any], spans: Mapping[str, Span], span: Span
) -> Op:
    """An operation with concrete attributes. Raises `CompileError` for a value that is not one."""
    known = attributes_of(kind)
    typed = {n: values[n].type for n in tensors_of(kind) if isinstance(values.get(n), Tensor)}
    concrete = {
        name: accepted(kind, name, value, spans.get(name, span))
        for name, value in {**values, **typed}.items()
    }
    missing = [n for n, f in known.items() if required(f) and n not in concrete]
    if missing:
        raise error(
            "R0207",
            f"`{kind.name}` lacks its argument `{missing[0]}`",
            span,
            help=f"`{missing[0]}` is the {known[missing[0]].metadata['doc']}",
        )
    bound = kind(**concrete)
    for failure in disagreements(bound, span):
        raise failure
    return bound


def inputs_of(kind: type[Op], values: Mapping[str, Any], current: Flow, span: Span) -> list[Tensor]:
    """The tensors that an operation works on: the current one, and those among its arguments."""
    named = [values[n] for n in tensors_of(kind) if isinstance(values.get(n), Tensor)]
    return [one(current, span), *named] if kind.takes_current else named


def infer(op: Op, inputs: Sequence[TensorType], span: Span) -> tuple[TensorType, ...]:
    """The types of an operation's results. Raises `CompileError` with the shapes on the way in."""
    try:
        results = op.infer_all(*inputs)
    except UnknownSize as unknown:
        raise unknown_size(
            f"`{op.name}` needs a number where this network has a size known at run time",
            unknown.size,
            span,
            f"{_inputs_in_words(inputs)}; it depends on `{unknown.size}`",
            help=NUMBER_HELP,
        ) from None
    except EndlessSize:
        message = f"`{op.name}` would leave a size that is too long an expression"
        raise error("R0312", message, span, _inputs_in_words(inputs)) from None
    except OpError as problem:
        raise error(
            "R0303",
            problem.message if problem.message.startswith("`") else f"`{op.name}`: {problem}",
            span,
            _inputs_in_words(inputs),
            help=problem.help,
        ) from None
    for result in results:
        entries = result.size
        if isinstance(entries, int) and entries > MAX_ENTRIES:
            raise error("R0312", f"`{op.name}` would leave {result}: too large a tensor", span)
    return results


#: What makes numbers of sizes known at run time.
NUMBER_HELP = (
    "`global_avg_pool` and `adaptive_avg_pool(7)` leave a known number of positions; or give the "
    "input numbers"
)


def weights_of(op: Op, x: TensorType, span: Span) -> tuple[Weight, ...]:
    """The weights of an operation on `x`. Raises where a shape is known at run time only."""
    try:
        weights = op.weights(x)
        # An operation may take a size of its input without looking at it.
        for weight in weights:
            list(map(index, weight.shape))
    except UnknownSize as unknown:
        raise unknown_size(
            f"`{op.name}` would have a weight whose shape is known at run time only",
            unknown.size,
            span,
            f"it depends on `{unknown.size}`",
            help=NUMBER_HELP,
        ) from None
    return weights


def _inputs_in_words(inputs: Sequence[TensorType]) -> str:
    shapes = " and ".join(map(shape_in_words, inputs[:4])) + (" ..." if len(inputs) > 4 else "")
    return f"the input is {shapes}" if len(inputs) == 1 else f"the inputs are {shapes}"


def complete_arguments(
    block: ir.Block,
    given: dict[str, Any],
    file: Scope,
    span: Span,
    spans: Mapping[str, Span] | None = None,
) -> dict[str, Any]:
    """All parameters of a block with values, in order. Raises for a missing or mistyped one."""
    values: dict[str, Any] = {}
    where = spans or {}
    for parameter in block.parameters:
        if parameter.name in given:
            value = given[parameter.name]
            _check_type(block, parameter, value, where.get(parameter.name, span))
        elif parameter.default is not None:
            value = evaluate(parameter.default, file)
            _check_type(block, parameter, value, parameter.span)
        else:
            raise error(
                "R0207",
                f"`{block.name}` lacks its argument `{parameter.name}`",
                span,
                help=ir.parameters_in_words(block),
            )
        values[parameter.name] = plain(value)
    return values


def _check_type(block: ir.Block, parameter: ir.Parameter, value: Any, span: Span) -> None:
    if _fits(parameter.type, value):
        return
    is_float = parameter.type == "int" and isinstance(value, float)
    raise error(
        "R0302" if is_float else "R0301",
        f"`{parameter.name}` of `{block.name}` is {_WORDS[str(parameter.type)]}, "
        f"not {describe(value)}",
        span,
        help=WHOLE_HELP if is_float else None,
    )


_WORDS = {
    "int": "a whole number",
    "number": "a number",
    "bool": "`true` or `false`",
    "text": "a text",
    "list": "a list",
    "block": "a block",
    "tensor": "a tensor",
    "tensors": "a list of tensors",
}


def _fits(wanted: str | None, value: Any) -> bool:
    match wanted:
        case "int":
            return is_whole(value) or isinstance(value, Size)
        case "number":
            return is_number(value) or isinstance(value, Size)
        case "bool":
            return isinstance(value, bool)
        case "text":
            return isinstance(value, str)
        case "list":
            return isinstance(plain(value), tuple)
        case "block":
            return value is None or isinstance(value, ir.BlockValue)
        case "tensor":
            return isinstance(value, Tensor)
        case "tensors":
            entries = plain(value)
            return isinstance(entries, tuple) and all(isinstance(t, Tensor) for t in entries)
        case _:
            return True
