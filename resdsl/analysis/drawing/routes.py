"""How each arrow of a picture goes: straight down a lane, from lane to lane, or around the boxes.

Rows and lanes only; `place` turns routes into coordinates.
"""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.analysis.drawing.lanes import Lanes
from resdsl.analysis.drawing.scene import Arrow, Scene
from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Route:
    """The way of an arrow.

    It is "straight"; or a "fork": aside below its source, and down the target's lane; or a "merge":
    down the source's lane, and aside above the target; or it goes "around" on a side (1 right, -1
    left), `nesting` arrows being between it and the boxes.
    """

    arrow: Arrow
    kind: str
    side: int = 0
    nesting: int = 0
    #: Outermost lane on that side that has boxes in its rows.
    beyond: int = 0


def routes_of(scene: Scene, lanes: Lanes) -> list[Route]:
    """A route for each arrow; shorter ones are nearer to the boxes."""
    router = _Router(lanes)
    by_length = sorted(
        scene.arrows, key=lambda a: (lanes.rows[a.target] - lanes.rows[a.source], a.source)
    )
    return [router.route(arrow) for arrow in by_length]


class _Router:
    def __init__(self, lanes: Lanes) -> None:
        self._rows = lanes.rows
        self._lanes = lanes.lanes
        self._boxes: dict[int, list[int]] = {}
        for row, lane in zip(lanes.rows, lanes.lanes, strict=True):
            self._boxes.setdefault(lane, []).append(row)
        #: Vertical lines that are there, by lane: the rows, and the arrow.
        self._lines: dict[int, list[tuple[int, int, Arrow]]] = {}
        #: Arrows around, by side: their rows and nesting.
        self._around: dict[int, list[tuple[int, int, int]]] = {1: [], -1: []}

    def route(self, arrow: Arrow) -> Route:
        start, end = self._lanes[arrow.source], self._lanes[arrow.target]
        if start == end:
            ways = [("straight", start)]
        elif abs(start) < abs(end):
            ways = [("fork", end), ("merge", start)]
        else:
            ways = [("merge", start), ("fork", end)]
        for kind, lane in ways:
            if self._is_free(lane, arrow):
                rows = self._rows[arrow.source], self._rows[arrow.target]
                self._lines.setdefault(lane, []).append((*rows, arrow))
                return Route(arrow, kind)
        return self._go_around(arrow)

    def _is_free(self, lane: int, arrow: Arrow) -> bool:
        """Whether a vertical line fits into a lane between the rows of an arrow's ends."""
        first, last = self._rows[arrow.source], self._rows[arrow.target]
        if any(first < row < last for row in self._boxes.get(lane, ())):
            return False
        return not any(
            first < end
            and start < last
            and other.source != arrow.source
            and other.target != arrow.target
            for start, end, other in self._lines.get(lane, ())
        )

    def _go_around(self, arrow: Arrow) -> Route:
        first, last = self._rows[arrow.source], self._rows[arrow.target]
        near = [
            lane for lane, rows in self._boxes.items() if any(first <= row <= last for row in rows)
        ]
        side = -1 if max(near) > 0 and min(near) >= 0 else 1
        inner = [
            nesting for start, end, nesting in self._around[side] if first < end and start < last
        ]
        nesting = max(inner, default=-1) + 1
        self._around[side].append((first, last, nesting))
        return Route(arrow, "around", side, nesting, max(side * lane for lane in near) * side)


def sideways_sources(routes: Sequence[Route], lanes: Lanes) -> dict[int, list[int]]:
    """By row, the boxes that an arrow leaves sideways: each needs a height of its own."""
    found: dict[int, list[int]] = {}
    for route in routes:
        source = route.arrow.source
        boxes = found.setdefault(lanes.rows[source], [])
        if route.kind in ("fork", "around") and source not in boxes:
            boxes.append(source)
    return {row: sorted(boxes) for row, boxes in found.items()}
