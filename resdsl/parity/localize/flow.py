"""A graph as the localiser walks it: who makes a value, who reads it, what it is called in a trace.

Some values may be unknown on one side (an operation that a changed source leaves out has no probe
any more). What lies between known values is then looked at together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set as AbstractSet

from resdsl.codegen.trial import Step
from resdsl.ir.graph import Graph, Node


def key_of(node: Node, place: int) -> str:
    """What a trace calls the result of a node: its path, with `#1` for the second, and so on."""
    return node.path if place == 0 else f"{node.path}#{place}"


class Flow:
    """Producers, consumers and keys of all values of a network."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.producers: dict[int, Node] = {}
        self.consumers: dict[int, list[Node]] = defaultdict(list)
        #: By the trace's key, in dataflow order.
        self.values: dict[str, int] = {}
        self.places: dict[Node, int] = {}
        for number, node in enumerate(graph.nodes):
            self.places[node] = number
            for value in node.inputs:
                if node not in self.consumers[value]:
                    self.consumers[value].append(node)
            for place, value in enumerate(node.outputs):
                self.producers[value] = node
                self.values[key_of(node, place)] = value
        self.keys = {value: key for key, value in self.values.items()}
        self.inputs = {i.value: i.name for i in graph.inputs}
        self._names = {(w.node, w.weight.name): w.name for w in graph.weights}
        self.owners = {w.name: w.node for w in graph.weights}

    def before(self, value: int, known: AbstractSet[int]) -> tuple[Node, ...]:
        """The nodes that make `value` out of known values and inputs, in dataflow order."""
        found: set[Node] = set()
        waiting = [value]
        while waiting:
            node = self.producers.get(waiting.pop())
            if node is None or node in found:
                continue
            found.add(node)
            waiting += [v for v in node.inputs if v not in known and v not in self.inputs]
        return self.ordered(found)

    def behind(self, start: list[Node], known: AbstractSet[int]) -> tuple[Node, ...]:
        """`start`, and what reads their results, up to known values."""
        found: set[Node] = set()
        waiting = list(start)
        while waiting:
            node = waiting.pop()
            if node in found:
                continue
            found.add(node)
            for value in node.outputs:
                if value not in known:
                    waiting += self.consumers[value]
        return self.ordered(found)

    def ordered(self, nodes: set[Node]) -> tuple[Node, ...]:
        """In dataflow order."""
        return tuple(sorted(nodes, key=self.places.__getitem__))

    def users(self, weight: str) -> list[Node]:
        """The nodes that use a weight: its owner, and those that run it again."""
        owner = self.owners[weight]
        return [node for node in self.graph.nodes if node.owner is owner]

    def step(self, node: Node) -> Step:
        """The node as a step of a trial."""
        own = node.owner
        return Step(
            node.op,
            tuple(map(str, node.inputs)),
            tuple(map(str, node.outputs)),
            {name: full for (owner, name), full in self._names.items() if owner is own},
            node.path if node.op.stochastic else None,
        )
