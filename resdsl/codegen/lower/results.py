"""Several results: what a class returns together, how its callers take it apart, and `split`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.calls import Call, call_of, over_caller
from resdsl.codegen.lower.channels import settled, snapshot
from resdsl.codegen.lower.environment import Environment, Item, Layered, beyond
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.lower.labels import label
from resdsl.codegen.lower.values import (
    SymbolicMap,
    SymbolicResults,
    SymbolicTensor,
    Variable,
    flowing,
    function,
)
from resdsl.codegen.plan import (
    BlockLayer,
    CallLayer,
    CallOp,
    ForwardExpr,
    Result,
    Store,
    SymbolicOp,
    Together,
    Unpack,
)
from resdsl.expressions.nodes import (
    Binary,
    Expr,
    Index,
    Input,
    ListOf,
    Literal,
    Member,
    Name,
)
from resdsl.ops.shape import equal_part
from resdsl.records import replace
from resdsl.types import TensorType

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering

Several = SymbolicMap | SymbolicResults

# ---- what a class returns ------------------------------------------------------------------------


def output(
    lowering: BodyLowering, step: ir.OutputStep, environment: Environment, current: SymbolicTensor
) -> SymbolicTensor:
    """What `output(…)` ends a body with."""
    if not step.values:
        return current
    flows = [_flow(lowering, value, environment) for value in step.values]
    if len(flows) == 1:
        (flow,) = flows
        return flow if isinstance(flow, SymbolicTensor) else flowing(flow)
    names = tuple(_result_name(value, environment) for value in step.values)
    entries: list[SymbolicTensor | SymbolicMap] = []
    for flow, value in zip(flows, step.values, strict=True):
        if not isinstance(flow, SymbolicResults):
            entries.append(flow)
        elif lowering.frame.plan.is_model:
            entries += flow.entries
        else:
            raise beyond(
                "the results of a block as one of several results",
                value.span,
                "name those that are wanted",
            )
    return flowing(SymbolicResults(tuple(entries), names))


def _flow(
    lowering: BodyLowering, value: Expr, environment: Environment
) -> SymbolicTensor | Several:
    several = environment.tensors(value)
    return lowering.tensor(value, environment) if several is None else several


def _result_name(value: Expr, environment: Environment) -> str:
    match value:
        case Name(id=name) | Member(name=name):
            return name
        case Index(base=base, index=index):
            number = getattr(environment.simplify(index), "value", "")
            if isinstance(number, int) and number < 0:
                several = environment.tensors(base)
                length = getattr(several.length() if several else None, "value", None)
                number = f"end{-number}" if length is None else number + length
            return f"{_result_name(base, environment)}.{number}"
        case _:
            assert isinstance(value, Input)
            return "in"


def returned(frame: ClassFrame, result: SymbolicTensor) -> ForwardExpr:
    """What `forward` returns; a model's outputs stand side by side, lists taken apart."""
    several = result.several
    if not isinstance(several, SymbolicResults) or not several.names:
        return result.ref
    if frame.plan.is_model:
        return Together(tuple(tensor.ref for tensor in several.tensors()))
    parts = (e.whole() if isinstance(e, SymbolicMap) else e.ref for e in several.entries)
    return Together(tuple(parts))


def close_several(frame: ClassFrame, several: Several) -> None:
    """Say what a class with several results leaves."""
    plan = frame.plan
    if plan.is_model:
        return
    if plan.calls_itself:
        raise beyond(
            "a block with several results that calls itself",
            frame.specialization.block.span,
            "let it leave one tensor, and the others as parameters",
        )
    if isinstance(several, SymbolicResults) and several.names:
        entries = several.entries
        plan.results = tuple(
            _result(frame, name, entry) for name, entry in zip(several.names, entries, strict=True)
        )
        channels: Expr = ListOf(tuple(_channels(entry) for entry in entries))
    else:
        plan.results = (_result(frame, "", several),)
        channels = several.list_of_channels()
    asked = any(result.channels is None and result.each is None for result in plan.results)
    if asked:
        frame.init.append(Store("out_channels", channels))


def _channels(entry: SymbolicTensor | Several) -> Expr:
    return entry.channels if isinstance(entry, SymbolicTensor) else entry.list_of_channels()


def _result(frame: ClassFrame, name: str, entry: SymbolicTensor | Several) -> Result:
    def closed(expression: Expr | None) -> Expr | None:
        return None if expression is None else frame.closed(expression)

    if isinstance(entry, SymbolicTensor):
        return Result(name, False, closed(entry.channels), closed(entry.stride))
    each = closed(entry.each) if isinstance(entry, SymbolicMap) else None
    stride = closed(entry.stride) if isinstance(entry, SymbolicMap) else None
    channels = closed(entry.list_of_channels())
    return Result(name, True, channels, stride, each, closed(entry.length()))


