"""Unrolling: runs the statements of a model and writes down what they do as graph nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from resdsl import ir
from resdsl.diagnostics import Label, Span, error
from resdsl.expressions.evaluate import (
    bind_targets,
    describe,
    evaluate,
    evaluate_bool,
    evaluate_list,
)
from resdsl.expressions.functions import is_whole
from resdsl.ir.graph import (
    Frame,
    Graph,
    GraphInput,
    Instance,
    NamedWeight,
    Node,
    Origin,
    Specialization,
    Use,
)
from resdsl.ops import OPS, Op
from resdsl.passes.elaborate.calls import (
    bind_operation,
    call_text,
    chain_notes,
    complete_arguments,
    infer,
)
from resdsl.passes.elaborate.scope import MAX_DEPTH, Context, FileScope, Labels, LocalScope, Naming
from resdsl.passes.elaborate.values import UNIT, Branch, Place, Tensor, TensorList
from resdsl.types import TensorType

MAX_NODES = 100_000


@dataclass(slots=True)
class Unroller:
    """Fills one graph."""

    file: FileScope
    graph: Graph
    input_shape: tuple[int, ...] | None
    origins: int = 0
    ended: Span | None = None
    node_paths: set[str] | None = None

    # ---- entry --------------------------------------------------------------------------------

    def run_model(self, block: ir.Block, arguments: dict[str, Any], span: Span) -> None:
        """Unroll the model's body into the graph."""
        self.node_paths = set()
        scope = LocalScope(self.file, dict(arguments), Labels())
        context = self._context(block, arguments, scope, Naming(""), None, 0)
        last = self._body(block.body, context, None)
        context.naming.check_gaps()
        if not self.graph.inputs:
            raise error(
                "R0217",
                f"the model `{block.name}` has no input",
                span,
                help="begin it with one: `input(3, 224, 224)`",
            )
        if not self.graph.outputs and last is not None:
            self.graph.outputs.append(last.value)

    def _context(
        self,
        block: ir.Block,
        arguments: dict[str, Any],
        scope: LocalScope,
        naming: Naming,
        frame: Frame | None,
        depth: int,
    ) -> Context:
        kinds = tuple(
            (p.name, arguments[p.name])
            for p in block.parameters
            if p.type == "block" or isinstance(arguments[p.name], ir.BlockValue)
        )
        assert scope.labels is not None
        return Context(scope, naming, scope.labels, Specialization(block, kinds), frame, depth)

    # ---- bodies -------------------------------------------------------------------------------

    def _body(self, body: ir.Body, context: Context, current: Tensor | None) -> Tensor | None:
        """Run statements in order; `context.scope` gains their `let`s."""
        for statement in body:
            context.scope.tick(statement.span)
            if self.ended is not None and not isinstance(statement, ir.Let | ir.Expectation):
                raise error(
                    "R0217",
                    "nothing stands after `output`",
                    statement.span,
                    secondary=[Label(self.ended, "the model ends here")],
                )
            current = self._statement(statement, context, current)
        return current

    def _statement(
        self, statement: ir.Statement, context: Context, current: Tensor | None
    ) -> Tensor | None:
        match statement:
            case ir.Let():
                context.scope.values[statement.name] = evaluate(statement.value, context.scope)
                return current
            case ir.Expectation():
                self._expectation(statement, context)
                return current
            case ir.InputStep():
                return self._input(statement, context, current)
            case ir.FromStep():
                return self._tensor(statement.source, context)
            case ir.ForStep():
                return self._for(statement, context, current)
            case ir.IfStep():
                taken = evaluate_bool(statement.condition, context.scope)
                arm = statement.then if taken else statement.otherwise
                return self._body(arm, context.nested({}), current)
            case ir.OutputStep():
                self._output(statement, context, current)
                return current
        if current is None:
            raise error(
                "R0217",
                "nothing flows here yet",
                statement.span,
                help="a model begins with its input: `input(3, 224, 224)`",
            )
        match statement:
            case ir.OpStep():
                values = {k: evaluate(v, context.scope) for k, v in statement.arguments.items()}
                op = bind_operation(statement.kind, values, statement.spans, statement.span)
                return self._apply(op, [current], statement, context)
            case ir.CallStep():
                return self._call(statement, context, current)
            case ir.JoinStep():
                return self._join(statement, context, current)
            case ir.GroupStep():
                return self._group(statement, context, current, {})
            case ir.ResidualStep():
                return self._residual(statement, context, current)
            case ir.StageStep():
                return self._stage(statement, context, current)

    def _expectation(self, statement: ir.Expectation, context: Context) -> None:
        if not evaluate_bool(statement.condition, context.scope):
            raise error(
                "R0308",
                statement.message or "this expectation does not hold",
                statement.span,
                notes=chain_notes(context.frame),
            )

    def _input(self, statement: ir.InputStep, context: Context, current: Tensor | None) -> Tensor:
        if self.graph.inputs:
            raise error(
                "R0217",
                "this version takes one input to a model",
                statement.span,
                help="join the inputs into one tensor outside the model",
            )
        if current is not None:
            raise error("R0217", "`input` stands first", statement.span)
        shape = tuple(evaluate(e, context.scope) for e in statement.shape)
        if self.input_shape is not None:
            shape = self.input_shape
        if not all(is_whole(s) and 0 < s < 2**31 for s in shape) or len(shape) not in (1, 3):
            raise error(
                "R0316",
                "a shape has whole numbers of 1 or more",
                statement.span,
                f"this comes to {' x '.join(map(str, shape))}",
                help="channels first: `input(3, 224, 224)`, or `input(features)` for vectors",
            )
        tensor = self._new(TensorType(shape), self._fresh_place())
        assert isinstance(statement.name, ir.Fixed)
        self.graph.inputs.append(GraphInput(statement.name.text, tensor.value))
        context.scope.block_input = tensor
        context.labels.add(statement.name, statement.name.text, tensor)
        self._record(statement, context, [tensor], tensor)
        return tensor

    def _output(self, statement: ir.OutputStep, context: Context, current: Tensor | None) -> None:
        if len(statement.values) > 1:
            raise error("R0217", "this version gives one output from a model", statement.span)
        result = self._tensor(statement.values[0], context) if statement.values else current
        if result is None:
            raise error("R0217", "nothing flows here yet", statement.span)
        self.graph.outputs.append(result.value)
        self.ended = statement.span

    # ---- operations ---------------------------------------------------------------------------

    def _apply(
        self,
        op: Op,
        inputs: Sequence[Tensor],
        step: ir.OpStep | ir.CallStep | ir.JoinStep,
        context: Context,
    ) -> Tensor:
        """One operation as a node, or no node where it leaves its input alone."""
        types = [t.type for t in inputs]
        result_type = infer(op, types, step.span, context.frame)
        text = context.naming.text(step.name, context.scope, step.span)
        if len(inputs) == 1 and op.is_identity(types[0]):
            result = inputs[0]
        else:
            result = self._new(result_type, self._place(op, inputs, result_type))
            self._add_node(op, inputs, result, text, step, context)
        self._record(step, context, inputs, result, op)
        context.labels.add(step.name, text, result)
        return result

    def _add_node(
        self,
        op: Op,
        inputs: Sequence[Tensor],
        result: Tensor,
        text: str,
        step: ir.OpStep | ir.CallStep | ir.JoinStep | ir.ResidualStep,
        context: Context,
    ) -> None:
        weights = op.weights(inputs[0].type)
        if isinstance(step.name, ir.Automatic):
            if weights:
                context.naming.claim(text, step.span)
            else:
                text = self._unique(text, context.naming)
        path = context.naming.path(text)
        if len(self.graph.nodes) >= MAX_NODES:
            raise error("R0312", f"this network has more than {MAX_NODES} operations", step.span)
        origin = Origin(step.span, context.frame)
        node = Node(op, tuple(t.value for t in inputs), result.value, path, origin)
        assert self.node_paths is not None
        self.node_paths.add(path)
        self.graph.nodes.append(node)
        self.graph.weights.extend(NamedWeight(f"{path}.{w.name}", w, node) for w in weights)

    def _unique(self, text: str, naming: Naming) -> str:
        """A name for a node without weights that meets no other."""
        assert self.node_paths is not None
        candidate, number = text, 1
        while naming.path(candidate) in self.node_paths or candidate in naming.taken:
            number += 1
            candidate = f"{text}_{number}"
        return candidate

    def _new(self, type_: TensorType, place: Place) -> Tensor:
        self.graph.types.append(type_)
        return Tensor(len(self.graph.types) - 1, type_, place)

    def _fresh_place(self) -> Place:
        self.origins += 1
        return Place(self.origins)

    def _place(self, op: Op, inputs: Sequence[Tensor], result: TensorType) -> Place:
        """Where the result's positions come from; a gate of single positions does not count."""
        places = {t.place for t in inputs if t.type.spatial == result.spatial} or {
            t.place for t in inputs
        }
        strides = op.strides()
        if strides is None or len(places) != 1:
            return self._fresh_place()
        (place,) = places
        down, across = place.strides
        return replace(place, strides=(down * strides[0], across * strides[1]))

    def _record(
        self,
        statement: ir.Statement,
        context: Context,
        inputs: Sequence[Tensor],
        result: Tensor,
        op: Op | None = None,
    ) -> None:
        instance = Instance(tuple(t.type for t in inputs), result.type, op)
        self.graph.facts.setdefault((context.specialization, statement), []).append(instance)

    # ---- tensors as values --------------------------------------------------------------------

    def _tensors(self, expression: Any, context: Context) -> list[Tensor]:
        """One tensor, or those of a list."""
        value = evaluate(expression, context.scope)
        if isinstance(value, Tensor):
            return [value]
        if isinstance(value, TensorList):
            return value.tensors
        if isinstance(value, tuple) and value and all(isinstance(v, Tensor) for v in value):
            return list(value)
        raise error(
            "R0301", f"a tensor is wanted here, and this is {describe(value)}", expression.span
        )

    def _tensor(self, expression: Any, context: Context) -> Tensor:
        tensors = self._tensors(expression, context)
        if len(tensors) != 1:
            raise error("R0301", "one tensor is wanted here, not a list", expression.span)
        return tensors[0]

    # ---- calls --------------------------------------------------------------------------------

    def _call(
        self,
        step: ir.CallStep,
        context: Context,
        current: Tensor,
        extra: dict[str, Any] | None = None,
        overrides: dict[str, Any] | None = None,
    ) -> Tensor:
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
                help="leave the shortcut out with `shortcut none`" if callee is None else None,
            )
        positional = [evaluate(e, context.scope) for e in step.positional]
        keywords = {k: evaluate(v, context.scope) for k, v in step.arguments.items()}
        bound = callee.bind(positional, keywords, step.span)
        if overrides:
            given = set(keywords) | (set(bound) - set(dict(callee.arguments)))
            bound |= {k: v for k, v in overrides.items() if k in given}
        if isinstance(callee.target, ir.Operation):
            op = bind_operation(callee.target.kind, bound, {}, step.span)
            return self._apply(op, [current], step, context)
        return self._block(callee.target, bound, step, context, current, extra or {})

    def _block(
        self,
        block: ir.Block,
        bound: dict[str, Any],
        step: ir.CallStep,
        context: Context,
        current: Tensor,
        extra: dict[str, Any],
    ) -> Tensor:
        values = complete_arguments(block, bound, self.file, step.span)
        if context.depth >= MAX_DEPTH:
            raise error(
                "R0311",
                f"blocks are nested more than {MAX_DEPTH} deep here",
                step.span,
                help="a block that calls itself needs an `if` that ends it",
            )
        text = context.naming.text(step.name, context.scope, step.span)
        if isinstance(step.name, ir.Automatic):
            context.naming.claim(text, step.span)
        frame = Frame(call_text(block.name, bound), step.span, context.frame)
        naming = Naming(context.naming.path(text))
        scope = LocalScope(self.file, values | extra, Labels(), current)
        inner = self._context(block, values, scope, naming, frame, context.depth + 1)
        use = Use(values, current.type)
        self.graph.uses.setdefault(inner.specialization, []).append(use)
        result = self._body(block.body, inner, current)
        assert result is not None
        naming.check_gaps()
        self._record(step, context, [current], result)
        context.labels.add(step.name, text, result)
        return result

    def _group(
        self, step: ir.GroupStep, context: Context, current: Tensor, extra: dict[str, Any]
    ) -> Tensor:
        text = context.naming.text(step.name, context.scope, step.span)
        if isinstance(step.name, ir.Automatic):
            context.naming.claim(text, step.span)
        naming = Naming(context.naming.path(text))
        labels = Labels()
        scope = LocalScope(context.scope, dict(extra), labels)
        inner = Context(scope, naming, labels, context.specialization, context.frame, context.depth)
        result = self._body(step.body, inner, current)
        assert result is not None
        naming.check_gaps()
        self._record(step, context, [current], result)
        context.labels.add(step.name, text, result)
        return result

    # ---- constructs ---------------------------------------------------------------------------

    def _join(self, step: ir.JoinStep, context: Context, current: Tensor) -> Tensor:
        inputs: list[Tensor] = []
        for operand in step.operands:
            inputs += self._tensors(operand, context)
        for body in step.bodies:
            result = self._body(body, context.nested({}), current)
            assert result is not None
            inputs.append(result)
        if len(inputs) == 1:
            inputs.insert(0, current)
        op = bind_operation(step.kind, {}, {}, step.span)
        return self._apply(op, inputs, step, context)

    def _residual(self, step: ir.ResidualStep, context: Context, current: Tensor) -> Tensor:
        after = self._body(step.body, context.nested({}), current)
        assert after is not None
        shortcut = self._shortcut(step, context, current, after)
        if shortcut is None:
            self._record(step, context, [current], after)
            return after
        if shortcut.type != after.type:
            self._mismatch(step, context, shortcut, after)
        op = OPS["add"]()
        text = context.naming.text(step.name, context.scope, step.span)
        result = self._new(after.type, self._place(op, [after, shortcut], after.type))
        self._add_node(op, [after, shortcut], result, text, step, context)
        self._record(step, context, [current, after, shortcut], result)
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
        return self._call(step.shortcut, inner, before, branch)

    def _mismatch(
        self, step: ir.ResidualStep, context: Context, shortcut: Tensor, after: Tensor
    ) -> None:
        place = step.shortcut.span if step.shortcut is not None else step.span
        last = [s for s in step.body if not isinstance(s, ir.Let | ir.Expectation)]
        label = Label((last[-1] if last else step).span, f"the branch leaves {after.type}")
        raise error(
            "R0304",
            "shortcut and branch have different shapes",
            place,
            f"but the shortcut brings {shortcut.type}",
            secondary=[label],
            notes=chain_notes(context.frame),
            help="project it: `shortcut projection`",
        )

    def _stage(self, step: ir.StageStep, context: Context, current: Tensor) -> Tensor:
        count = evaluate(step.count, context.scope)
        if not is_whole(count) or count < 1:
            raise error("R0314", "a stage has one block or more", step.count.span, describe(count))
        if count > MAX_NODES:
            raise error(
                "R0312", f"this network has more than {MAX_NODES} operations", step.count.span
            )
        text = context.naming.text(step.name, context.scope, step.span)
        if isinstance(step.name, ir.Automatic):
            context.naming.claim(text, step.span)
        naming = Naming(context.naming.path(text))
        result = current
        for index in range(count):
            where = {"index": index, "first": index == 0, "last": index == count - 1}
            scope = LocalScope(context.scope, dict(where))
            inner = replace(context, scope=scope, naming=naming)
            later = None if index == 0 else {"stride": 1}
            result = self._call(step.call, inner, result, None, later)
        self._record(step, context, [current], result)
        context.labels.add(step.name, text, result)
        return result

    def _for(self, step: ir.ForStep, context: Context, current: Tensor | None) -> Tensor | None:
        entries = evaluate_list(step.iterable, context.scope)
        around = context.naming.loops
        for index, entry in enumerate(entries):
            context.scope.tick(step.span)
            values = bind_targets(step.targets, entry, step.iterable.span)
            where = {"index": index, "first": index == 0, "last": index == len(entries) - 1}
            context.naming.loops = (*around, index)
            current = self._body(step.body, context.nested(where | values), current)
        context.naming.loops = around
        return current


__all__ = ["UNIT", "Unroller"]
