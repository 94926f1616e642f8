"""Unrolling: runs the statements of a model and writes down what they do as graph nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from resdsl import ir
from resdsl.diagnostics import CompileError, InternalError, Span, error
from resdsl.expressions.evaluate import (
    bind_targets,
    describe,
    evaluate,
    evaluate_bool,
    evaluate_list,
)
from resdsl.expressions.values import is_whole, size_of
from resdsl.ir.graph import Frame, Graph, GraphInput, Specialization, Use
from resdsl.ops import OPS
from resdsl.passes.elaborate.again import again, label_of
from resdsl.passes.elaborate.boundary import Shape, has_several_inputs, input_type, unused_inputs
from resdsl.passes.elaborate.calls import bind_operation, complete_arguments, inputs_of
from resdsl.passes.elaborate.expectations import not_met
from resdsl.passes.elaborate.flows import flow_of, labels_of, one, results_of, tensor_of
from resdsl.passes.elaborate.naming import SHORTCUT, Naming, is_automatic
from resdsl.passes.elaborate.network import MAX_NODES, Network
from resdsl.passes.elaborate.problems import (
    body_span,
    leaving,
    mismatch,
    not_applied,
    stage_text,
)
from resdsl.passes.elaborate.repeats import Item
from resdsl.passes.elaborate.scope import MAX_DEPTH, Context, FileScope, Labels, LocalScope
from resdsl.passes.elaborate.values import Branch, Flow, Tensor, changed, list_of, tensors_of
from resdsl.passes.elaborate.weighty import may_hold_weights
from resdsl.records import dataclass, field, replace

Step: TypeAlias = (
    ir.OpStep
    | ir.CallStep
    | ir.JoinStep
    | ir.GroupStep
    | ir.ResidualStep
    | ir.StageStep
    | ir.AgainStep
)

#: Steps that a call counts for, which takes longer than other statements.
_CALL = 5


@dataclass(slots=True)
class Unroller:
    """Fills one graph."""

    file: FileScope
    graph: Graph
    input_shapes: Mapping[str, Shape]
    network: Network = field(init=False)
    #: Equal ones are one object, since facts are kept by them.
    specializations: dict[Specialization, Specialization] = field(default_factory=dict)
    weighty: dict[ir.Block, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.network = Network(self.graph)

    # ---- entry --------------------------------------------------------------------------------

    def run_model(self, block: ir.Block, arguments: dict[str, Any]) -> None:
        """Unroll the model's body into the graph."""
        scope = LocalScope(self.file, dict(arguments), Labels())
        context = self._context(block, arguments, scope, Naming(""), None, 0)
        last = self._body(block.body, context, None)
        context.naming.check_gaps()
        if last is not None:
            self.graph.outputs += [tensor.value for tensor in tensors_of(last)]
            self.graph.output_labels = labels_of(last)
        self.network.finish()
        self.graph.warnings += unused_inputs(block, self.graph)

    def _context(
        self,
        block: ir.Block,
        arguments: dict[str, Any],
        scope: LocalScope,
        naming: Naming,
        frame: Frame | None,
        depth: int,
        rank: int = 0,
    ) -> Context:
        kinds = tuple(
            (p.name, arguments[p.name])
            for p in block.parameters
            if p.type == "block" or isinstance(arguments[p.name], ir.BlockValue)
        )
        assert scope.labels is not None
        new = Specialization(block, kinds, rank)
        specialization = self.specializations.setdefault(new, new)
        return Context(scope, naming, scope.labels, specialization, frame, depth)

    # ---- bodies -------------------------------------------------------------------------------

    def _body(self, body: ir.Body, context: Context, current: Flow | None) -> Flow | None:
        """Run statements in order; `context.scope` gains their `let`s."""
        work = self.file.work
        for statement in body:
            work.at = statement.span
            work.tick(statement.span)
            current = self._statement(statement, context, current)
        return current

    def _run(self, body: ir.Body, context: Context, current: Flow) -> Flow:
        """As `_body`, where something flows already."""
        result = self._body(body, context, current)
        if result is None:
            raise InternalError("a body lost the current tensor")
        return result

    def _run_to_one(self, body: ir.Body, context: Context, current: Flow, span: Span) -> Tensor:
        """As `_run`, where one tensor must come of it."""
        return one(self._run(body, context, current), span)

    def _statement(
        self, statement: ir.Statement, context: Context, current: Flow | None
    ) -> Flow | None:
        match statement:
            case ir.Let(name=name, value=value):
                context.scope.values[name] = evaluate(value, context.scope)
                return current
            case ir.Expectation():
                self._expectation(statement, context)
                return current
            case ir.InputStep():
                return self._input(statement, context)
            case ir.FromStep(source=source):
                return tensor_of(source, context)
            case ir.ForStep():
                return self._for(statement, context, current)
            case ir.IfStep(condition=condition, then=then, otherwise=otherwise):
                taken = evaluate_bool(condition, context.scope)
                return self._body(then if taken else otherwise, context.nested({}), current)
        if current is None:
            raise InternalError("a step ran before the input: the resolver lets none through")
        if isinstance(statement, ir.OutputStep):
            return results_of(statement, context, current)
        label = label_of(statement, context)
        if label is None:
            return self._step(statement, context, current)
        return self._kept(statement, label, context, current)

    def _kept(
        self, step: Step, label: tuple[str, int | None], context: Context, current: Flow
    ) -> Flow:
        """An item that runs again later: what it did is kept under its label."""
        log = self.network.log
        before = log.stand_in(current) if isinstance(current, Tensor) else None
        start = log.mark()
        result = self._step(step, context, before or current)
        context.labels.items[label] = Item(start, log.mark(), before, result)
        result = changed(result, log.real)
        text = f"{label[0]}.{label[1]}"
        if isinstance(step, ir.OpStep | ir.CallStep | ir.GroupStep | ir.StageStep):
            context.labels.add(step.name, text, result, step.span)
        return result

    def _step(self, step: Step, context: Context, current: Flow) -> Flow:
        match step:
            case ir.OpStep(kind=kind, arguments=arguments, spans=spans, span=span):
                values = {k: evaluate(v, context.scope) for k, v in arguments.items()}
                op = bind_operation(kind, values, spans, span)
                return self.network.apply(op, inputs_of(kind, values, current, span), step, context)
            case ir.CallStep():
                return self._call(step, context, current)
            case ir.JoinStep():
                return self._join(step, context, current)
            case ir.GroupStep():
                return self._group(step, context, current, {})
            case ir.ResidualStep():
                return self._residual(step, context, one(current, step.span))
            case ir.StageStep():
                return self._stage(step, context, one(current, step.span))
            case ir.AgainStep():
                return again(self.network, step, context, current)

    def _expectation(self, statement: ir.Expectation, context: Context) -> None:
        if not evaluate_bool(statement.condition, context.scope):
            raise not_met(statement.condition, statement.message, statement.span, context.scope)

    def _input(self, statement: ir.InputStep, context: Context) -> Tensor:
        shape = tuple(evaluate(e, context.scope) for e in statement.shape)
        name = statement.name.text
        several = has_several_inputs(context.specialization.block)
        prefix = f"{name}_" if several else ""
        type_ = input_type(shape, self.input_shapes.get(name), prefix, statement.span)
        tensor = self.network.value(type_, self.network.fresh_place(type_.rank))
        self.graph.inputs.append(GraphInput(name, tensor.value))
        before = context.scope.block_input
        # Of several, none is `in`.
        inputs = None if before is None else list_of("", (*tensors_of(before), tensor))
        context.scope.block_input = inputs or tensor
        context.labels.add(statement.name, name, tensor, statement.span)
        self.network.record(statement, context, [tensor], tensor)
        return tensor

    # ---- calls --------------------------------------------------------------------------------

    def _call(
        self,
        step: ir.CallStep,
        context: Context,
        current: Flow,
        extra: Mapping[str, Any] | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Flow:
        """A block, or a parameter that holds a block or an operation.

        `extra` are names that the block's body sees beside its parameters (`branch`);
        `overrides` replace arguments (the stride of a stage's later blocks).
        """
        callee = evaluate(step.callee, context.scope)
        if isinstance(callee, ir.Block | ir.Operation):
            callee = ir.BlockValue(callee)
        if not isinstance(callee, ir.BlockValue):
            raise error(
                "R0216",
                f"`{step.written}` is {describe(callee)}, and cannot be applied",
                step.span,
                help=not_applied(callee, step.written, extra is not None),
            )
        positional = [evaluate(e, context.scope) for e in step.positional]
        keywords = {k: evaluate(v, context.scope) for k, v in step.arguments.items()}
        spans = {k: v.span for k, v in step.arguments.items() if v.span is not None}
        bound = callee.bind(positional, keywords, step.span, spans)
        self.file.work.tick(step.span, _CALL + size_of(tuple(bound.values())))
        if overrides:
            given = set(keywords) | (set(bound) - set(dict(callee.arguments)))
            bound |= {k: v for k, v in overrides.items() if k in given}
        if isinstance(callee.target, ir.Operation):
            kind = callee.target.kind
            op = bind_operation(kind, bound, spans, step.span)
            tensors = inputs_of(kind, bound, current, step.span)
            return self.network.apply(op, tensors, step, context)
        return self._block(callee.target, bound, step, context, current, extra or {}, spans)

    def _block(
        self,
        block: ir.Block,
        bound: dict[str, Any],
        step: ir.CallStep,
        context: Context,
        current: Flow,
        extra: Mapping[str, Any],
        spans: Mapping[str, Span],
    ) -> Flow:
        if context.depth >= MAX_DEPTH:
            raise error(
                "R0311",
                f"blocks are nested more than {MAX_DEPTH} deep here",
                step.span,
                help="a block that calls itself needs an `if` that ends it",
            )
        values = complete_arguments(block, bound, self.file, step.span, spans)
        text = context.naming.text(step.name, context.scope, step.span)
        frame = Frame(block.name, bound, step.span, context.frame, context.stage)
        naming = Naming(context.naming.path(text))
        scope = LocalScope(self.file, {**extra, **values}, Labels(), current)
        rank = tensors_of(current)[0].type.rank
        inner = self._context(block, values, scope, naming, frame, context.depth + 1, rank)
        use = Use(values, tensors_of(current)[0].type)
        self.graph.uses.setdefault(inner.specialization, []).append(use)
        self.network.log.uses.append((inner.specialization, use, tensors_of(current)[0]))
        kept = self.network.kept
        try:
            result = self._run(block.body, inner, current)
            naming.check_gaps()
        except CompileError as failure:
            raise leaving(failure, block, frame) from None
        if is_automatic(step.name) and (self.network.kept > kept or self._is_weighty(block)):
            context.naming.claim(step.name, step.span)
        self.network.record(step, context, tensors_of(current), result)
        return context.labels.add(step.name, text, result, step.span)

    def _is_weighty(self, block: ir.Block) -> bool:
        if block not in self.weighty:
            self.weighty[block] = may_hold_weights(block)
        return self.weighty[block]

    def _group(
        self, step: ir.GroupStep, context: Context, current: Flow, extra: Mapping[str, Any]
    ) -> Tensor:
        text = context.naming.text(step.name, context.scope, step.span)
        naming = Naming(context.naming.path(text))
        labels = Labels()
        scope = LocalScope(context.scope, dict(extra), labels)
        inner = Context(scope, naming, labels, context.specialization, context.frame, context.depth)
        kept = self.network.kept
        result = self._run_to_one(step.body, inner, current, step.span)
        naming.check_gaps()
        if step.name == SHORTCUT and self.network.kept > kept:
            context.naming.claim(step.name, step.span)
        self.network.record(step, context, tensors_of(current), result)
        context.labels.add(step.name, text, result, step.span)
        return result

    # ---- constructs ---------------------------------------------------------------------------

    def _join(self, step: ir.JoinStep, context: Context, current: Flow) -> Flow:
        operands = [flow_of(operand, context) for operand in step.operands]
        inputs = [tensor for operand in operands for tensor in tensors_of(operand)]
        for body in step.bodies:
            inputs.append(
                self._run_to_one(body, context.nested({}), current, body_span(body, step))
            )
        # One operand joins the current tensor; a list is whole, however short it comes out.
        if len(inputs) == 1 and all(isinstance(operand, Tensor) for operand in operands):
            inputs.insert(0, one(current, step.span))
        op = bind_operation(step.kind, {}, {}, step.span)
        return self.network.apply(op, inputs, step, context)

    def _residual(self, step: ir.ResidualStep, context: Context, current: Tensor) -> Tensor:
        after = self._run_to_one(step.body, context.nested({}), current, step.span)
        shortcut = self._shortcut(step, context, current, after)
        if shortcut is None:
            self.network.record(step, context, [current], after)
            return after
        if shortcut.type != after.type:
            raise mismatch(step, current, shortcut, after)
        result = self.network.add(OPS["add"](), [after, shortcut], step, context)
        self.network.record(step, context, [current, after, shortcut], result)
        return result

    def _shortcut(
        self, step: ir.ResidualStep, context: Context, before: Tensor, after: Tensor
    ) -> Tensor | None:
        """S(x), or `None` where there is no shortcut."""
        if step.shortcut is None:
            return before
        branch = {"branch": Branch(before, after, step.span)}
        if isinstance(step.shortcut, ir.GroupStep):
            return self._group(step.shortcut, context, before, branch)
        inner = context.nested(branch)
        if evaluate(step.shortcut.callee, inner.scope) is None:
            return None
        return one(self._call(step.shortcut, inner, before, branch), step.shortcut.span)

    def _stage(self, step: ir.StageStep, context: Context, current: Tensor) -> Tensor:
        count = evaluate(step.count, context.scope)
        if not is_whole(count) or count < 1:
            raise error(
                "R0314",
                f"a stage has one block or more, and this is {describe(count)}",
                step.count.span,
                help="put it under an `if` where it may be empty" if count == 0 else None,
            )
        if count > MAX_NODES:
            message = (
                f"a network has {MAX_NODES:_} operations at most, and this is {count:_} blocks"
            )
            raise error("R0312", message, step.count.span)
        text = context.naming.text(step.name, context.scope, step.span)
        naming = Naming(context.naming.path(text))
        kept = self.network.kept
        result = current
        for index in range(count):
            self.file.work.tick(step.span)
            where = {"index": index, "first": index == 0, "last": index == count - 1}
            scope = LocalScope(context.scope, where)
            inner = replace(context, scope=scope, naming=naming, stage=stage_text(step))
            later = None if index == 0 else {"stride": 1}
            result = one(self._call(step.call, inner, result, None, later), step.call.span)
        if is_automatic(step.name) and self.network.kept > kept:
            context.naming.claim(step.name, step.span)
        self.network.record(step, context, [current], result)
        context.labels.add(step.name, text, result, step.span)
        return result

    def _for(self, step: ir.ForStep, context: Context, current: Flow | None) -> Flow | None:
        entries = evaluate_list(step.iterable, context.scope)
        around = context.naming.loops
        for index, entry in enumerate(entries):
            self.file.work.tick(step.span)
            values = bind_targets(step.targets, entry, step.iterable.span)
            where = {"index": index, "first": index == 0, "last": index == len(entries) - 1}
            context.naming.loops = (*around, index)
            current = self._body(step.body, context.nested(where | values), current)
        context.naming.loops = around
        return current


__all__ = ["Unroller"]
