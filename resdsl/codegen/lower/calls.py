"""Operations and calls in symbolic form: attributes, channels, strides, instances of classes."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index
from typing import Any

from resdsl import ir
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.lower.sizes import size_seen
from resdsl.codegen.lower.values import SymbolicMap, SymbolicResults, SymbolicTensor
from resdsl.codegen.plan import BlockLayer, CallLayer, Home, OpLayer, SymbolicOp
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.evaluate import evaluate
from resdsl.expressions.nodes import Apply, Choice, Constant, Expr, ListOf, Literal, Name
from resdsl.expressions.simplify import is_literal, literal, simplify, value_of
from resdsl.ir.graph import Instance, Specialization
from resdsl.ops import Initializer, Op, OpError, attributes_of, required, tensors_of
from resdsl.passes.attributes import accepted
from resdsl.passes.resolve.file_names import InitializerFunction
from resdsl.records import dataclass
from resdsl.sizes import UnknownSize
from resdsl.types import TensorType

#: What may be handed to a block beside the current tensor.
Tensors = SymbolicTensor | SymbolicMap | SymbolicResults


@dataclass(frozen=True, slots=True)
class Operands:
    """The tensors that an operation works on: the current one, unless it does without, and those
    that its arguments name."""

    tensors: tuple[SymbolicTensor, ...]
    named: dict[str, SymbolicTensor]

    @classmethod
    def of(
        cls, kind: type[Op], current: SymbolicTensor, named: dict[str, SymbolicTensor]
    ) -> Operands:
        """The operands of an operation of a kind."""
        first = (current,) if kind.takes_current else ()
        return cls((*first, *(named[n] for n in tensors_of(kind) if n in named)), named)


@dataclass(frozen=True, slots=True)
class Call:
    """A call with its callee known: an operation or a block, and symbolic arguments by name.

    `own` are those that the author gave in this call itself, for a stage's stride; `tensors` are
    handed to the forward pass."""

    target: ir.Block | ir.Operation
    arguments: dict[str, Expr]
    own: frozenset[str]
    tensors: Mapping[str, Tensors]


def resolve_call(step: ir.CallStep, environment: Environment) -> Call | Choice | None:
    """What a step calls, with its arguments; a `Choice` where only the generated code knows."""
    value = environment.block_value(step.callee)
    if value is None or isinstance(value, Choice):
        return value
    return bind_call(value, step, environment)


def bind_call(value: Any, step: ir.CallStep, environment: Environment) -> Call:
    """The arguments of a call of `value`."""
    given: dict[str, Expr | Tensors] = {name: literal(v) for name, v in value.arguments}
    positional = [argument(e, environment) for e in step.positional]
    keywords = {k: argument(e, environment) for k, e in step.arguments.items()}
    bound = ir.bind(value.target, given, positional, keywords, step.span)
    own = frozenset(keywords) | (frozenset(bound) - frozenset(given))
    tensors = {name: v for name, v in bound.items() if isinstance(v, Tensors)}
    rest = {name: v for name, v in bound.items() if name not in tensors}
    return Call(value.target, rest, own, tensors)


def argument(expression: Expr, environment: Environment) -> Expr | Tensors:
    """An argument over the generated code's names; block values are known values."""
    tensors = environment.tensor(expression) or environment.tensors(expression)
    if tensors is not None:
        return tensors
    if environment.is_block(expression):
        return Constant(environment.block_value(expression), expression.span)
    return environment.simplify(expression)


# ---- operations ----------------------------------------------------------------------------------


def symbolic_op(
    kind: type[Op],
    arguments: dict[str, Expr],
    instances: tuple[Instance, ...],
    inputs: Operands,
    span: Span,
) -> SymbolicOp:
    """An operation with all its attributes as expressions, but for those that are tensors."""
    attributes = dict(arguments)
    for name, field in attributes_of(kind).items():
        is_tensor = field.metadata["kind"].is_tensor
        if name not in attributes and not is_tensor and not required(field):
            attributes[name] = literal(field.default)
    # Where the generated code chooses what to call, a statement has instances of several kinds.
    own = tuple(i for i in instances if isinstance(i.op, kind))
    own = own or (_imagined(kind, attributes, inputs, span),)
    for name in kind.decisive:
        values = {getattr(i.op, name) for i in own}
        if len(values) > 1:
            raise beyond(
                f"`{name}` of `{kind.name}`, which differs between the uses of this block",
                span,
                "write the operation twice, each with its own, and choose with `if`",
            )
        attributes[name] = literal(values.pop())
    return SymbolicOp(kind, attributes, own, span, inputs.tensors[0].channels)


