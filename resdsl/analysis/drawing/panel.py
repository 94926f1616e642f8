"""One network of a figure: where its boxes stand and how its arrows run, in coordinates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from resdsl.analysis.drawing.bands import row_sizes
from resdsl.analysis.drawing.figure import Circle, Label, Line, Rectangle, Shape
from resdsl.analysis.drawing.lanes import lanes_of
from resdsl.analysis.drawing.lines import around, bent, straight
from resdsl.analysis.drawing.routes import Route, routes_of, sideways_sources
from resdsl.analysis.drawing.scene import Box, Extent, Scene
from resdsl.analysis.drawing.texts import text_width

#: Height of a box.
BOX = 20.0
TEXT = 10.5
#: Between two rows; beside a join without a sign, above and below it.
GAP = 13.0
JOINT_GAP = 9.0
#: Where an arrow goes to another lane: room for the turn and the head.
TURN_GAP = 18.0
RADIUS = 7.0
#: Between two lanes, and between two arrows on the way around.
BETWEEN_LANES = 22.0
NESTED = 11.0
BULGE = 16.0
#: How far below a box an arrow turns aside.
ASIDE = 5.0
STEP = 4.0


class Panel:
    """A network in the figure. `left` and `right` are what it needs beside its main lane."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._lanes = lanes_of(scene)
        self._routes = routes_of(scene, self._lanes)
        self._aside = sideways_sources(self._routes, self._lanes)
        self._turns = self._rows_above_turns()
        self.sizes = row_sizes(scene, self._lanes)
        self._bare = self._joins_without_sign()
        self._row_heights = self._measure_rows()
        self._widths, self._centers = self._measure_lanes()
        self.left, self.right = self._measure()
        self._x = 0.0
        self._heights: Sequence[float] = ()
        self._colors: Mapping[Extent, int] = {}

    @property
    def lead(self) -> float:
        """What the input needs above the first band, which begins with the first box."""
        return self.advance(0) if self._has_lead() else 0.0

    def extent(self, rows: Sequence[int]) -> float:
        """Height of consecutive rows, without an input at the top."""
        if rows and rows[0] == 0 and self._has_lead():
            rows = rows[1:]
        if not rows:
            return 0.0
        return sum(self.advance(row) for row in rows[:-1]) + self._row_heights[rows[-1]]

    def advance(self, row: int) -> float:
        """From the beginning of a row to that of the next."""
        gap = JOINT_GAP if 0.0 in self._row_heights[row : row + 2] else GAP
        if row in self._turns:
            gap = TURN_GAP
        more = max(len(self._aside.get(row, ())) - 1, 0) * STEP
        return self._row_heights[row] + gap + more

    def stand(self, x: float, heights: Sequence[float], colors: Mapping[Extent, int]) -> None:
        """Where its main lane stands, and where each of its rows begins."""
        self._x, self._heights, self._colors = x, heights, colors

    @property
    def shapes(self) -> list[Shape]:
        """Arrows first, so that boxes lie on them."""
        lines: list[Shape] = [self._line(route) for route in self._routes]
        return lines + [shape for i in range(len(self.scene.boxes)) for shape in self._shape(i)]

    def _has_lead(self) -> bool:
        first = (b for b, row in zip(self.scene.boxes, self._lanes.rows, strict=True) if row == 0)
        return self._lanes.height > 1 and all(box.role == "input" for box in first)

    def _rows_above_turns(self) -> set[int]:
        """Rows below which an arrow turns into another lane, or out of it into a box."""
        rows = self._lanes.rows
        found = {rows[r.arrow.source] for r in self._routes if r.kind == "fork"}
        for route in self._routes:
            target = route.arrow.target
            if route.kind != "straight" and self.scene.boxes[target].role != "join":
                found.add(rows[target] - 1)
        return found

    def _joins_without_sign(self) -> set[int]:
        """The sums at which a shortcut arrives: the arrow says it all."""
        if not self.scene.has_bare_sums:
            return set()
        arrives = {r.arrow.target for r in self._routes if r.kind == "around"}
        return {i for i, box in enumerate(self.scene.boxes) if box.sign == "+" and i in arrives}

    def _measure_rows(self) -> list[float]:
        heights = [0.0] * self._lanes.height
        for index, row in enumerate(self._lanes.rows):
            heights[row] = max(heights[row], self._height(index))
        return heights

    def _height(self, index: int) -> float:
        if self.scene.boxes[index].role != "join":
            return BOX
        return 0.0 if index in self._bare else 2 * RADIUS

    def _measure_lanes(self) -> tuple[dict[int, float], dict[int, float]]:
        """Width of each lane, and how far its middle is from that of the main one."""
        widths: dict[int, float] = {}
        for box, lane in zip(self.scene.boxes, self._lanes.lanes, strict=True):
            width = 2 * RADIUS if box.role == "join" else text_width(box.text, TEXT) + 14
            widths[lane] = max(widths.get(lane, 0.0), width)
        centers = {0: 0.0}
        for side in (1, -1):
            edge = widths.get(0, 0.0) / 2
            for lane in sorted((k for k in widths if k * side > 0), key=abs):
                centers[lane] = side * (edge + BETWEEN_LANES + widths[lane] / 2)
                edge += BETWEEN_LANES + widths[lane]
        return widths, centers

    def _measure(self) -> tuple[float, float]:
        names = max(text_width(self.scene.name, 15), text_width(self.scene.caption, 9)) / 2
        sides = {1: names, -1: names}
        for lane, width in self._widths.items():
            for side in sides:
                sides[side] = max(sides[side], side * self._centers[lane] + width / 2)
        for route in self._routes:
            if route.kind == "around":
                reach = route.side * self._edge(route) + self._bulge(route)
                sides[route.side] = max(sides[route.side], reach)
        return sides[-1], sides[1]

    def _edge(self, route: Route) -> float:
        """The edge of the boxes an arrow goes around, from the middle of the main lane."""
        lane = route.beyond
        return self._centers[lane] + route.side * self._widths[lane] / 2

    def _bulge(self, route: Route) -> float:
        return BULGE + NESTED * route.nesting

    def _center(self, index: int) -> float:
        return self._x + self._centers[self._lanes.lanes[index]]

    def _top(self, index: int) -> float:
        row = self._lanes.rows[index]
        free = self._row_heights[row] - self._height(index)
        return self._heights[row] + free / 2

    def _bottom(self, index: int) -> float:
        return self._top(index) + self._height(index)

    def _line(self, route: Route) -> Line:
        arrow = route.arrow
        x0, x1 = self._center(arrow.source), self._center(arrow.target)
        y0, y1 = self._bottom(arrow.source), self._top(arrow.target)
        if route.kind == "straight":
            path, tip, points = straight(x0, y0, y1, arrow.target not in self._bare)
        else:
            row = self._lanes.rows[arrow.source]
            order = self._aside[row]
            index = order.index(arrow.source) if arrow.source in order else 0
            turn = self._heights[row] + self._row_heights[row] + ASIDE + STEP * index
            box = self.scene.boxes[arrow.target]
            is_join = box.role == "join"
            half = self._height(arrow.target) / 2
            end = (x1, y1 + half if is_join else y1)
            if route.kind == "around":
                edge = self._x + self._edge(route)
                reach = route.side * self._bulge(route)
                path, tip, points = around((x0, y0), turn, edge, reach, end, is_join, half)
            else:
                path, tip, points = bent((x0, y0), turn, end, route.kind, is_join, half)
        return Line(path, tip, points, arrow.is_dotted, arrow.title)

    def _shape(self, index: int) -> list[Shape]:
        box: Box = self.scene.boxes[index]
        x, y = self._center(index), self._top(index)
        if index in self._bare:
            return []
        if box.role == "join":
            return [Circle(x, y + RADIUS, RADIUS, box.sign, box.title)]
        if box.role in ("input", "output"):
            return [Label(x, y + BOX / 2 + 3.7, box.text, "end")]
        width = self._widths[self._lanes.lanes[index]]
        color = -1 if box.role == "pool" else self._colors.get(box.size, -1)
        is_stack = box.role == "stage"
        return [Rectangle(x - width / 2, y, width, BOX, box.text, color, box.title, is_stack)]
