"""Which operations of two networks correspond.

By path first. Then, from the outside in, scope by scope: the items of two scopes are aligned like
two texts, where what has the same name, kind and shape belongs together. What is left over is
aligned once more as a flat sequence, because it may have moved into or out of a scope.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from resdsl.analysis.structure import Item, Scope, last_name, structure
from resdsl.ir.graph import Graph, Node
from resdsl.records import dataclass, field

#: More pairs than this are not weighed against each other; then only kinds and names count.
_MANY = 2_000_000

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Alignment:
    """Pairs of operations, pairs of scopes, pairs that have no more than their name in common, and
    what stands on one side only, in order."""

    nodes: list[tuple[Node, Node]] = field(default_factory=list)
    scopes: list[tuple[Scope, Scope]] = field(default_factory=list)
    exchanged: list[tuple[Item, Item]] = field(default_factory=list)
    removed: list[Item] = field(default_factory=list)
    added: list[Item] = field(default_factory=list)


def align(one: Graph, other: Graph) -> Alignment:
    """Match the operations of two networks."""
    pairs = _all_by_path(one, other) or _all_in_order(one, other)
    if pairs is not None:
        return Alignment(pairs)
    found = Alignment()
    _Aligner(one, other, found).scopes(structure(one), structure(other))
    _align_leftovers(one, other, found)
    return found


def _all_by_path(one: Graph, other: Graph) -> list[tuple[Node, Node]] | None:
    """Every operation with that of the same path, if there is one of the same kind for each."""
    paths = {node.path: node for node in other.nodes}
    if len(one.nodes) != len(paths):
        return None
    pairs = [(node, paths[node.path]) for node in one.nodes if node.path in paths]
    if len(pairs) != len(paths) or any(a.op.name != b.op.name for a, b in pairs):
        return None
    return pairs


def _all_in_order(one: Graph, other: Graph) -> list[tuple[Node, Node]] | None:
    """Every operation with the one in its place, if the kinds agree throughout."""
    if [node.op.name for node in one.nodes] != [node.op.name for node in other.nodes]:
        return None
    return list(zip(one.nodes, other.nodes, strict=True))


class _Aligner:
    def __init__(self, one: Graph, other: Graph, found: Alignment) -> None:
        self._one = one
        self._other = other
        self._found = found
        self._kinds: dict[int, Counter[str]] = {}

    def scopes(self, one: Scope, other: Scope) -> None:
        """Match what two scopes hold."""
        self._found.scopes.append((one, other))
        for a, b in aligned(one.items, other.items, self._score, _name):
            if a is None or b is None:
                self._found.removed += [a] if a is not None else []
                self._found.added += [b] if b is not None else []
            elif isinstance(a, Node) and isinstance(b, Node):
                self._found.nodes.append((a, b))
            elif isinstance(a, Scope) and isinstance(b, Scope) and self._likeness(a, b):
                self.scopes(a, b)
            else:
                self._found.exchanged.append((a, b))

    def _score(self, one: Item, other: Item) -> float:
        """How well two items fit each other; 0 where they do not."""
        if isinstance(one, Scope) and isinstance(other, Scope):
            return self._scope_score(one, other)
        if isinstance(one, Node) and isinstance(other, Node):
            same_type = self._one.types[one.output] == self._other.types[other.output]
            same_name = last_name(one.path) == last_name(other.path)
            if one.op.name == other.op.name:
                return 4 + 2 * same_name + same_type
            alike = self._stands_in(self._one, one) == self._stands_in(self._other, other)
            return 0.5 if alike and (same_type or same_name) else 0
        return float(last_name(one.path) == last_name(other.path))

    @staticmethod
    def _stands_in(graph: Graph, node: Node) -> object:
        """What an operation might stand in for: an activation or pool for another, a norm for a
        norm; anything else for nothing but itself."""
        has_weights = bool(node.op.weights(graph.types[node.inputs[0]]))
        if len(node.inputs) != 1 or (has_weights and hasattr(node.op, "kernel")):
            return node
        return node if hasattr(node.op, "out") else has_weights

    def _scope_score(self, one: Scope, other: Scope) -> float:
        likeness = self._likeness(one, other)
        same_name = last_name(one.path) == last_name(other.path)
        if likeness < 0.3 and not same_name:
            return 0
        return 4 * likeness + 3 * same_name + (one.is_stage == other.is_stage)

    def _likeness(self, one: Scope, other: Scope) -> float:
        """From 0 to 1: how many of the operations are of the same kind."""
        kinds, others = self._kinds_of(one), self._kinds_of(other)
        shared = 2 * (kinds & others).total() / (kinds.total() + others.total())
        similar = 2 * len(kinds.keys() & others.keys()) / (len(kinds) + len(others))
        return max(shared, 0.9 * similar)

    def _kinds_of(self, scope: Scope) -> Counter[str]:
        known = self._kinds.get(id(scope))
        if known is None:
            known = self._kinds[id(scope)] = Counter(node.op.name for node in scope.nodes)
        return known


def _align_leftovers(one: Graph, other: Graph, found: Alignment) -> None:
    """Match leftover operations of one kind and shape, wherever they stand."""

    def score(a: Node, b: Node) -> float:
        same_type = one.types[a.output] == other.types[b.output]
        fits = same_type and a.op.name == b.op.name
        return 1 + (last_name(a.path) == last_name(b.path)) if fits else 0

    pairs = aligned(_nodes(found.removed), _nodes(found.added), score, _name)
    matched = [(a, b) for a, b in pairs if a is not None and b is not None]
    if not matched:
        return
    found.nodes += matched
    taken = {id(node) for pair in matched for node in pair}
    found.removed = [left for item in found.removed for left in _without(item, taken)]
    found.added = [left for item in found.added for left in _without(item, taken)]
    order = {id(node): index for index, node in enumerate(one.nodes)}
    found.nodes.sort(key=lambda pair: order[id(pair[0])])


def _nodes(items: Sequence[Item]) -> list[Node]:
    return [n for item in items for n in (item.nodes if isinstance(item, Scope) else (item,))]


def _without(item: Item, taken: set[int]) -> list[Item]:
    """An item, or what is left of it."""
    if isinstance(item, Node):
        return [] if id(item) in taken else [item]
    if not any(id(node) in taken for node in item.nodes):
        return [item]
    return [left for inner in item.items for left in _without(inner, taken)]


def _name(item: Item) -> str:
    """Kind and label; a number is no name, since the next item has another."""
    kind = item.op.name if isinstance(item, Node) else ""
    name = last_name(item.path)
    return kind if name.isdigit() else f"{kind} {name}"


def aligned(
    one: Sequence[T],
    other: Sequence[T],
    score: Callable[[T, T], float],
    name: Callable[[T], str],
) -> list[tuple[T | None, T | None]]:
    """Two sequences side by side, in the order of both, so that the sum of scores is largest
    (Needleman and Wunsch 1970). A score of 0 keeps two apart."""
    if len(one) * len(other) > _MANY:
        return _by_name(one, other, name)
    # best[i][j]: what the rest from i and j on can reach.
    best = [[0.0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i in reversed(range(len(one))):
        row, below, a = best[i], best[i + 1], one[i]
        for j in reversed(range(len(other))):
            fit = score(a, other[j])
            row[j] = max(below[j + 1] + fit if fit else 0.0, below[j], row[j + 1])
    return _traced(one, other, score, best)


def _traced(
    one: Sequence[T],
    other: Sequence[T],
    score: Callable[[T, T], float],
    best: list[list[float]],
) -> list[tuple[T | None, T | None]]:
    found: list[tuple[T | None, T | None]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        fit = score(one[i], other[j])
        if fit and best[i][j] == best[i + 1][j + 1] + fit:
            found.append((one[i], other[j]))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            found.append((one[i], None))
            i += 1
        else:
            found.append((None, other[j]))
            j += 1
    return [*found, *((a, None) for a in one[i:]), *((None, b) for b in other[j:])]


def _by_name(
    one: Sequence[T], other: Sequence[T], name: Callable[[T], str]
) -> list[tuple[T | None, T | None]]:
    waiting: dict[str, list[T]] = {}
    for b in other:
        waiting.setdefault(name(b), []).append(b)
    found: list[tuple[T | None, T | None]] = []
    for a in one:
        same = waiting.get(name(a))
        found.append((a, same.pop(0) if same else None))
    return [*found, *((None, b) for rest in waiting.values() for b in rest)]
