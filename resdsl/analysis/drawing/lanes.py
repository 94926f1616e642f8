"""Which boxes stand above each other and which beside: rows and lanes, as in the graph of a
version history.

The main path keeps to lane 0 from the top to the bottom; what branches off stands in lanes to its
right and left for as long as it is apart. So a chain is a column, a residual network a column with
arrows beside it, and an Inception module a column that opens and closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import TypeAlias

from resdsl.analysis.drawing.order import beside_the_first
from resdsl.analysis.drawing.scene import Arrow, Scene
from resdsl.records import dataclass

#: The rows of a branch, without the two between which it is apart.
Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lanes:
    """Row and lane of each box of a scene, and how many rows there are."""

    rows: tuple[int, ...]
    lanes: tuple[int, ...]
    height: int


def lanes_of(scene: Scene) -> Lanes:
    """Rows from the top, lanes from 0 in the middle: 1 to its right, -1 to its left."""
    sources: list[list[int]] = [[] for _ in scene.boxes]
    targets: list[list[int]] = [[] for _ in scene.boxes]
    for arrow in scene.arrows:
        sources[arrow.target].append(arrow.source)
        targets[arrow.source].append(arrow.target)
    depths = _depths(sources)
    rows, height = _rows(scene, depths)
    chains = list(_chains(scene, sources, depths))
    spans = [(-1, height)]
    for chain in chains[1:]:
        above = [rows[s] for s in sources[chain[0]]]
        below = [rows[t] for t in targets[chain[-1]]]
        first, last = rows[chain[0]] - 1, rows[chain[-1]] + 1
        spans.append((min([*above, first]), max([*below, last])))
    if _lead_into_each_other(chains, scene.arrows):
        lane_of = _lanes_in_order(spans, beside_the_first(rows, height, chains, scene.arrows))
    else:
        lane_of = _free_lanes(spans)
    lanes = [0] * len(scene.boxes)
    for chain, lane in zip(chains, lane_of, strict=True):
        for box in chain:
            lanes[box] = lane
    return Lanes(tuple(rows), tuple(lanes), height)


def _depths(sources: Sequence[Sequence[int]]) -> list[int]:
    """How many boxes there are at most on a way to each one. Boxes are in topological order."""
    depths: list[int] = []
    for above in sources:
        depths.append(max((depths[s] + 1 for s in above), default=0))
    return depths


def _rows(scene: Scene, depths: Sequence[int]) -> tuple[list[int], int]:
    """A row for each depth at which there are boxes, and before it one for each join there.

    An input stands right above the first box that reads it.
    """
    keys = [
        (depth, index if box.role == "join" else len(scene.boxes))
        for index, (depth, box) in enumerate(zip(depths, scene.boxes, strict=True))
    ]
    for index, box in enumerate(scene.boxes):
        if box.role == "input":
            read = [depths[a.target] for a in scene.arrows if a.source == index]
            keys[index] = (min(read, default=1) - 1, len(scene.boxes))
    number = {key: row for row, key in enumerate(sorted(set(keys)))}
    return [number[key] for key in keys], len(number)


def _chains(
    scene: Scene, sources: Sequence[Sequence[int]], depths: Sequence[int]
) -> Iterator[list[int]]:
    """The boxes as paths from above to below, the main one first, then from the bottom up."""
    waiting = set(range(len(scene.boxes)))
    ends = [i for i, box in enumerate(scene.boxes) if box.role != "output"]
    start = max(ends, key=lambda i: depths[i])
    while waiting:
        chain = []
        box: int | None = start
        while box is not None:
            chain.append(box)
            waiting.discard(box)
            box = _straight_up(scene, box, [s for s in sources[box] if s in waiting], depths)
        yield chain[::-1]
        start = max(waiting, key=lambda i: (depths[i], -i), default=0)


def _straight_up(scene: Scene, box: int, above: Sequence[int], depths: Sequence[int]) -> int | None:
    """What the path comes from: of what has the same size the deepest, so that a gate, whose
    numbers have no positions, is no main path."""
    size = scene.boxes[box].size
    return max(above, key=lambda s: (scene.boxes[s].size == size, depths[s], -s), default=None)


def _lead_into_each_other(chains: Sequence[Sequence[int]], arrows: Sequence[Arrow]) -> bool:
    """Whether an arrow goes between two branches: else each one has but the main path to do with,
    and no order is better than the other."""
    branch_of = {box: number for number, chain in enumerate(chains[1:]) for box in chain}
    ends = ((branch_of.get(a.source), branch_of.get(a.target)) for a in arrows)
    return any(one is not None and two is not None and one != two for one, two in ends)


def _free_lanes(spans: Sequence[Span]) -> list[int]:
    """For each branch the first lane, right before left, in which nothing stands in its rows."""
    lanes = [0]
    for span in spans[1:]:
        beside = {lane for lane, other in zip(lanes, spans, strict=False) if _meet(span, other)}
        by_distance = (lane for distance in count(1) for lane in (distance, -distance))
        lanes.append(next(lane for lane in by_distance if lane not in beside))
    return lanes


def _lanes_in_order(spans: Sequence[Span], order: Sequence[float]) -> list[int]:
    """For each branch the first lane outside of those that are between it and the main path."""
    lanes = {0: 0}
    for branch in sorted(range(1, len(spans)), key=lambda k: abs(order[k])):
        side = 1 if order[branch] > 0 else -1
        beside = [lanes[k] * side for k in lanes if _meet(spans[branch], spans[k])]
        lanes[branch] = side * (max(0, *beside) + 1)
    return [lanes[branch] for branch in range(len(spans))]


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