def _imagined(
    kind: type[Op], attributes: dict[str, Expr], inputs: Operands, span: Span
) -> Instance:
    """An instance of an operation in an arm that this network does not take.

    What only the generated code knows is a whole number like any other. The result has the right
    rank, and the right sizes where the attributes are known.
    """
    values = {
        name: _imagined_value(kind, name, expression, span)
        for name, expression in attributes.items()
    }
    values |= {name: tensor.types[0] for name, tensor in inputs.named.items()}
    given = {name: value for name, value in values.items() if value is not None}
    for name, field in attributes_of(kind).items():
        if required(field) and name not in given:
            raise _unfitting(kind, f"it lacks `{name}`", span)
    op = kind(**given)
    types = tuple(tensor.types[0] for tensor in inputs.tensors)
    try:
        result = op.infer(*types)
        for weight in op.weights(types[0]):
            list(map(index, weight.shape))
    except OpError as failure:
        result = _of_any_size(op, types, failure, span)
    except UnknownSize as unknown:
        raise _unfitting(op, f"it depends on {unknown}", span) from None
    return Instance(types, result, op)


#: A size that most numbers divide and no window exceeds.
_LARGE = 2**8 * 3**3 * 5**2 * 7


def _of_any_size(op: Op, types: tuple[TensorType, ...], failure: OpError, span: Span) -> TensorType:
    """What an operation leaves that does not fit tensors of these types: their sizes may be
    imagined, but their ranks are not. Raises where it fits no tensors of these ranks."""
    for channels in (_LARGE, 1):
        large = [TensorType((channels, *(_LARGE,) * type_.rank)) for type_ in types]
        try:
            result = op.infer(*large)
        except OpError:
            continue
        return types[0] if result.rank == types[0].rank else result
    raise _unfitting(op, failure.message, span, failure.help)


def _unfitting(op: Op | type[Op], why: str, span: Span, help: str | None = None) -> CompileError:
    return beyond(
        f"`{op.name}` where this network does not run it, and where it would not fit: {why}",
        span,
        help or "leave the parameter out that it hangs on, or give the input numbers",
    )


def _imagined_value(kind: type[Op], name: str, expression: Expr, span: Span) -> Any:
    default = attributes_of(kind)[name].default
    if isinstance(expression, Apply) and isinstance(expression.callee, Constant):
        callee, arguments = expression.callee.value, expression.arguments
        if isinstance(callee, InitializerFunction) and all(is_literal(a.value) for a in arguments):
            positional = [value_of(a.value) for a in arguments if a.name is None]
            named = {a.name: value_of(a.value) for a in arguments if a.name}
            return callee.apply(positional, named, None, span)
    known = is_literal(expression) or isinstance(expression, Constant)
    if known and value_of(expression) is not None:
        return accepted(kind, name, value_of(expression), span)
    if known or isinstance(default, bool | float | str | Initializer):
        return default
    return 1


def channels_after(op: SymbolicOp, inputs: Operands, span: Span) -> Expr:
    """The channels that an operation leaves."""
    sizes: tuple[Expr, ...] = ()
    if op.kind.needs_sizes:
        spatial = {i.inputs[0].spatial for i in op.instances}
        if len(spatial) != 1:
            raise error(
                "R0504",
                f"the size that `{op.kind.name}` sees differs between the uses of this block",
                span,
                help="do it outside the block, or pool to one size before",
            )
        sizes = tuple(
            Literal(size, span) if isinstance(size, int) else Constant(size, span)
            for size in spatial.pop()
        )
    named = {name: tensor.channels for name, tensor in inputs.named.items()}
    return op.kind.channels_out(op.attributes | named, inputs.tensors[0].channels, sizes)


def stride_after(op: SymbolicOp, inputs: Operands, frame: ClassFrame) -> Expr | None:
    """The stride from the start of the class or branch to the result of an operation."""
    strides, current = op.example.strides(), inputs.tensors[op.example.positions_of()]
    ratios = strides if isinstance(strides, tuple) else (strides,)
    if any(ratio is None or ratio.denominator != 1 for ratio in ratios):
        return None
    for name in ("stride", "by", "kernel"):
        step = op.attributes.get(name)
        if step is None or (isinstance(step, Constant) and step.value is None):
            continue
        if name == "kernel" and "stride" not in op.attributes:
            continue
        if isinstance(step, ListOf) and all(item == step.items[0] for item in step.items):
            step = step.items[0]
        return frame.product(current.stride, step)
    return current.stride


