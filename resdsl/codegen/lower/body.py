"""Class form: one statement of a definition after another into constructor and `forward`."""

from __future__ import annotations

from resdsl import ir
from resdsl.codegen.lower.branches import merged_channels, merged_labels, merged_stride
from resdsl.codegen.lower.calls import (
    Call,
    Operands,
    block_layer,
    call_of,
    channels_after,
    channels_of,
    op_layer,
    resolve_call,
    stride_after,
    stride_of,
    symbolic_op,
)
from resdsl.codegen.lower.channels import settled, shortened, snapshot
from resdsl.codegen.lower.environment import Environment, beyond
from resdsl.codegen.lower.frame import ClassFrame
from resdsl.codegen.lower.labels import label
from resdsl.codegen.lower.repeats import again, keep_item
from resdsl.codegen.lower.results import block_with_results, output, returned, split
from resdsl.codegen.lower.taps import add_element
from resdsl.codegen.lower.values import SymbolicTensor, Variable
from resdsl.codegen.plan import (
    AssignLayer,
    Attribute,
    BlockLayer,
    CallOp,
    ForwardExpr,
    ForwardIf,
    Home,
    InitIf,
    LocalLayer,
    Require,
    Return,
    SymbolicOp,
)
from resdsl.diagnostics import Span
from resdsl.expressions.nodes import Choice, Constant, Expr, Literal, Member, Name, NoneValue
from resdsl.expressions.simplify import is_literal
from resdsl.ops import Op, tensors_of
from resdsl.records import dataclass, replace

#: Operations that stand around the call before them: `relu(bn1(conv1(x)))`.
_WRAPS = frozenset({"batch_norm", "lrn", "dropout", "drop_path"})


