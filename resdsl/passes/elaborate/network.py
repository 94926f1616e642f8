"""Writes the graph: nodes with their paths and weights, the types of values, and the facts."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from resdsl import ir
from resdsl.diagnostics import CompileError, Span, error
from resdsl.ir.graph import Graph, Instance, NamedWeight, Node, Origin, Specialization
from resdsl.ops import Op
from resdsl.passes.elaborate.calls import MAX_ENTRIES, infer, weights_of
from resdsl.passes.elaborate.naming import is_automatic
from resdsl.passes.elaborate.repeats import Log, Run
from resdsl.passes.elaborate.scope import Context
from resdsl.passes.elaborate.values import Flow, Place, Tensor, list_of, tensors_of
from resdsl.records import dataclass, field, replace
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
    repeats: dict[Node, int] = field(default_factory=dict)
    #: What ran, as it ran, for items that are run again.
    log: Log = field(default_factory=Log)

    def value(self, type_: TensorType, place: Place) -> Tensor:
        """A new value of the graph."""
        self.graph.types.append(type_)
        return Tensor(len(self.graph.types) - 1, type_, place)

    def fresh_place(self, rank: int, *, is_lost: bool = False) -> Place:
        """Positions in `rank` dimensions that have nothing to do with any before."""
        self.origins += 1
        return Place(self.origins, (1,) * rank, is_lost)

    def apply(self, op: Op, inputs: Sequence[Tensor], step: NodeStep, context: Context) -> Flow:
        """One operation as a node, or no node where it leaves its input alone."""
        types = [t.type for t in inputs]
        result_types = infer(op, types, step.span)
        text = context.naming.text(step.name, context.scope, step.span)
        if len(inputs) == 1 and op.is_identity(types[0]):
            results = list(inputs)
        else:
            results = [self.value(t, self.place(op, inputs, t)) for t in result_types]
            self._node(op, inputs, results, text, step, context)
        result: Flow = list_of(text, results) if op.is_list else results[0]
        self.record(step, context, inputs, result, op)
        return context.labels.add(step.name, text, result, step.span)

    def add(self, op: Op, inputs: Sequence[Tensor], step: NodeStep, context: Context) -> Tensor:
        """The addition of a residual, whose result is recorded with the whole of it."""
        type_ = inputs[0].type
        result = self.value(type_, self.place(op, inputs, type_))
        text = context.naming.text(step.name, context.scope, step.span)
        self._node(op, inputs, [result], text, step, context)
        return result

    def record(
        self,
        statement: ir.Statement,
        context: Context,
        inputs: Sequence[Tensor],
        result: Flow,
        op: Op | None = None,
    ) -> None:
        """Note what a statement saw and left."""
        key, results = (context.specialization, statement), tensors_of(result)
        self.note(key, inputs, results, op)
        self.log.facts.append((key, tuple(inputs), results, op))

    def note(
        self,
        key: tuple[Specialization, ir.Statement],
        inputs: Sequence[Tensor],
        results: Sequence[Tensor],
        op: Op | None,
        *,
        again: bool = False,
    ) -> None:
        """A fact of the graph: what a statement saw and left."""
        first, *others = (t.type for t in results)
        instance = Instance(tuple(t.type for t in inputs), first, op, tuple(others), again)
        self.graph.facts.setdefault(key, []).append(instance)

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
        results: Sequence[Tensor],
        text: str,
        step: NodeStep,
        context: Context,
    ) -> None:
        weights = weights_of(op, inputs[0].type, step.span)
        if any(prod(w.shape) > MAX_ENTRIES for w in weights):
            shape = TensorType(max(weights, key=lambda w: prod(w.shape)).shape)
            raise error(
                "R0312", f"`{op.name}` would have a weight of {shape}: too large", step.span
            )
        kept = bool(weights) or op.stochastic or op.is_layer
        if kept:
            self.kept += 1
            context.naming.claim(step.name, step.span)
        elif is_automatic(step.name):
            self.unnamed.append(len(self.graph.nodes))
        path = context.naming.path(text)
        origin = Origin(step.span, context.frame)
        is_called = (kept and not op.bare_weight) or isinstance(step.name, ir.Position)
        node = self.node(op, inputs, results, path, origin, f"{path}/" if is_called else path)
        self.graph.weights.extend(
            NamedWeight(f"{path}.{w.name}" if w.name else path, w, node) for w in weights
        )

    def node(
        self,
        op: Op,
        inputs: Sequence[Tensor],
        results: Sequence[Tensor],
        path: str,
        origin: Origin,
        site: str,
        again: Node | None = None,
    ) -> Node:
        """One more node of the graph."""
        if len(self.graph.nodes) >= MAX_NODES:
            raise too_many_nodes(origin.span)
        values = tuple(self.log.real(t).value for t in inputs)
        first, *others = (t.value for t in results)
        node = Node(op, values, first, path, origin, tuple(others), again, site)
        self.graph.nodes.append(node)
        self.log.runs.append(Run(node, tuple(inputs), tuple(results)))
        return node

    def repeat_number(self, owner: Node) -> int:
        """How often a node with weights has run again, this time included."""
        self.repeats[owner] = self.repeats.get(owner, 0) + 1
        return self.repeats[owner]

    def place(self, op: Op, inputs: Sequence[Tensor], result: TensorType) -> Place:
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