# ---- blocks --------------------------------------------------------------------------------------


def specialization(
    block: ir.Block, call: Call, current: SymbolicTensor, frame: ClassFrame
) -> Specialization:
    """The class that a call needs: the block with its block values settled, for tensors of the
    rank of `current`."""
    ranks = {t.rank for t in current.types}
    if len(ranks) != 1:
        raise beyond(
            f"`{block.name}` on tensors of {len(ranks)} ranks in one place",
            block.span,
            "choose between two calls with `if`",
        )
    kinds = []
    for parameter in block.parameters:
        value = call.arguments.get(parameter.name)
        if value is None and parameter.default is not None:
            if parameter.type == "block":
                kinds.append((parameter.name, evaluate(parameter.default, frame.module.file)))
        elif isinstance(value, Constant) and (
            parameter.type == "block" or isinstance(value.value, ir.BlockValue)
        ):
            kinds.append((parameter.name, value.value))
    return Specialization(block, tuple((n, _as_value(v)) for n, v in kinds), ranks.pop())


def _as_value(value: Any) -> Any:
    return ir.BlockValue(value) if isinstance(value, ir.Block | ir.Operation) else value


def op_layer(op: SymbolicOp, current: SymbolicTensor, frame: ClassFrame) -> OpLayer:
    """An operation as a layer."""
    if not op.kind.sized_weights:
        return OpLayer(op, current.channels)
    return OpLayer(op, current.channels, size_seen(frame, op.instances, op.kind.name, op.span))


def block_layer(
    call: Call,
    current: SymbolicTensor,
    frame: ClassFrame,
    span: Span,
    instances: tuple[Instance, ...],
) -> BlockLayer:
    """An instance of the class for a call, which makes `instances`."""
    block = call.target
    assert isinstance(block, ir.Block)
    for value in call.arguments.values():
        if isinstance(value, Constant) and isinstance(value.value, Choice):
            raise beyond(
                "a block value chosen by the generated code",
                span,
                "choose between two calls with `if`",
            )
    settled = specialization(block, call, current, frame)
    plan = frame.module.class_for(settled, current.types)
    kinds = {name for name, _ in settled.kinds}
    names = frame.module.parameter_names(settled)
    arguments = {names[k]: v for k, v in call.arguments.items() if k not in kinds and k in names}
    for name, tensors in call.tensors.items():
        arguments[names[name]] = (
            tensors.channels if isinstance(tensors, SymbolicTensor) else tensors.list_of_channels()
        )
    source = call.tensors.get(plan.source or "", current)
    assert isinstance(source, SymbolicTensor)
    size = size_seen(frame, instances, block.name, span) if plan.takes_size else None
    return BlockLayer(plan, source.channels, arguments, size)


def call_of(
    home: Home, layer: BlockLayer, call: Call, current: SymbolicTensor, frame: ClassFrame
) -> CallLayer:
    """The layer of a call applied to the current tensor, and to those that the call hands over."""
    assert isinstance(call.target, ir.Block)
    locals_ = frame.module.tensor_names(specialization(call.target, call, current, frame))
    handed = tuple(
        (locals_[name], t.ref if isinstance(t, SymbolicTensor) else t.whole())
        for name, t in call.tensors.items()
    )
    source = call.tensors.get(layer.plan.source or "", current)
    assert isinstance(source, SymbolicTensor)
    return CallLayer(home, (source.ref,), plan=layer.plan, tensors=handed)


def channels_of(layer: BlockLayer) -> Expr | None:
    """The channels that a block leaves, over the caller's names; `None`: ask the layer."""
    return None if layer.plan.channels is None else over_caller(layer.plan.channels, layer)


def stride_of(layer: BlockLayer) -> Expr | None:
    """The stride through a block, over the caller's names."""
    return None if layer.plan.stride is None else over_caller(layer.plan.stride, layer)


def over_caller(expression: Expr, layer: BlockLayer) -> Expr:
    """What is known of a class, over the names of its caller."""
    defaults = {p.name: p.default for p in layer.plan.parameters}

    def leaf(e: Expr) -> Expr | None:
        if not isinstance(e, Name):
            return None
        if e.id == "in_channels":
            return layer.in_channels
        return layer.arguments.get(e.id) or defaults.get(e.id)

    return simplify(expression, leaf)


def types_of(
    instances: tuple[Instance, ...], fallback: tuple[TensorType, ...]
) -> tuple[TensorType, ...]:
    """The types that instances leave."""
    return tuple(i.output for i in instances) or fallback
