"""Writes the graph: nodes with their paths and weights, the types of values, and the facts."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from operator import index

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.expressions.run_time import unknown_size
from resdsl.ir.graph import Graph, Instance, NamedWeight, Node, Origin
from resdsl.ops import Op, Weight
from resdsl.passes.elaborate.calls import MAX_ENTRIES, NUMBER_HELP, infer
from resdsl.passes.elaborate.naming import is_automatic
from resdsl.passes.elaborate.scope import Context
from resdsl.passes.elaborate.values import Place, Tensor
from resdsl.records import dataclass, field, replace
from resdsl.sizes import UnknownSize
from resdsl.types import TensorType

MAX_NODES = 100_000

NodeStep = ir.OpStep | ir.CallStep | ir.JoinStep | ir.ResidualStep


@dataclass(slots=True)
class Network:
    """The graph of one model while it is made."""

    graph: Graph
    origins: int = 0
    #: Nodes that have weights or draw random numbers: backends keep a layer for each.
    kept: int = 0
    #: Nodes whose names nobody wrote, by their numbers.
    unnamed: list[int] = field(default_factory=list)

    def value(self, type_: TensorType, place: Place) -> Tensor:
        """A new value of the graph."""
        self.graph.types.append(type_)
        return Tensor(len(self.graph.types) - 1, type_, place)

    def fresh_place(self, rank: int, *, is_lost: bool = False) -> Place:
        """Positions in `rank` dimensions that have nothing to do with any before."""
        self.origins += 1
        return Place(self.origins, (1,) * rank, is_lost)

    def apply(self, op: Op, inputs: Sequence[Tensor], step: NodeStep, context: Context) -> Tensor:
        """One operation as a node, or no node where it leaves its input alone."""
        types = [t.type for t in inputs]
        result_type = infer(op, types, step.span)
        text = context.naming.text(step.name, context.scope, step.span)
        if len(inputs) == 1 and op.is_identity(types[0]):
            result = inputs[0]
        else:
            result = self.value(result_type, self._place(op, inputs, result_type))
            self._node(op, inputs, result, text, step, context)
        self.record(step, context, inputs, result, op)
        context.labels.add(step.name, text, result)
        return result

    def add(self, op: Op, inputs: Sequence[Tensor], step: NodeStep, context: Context) -> Tensor:
        """The addition of a residual, whose result is recorded with the whole of it."""
        type_ = inputs[0].type
        result = self.value(type_, self._place(op, inputs, type_))
        text = context.naming.text(step.name, context.scope, step.span)
        self._node(op, inputs, result, text, step, context)
        return result

    def record(
        self,
        statement: ir.Statement,
        context: Context,
        inputs: Sequence[Tensor],
        result: Tensor,
        op: Op | None = None,
    ) -> None:
        """Note what a statement saw and left."""
        instance = Instance(tuple(t.type for t in inputs), result.type, op)
        self.graph.facts.setdefault((context.specialization, statement), []).append(instance)

    def finish(self) -> None:
        """Give every node a name of its own: those that somebody wrote stay as they are."""
        nodes = self.graph.nodes
        unnamed = set(self.unnamed)
        taken: set[str] = set()
        for number in (*(n for n in range(len(nodes)) if n not in unnamed), *self.unnamed):
            path, count = nodes[number].path, 1
            while path in taken:
                count += 1
                path = f"{nodes[number].path}_{count}"
            taken.add(path)
            if count > 1:
                nodes[number] = replace(nodes[number], path=path)

    def _node(
        self,
        op: Op,
        inputs: Sequence[Tensor],
        result: Tensor,
        text: str,
        step: NodeStep,
        context: Context,
    ) -> None:
        weights = _weights(op, inputs[0].type, step.span)
        if len(self.graph.nodes) >= MAX_NODES:
            raise too_many_nodes(step.span)
        if any(prod(w.shape) > MAX_ENTRIES for w in weights):
            shape = TensorType(max(weights, key=lambda w: prod(w.shape)).shape)
            raise error(
                "R0312", f"`{op.name}` would have a weight of {shape}: too large", step.span
            )
        if weights or op.stochastic or op.is_layer:
            self.kept += 1
            context.naming.claim(step.name, step.span)
        elif is_automatic(step.name):
            self.unnamed.append(len(self.graph.nodes))
        path = context.naming.path(text)
        origin = Origin(step.span, context.frame)
        node = Node(op, tuple(t.value for t in inputs), result.value, path, origin)
        self.graph.nodes.append(node)
        self.graph.weights.extend(
            NamedWeight(f"{path}.{w.name}" if w.name else path, w, node) for w in weights
        )

    def _place(self, op: Op, inputs: Sequence[Tensor], result: TensorType) -> Place:
        """Where the result's positions come from."""
        strides = op.strides()
        if strides is None:
            return self.fresh_place(result.rank, is_lost=True)
        places = _places(op, inputs, result) if op.is_join else {inputs[op.positions_of()].place}
        if len(places) != 1:
            return self.fresh_place(result.rank)
        (place,) = places
        if strides == 1:
            return place
        factors = strides if isinstance(strides, tuple) else (strides,) * result.rank
        pairs = zip(place.strides, factors, strict=True)
        return replace(place, strides=tuple(before * factor for before, factor in pairs))


def _weights(op: Op, x: TensorType, span: Span) -> tuple[Weight, ...]:
    """The weights of an operation, whose shapes are numbers."""
    try:
        weights = op.weights(x)
        # An operation may take a size of its input without looking at it.
        for weight in weights:
            list(map(index, weight.shape))
    except UnknownSize as unknown:
        raise unknown_size(
            f"`{op.name}` would have a weight whose shape is known at run time only",
            unknown.size,
            span,
            f"it depends on `{unknown.size}`",
            help=NUMBER_HELP,
        ) from None
    return weights


def _places(op: Op, inputs: Sequence[Tensor], result: TensorType) -> set[Place]:
    """The places that a join brings together."""
    # A gate, whose single positions are repeated, says nothing about positions.
    sources = [t for t in inputs if t.type.spatial == result.spatial] or inputs
    if op.name == "mul":
        sources = [t for t in sources if not t.place.is_lost] or sources
    return {t.place for t in sources}


def too_many_nodes(span: Span) -> CompileError:
    """The error for a network over the bound."""
    return error("R0312", f"this network has more than {MAX_NODES:_} operations", span)
