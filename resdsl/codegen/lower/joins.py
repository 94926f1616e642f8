"""Joins in class form: operands named before, and bodies run on the current tensor."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.channels import holding, size
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.labels import label
from resdsl.codegen.lower.values import SymbolicMap, SymbolicTensor
from resdsl.codegen.plan import AllItems, CallOp, SymbolicOp
from resdsl.expressions.nodes import Expr, ListOf, Literal
from resdsl.expressions.simplify import fold_binary
from resdsl.ir.graph import Instance
from resdsl.records import replace

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
    value = CallOp(op, tuple(t.ref for t in inputs), label(frame, step.name, environment))
    return lowering.bound(step, step.name, value, _joined(step, op, inputs), environment, variable)


def _operands(
    lowering: BodyLowering, operand: Expr, step: ir.JoinStep, environment: Environment
) -> list[SymbolicTensor]:
    """One tensor, or a list, which stands for its tensors."""
    if isinstance(operand, ListOf):
        return [t for o in operand.items for t in _operands(lowering, o, step, environment)]
    several = environment.tensors(operand)
    if several is None:
        return [lowering.tensor(operand, environment)]
    if step.kind.name == "concat" and isinstance(several, SymbolicMap):
        return [several.all()]
    if step.kind.name == "sub" and isinstance(several, SymbolicMap):
        # A difference has two sides, whatever the list is.
        return [several.item(Literal(0)), several.item(Literal(1))]
    if isinstance(several, SymbolicMap) and several.keyed:
        local = lowering.frame.locals.fresh(f"{several.name}_list")
        lowering.frame.bind(local, several.whole())
        several = replace(several, name=local, keyed=False)
    # Side by side they have the channels of all; otherwise each has those of the result.
    return [
        replace(t, channels=several.item(Literal(0)).channels)
        if isinstance(t.ref, AllItems) and isinstance(several, SymbolicMap)
        else t
        for t in several.tensors()
    ]


def _is_list(operand: Expr, environment: Environment) -> bool:
    return isinstance(operand, ListOf) or environment.tensors(operand) is not None


def _imagined(step: ir.JoinStep, inputs: Sequence[SymbolicTensor]) -> tuple[Instance, ...]:
    """An instance of a join in an arm that this network does not take."""
    if not all(t.types for t in inputs):
        raise beyond(
            f"`{step.kind.name}` of a list that this network never fills",
            step.span,
            help="label its items outside the `if`",
        )
    types = tuple(t.types[0] for t in inputs)
    if step.kind.name == "mul":
        return (Instance(types, max(types, key=lambda t: t.rank), step.kind()),)
    return (Instance(types, types[0], step.kind()),)


def _joined(step: ir.JoinStep, op: SymbolicOp, inputs: Sequence[SymbolicTensor]) -> SymbolicTensor:
    """The tensor that a join leaves, not bound yet."""
    first, example = inputs[0], op.instances[0]
    full = list(inputs)
    if not any(isinstance(t.ref, AllItems) for t in inputs):
        types = zip(inputs, example.inputs, strict=True)
        full = [t for t, type_ in types if type_.spatial == example.output.spatial] or [first]
    # Where a branch has a stride at all, what meets in it has the same: any that is known will do.
    strides = [t.stride for t in full if t.stride is not None]
    stride = min(strides, key=size, default=None)
    channels = full[0].channels
    if step.kind.name == "concat":
        channels = first.channels
        for tensor in inputs[1:]:
            channels = fold_binary("+", channels, tensor.channels)
    return SymbolicTensor(first.ref, channels, stride, tuple(i.output for i in op.instances))
