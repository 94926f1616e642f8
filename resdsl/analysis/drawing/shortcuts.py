"""The shortcuts of residual blocks, which a picture shows as arrows past the block.

A shortcut is the way around into an `add` that has no layers, or none but a projection: a 1x1
convolution, subsampling, channels of zeros.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.drawing.grouping import Group
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass

_LIGHT = frozenset({"subsample", "pad_channels", "avg_pool", "max_pool", "blur_pool"})


@dataclass(frozen=True, slots=True)
class Shortcut:
    """The value it starts from, the boxes that it replaces, and the join where it ends."""

    source: int
    groups: tuple[Group, ...]
    join: Group


def shortcuts(graph: Graph, groups: Sequence[Group]) -> list[Shortcut]:
    """The shortcuts that have operations of their own; the others are mere arrows already."""
    order = {v: index for index, g in enumerate(groups) for n in g.nodes for v in n.outputs}
    readers: dict[int, list[int]] = {value: [len(groups)] for value in graph.outputs}
    for node in graph.nodes:
        for value in node.inputs:
            readers.setdefault(value, []).append(order[node.output])
    found = []
    for index, group in enumerate(groups):
        if group.main.op.name != "add" or len(group.main.inputs) != 2:
            continue
        ways = [_way(value, groups, order, readers) for value in group.main.inputs]
        light = [
            way
            for way in ways
            if way.groups and all(map(_is_light, way.groups)) and len(readers[way.source]) > 1
        ]
        if len(light) == 1:
            way = light[0]
            between = groups[order.get(way.source, -1) + 1 : index]
            if _is_local(way.source, between, group, index, readers):
                found.append(Shortcut(way.source, way.groups, group))
    return found


@dataclass(frozen=True, slots=True)
class _Way:
    """A chain of boxes into a join, back to where it forks off or joins something itself."""

    source: int
    groups: tuple[Group, ...]


def _way(
    value: int, groups: Sequence[Group], order: dict[int, int], readers: dict[int, list[int]]
) -> _Way:
    chain: list[Group] = []
    while value in order and len(readers[value]) == 1:
        group = groups[order[value]]
        if group.scope is not None or len(set(group.nodes[0].inputs)) != 1:
            break
        chain.insert(0, group)
        value = group.nodes[0].inputs[0]
    return _Way(value, tuple(chain))


def _is_light(group: Group) -> bool:
    op = group.main.op
    if op.name == "conv":
        kernel = getattr(op, "kernel", None)
        return kernel == 1 or (isinstance(kernel, tuple) and set(kernel) == {1})
    return op.name in _LIGHT


def _is_local(
    source: int,
    between: Sequence[Group],
    join: Group,
    index: int,
    readers: dict[int, list[int]],
) -> bool:
    """Whether all between the fork and the join stands in the join's scope, comes from the fork
    and leads into the join.

    In a feature pyramid it does not: there the 1x1 convolution into the sum is a layer of its own.
    """
    scope = _scope(join.main)
    nodes = [node for group in between for node in group.nodes]
    made = {source, *(value for node in nodes for value in node.outputs)}
    return made.issuperset(join.main.inputs) and all(
        node.path.startswith(scope)
        and made.issuperset(node.inputs)
        and all(max(readers.get(value, [index])) <= index for value in node.outputs)
        for node in nodes
    )


def _scope(node: Node) -> str:
    head, dot, _ = node.path.rpartition(".")
    return head + dot