# ---- what a caller makes of it -------------------------------------------------------------------


def block_with_results(
    lowering: BodyLowering,
    step: ir.CallStep,
    call: Call,
    layer: BlockLayer,
    environment: Environment,
    current: SymbolicTensor,
) -> SymbolicTensor:
    """A call of a block that leaves a list, or several tensors."""
    frame = lowering.frame
    home = frame.home(step.name, environment, step.span)
    made = Layered(layer, lowering.keep_asked(home, layer, asked=_is_asked(layer)))
    value = call_of(home, layer, call, current, frame)
    if isinstance(step.name, ir.Fixed):
        environment.items[step.name.text] = Item(value, None, results=made)
    several = taken_apart(lowering, step, made, value, current)
    label_several(lowering, step.name, several, environment)
    return flowing(several)


def _is_asked(layer: BlockLayer) -> bool:
    return any(r.channels is None and r.each is None for r in layer.plan.results)


def taken_apart(
    lowering: BodyLowering,
    step: ir.CallStep | ir.AgainStep,
    made: Layered,
    value: CallLayer,
    current: SymbolicTensor,
) -> Several:
    """The results of a call as variables."""
    frame, layer, plan = lowering.frame, made.layer, made.layer.plan
    types = frame.all_types_after(step, current.types)
    asked = Member(made.owner, "out_channels")
    label = step.name.text if isinstance(step.name, ir.Fixed) else "results"
    if plan.returns_list:
        (result,) = plan.results
        local = frame.tap(label, is_list=True) if label != "results" else frame.locals.fresh(label)
        frame.bind(local, value)
        return _as_map(result, local, asked, layer, current, types)
    entries: list[SymbolicTensor | SymbolicMap] = []
    locals_ = [frame.locals.fresh(_variable(result.name)) for result in plan.results]
    frame.forward.append(Unpack(tuple(locals_), value))
    for number, (result, local) in enumerate(zip(plan.results, locals_, strict=True)):
        own = Index(asked, Literal(number))
        if result.is_list:
            entries.append(_as_map(result, local, own, layer, current, types))
            continue
        channels = own if result.channels is None else over_caller(result.channels, layer)
        stride = None if result.stride is None else over_caller(result.stride, layer)
        stride = frame.product(current.stride, stride)
        entries.append(SymbolicTensor(Variable(local), channels, stride, types))
    return SymbolicResults(tuple(entries), tuple(result.name for result in plan.results))


def _variable(name: str) -> str:
    return name.replace(".", "_")


def _as_map(
    result: Result,
    local: str,
    asked: Expr,
    layer: BlockLayer,
    current: SymbolicTensor,
    types: tuple[TensorType, ...],
) -> SymbolicMap:
    def over(expression: Expr | None) -> Expr | None:
        return None if expression is None else over_caller(expression, layer)

    channels = over(result.channels) or asked
    return SymbolicMap(local, channels, types, each=over(result.each), count=over(result.count))


def label_several(
    lowering: BodyLowering, name: ir.ItemName, several: Several, environment: Environment
) -> None:
    """Let a label name several tensors."""
    if not isinstance(name, ir.Fixed):
        return
    frame = lowering.frame
    if isinstance(several, SymbolicMap):
        kept = snapshot(frame, several.channels, f"{name.text}_channels")
        several = replace(several, channels=kept)
    environment.labels[name.text] = several


# ---- split ---------------------------------------------------------------------------------------


def split(
    lowering: BodyLowering,
    step: ir.OpStep | ir.CallStep,
    op: SymbolicOp,
    environment: Environment,
    current: SymbolicTensor,
) -> SymbolicTensor:
    """The channels in parts, under the label."""
    frame = lowering.frame
    if not isinstance(step.name, ir.Fixed):
        raise beyond("a list of tensors without a label", step.span)
    local = frame.tap(step.name.text, is_list=True)
    named = label(frame, step.name, environment)
    frame.bind(local, CallOp(settled(frame, op), (current.ref,), named))
    several = _parts(op, local, current, frame.all_types_after(step, current.types))
    label_several(lowering, step.name, several, environment)
    return flowing(several)


def _parts(
    op: SymbolicOp, local: str, current: SymbolicTensor, types: tuple[TensorType, ...]
) -> SymbolicMap:
    parts = op.attributes["parts"]
    stride = current.stride
    if op.forms("parts") == {tuple}:
        count = Literal(len(parts.items)) if isinstance(parts, ListOf) else function("len", parts)
        return SymbolicMap(local, parts, types, count=count, stride=stride, foreign=True)
    if op.forms("parts") != {int}:
        raise beyond("a `split` into a number of parts here and a list there", op.span)
    each = equal_part(current.channels, parts)
    channels = Binary("*", ListOf((each,)), parts)
    return SymbolicMap(local, channels, types, each=each, count=parts, stride=stride, foreign=True)
