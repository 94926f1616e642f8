"""Whose weight is whose? Names of another implementation of a network, matched with canonical ones.

Layers are matched, not single tensors: what two layers have in common is the tensors' parts and
shapes (`key_of`). Three ways, the surest first:

- names: all are the same;
- dataflow: both networks as graphs of layers are compared by colour refinement (Weisfeiler and
  Leman 1968, "The reduction of a graph to canonical form"): a layer is told from others of its
  shape by what is before and behind it. Layers that nothing tells apart, such as the query and the
  key of an attention, are taken in order, and other orders are tried;
- order: where the connections are not known, or differ, layers of the same shapes are taken in the
  order in which they run, then in which they were declared.

A match is a proposal. Whether it is right is for the numbers to say.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, product
from typing import TypeAlias

from resdsl.records import dataclass
from resdsl.weights.description import Description, Key, Tensor, key_of

#: Other orders of layers that nothing tells apart: more would take longer than writing the map.
MOST_ORDERS = 24

Layers: TypeAlias = "list[tuple[str, str]]"
Side: TypeAlias = "dict[str, int]"


@dataclass(frozen=True, slots=True)
class Match:
    """A canonical name for each of their names. `how` it was found: `names`, `dataflow`, `order`,
    or `file`. `groups` are the layers, ours and theirs, that only an order tells apart."""

    names: Mapping[str, str]
    how: str
    groups: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    @property
    def is_certain(self) -> bool:
        """Whether nothing else would fit: then it is right even if the numbers differ."""
        return not self.groups


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Tensors that have no counterpart, ours and theirs."""

    ours: tuple[Tensor, ...]
    theirs: tuple[Tensor, ...]

    def __bool__(self) -> bool:
        return bool(self.ours or self.theirs)


def unmatched(ours: Description, theirs: Description) -> Unmatched:
    """What is over when layers of equal shapes are taken away on both sides."""
    if set(_by_name(ours)) == set(_by_name(theirs)):
        # Names that are the same tell which tensor it is that has another shape.
        left, right = _by_name(ours), _by_name(theirs)
        return Unmatched(
            tuple(t for t in ours.tensors if not _fits(t, right[t.name])),
            tuple(t for t in theirs.tensors if not _fits(t, left[t.name])),
        )
    return Unmatched(_over(ours, theirs), _over(theirs, ours))


def _over(one: Description, other: Description) -> tuple[Tensor, ...]:
    there = Counter(key_of(tensors) for tensors in other.layers.values())
    names = {tensor.name for tensor in other.tensors}
    layers = one.layers
    over: list[Tensor] = []
    # Those of equal names first: they are the least likely to be the ones that are over.
    for layer in sorted(layers, key=lambda layer: layers[layer][0].name not in names):
        key = key_of(layers[layer])
        if there[key]:
            there[key] -= 1
        else:
            over.extend(layers[layer])
    places = {tensor.name: place for place, tensor in enumerate(one.tensors)}
    return tuple(sorted(over, key=lambda tensor: places[tensor.name]))


def matches(ours: Description, theirs: Description) -> Iterator[Match]:
    """Proposals, the surest first, none twice. Nothing may be unmatched."""
    seen: list[Mapping[str, str]] = []
    for match in _proposals(ours, theirs):
        if match.names not in seen:
            seen.append(match.names)
            yield match


def _proposals(ours: Description, theirs: Description) -> Iterator[Match]:
    names = _by_name(theirs)
    if all(t.name in names and _fits(t, names[t.name]) for t in ours.tensors):
        yield Match({t.name: t.name for t in ours.tensors}, "names")
    keys = [Counter(key_of(tensors) for tensors in d.layers.values()) for d in (ours, theirs)]
    if keys[0] != keys[1]:
        return  # Names alone fit: what is one layer there is two here.
    if _is_connected(ours) and _is_connected(theirs):
        yield from _by_dataflow(ours, theirs)
    yield from _by_order(ours, theirs)


def _fits(one: Tensor, other: Tensor) -> bool:
    return (one.core, one.trainable) == (other.core, other.trainable)


def _by_name(description: Description) -> dict[str, Tensor]:
    return {tensor.name: tensor for tensor in description.tensors}


def _is_connected(description: Description) -> bool:
    """Whether every layer was seen to run."""
    return all(layer in description.edges for layer in description.layers)


# By order ------------------------------------------------------------------------------------


def _by_order(ours: Description, theirs: Description) -> Iterator[Match]:
    orders = (theirs.running_order, list(theirs.layers))
    for order in orders:
        if [_key(ours, a) for a in ours.running_order] == [_key(theirs, b) for b in order]:
            # The same shapes one behind the other through the whole network.
            pairs = list(zip(ours.running_order, order, strict=True))
            yield Match(_names(ours, theirs, pairs), "order")
    for order in orders:
        left, right = _classes(ours, ours.running_order), _classes(theirs, order)
        pairs = [pair for key in left for pair in zip(left[key], right[key], strict=True)]
        groups = [(left[key], right[key]) for key in left if len(left[key]) > 1]
        yield Match(_names(ours, theirs, pairs), "order", _frozen(groups))


def _key(description: Description, layer: str) -> Key:
    return key_of(description.layers[layer])


