"""A figure as shapes with coordinates, y downwards: what `place` makes and `svg` writes."""

from __future__ import annotations

from typing import TypeAlias

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A box with its text in the middle. `color` counts the palette, -1 is plain."""

    x: float
    y: float
    width: float
    height: float
    text: str
    color: int
    title: str
    #: Drawn with a second edge, for a box that stands for many layers.
    is_stack: bool = False


@dataclass(frozen=True, slots=True)
class Circle:
    """A join with its sign in the middle."""

    x: float
    y: float
    radius: float
    sign: str
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of straight parts and quarter ellipses, with a head at its end.

    `path` is in SVG's path language; the head's tip is at `tip`, and points "down", "left" or
    "right", or there is "none".
    """

    path: str
    tip: tuple[float, float]
    points: str
    is_dotted: bool
    title: str


@dataclass(frozen=True, slots=True)
class Label:
    """A line of text; `anchor` is SVG's: which part of it stands at `x`."""

    x: float
    y: float
    text: str
    style: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Rule:
    """A faint line across the figure, where the size changes."""

    y: float
    left: float
    right: float


Shape: TypeAlias = "Rectangle | Circle | Line | Label | Rule"


@dataclass(frozen=True, slots=True)
class Figure:
    """All the shapes, in the order in which they are drawn."""

    name: str
    width: float
    height: float
    shapes: tuple[Shape, ...]
