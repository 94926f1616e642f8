"""`residual { F } shortcut S`: what comes beside the branch, in the shape an engineer would write.

A shortcut without weights becomes an expression, a plain chain an attribute that is empty where it
comes to nothing, anything else a class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from resdsl import ir
from resdsl.codegen.lower.calls import Call, Operands, bind_call, op_layer, symbolic_op
from resdsl.codegen.lower.channels import holding, settled
from resdsl.codegen.lower.containers import sequence
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ONE, ClassFrame
from resdsl.codegen.lower.labels import label
from resdsl.codegen.lower.scopes import Outline, inner_scope, text
from resdsl.codegen.lower.values import SymbolicBranch, SymbolicTensor, Value
from resdsl.codegen.plan import (
    CallLayer,
    CallOp,
    Empty,
    ForwardExpr,
    ForwardIf,
    InitIf,
    Select,
    SetLayer,
    SymbolicOp,
)
from resdsl.expressions.nodes import Choice, Constant, Expr, Literal
from resdsl.expressions.simplify import literal
from resdsl.ir.graph import Instance, Specialization
from resdsl.ops import OPS, Op
from resdsl.records import replace

if TYPE_CHECKING:
    from resdsl.codegen.lower.body import BodyLowering


def residual(
    lowering: BodyLowering,
    step: ir.ResidualStep,
    environment: Environment,
    current: SymbolicTensor,
    variable: str,
) -> SymbolicTensor:
    """F(x) + S(x)."""
    frame = lowering.frame
    start = replace(current, stride=ONE)
    if _is_none(step, environment):
        # Nothing comes beside the branch, so that nothing has to be kept.
        after = lowering.run(step.body, environment.nested({}), start, variable)
        return replace(after, stride=frame.product(current.stride, after.stride))
    with frame.branch_variable() as inner, holding(frame, current):
        after = lowering.run(step.body, environment.nested({}), start, inner)
    result = replace(after, stride=frame.product(current.stride, after.stride))
    shortcut = Shortcut(lowering, step, environment, current, after)
    with holding(frame, current, result):
        return _added(shortcut, step, result, variable)


def _added(
    shortcut: Shortcut, step: ir.ResidualStep, result: SymbolicTensor, variable: str
) -> SymbolicTensor:
    """The result of the branch with what the shortcut brings."""
    current, environment = shortcut.before, shortcut.environment
    if step.shortcut is None:
        return shortcut.added(current.ref, result, variable)
    if isinstance(step.shortcut, ir.GroupStep):
        beside = shortcut.scope(step.shortcut.body, step.shortcut.is_sequence, environment, {})
        return shortcut.added(beside, result, variable)
    value = environment.block_value(step.shortcut.callee)
    if isinstance(value, Choice):
        return shortcut.chosen(value, result, variable)
    beside = shortcut.value(value)
    return shortcut.added(beside, result, variable)


def _is_none(step: ir.ResidualStep, environment: Environment) -> bool:
    return (
        isinstance(step.shortcut, ir.CallStep)
        and environment.block_value(step.shortcut.callee) is None
    )


class Shortcut:
    """The shortcut of one residual."""

    def __init__(
        self,
        lowering: BodyLowering,
        step: ir.ResidualStep,
        environment: Environment,
        before: SymbolicTensor,
        after: SymbolicTensor,
    ) -> None:
        self.lowering = lowering
        self.frame: ClassFrame = lowering.frame
        self.step = step
        self.environment = environment
        self.before = before
        several = after.stride is not None and self.frame.may_be_list(after.stride)
        numbers = after.types[0].rank if several else 0
        self.branch = SymbolicBranch(before.channels, after.channels, after.stride, numbers)

    def added(self, beside: ForwardExpr, result: SymbolicTensor, variable: str) -> SymbolicTensor:
        """Bind the sum."""
        types = self.frame.types_after(self.step, result.types)
        ref = self.frame.bind(variable, self.sum(result.ref, beside), types)
        return replace(result, ref=ref, types=types)

    def sum(self, after: ForwardExpr, beside: ForwardExpr) -> CallOp:
        """F(x) + S(x) as an operation."""
        instances = tuple(
            Instance((i.output, i.output), i.output, OPS["add"]())
            for i in self.frame.instances(self.step)
        )
        if not instances:
            type_ = self.before.types[0]
            instances = (Instance((type_, type_), type_, OPS["add"]()),)
        named = label(self.frame, self.step.name, self.environment)
        return CallOp(SymbolicOp(OPS["add"], {}, instances), (after, beside), named)

    # ---- choices the generated code makes -------------------------------------------------------

    def chosen(self, choice: Choice, result: SymbolicTensor, variable: str) -> SymbolicTensor:
        """`shortcut identity if stride == 1 else none`, for numbers the constructor is given."""
        arms = []
        for arm in (choice.then, choice.otherwise):
            with self.frame.aside() as (init, forward):
                value: Any = arm.value if isinstance(arm, Constant) else arm
                if isinstance(value, Choice):
                    raise beyond("a shortcut chosen among three", self.step.span, "use `if`")
                summed: ForwardExpr = result.ref
                if value is not None:
                    summed = self.sum(result.ref, self.value(value))
            arms.append((summed, tuple(init), tuple(forward)))
        (then, init_then, forward_then), (otherwise, init_else, forward_else) = arms
        if init_then or init_else:
            self.frame.init.append(InitIf(choice.condition, init_then, init_else))
        if forward_then or forward_else:
            self.frame.forward.append(ForwardIf(choice.condition, forward_then, forward_else))
        types = self.frame.types_after(self.step, result.types)
        ref = self.frame.bind(variable, Select(choice.condition, then, otherwise), types)
        return replace(result, ref=ref, types=types)

    # ---- block values ---------------------------------------------------------------------------

    def value(self, value: ir.BlockValue) -> ForwardExpr:
        """S(x) for a block or operation."""
        step = self.step.shortcut
        assert isinstance(step, ir.CallStep)
        call = bind_call(value, step, self.environment)
        if isinstance(call.target, ir.Operation):
            return self._operation(step, call)
        block = call.target
        settled = self._specialization(block, call)
        values = self._values(block, call, settled)
        scope = Environment(
            self.environment.file, values | {"branch": self.branch}, {}, self.before
        )
        with self._facts_of(settled):
            return self.scope(block.body, block.is_sequence, scope, values)

    def _specialization(self, block: ir.Block, call: Call) -> Specialization:
        from resdsl.codegen.lower.calls import specialization

        return specialization(block, call, self.before, self.frame)

    def _values(self, block: ir.Block, call: Call, settled: Specialization) -> dict[str, Value]:
        values: dict[str, Value] = {name: Constant(v) for name, v in settled.kinds}
        for parameter in block.parameters:
            if parameter.name in values:
                continue
            if parameter.name in call.arguments:
                values[parameter.name] = call.arguments[parameter.name]
            elif parameter.default is not None:
                default = self.environment.file
                from resdsl.expressions.evaluate import evaluate

                values[parameter.name] = literal(evaluate(parameter.default, default))
        return values

    def _facts_of(self, settled: Specialization) -> _Borrowed:
        return _Borrowed(self.frame, settled)

    def _operation(self, step: ir.CallStep, call: Call) -> ForwardExpr:
        from resdsl.codegen.lower.body import is_layer

        assert isinstance(call.target, ir.Operation)
        kind = call.target.kind
        if kind.name == "identity":
            return self.before.ref
        inputs = Operands.of(kind, self.before, {})
        op = symbolic_op(kind, call.arguments, self.frame.instances(step), inputs, step.span)
        named = label(self.frame, step.name, self.environment)
        if not is_layer(op):
            return CallOp(settled(self.frame, op), (self.before.ref,), named)
        home = self.frame.home(step.name, self.environment, step.span)
        self.frame.keep(home, op_layer(op, self.before, self.frame))
        return self.frame.applied(op, home, self.before, label=named)

    # ---- bodies ---------------------------------------------------------------------------------

    def scope(
        self,
        body: ir.Body,
        is_sequence: bool,
        environment: Environment,
        values: dict[str, Value],
    ) -> ForwardExpr:
        """S(x) for a body, which sees the branch."""
        assert self.step.shortcut is not None
        name = self.step.shortcut.name
        environment = inner_scope(environment)
        environment.values["branch"] = self.branch
        if self._is_stateless(body, environment):
            return self._expression(body, environment)
        home = self.frame.home(name, self.environment, self.step.span)
        optional = _optional(body)
        if is_sequence and optional is not None:
            condition = environment.simplify(optional.condition)
            if condition == Literal(False):
                return self.before.ref
            if condition != Literal(True):
                return self._optional(optional, condition, environment, text(name))
            body = optional.then
        if is_sequence:
            layer, _ = sequence(self.lowering, body, environment, self.before, text(name))
            self.frame.keep(home, layer)
            return self.frame.call(home, self.before)
        outline = Outline(self.lowering, environment, self.before)
        captured: dict[str, Value] = {"branch": self.branch}
        captured |= {k: v for k, v in values.items() if not isinstance(v, SymbolicTensor)}
        block = outline.lower(body, text(name), captured)
        self.frame.keep(home, block)
        return CallLayer(home, (self.before.ref,), plan=block.plan, tensors=outline.passed)

    def _optional(
        self, step: ir.IfStep, condition: Expr, environment: Environment, local: str
    ) -> ForwardExpr:
        """A projection that is there where shapes change, and nothing elsewhere."""
        assert self.step.shortcut is not None
        home = self.frame.home(self.step.shortcut.name, self.environment, self.step.span)
        self.frame.keep(home, Empty())
        with self.frame.aside() as (init, _):
            layer, _ = sequence(self.lowering, step.then, environment, self.before, local)
            init.append(SetLayer(home, layer, optional=True))
        self.frame.init.append(InitIf(condition, tuple(init)))
        return self.frame.call(home, self.before)

    def _is_stateless(self, body: ir.Body, environment: Environment) -> bool:
        """Whether a body is a chain of operations without weights."""
        for statement in body:
            if isinstance(statement, ir.Let | ir.FromStep):
                continue
            if not isinstance(statement, ir.OpStep) or statement.kind.stochastic:
                return False
            if statement.kind.weights is not Op.weights:
                return False
        return True

    def _expression(self, body: ir.Body, environment: Environment) -> ForwardExpr:
        assert self.step.shortcut is not None
        current, frame, position = self.before, self.frame, 0
        scope = label(frame, self.step.shortcut.name, self.environment)
        for statement in body:
            match statement:
                case ir.Let(name=name, value=value):
                    environment.values[name] = environment.simplify(value)
                case ir.FromStep(source=source):
                    current = self.lowering.tensor(source, environment)
                case ir.OpStep(kind=kind):
                    named = label(
                        frame, statement.name, environment, under=scope, position=position
                    )
                    position += 1
                    if kind.name == "identity":
                        continue
                    inputs, arguments = self.lowering.operands(statement, environment, current)
                    instances = frame.instances(statement)
                    op = symbolic_op(kind, arguments, instances, inputs, statement.span)
                    after = self.lowering.after(op, inputs, statement.span)
                    refs = tuple(tensor.ref for tensor in inputs.tensors)
                    current = replace(after, ref=CallOp(settled(frame, op), refs, named))
        return current.ref


def _optional(body: ir.Body) -> ir.IfStep | None:
    """The choice that a body consists of, if it has no `else`."""
    if len(body) == 1 and isinstance(body[0], ir.IfStep) and not body[0].otherwise:
        return body[0]
    return None


class _Borrowed:
    """Look facts up under the definition whose body is written into this class."""

    def __init__(self, frame: ClassFrame, specialization: Specialization) -> None:
        self.frame = frame
        self.other = specialization

    def __enter__(self) -> None:
        self.own, self.frame.specialization = self.frame.specialization, self.other

    def __exit__(self, *failure: object) -> None:
        self.frame.specialization = self.own
