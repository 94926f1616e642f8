"""What flows through a body where a step wants it: one tensor, a list, the results at an end."""

from __future__ import annotations

from typing import Any

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.diagnostics.near import clipped
from resdsl.expressions.evaluate import describe, evaluate
from resdsl.expressions.nodes import Expr, Index, Input, Member, Name
from resdsl.passes.elaborate.scope import Context
from resdsl.passes.elaborate.values import Flow, Results, Tensor, TensorList, list_of, tensors_of


def one(flow: Flow, span: Span | None) -> Tensor:
    """The current tensor. Raises where there are several."""
    if isinstance(flow, Tensor):
        return flow
    raise error(
        "R0301",
        f"one tensor is wanted here, and what comes along is {flow.in_words()}",
        span,
        help=f"`from {_first_of(flow)}` takes one up" if flow.name else "`from` takes one up",
    )


def _first_of(flow: Results | TensorList) -> str:
    """The first tensor as an author writes it."""
    if isinstance(flow, Results) and flow.entries:
        first = next(iter(flow.entries))
        # `output(parts[0], …)` names a result `parts.0`, which is no name to write.
        if "." not in first:
            return f"{flow.name}.{first}"
    return f"{flow.name}[0]"


def flow_of(expression: Expr, context: Context) -> Flow:
    """The tensors that an expression names."""
    value = evaluate(expression, context.scope)
    if isinstance(value, Tensor | TensorList | Results):
        return value
    if isinstance(value, tuple) and value and all(isinstance(v, Tensor) for v in value):
        context.scope.tick(expression.span, len(value))
        return list_of(expression.id if isinstance(expression, Name) else "", value)
    raise error(
        "R0301",
        f"a tensor is wanted here, and this is {describe(value)}",
        expression.span,
        help=_not_a_tensor(value),
    )


def _not_a_tensor(value: Any) -> str | None:
    if isinstance(value, ir.BlockValue):
        return (
            "to run it on the current tensor, write it as a body, `{ … }`; an earlier result is "
            "named by its label, `skip: …`"
        )
    return None


def tensor_of(expression: Expr, context: Context) -> Tensor:
    """The one tensor that an expression names."""
    flow = flow_of(expression, context)
    if isinstance(flow, Tensor):
        return flow
    raise error("R0301", "one tensor is wanted here, and this is a list", expression.span)


# ---- ends ----------------------------------------------------------------------------------------


def results_of(step: ir.OutputStep, context: Context, current: Flow) -> Flow:
    """What `output(…)` ends a body with."""
    if not step.values:
        return current
    flows = [flow_of(value, context) for value in step.values]
    if len(flows) == 1:
        return flows[0]
    entries: dict[str, Tensor | TensorList] = {}
    for value, flow in zip(step.values, flows, strict=True):
        name = _result_name(value, context)
        if name in entries:
            raise _twice(name, value)
        entries[name] = list_of(name, tensors_of(flow)) if isinstance(flow, Results) else flow
    return Results("", entries)


def _result_name(value: Expr, context: Context) -> str:
    """What a caller knows a result by: its label, or what it was called where it came from."""
    match value:
        case Name(id=name) | Member(name=name):
            return name
        case Index(base=base, index=index):
            number = evaluate(index, context.scope)
            if number < 0:
                number += len(tensors_of(flow_of(base, context)))
            return f"{_result_name(base, context)}.{number}"
        case Input():
            return "in"
        case _:
            raise error(
                "R0229",
                "this result has no name",
                value.span,
                help="label it before, and name the label here",
            )


def _twice(name: str, value: Expr) -> CompileError:
    return error(
        "R0229",
        f"two results are called `{clipped(name)}`",
        value.span,
        help="`other: identity` gives the current tensor another name",
    )


def labels_of(flow: Flow) -> list[str]:
    """The names of a model's outputs: labels, and `label.0`, `label.1` for the entries of lists."""
    match flow:
        case Tensor():
            return ["output"]
        case TensorList(name=name):
            stem = name or "output"
            return [f"{stem}.{i}" for i in range(len(flow.as_list()))]
        case Results(name=name, entries=entries):
            found: list[str] = []
            for key, entry in entries.items():
                path = f"{name}.{key}" if name else key
                inner = range(len(tensors_of(entry)))
                found += [path] if isinstance(entry, Tensor) else [f"{path}.{i}" for i in inner]
            return found