@dataclass(slots=True)
class BodyLowering:
    """Lowers bodies into one class. `variable` is the working variable of the current body."""

    frame: ClassFrame

    def run(
        self, body: ir.Body, environment: Environment, current: SymbolicTensor, variable: str
    ) -> SymbolicTensor:
        """Lower statements in order; `environment` gains their `let`s and labels."""
        for statement in body:
            current = self.statement(statement, environment, current, variable)
        return current

    def statement(
        self,
        statement: ir.Statement,
        environment: Environment,
        current: SymbolicTensor,
        variable: str,
    ) -> SymbolicTensor:
        """Lower one statement; the result is the current tensor after it."""
        match statement:
            case ir.Let():
                self._let(statement, environment)
                return current
            case ir.Expectation():
                self._expectation(statement, environment)
                return current
            case ir.InputStep(name=name):
                current = self.frame.inputs[name.text]
                self._label(name, current, environment)
                environment.input = current
                return current
            case ir.OutputStep():
                result = output(self, statement, environment, current)
                self.frame.forward.append(Return(returned(self.frame, result)))
                return result
            case ir.AgainStep():
                return again(self, statement, environment, current, variable)
            case ir.FromStep(source=source):
                return self.tensor(source, environment)
            case ir.OpStep():
                inputs, arguments = self.operands(statement, environment, current)
                return self.operation(
                    statement, statement.kind, arguments, environment, inputs, variable
                )
            case ir.CallStep():
                return self._call(statement, environment, current, variable)
            case ir.JoinStep():
                from resdsl.codegen.lower.joins import join

                return join(self, statement, environment, current, variable)
            case ir.GroupStep():
                from resdsl.codegen.lower.scopes import group

                return group(self, statement, environment, current, variable)
            case ir.ResidualStep():
                from resdsl.codegen.lower.shortcuts import residual

                return residual(self, statement, environment, current, variable)
            case ir.StageStep():
                from resdsl.codegen.lower.containers import stage_layer

                layer, after = stage_layer(self, statement, environment, current)
                home = self.frame.home(statement.name, environment, statement.span)
                self.frame.keep(home, layer)
                return self.bound(
                    statement,
                    statement.name,
                    self.frame.call(home, current),
                    after,
                    environment,
                    variable,
                    current,
                )
            case ir.ForStep():
                from resdsl.codegen.lower.loops import loop

                return loop(self, statement, environment, current, variable)
            case ir.IfStep():
                return self._if(statement, environment, current, variable)

    # ---- values -------------------------------------------------------------------------------

    def _let(self, statement: ir.Let, environment: Environment) -> None:
        tensors = environment.tensor(statement.value) or environment.tensors(statement.value)
        if tensors is not None:
            environment.values[statement.name] = tensors
            return
        if environment.is_block(statement.value):
            environment.values[statement.name] = Constant(environment.block_value(statement.value))
            return
        value = snapshot(self.frame, environment.simplify(statement.value), statement.name)
        if is_literal(value) or isinstance(value, Constant | Name):
            environment.values[statement.name] = value
        else:
            environment.values[statement.name] = self.frame.assign(statement.name, value)

    def _expectation(self, statement: ir.Expectation, environment: Environment) -> None:
        condition = environment.simplify(statement.condition)
        if not is_literal(condition):
            message = statement.message or "this combination of arguments has no meaning"
            self.frame.init.append(Require(condition, message))

    def tensor(self, expression: Expr, environment: Environment) -> SymbolicTensor:
        """The tensor an expression names."""
        tensor = environment.tensor(expression)
        if tensor is None:
            raise beyond("this list of tensors", expression.span, "name the tensors one by one")
        return tensor

    def _label(self, name: ir.ItemName, tensor: SymbolicTensor, environment: Environment) -> None:
        if isinstance(name, ir.Fixed):
            environment.labels[name.text] = tensor

    def _tapped(self, name: ir.ItemName) -> str | None:
        """The label of an item whose tensor is read elsewhere."""
        label = name.text if isinstance(name, ir.Fixed) else getattr(name, "base", None)
        return label if label in self.frame.tapped else None

    def bound(
        self,
        statement: ir.Statement,
        name: ir.ItemName,
        value: ForwardExpr,
        after: SymbolicTensor,
        environment: Environment,
        variable: str,
        before: SymbolicTensor | None = None,
        named: dict[str, SymbolicTensor] | None = None,
    ) -> SymbolicTensor:
        """Bind a result to the working variable, or to its label where that is read elsewhere.

        What was applied to `before`, with the tensors `named` beside it, can run again.
        """
        after = shortened(self.frame, after)
        if not isinstance(statement, ir.AgainStep):
            keep_item(self.frame, name, value, after, environment, before, named)
        types = self.frame.types_after(statement, after.types)
        shown = self.frame.types_there(statement) or types
        label = self._tapped(name)
        if label is None or isinstance(name, ir.Element):
            ref: ForwardExpr = self.frame.bind(variable, value, shown)
        else:
            ref = self.frame.bind(self.frame.tap(label), value, shown)
        result = replace(after, ref=ref, types=types)
        if isinstance(name, ir.Element) and label is not None:
            add_element(self.frame, name, result, environment)
        elif label is not None:
            channels = snapshot(self.frame, result.channels, f"{label}_channels")
            result = replace(result, channels=channels)
            self._label(name, result, environment)
        return result

    # ---- operations and calls -----------------------------------------------------------------

    def operands(
        self, step: ir.OpStep, environment: Environment, current: SymbolicTensor
    ) -> tuple[Operands, dict[str, Expr]]:
        """What an operation works on, and its arguments that are not tensors."""
        tensors, arguments = {}, {}
        for name, value in step.arguments.items():
            if name not in tensors_of(step.kind):
                arguments[name] = environment.simplify(value)
            elif not isinstance(value, NoneValue):
                tensors[name] = self.tensor(value, environment)
        return Operands.of(step.kind, current, tensors), arguments

    def operation(
        self,
        step: ir.OpStep | ir.CallStep,
        kind: type[Op],
        arguments: dict[str, Expr],
        environment: Environment,
        inputs: Operands,
        variable: str,
    ) -> SymbolicTensor:
        """An operation: a layer where it has state, a function where it has none."""
        op = symbolic_op(kind, arguments, self.frame.instances(step), inputs, step.span)
        current, *others = inputs.tensors
        if kind.is_list:
            return split(self, step, op, environment, current)
        after = self.after(op, inputs, step.span)
        if kind.name == "identity":
            keep_item(self.frame, step.name, current.ref, after, environment, current)
            if self._tapped(step.name) is None:
                return current
            return self.bound(step, step.name, current.ref, after, environment, variable)
        value: ForwardExpr
        named = label(self.frame, step.name, environment)
        if is_layer(op):
            home = self.frame.home(step.name, environment, step.span)
            self.frame.keep(home, op_layer(op, current, self.frame))
            more, wraps = (tensor.ref for tensor in others), kind.name in _WRAPS
            value = self.frame.applied(op, home, current, *more, wraps=wraps, label=named)
        else:
            refs = tuple(tensor.ref for tensor in inputs.tensors)
            value = CallOp(settled(self.frame, op), refs, named)
        return self.bound(
            step, step.name, value, after, environment, variable, current, inputs.named
        )

    def after(self, op: SymbolicOp, inputs: Operands, span: Span) -> SymbolicTensor:
        """The tensor that an operation leaves, not bound yet."""
        types = tuple(i.output for i in op.instances)
        return SymbolicTensor(
            inputs.tensors[0].ref,
            channels_after(op, inputs, span),
            stride_after(op, inputs, self.frame),
            types,
        )

    def _call(
        self, step: ir.CallStep, environment: Environment, current: SymbolicTensor, variable: str
    ) -> SymbolicTensor:
        call = resolve_call(step, environment)
        if isinstance(call, Choice):
            return self._chosen(step, call, environment, current, variable)
        if call is None:
            raise beyond("a call of `none`", step.span)
        if isinstance(call.target, ir.Operation):
            kind = call.target.kind
            named = {n: t for n, t in call.tensors.items() if isinstance(t, SymbolicTensor)}
            inputs = Operands.of(kind, current, named)
            return self.operation(step, kind, call.arguments, environment, inputs, variable)
        return self.block(step, call, environment, current, variable)

    def _chosen(
        self,
        step: ir.CallStep,
        choice: Choice,
        environment: Environment,
        current: SymbolicTensor,
        variable: str,
    ) -> SymbolicTensor:
        """A callee that only the generated code knows: the call once for each."""
        arms = [(replace(step, callee=arm),) for arm in (choice.then, choice.otherwise)]
        return self.arms(choice.condition, arms[0], arms[1], environment, current, variable)

    def block(
        self,
        step: ir.CallStep,
        call: Call,
        environment: Environment,
        current: SymbolicTensor,
        variable: str,
    ) -> SymbolicTensor:
        """A call of a block: an instance of its class, applied."""
        layer = block_layer(call, current, self.frame, step.span, self.frame.instances(step))
        if layer.plan.results:
            return block_with_results(self, step, call, layer, environment, current)
        home = self.frame.home(step.name, environment, step.span)
        after = self.place(layer, home, current)
        value = call_of(home, layer, call, current, self.frame)
        return self.bound(step, step.name, value, after, environment, variable, current)

    def place(self, layer: BlockLayer, home: Home, current: SymbolicTensor) -> SymbolicTensor:
        """Keep an instance of a class; the result is the tensor that it leaves."""
        channels = channels_of(layer)
        owner = self.keep_asked(home, layer, asked=channels is None)
        channels = channels or Member(owner, "out_channels")
        stride = self.frame.product(current.stride, stride_of(layer))
        return SymbolicTensor(current.ref, channels, stride, current.types)

    def keep_asked(self, home: Home, layer: BlockLayer, *, asked: bool) -> Expr:
        """Keep an instance of a class; the result is what its `out_channels` are asked of."""
        if isinstance(home, Attribute) and not self.frame.loops:
            self.frame.keep(home, layer)
            return Member(Name("self"), home.name)
        if not asked:
            self.frame.keep(home, layer)
            return Name("self")
        local = self.frame.layer_local()
        self.frame.init.append(AssignLayer(local, layer))
        self.frame.keep(home, LocalLayer(local))
        return Name(local)

    # ---- choices ------------------------------------------------------------------------------

    def _if(
        self, step: ir.IfStep, environment: Environment, current: SymbolicTensor, variable: str
    ) -> SymbolicTensor:
        condition = environment.simplify(step.condition)
        if isinstance(condition, Literal):
            arm = step.then if condition.value is True else step.otherwise
            return self.run(arm, environment.nested({}), current, variable)
        return self.arms(condition, step.then, step.otherwise, environment, current, variable)

    def arms(
        self,
        condition: Expr,
        then: ir.Body,
        otherwise: ir.Body,
        environment: Environment,
        current: SymbolicTensor,
        variable: str,
    ) -> SymbolicTensor:
        """Both arms of a choice that the generated code makes."""
        current = self.normal(current, variable)
        results = []
        gathered = []
        labels = []
        for arm in (then, otherwise):
            inner = environment.nested({})
            inner.labels = dict(environment.labels)
            with self.frame.aside() as (init, forward):
                result = self.run(arm, inner, current, variable)
                results.append(self.normal(result, variable))
                gathered.append((tuple(init), tuple(forward)))
            labels.append(inner.labels)
        environment.labels.update(merged_labels(condition, *labels))
        (init_then, forward_then), (init_else, forward_else) = gathered
        if forward_then or forward_else:
            condition = snapshot(self.frame, condition, "condition")
        if init_then or init_else:
            self.frame.init.append(InitIf(condition, init_then, init_else))
        if forward_then or forward_else:
            self.frame.forward.append(ForwardIf(condition, forward_then, forward_else))
        first, second = results
        merged = SymbolicTensor(
            Variable(variable),
            merged_channels(condition, first.channels, second.channels),
            merged_stride(condition, first.stride, second.stride),
            first.types + second.types,
        )
        return shortened(self.frame, merged)

    def normal(self, current: SymbolicTensor, variable: str) -> SymbolicTensor:
        """The current tensor in the working variable."""
        if current.ref == Variable(variable) or current.several is not None:
            return current
        return replace(current, ref=self.frame.bind(variable, current.ref))


def is_layer(op: SymbolicOp) -> bool:
    """Whether an operation has state, or draws random numbers that parity must inject."""
    if op.kind.stochastic or op.kind.is_layer:
        return True
    return bool(op.example.weights(op.instances[0].inputs[0]))
