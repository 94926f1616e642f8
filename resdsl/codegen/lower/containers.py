"""Container form: a plain chain as one sequence of layers, each numbered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.codegen.lower.branches import merged_channels, merged_stride
from resdsl.codegen.lower.calls import (
    Call,
    Operands,
    block_layer,
    channels_of,
    op_layer,
    resolve_call,
    stride_of,
    symbolic_op,
)
from resdsl.codegen.lower.channels import carrier, move
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.lower.loops import Rounds, carries, inside, moved_on, rounds_of
from resdsl.codegen.lower.values import SymbolicTensor, function
from resdsl.codegen.plan import (
    Assign,
    AssignLayer,
    BlockLayer,
    Gather,
    InitFor,
    InitIf,
    InitStatement,
    Layer,
    LocalLayer,
    NewLocalList,
    Repeat,
    SequenceLayer,
    SequenceOf,
)
from resdsl.diagnostics import Span
from resdsl.expressions.nodes import (
    Choice,
    Compare,
    Expr,
    Literal,
    Member,
    Name,
)
from resdsl.expressions.simplify import fold_binary, names_in
from resdsl.ops import Op
from resdsl.records import replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering

#: One item of a chain: its layer, and the tensor after it.
Item = tuple[Layer, SymbolicTensor]


def sequence(
    lowering: BodyLowering,
    body: ir.Body,
    environment: Environment,
    current: SymbolicTensor,
    local: str,
) -> Item:
    """A plain chain as one layer. `local` names the list where it needs loops or choices."""
    body, current = without_leading_from(lowering, body, environment, current)
    frame = lowering.frame
    start = len(frame.init)
    items: list[Layer] = []
    plain = ir.OpStep | ir.CallStep | ir.StageStep | ir.InputStep | ir.OutputStep
    if all(isinstance(s, plain) for s in body):
        tensor = current
        for statement in body:
            made = item(lowering, statement, environment, tensor)
            if made is None:
                continue
            layer, tensor = made
            if isinstance(tensor.channels, Member):
                break
            items.append(layer)
        else:
            return SequenceLayer(tuple(items)), tensor
        del frame.init[start:]
    name = frame.names.fresh(local)
    frame.init.append(NewLocalList(name))
    after = gather(lowering, body, environment, current, name)
    return SequenceOf(name, not _gathers(frame.init[start:])), after


def _gathers(statements: Sequence[InitStatement]) -> bool:
    """Whether a layer comes into the list, whatever the conditions; loops have rounds."""
    for statement in statements:
        match statement:
            case Gather():
                return True
            case InitFor(body=body) if _gathers(body):
                return True
            case InitIf(then=then, otherwise=otherwise) if _gathers(then) and _gathers(otherwise):
                return True
    return False


def without_leading_from(
    lowering: BodyLowering, body: ir.Body, environment: Environment, current: SymbolicTensor
) -> tuple[ir.Body, SymbolicTensor]:
    """A chain that begins with `from` runs on that tensor."""
    if body and isinstance(body[0], ir.FromStep):
        return body[1:], lowering.tensor(body[0].source, environment)
    return body, current


def gather(
    lowering: BodyLowering,
    body: ir.Body,
    environment: Environment,
    current: SymbolicTensor,
    local: str,
) -> SymbolicTensor:
    """Append the layers of a chain to a local list."""
    frame = lowering.frame
    for statement in body:
        match statement:
            case ir.ForStep():
                current = _gather_loop(lowering, statement, environment, current, local)
            case ir.IfStep():
                current = _gather_if(lowering, statement, environment, current, local)
            case ir.Let() | ir.Expectation():
                lowering.statement(statement, environment, current, "x")
            case _:
                made = item(lowering, statement, environment, current)
                if made is None:
                    continue
                layer, after = made
                if isinstance(after.channels, Member):
                    frame.init.append(AssignLayer("layer", layer))
                    layer = LocalLayer("layer")
                frame.init.append(Gather(local, layer))
                if isinstance(after.channels, Member):
                    variable = carrier(frame, current.channels)
                    move(frame, variable, after.channels)
                    after = replace(after, channels=variable)
                current = after
    return current


def _gather_loop(
    lowering: BodyLowering,
    step: ir.ForStep,
    environment: Environment,
    current: SymbolicTensor,
    local: str,
) -> SymbolicTensor:
    frame = lowering.frame
    rounds = rounds_of(step, environment, frame)

    def body(start: SymbolicTensor, scope: Environment) -> SymbolicTensor:
        return gather(lowering, step.body, scope, start, local)

    if carries(frame, step, rounds, environment, current, body):
        current = replace(current, channels=carrier(frame, current.channels))
    with inside(frame, rounds, environment) as (scope, targets, index):
        with frame.aside() as (init, _):
            after = body(current, scope)
            moved_on(frame, current, after)
        counts = None if targets == (index,) else index
        frame.init.append(InitFor(targets, rounds.iterable, counts, tuple(init)))
    stride = current.stride if after.stride == current.stride else None
    return replace(after, channels=current.channels, stride=stride)


def _gather_if(
    lowering: BodyLowering,
    step: ir.IfStep,
    environment: Environment,
    current: SymbolicTensor,
    local: str,
) -> SymbolicTensor:
    frame = lowering.frame
    condition = environment.simplify(step.condition)
    if isinstance(condition, Literal):
        arm = step.then if condition.value is True else step.otherwise
        return gather(lowering, arm, environment.nested({}), current, local)
    arms, results = [], []
    for body in (step.then, step.otherwise):
        with frame.aside() as (init, _):
            results.append(gather(lowering, body, environment.nested({}), current, local))
            arms.append(init)
    first, second = results
    channels = merged_channels(condition, first.channels, second.channels)
    if isinstance(channels, Choice):
        # No form covers both arms: each says what it leaves.
        channels = carrier(frame, current.channels)
        for init, result in zip(arms, results, strict=True):
            if result.channels != channels:
                init.append(Assign(channels.id, result.channels))
    if arms[0] or arms[1]:
        frame.init.append(InitIf(condition, tuple(arms[0]), tuple(arms[1])))
    stride = merged_stride(condition, first.stride, second.stride)
    return SymbolicTensor(current.ref, channels, stride, first.types + second.types)


def item(
    lowering: BodyLowering,
    statement: ir.Statement,
    environment: Environment,
    current: SymbolicTensor,
) -> Item | None:
    """One item of a chain as a layer; `None` for what makes no layer."""
    match statement:
        case ir.InputStep():
            return None
        case ir.OpStep():
            arguments = {k: environment.simplify(v) for k, v in statement.arguments.items()}
            return _operation(lowering, statement, statement.kind, arguments, current)
        case ir.CallStep():
            return _called(lowering, statement, _known_call(statement, environment), current)
        case ir.StageStep():
            return stage_layer(lowering, statement, environment, current)
        case ir.OutputStep(values=()):
            return None
        case ir.AgainStep():
            raise beyond(
                "`again` in a chain",
                statement.span,
                "label an item of the chain, so that it becomes a class",
            )
        case _:
            raise beyond("this statement in a chain", statement.span)


def _known_call(step: ir.CallStep, environment: Environment) -> Call:
    call = resolve_call(step, environment)
    if not isinstance(call, Call):
        raise beyond(
            "this choice of a block in a chain", step.span, "choose between two calls with `if`"
        )
    return call


def _called(lowering: BodyLowering, step: ir.CallStep, call: Call, current: SymbolicTensor) -> Item:
    frame = lowering.frame
    if isinstance(call.target, ir.Operation):
        return _operation(lowering, step, call.target.kind, call.arguments, current)
    check_alone(call, step.span)
    layer = block_layer(call, current, frame, step.span, frame.instances(step))
    check_one_result(layer, step.span)
    channels = channels_of(layer) or Member(Name("layer"), "out_channels")
    types = frame.types_after(step, current.types)
    stride = frame.product(current.stride, stride_of(layer))
    return layer, SymbolicTensor(current.ref, channels, stride, types)


def check_alone(call: Call, span: Span) -> None:
    """Raise for a call in a sequence that hands over more than the current tensor."""
    if call.tensors:
        raise beyond(
            "a block in a chain or stage that is handed tensors",
            span,
            "label it, so that the chain becomes a class, or write the stage as a loop",
        )


def check_one_result(layer: BlockLayer, span: Span) -> None:
    """Raise for a block with several results in a sequence."""
    if layer.plan.results:
        raise beyond("a block with several results in a chain", span, "label it")


def _operation(
    lowering: BodyLowering,
    step: ir.OpStep | ir.CallStep,
    kind: type[Op],
    arguments: dict[str, Expr],
    current: SymbolicTensor,
) -> Item:
    if not kind.takes_current:
        raise beyond(f"`{kind.name}` in a chain", step.span, "it works on tensors of the body")
    inputs = Operands.of(kind, current, {})
    op = symbolic_op(kind, arguments, lowering.frame.instances(step), inputs, step.span)
    return op_layer(op, current, lowering.frame), lowering.after(op, inputs, step.span)


# ---- stages --------------------------------------------------------------------------------------


def stage_layer(
    lowering: BodyLowering, step: ir.StageStep, environment: Environment, current: SymbolicTensor
) -> Item:
    """A stage: a comprehension where all blocks but the first are alike, else a loop."""
    frame = lowering.frame
    count = environment.simplify(step.count)
    types = frame.types_after(step, current.types)
    if not _mentions_place(step.call):
        call = resolve_call(step.call, environment)
        if isinstance(call, Call) and isinstance(call.target, ir.Block):
            made = _alike(frame, step, call, count, current)
            if made is not None:
                layer, after = made
                return layer, replace(after, types=types)
    return _stage_loop(lowering, step, environment, count, current)


def _mentions_place(call: ir.CallStep) -> bool:
    used = names_in((*call.positional, *call.arguments.values()))
    return bool(used & {"index", "first", "last"})


def _later(call: Call) -> Call:
    """The call of the blocks after the first: the stage's stride was the first's."""
    if "stride" not in call.own:
        return call
    return replace(call, arguments=call.arguments | {"stride": Literal(1)})


def _alike(
    frame: ClassFrame, step: ir.StageStep, call: Call, count: Expr, current: SymbolicTensor
) -> Item | None:
    check_alone(call, step.span)
    made = frame.instances(step.call)
    per_stage = max(len(made) // max(len(frame.instances(step)), 1), 1)
    firsts, later = made[::per_stage], tuple(i for n, i in enumerate(made) if n % per_stage)
    first = block_layer(call, current, frame, step.span, firsts)
    check_one_result(first, step.span)
    channels = channels_of(first)
    if channels is None or "in_channels" in names_in(first.plan.channels):
        return None
    between = replace(current, channels=channels)
    rest = block_layer(_later(call), between, frame, step.span, later or firsts)
    if channels_of(rest) != channels:
        return None
    stride = frame.product(current.stride, stride_of(first))
    if stride_of(rest) != Literal(1):
        stride = None
    after = SymbolicTensor(current.ref, channels, stride, current.types)
    if _given(first) == _given(rest):
        return SequenceLayer((Repeat(rest, count),)), after
    remaining = fold_binary("-", count, Literal(1))
    if remaining == Literal(0):
        return SequenceLayer((first,)), after
    return SequenceLayer((first, Repeat(rest, remaining))), after


def _given(layer: BlockLayer) -> tuple[Expr, Expr | None, dict[str, Expr]]:
    """What a layer is given: channels, size, and arguments that differ from the defaults."""
    defaults = {p.name: p.default for p in layer.plan.parameters}
    arguments = {k: v for k, v in layer.arguments.items() if v != defaults.get(k)}
    return layer.in_channels, layer.in_size, arguments


def _stage_loop(
    lowering: BodyLowering,
    step: ir.StageStep,
    environment: Environment,
    count: Expr,
    current: SymbolicTensor,
) -> Item:
    frame = lowering.frame
    name = step.name.text if isinstance(step.name, ir.Fixed) else "stage"
    local = frame.names.fresh(name if name != "layer" else "layers")
    frame.init.append(NewLocalList(local))
    rounds = Rounds(("index",), function("range", count))
    variable = carrier(frame, current.channels)
    start = replace(current, channels=variable)
    with inside(frame, rounds, environment) as (scope, targets, index):
        with frame.aside() as (init, _):
            call = _strided_first(_known_call(step.call, scope), Name(index))
            layer, after = _called(lowering, step.call, call, start)
            if isinstance(after.channels, Member):
                init.append(AssignLayer("layer", layer))
                layer = LocalLayer("layer")
            init.append(Gather(local, layer))
            move(frame, variable, after.channels)
        frame.init.append(InitFor(targets, rounds.iterable, None, tuple(init)))
    types = frame.types_after(step, current.types)
    stride = current.stride if after.stride == current.stride else None
    return SequenceOf(local), SymbolicTensor(current.ref, variable, stride, types)


def _strided_first(call: Call, index: Name) -> Call:
    """In a loop, the stage's stride is the first round's: `stride if index == 0 else 1`."""
    stride = call.arguments.get("stride", Literal(1))
    if "stride" not in call.own or stride == Literal(1):
        return call
    first = Compare((index, Literal(0)), ("==",))
    placed = Choice(stride, first, Literal(1))
    return replace(call, arguments=call.arguments | {"stride": placed})
