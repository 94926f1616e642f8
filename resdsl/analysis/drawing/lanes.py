"""Which boxes stand above each other and which beside: rows and lanes, as in the graph of a
version history.

The main path keeps to lane 0 from the top to the bottom; what branches off stands in lanes to its
right and left for as long as it is apart. So a chain is a column, a residual network a column with
arrows beside it, and an Inception module a column that opens and closes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from resdsl.analysis.drawing.scene import Scene
from resdsl.records import dataclass


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
    lanes = [0] * len(scene.boxes)
    taken: dict[int, list[tuple[int, int]]] = {}
    for chain in _chains(scene, sources, depths):
        lane = 0
        if taken:
            above = [rows[s] for s in sources[chain[0]]]
            below = [rows[t] for t in targets[chain[-1]]]
            span = min([*above, rows[chain[0]] - 1]), max([*below, rows[chain[-1]] + 1])
            lane = _free_lane(taken, span)
            taken.setdefault(lane, []).append(span)
        else:
            taken[lane] = [(-1, height)]
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


def _free_lane(taken: dict[int, list[tuple[int, int]]], span: tuple[int, int]) -> int:
    """The first lane, right before left, in which nothing stands in the rows inside `span`."""
    for distance in count(1):
        for lane in (distance, -distance):
            if all(end <= span[0] or span[1] <= start for start, end in taken.get(lane, ())):
                return lane
    raise AssertionError("count never ends")
