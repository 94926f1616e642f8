"""Joins in class form: operands named before, and bodies run on the current tensor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.channels import holding
from resdsl.codegen.lower.environment import Environment
from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor
from resdsl.codegen.plan import CallOp, SymbolicOp
from resdsl.expressions.nodes import Expr, ListOf, Name
from resdsl.expressions.simplify import fold_binary
from resdsl.ir.graph import Instance

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering


def join(
    lowering: BodyLowering,
    step: ir.JoinStep,
    environment: Environment,
    current: SymbolicTensor,
    variable: str,
) -> SymbolicTensor:
    """`add`, `sub`, `mul` or `concat`; one operand alone joins the current tensor."""
    frame = lowering.frame
    inputs = [t for o in step.operands for t in _operands(lowering, o, step, environment)]
    one = len(step.operands) + len(step.bodies) == 1
    if one and not any(_is_list(o, environment) for o in step.operands):
        inputs.insert(0, current)
    with ExitStack() as branches:
        branches.enter_context(holding(frame, current, *inputs))
        # Each result lives until the join, so each body has a variable of its own.
        for body in step.bodies:
            inner = branches.enter_context(frame.branch_variable())
            inputs.append(lowering.run(body, environment.nested({}), current, inner))
            branches.enter_context(holding(frame, inputs[-1]))
    op = SymbolicOp(step.kind, {}, frame.instances(step) or _imagined(step, inputs))
    value = CallOp(op, tuple(t.ref for t in inputs))
    return lowering.bound(step, step.name, value, _joined(step, op, inputs), environment, variable)


def _operands(
    lowering: BodyLowering, operand: Expr, step: ir.JoinStep, environment: Environment
) -> list[SymbolicTensor]:
    """One tensor, or a list, which stands for its tensors."""
    if isinstance(operand, ListOf):
        return [t for o in operand.items for t in _operands(lowering, o, step, environment)]
    whole = environment.get(operand.id) if isinstance(operand, Name) else None
    if isinstance(whole, SymbolicMap) and not whole.keyed and step.kind.name == "concat":
        return [whole.all()]
    return [lowering.tensor(operand, environment)]


def _is_list(operand: Expr, environment: Environment) -> bool:
    if isinstance(operand, Name):
        return isinstance(environment.get(operand.id), SymbolicMap)
    return isinstance(operand, ListOf)


def _imagined(step: ir.JoinStep, inputs: Sequence[SymbolicTensor]) -> tuple[Instance, ...]:
    """An instance of a join in an arm that this network does not take."""
    types = tuple(t.types[0] for t in inputs)
    return (Instance(types, types[0], step.kind()),)


def _joined(step: ir.JoinStep, op: SymbolicOp, inputs: Sequence[SymbolicTensor]) -> SymbolicTensor:
    """The tensor that a join leaves, not bound yet."""
    first, example = inputs[0], op.instances[0]
    # A list is one operand here and several inputs there, so that it has no stride either.
    full = [
        t
        for t, type_ in zip(inputs, example.inputs, strict=False)
        if type_.spatial == example.output.spatial
    ] or [first]
    stride = full[0].stride if all(t.stride == full[0].stride for t in full) else None
    channels = full[0].channels
    if step.kind.name == "concat":
        channels = first.channels
        for tensor in inputs[1:]:
            channels = fold_binary("+", channels, tensor.channels)
    return SymbolicTensor(first.ref, channels, stride, tuple(i.output for i in op.instances))
