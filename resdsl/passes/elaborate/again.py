"""`again`: the operations of a labelled item once more, with the same weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resdsl import ir
from resdsl.diagnostics import CompileError, error
from resdsl.expressions.evaluate import evaluate
from resdsl.ir.graph import Node, Use
from resdsl.ops import Weight
from resdsl.passes.elaborate.calls import infer, weights_of
from resdsl.passes.elaborate.flows import one
from resdsl.passes.elaborate.repeats import Item, Run
from resdsl.passes.elaborate.scope import Context
from resdsl.passes.elaborate.values import Flow, Tensor, changed, tensors_of
from resdsl.types import TensorType

if TYPE_CHECKING:
    from resdsl.passes.elaborate.network import Network


def label_of(step: ir.Statement, context: Context) -> tuple[str, int | None] | None:
    """The label of an item that runs again somewhere in its block."""
    repeated = context.specialization.block.repeated
    if not repeated or not isinstance(step, ir.OpStep | ir.CallStep | ir.GroupStep | ir.StageStep):
        return None
    match step.name:
        case ir.Fixed(text=text) if text in repeated:
            return text, None
        case ir.Element(base=base, index=index) if base in repeated:
            return base, evaluate(index, context.scope)
        case _:
            return None


def again(network: Network, step: ir.AgainStep, context: Context, current: Flow) -> Flow:
    """Run a labelled item once more on the current tensor."""
    index = None if step.index is None else evaluate(step.index, context.scope)
    item = context.scope.item(step.label, index)
    if item is None:
        raise _not_run(step)
    work = sum(end - start for start, end in zip(item.start, item.end, strict=True))
    context.scope.tick(step.span, work)
    result = Repeat(network, step).run(item, current)
    text = context.naming.text(step.name, context.scope, step.span)
    network.record(step, context, tensors_of(current), result)
    return context.labels.add(step.name, text, result, step.span)


def _not_run(step: ir.AgainStep) -> CompileError:
    """The error where the item that is to run again has not run."""
    label = step.label if step.index is None else f"{step.label}[…]"
    return error(
        "R0234",
        f"`{label}` is no item that can run again here",
        step.span,
        help="what runs again is a labelled layer, block, stage or group that has run before",
    )


class Repeat:
    """One use of `again`."""

    def __init__(self, network: Network, step: ir.AgainStep) -> None:
        self.network = network
        self.step = step
        #: What stands for each tensor of the first run.
        self.tensors: dict[int, Tensor] = {}

    def run(self, item: Item, current: Flow) -> Flow:
        """The operations of an item on another tensor; the result is what they leave."""
        if item.before is not None:
            self.tensors[item.before.value] = one(current, self.step.span)
        log = self.network.log
        runs, facts, uses = (slice(a, b) for a, b in zip(item.start, item.end, strict=True))
        for run in log.runs[runs]:
            self._node(run)
        for key, inputs, results, op in log.facts[facts]:
            now = [*map(self._now, inputs)], [*map(self._now, results)]
            self.network.note(key, *now, op, again=True)
        for specialization, use, tensor in log.uses[uses]:
            again = Use(use.arguments, self._now(tensor).type)
            self.network.graph.uses[specialization].append(again)
        return changed(item.result, self._now)

    def _now(self, tensor: Tensor) -> Tensor:
        """What a tensor of the first run is now; what came from outside stays."""
        if tensor.value in self.tensors:
            return self.tensors[tensor.value]
        inner = self.network.log.stands_for.get(tensor.value)
        now = inner if inner is None else self._now(inner)
        return tensor if now is inner or now is None else now

    def _node(self, run: Run) -> None:
        node, network = run.node, self.network
        inputs = [self._now(tensor) for tensor in run.inputs]
        types = [tensor.type for tensor in inputs]
        results = []
        for type_, before in zip(infer(node.op, types, self.step.span), run.results, strict=True):
            result = network.value(type_, network.place(node.op, inputs, type_))
            self.tensors[before.value] = result
            results.append(result)
        weights = weights_of(node.op, run.inputs[0].type, self.step.span)
        self._check_weights(node, weights, types[0])
        if weights or node.op.stochastic or node.op.is_layer:
            path = f"{node.owner.path}@{network.repeat_number(node.owner)}"
            network.node(node.op, inputs, results, path, node.origin, node.site, node.owner)
        else:
            network.unnamed.append(len(network.graph.nodes))
            network.node(node.op, inputs, results, node.path, node.origin, node.site)

    def _check_weights(self, node: Node, weights: tuple[Weight, ...], x: TensorType) -> None:
        now = {w.name: w.shape for w in weights_of(node.op, x, self.step.span)}
        for weight in weights:
            if now[weight.name] != weight.shape:
                raise error(
                    "R0303",
                    f"`{self.step.label}` cannot run again on {x}",
                    self.step.span,
                    f"`{node.owner.path}.{weight.name}` is {_shape(weight.shape)}, "
                    f"and would have to be {_shape(now[weight.name])}",
                    help="the channels must be those of the first run",
                )


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