def _classes(description: Description, order: Sequence[str]) -> dict[Key, list[str]]:
    layers = description.layers
    found: dict[Key, list[str]] = defaultdict(list)
    for layer in order:
        found[key_of(layers[layer])].append(layer)
    return found


def _names(ours: Description, theirs: Description, pairs: Layers) -> dict[str, str]:
    left, right = ours.layers, theirs.layers
    return {
        b.name: a.name
        for one, other in pairs
        for a, b in zip(_by_role(left[one]), _by_role(right[other]), strict=True)
    }


def _by_role(tensors: Sequence[Tensor]) -> list[Tensor]:
    return sorted(tensors, key=lambda t: (t.role, t.core, t.trainable))


def _frozen(
    groups: Sequence[tuple[Sequence[str], Sequence[str]]],
) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple((tuple(ours), tuple(theirs)) for ours, theirs in groups)


# By dataflow ---------------------------------------------------------------------------------


def _by_dataflow(ours: Description, theirs: Description) -> Iterator[Match]:
    sizes: list[int] = []
    first = _Refinement(ours, theirs).match(lambda number, size: 0, sizes)
    if first is None:
        return
    yield first
    for choose in islice(_orders(sizes), MOST_ORDERS):
        other = _Refinement(ours, theirs).match(choose, [])
        if other is not None:
            yield other


def _orders(sizes: Sequence[int]) -> Iterator[Callable[[int, int], int]]:
    """Other choices than the first, everywhere alike before one by one: who declares the key
    before the query does so in every block."""
    kinds = sorted(set(sizes))
    for indices in product(*map(range, kinds)):
        alike = dict(zip(kinds, indices, strict=True))
        yield lambda number, size, alike=alike: alike.get(size, 0)  # type: ignore[misc]
    for choices in product(*map(range, sizes)):
        yield lambda number, size, choices=choices: (  # type: ignore[misc]
            min(choices[number], size - 1) if number < len(choices) else 0
        )


class _Refinement:
    """The colours of both networks' layers: equal ones cannot be told apart so far."""

    def __init__(self, ours: Description, theirs: Description) -> None:
        self._ours, self._theirs = ours, theirs
        keys: dict[Key, int] = {}
        self._sides: list[Side] = [
            {layer: keys.setdefault(key_of(d.layers[layer]), len(keys)) for layer in d.layers}
            for d in (ours, theirs)
        ]
        self._around = [_neighbours(ours), _neighbours(theirs)]
        self._fresh = -1

    def match(self, choose: Callable[[int, int], int], sizes: list[int]) -> Match | None:
        """A match, or `None` where the networks are not connected alike.

        Where several layers are left for one of ours, `choose(number of the choice, how many)`
        says which of them; how many there were is added to `sizes`.
        """
        groups: list[tuple[list[str], list[str]]] = []
        order = self._ours.running_order
        places = {layer: i for i, layer in enumerate(self._theirs.running_order)}
        while self._refine():
            left, right = (_coloured(side) for side in self._sides)
            layer = next((x for x in order if len(left[self._sides[0][x]]) > 1), None)
            if layer is None:
                pairs = [(x, right[self._sides[0][x]][0]) for x in order]
                names = _names(self._ours, self._theirs, pairs)
                return Match(names, "dataflow", _frozen(groups))
            colour = self._sides[0][layer]
            # A layer of the same name before others, then in the order in which they run.
            others = sorted(right[colour], key=lambda x: (x != layer, places[x]))
            if not any(set(left[colour]) <= set(group) for group, _ in groups):
                groups.append((sorted(left[colour], key=order.index), others))
            other = others[choose(len(sizes), len(others))]
            sizes.append(len(others))
            self._sides[0][layer] = self._sides[1][other] = self._fresh
            self._fresh -= 1
        return None

    def _refine(self) -> bool:
        """Tell layers apart by their neighbours' colours, until nothing more is told apart."""
        while True:
            colours: dict[object, int] = {}
            before = len(set(self._sides[0].values()))
            self._sides = [
                {x: colours.setdefault(_seen(x, side, around), len(colours)) for x in side}
                for side, around in zip(self._sides, self._around, strict=True)
            ]
            if Counter(self._sides[0].values()) != Counter(self._sides[1].values()):
                return False
            if len(colours) == before:
                return True


def _seen(layer: str, side: Side, around: Mapping[str, tuple[list[str], list[str]]]) -> object:
    """A layer's colour with those of its neighbours; `<input 0>` and the like have their names."""
    sources, targets = around[layer]
    return (
        side[layer],
        tuple(sorted(str(side.get(x, x)) for x in sources)),
        tuple(sorted(str(side.get(x, x)) for x in targets)),
    )


def _neighbours(description: Description) -> dict[str, tuple[list[str], list[str]]]:
    found: dict[str, tuple[list[str], list[str]]] = {x: ([], []) for x in description.layers}
    for layer, sources in description.edges.items():
        for source in sources:
            if layer in found:
                found[layer][0].append(source)
            if source in found:
                found[source][1].append(layer)
    return found


def _coloured(side: Side) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for layer, colour in side.items():
        found[colour].append(layer)
    return found
