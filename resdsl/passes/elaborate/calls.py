"""Arguments of calls made concrete: operations bound, parameters of blocks checked."""

from __future__ import annotations

from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.evaluate import Scope, describe, evaluate
from resdsl.expressions.functions import is_number, is_whole
from resdsl.ir.graph import Frame
from resdsl.ops import Op, OpError, WrongValue, attributes_of, required
from resdsl.passes.elaborate.values import Tensor, TensorList
from resdsl.types import TensorType


def bind_operation(
    kind: type[Op], values: dict[str, Any], spans: dict[str, Span], span: Span
) -> Op:
    """An operation with concrete attributes. Raises `CompileError` for a value that is not one."""
    known = attributes_of(kind)
    accepted = {}
    for name, value in values.items():
        try:
            accepted[name] = known[name].metadata["kind"].accept(value)
        except WrongValue as problem:
            code = "R0302" if isinstance(value, float) and value == int(value) else "R0401"
            raise error(
                code,
                f"`{name}` of `{kind.name}` {problem}",
                spans.get(name, span),
                f"this is {describe(value)}",
                help="write `int(…)` or `//` for a whole number" if code == "R0302" else None,
            ) from None
    missing = [n for n, f in known.items() if required(f) and n not in accepted]
    if missing:
        raise error("R0207", f"`{kind.name}` lacks its argument `{missing[0]}`", span)
    bound = kind(**accepted)
    for problem in bound.problems():
        raise error("R0402", f"`{kind.name}`: {problem}", span)
    return bound


def infer(op: Op, inputs: list[TensorType], span: Span, frame: Frame | None) -> TensorType:
    """The type of an operation's result. Raises `CompileError` with the shapes on the way in."""
    try:
        result = op.infer(*inputs)
    except OpError as problem:
        shapes = " and ".join(str(t) for t in inputs)
        raise error(
            "R0303",
            f"`{op.name}`: {problem.message}",
            span,
            f"on an input of {shapes}" if len(inputs) == 1 else f"on inputs of {shapes}",
            notes=chain_notes(frame),
            help=problem.help,
        ) from None
    if result.size > 2**40:
        raise error("R0312", f"`{op.name}` would leave {result}, too large a tensor", span)
    return result


def chain_notes(frame: Frame | None) -> list[str]:
    """The calls that led to a place, innermost first."""
    if frame is None:
        return []
    return [f"in `{f.text}`, called from {f.span}" for f in frame.chain()]


def call_text(name: str, arguments: dict[str, Any]) -> str:
    """A call as an author would write it, for messages."""

    def show(value: Any) -> str:
        if isinstance(value, bool):
            return str(value).lower()
        if value is None:
            return "none"
        if isinstance(value, tuple):
            return "[" + ", ".join(map(show, value)) + "]"
        if isinstance(value, str):
            return f'"{value}"'
        target = getattr(value, "target", None)
        return str(target.name) if target is not None else str(value)

    shown = [f"{k} = {show(v)}" for k, v in arguments.items() if not isinstance(v, Tensor)]
    return f"{name}({', '.join(shown)})" if shown else name


def complete_arguments(
    block: ir.Block, given: dict[str, Any], file: Scope, span: Span
) -> dict[str, Any]:
    """All parameters of a block with values, in order. Raises for a missing or mistyped one."""
    values: dict[str, Any] = {}
    for parameter in block.parameters:
        if parameter.name in given:
            values[parameter.name] = given[parameter.name]
        elif parameter.default is not None:
            values[parameter.name] = evaluate(parameter.default, file)
        else:
            raise error(
                "R0207",
                f"`{block.name}` lacks its argument `{parameter.name}`",
                span,
                help="its parameters are " + ", ".join(f"`{n}`" for n in block.parameter_names),
            )
        _check_type(block, parameter, values[parameter.name], span)
    return values


def _check_type(block: ir.Block, parameter: ir.Parameter, value: Any, span: Span) -> None:
    wanted = parameter.type
    fits = {
        "int": is_whole(value),
        "number": is_number(value),
        "bool": isinstance(value, bool),
        "text": isinstance(value, str),
        "list": isinstance(value, tuple),
        "block": value is None or isinstance(value, ir.BlockValue),
        "tensor": isinstance(value, Tensor),
        "tensors": isinstance(value, TensorList | tuple),
        None: True,
    }[wanted]
    if fits:
        return
    code = "R0302" if wanted == "int" and isinstance(value, float) else "R0301"
    raise error(
        code,
        f"`{parameter.name}` of `{block.name}` is {_article(wanted)}, not {describe(value)}",
        span,
        help="write `int(…)` or `//` for a whole number" if code == "R0302" else None,
    )


def _article(wanted: str | None) -> str:
    words = {"int": "a whole number", "tensors": "a list of tensors"}
    return words.get(str(wanted), f"a {wanted}")


__all__ = ["CompileError", "bind_operation", "call_text", "chain_notes", "complete_arguments"]
