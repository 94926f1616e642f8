"""The arrows' lines in SVG's path language, each with the tip of its head and where it points."""

from __future__ import annotations

from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
#: The path, the tip of the head, and where it points.
Drawn: TypeAlias = tuple[str, Point, str]

#: Length of a head; the line ends inside it.
HEAD = 5.0
_INSIDE = HEAD - 1
#: Radius of a turn from lane to lane, and the tallest quarter ellipse on the way around.
_TURN = 6.0
_TALL = 34.0
#: How far above a box an arrow from the side turns down.
_ABOVE = 9.0


def number(value: float) -> str:
    """A coordinate: one digit after the point, and none where it is whole."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.1f}"


def straight(x: float, start: float, end: float, has_head: bool) -> Drawn:
    """Down a lane."""
    if not has_head:
        return f"M{_at(x, start)}V{number(end)}", (x, end), "none"
    return f"M{_at(x, start)}V{number(end - _INSIDE)}", (x, end), "down"


def bent(start: Point, turn: float, end: Point, kind: str, is_join: bool, radius: float) -> Drawn:
    """From lane to lane: aside at `turn` and down ("fork"), or down and aside at the end."""
    (x0, y0), (x1, y1) = start, end
    side = 1 if x1 > x0 else -1
    if kind == "fork":
        top = y1 - radius if is_join else y1
        path = f"M{_at(x0, y0)}V{number(turn)}H{number(x1 - side * _TURN)}"
        path += _corner(x1, turn + _TURN, _TURN, _TURN, side > 0)
        return path + f"V{number(top - _INSIDE)}", (x1, top), "down"
    low = y1 if is_join else y1 - _ABOVE
    path = f"M{_at(x0, y0)}V{number(low - _TURN)}"
    path += _corner(x0 + side * _TURN, low, _TURN, _TURN, side < 0)
    return _arrive(path, end, side, is_join, radius)


def around(
    start: Point,
    turn: float,
    edge: float,
    reach: float,
    end: Point,
    is_join: bool,
    radius: float,
) -> Drawn:
    """Aside at `turn`, past the `edge` of the boxes by `reach`, and back in at the end."""
    (x0, y0), (_, y1) = start, end
    low = y1 if is_join else y1 - _ABOVE
    tall = min((low - turn) / 2, _TALL)
    is_right = reach > 0
    path = f"M{_at(x0, y0)}V{number(turn)}H{number(edge)}"
    path += _corner(edge + reach, turn + tall, reach, tall, is_right)
    if low - turn > 2 * tall:
        path += f"V{number(low - tall)}"
    path += _corner(edge, low, reach, tall, is_right)
    return _arrive(path, end, -1 if is_right else 1, is_join, radius)


def _arrive(path: str, end: Point, side: int, is_join: bool, radius: float) -> Drawn:
    """The last part: into a join from the side (`side` 1: rightwards), into a box from above."""
    x, y = end
    if is_join:
        tip = x - side * radius
        return path + f"H{number(tip - side * _INSIDE)}", (tip, y), "right" if side > 0 else "left"
    return path + f"H{number(x)}V{number(y - _INSIDE)}", (x, y), "down"


def _corner(x: float, y: float, wide: float, tall: float, is_clockwise: bool) -> str:
    """A quarter of an ellipse to `(x, y)`."""
    return f"A{number(abs(wide))} {number(tall)} 0 0 {int(is_clockwise)} {_at(x, y)}"


def _at(x: float, y: float) -> str:
    return f"{number(x)} {number(y)}"
