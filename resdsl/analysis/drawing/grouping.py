"""Which operations share a box.

A convolution is drawn with the norm and the activation that follow it, or, in networks that put
them before, that precede it; a stage or block may be one box as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from resdsl.analysis.structure import Item, Scope, structure
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass

#: They give the entries another form, and are not worth a box.
_VIEWS = frozenset({"flatten", "reshape", "identity"})


@dataclass(slots=True, eq=False)
class Group:
    """Operations in one box, in order; those of a scope, if the box is one."""

    nodes: list[Node]
    scope: Scope | None
    #: Whether none of its operations is worth a box of its own.
    is_quiet: bool

    @property
    def main(self) -> Node:
        """The operation the box is named after."""
        loud = (
            node for node in self.nodes if node.op.name not in _VIEWS and not _may_be_quiet(node)
        )
        return next(loud, self.nodes[0])


def group_nodes(graph: Graph, collapse: str) -> list[Group]:
    """The boxes of a network, in topological order: see `scene_of` for `collapse`."""
    uses = Counter(value for node in graph.nodes for value in node.inputs)
    uses.update(graph.outputs)
    groups = [
        Group(list(item.nodes), item, False)
        if isinstance(item, Scope)
        else Group([item], None, collapse != "none" and _is_quiet(graph, item))
        for item in _items(structure(graph), collapse)
    ]
    if collapse == "none":
        return groups
    return _into_followers(graph, _into_leaders(groups, uses), uses)


def _items(scope: Scope, collapse: str) -> Iterator[Item]:
    """The nodes to be grouped, and the scopes that are one box."""
    for item in scope.items:
        if not isinstance(item, Scope) or _is_box(item, collapse):
            yield item
        else:
            yield from _items(item, collapse)


def _is_box(scope: Scope, collapse: str) -> bool:
    if collapse == "stage":
        return True
    return collapse == "block" and scope.is_block and _weighty(scope) > 1 and not _is_opened(scope)


def _is_opened(scope: Scope) -> bool:
    """Whether a block is one of blocks, rather than one of operations, with a gate perhaps."""
    inner = [weighty for s in _below(scope) if (weighty := _weighty(s)) > 1]
    share = sum(inner) / _weighty(scope)
    return share > (0.5 if len(inner) > 1 else 0.9)


def _below(scope: Scope) -> Iterator[Scope]:
    """The outermost blocks and stages inside, groups seen through."""
    for inner in scope.scopes:
        if inner.is_block or inner.is_stage:
            yield inner
        else:
            yield from _below(inner)


def _weighty(scope: Scope) -> int:
    """How many of the operations are convolutions and the like."""
    return sum(hasattr(node.op, "out") for node in scope.nodes)


def _may_be_quiet(node: Node) -> bool:
    """Whether an operation works entry by entry or channel by channel, going by its attributes."""
    return len(node.inputs) == 1 and not (hasattr(node.op, "kernel") or hasattr(node.op, "out"))


def _is_quiet(graph: Graph, node: Node) -> bool:
    """Whether a node may share another's box: a norm, an activation, or a mere view."""
    if node.op.name in _VIEWS:
        return True
    return _may_be_quiet(node) and graph.types[node.inputs[0]] == graph.types[node.output]


def _into_leaders(groups: list[Group], uses: Counter[int]) -> list[Group]:
    """Quiet ones become part of the box they follow, if nothing else reads that."""
    made: dict[int, Group] = {}
    kept = []
    for group in groups:
        first = group.nodes[0]
        leader = made.get(first.inputs[0]) if group.is_quiet else None
        if leader is not None and uses[first.inputs[0]] == 1 and leader.scope is None:
            leader.nodes += group.nodes
            group = leader
        else:
            kept.append(group)
        made.update((value, group) for node in group.nodes for value in node.outputs)
    return kept


def _into_followers(graph: Graph, groups: list[Group], uses: Counter[int]) -> list[Group]:
    """Quiet ones that are left become part of the box that follows, if it alone reads them."""
    readers = {value: group for group in groups for node in group.nodes for value in node.inputs}
    kept = []
    for group in reversed(groups):
        last = group.nodes[-1]
        follower = readers.get(last.output) if group.is_quiet else None
        if follower is not None and uses[last.output] == 1 and _takes(follower):
            follower.nodes[:0] = group.nodes
            readers.update((value, follower) for node in group.nodes for value in node.inputs)
        else:
            kept.append(group)
    return kept[::-1]


def _takes(group: Group) -> bool:
    return group.scope is None and not group.main.op.is_join
