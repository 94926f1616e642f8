"""Coordinates: networks side by side in one figure, rows of one output size at one height."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resdsl.analysis.drawing import bands
from resdsl.analysis.drawing.figure import Figure, Label, Rule, Shape
from resdsl.analysis.drawing.panel import BOX, Panel
from resdsl.analysis.drawing.scene import Extent, Scene
from resdsl.analysis.drawing.texts import text_width

MARGIN = 16.0
#: Between two networks.
BETWEEN = 28.0
#: From the names at the top to the first row.
HEAD = 50.0
#: More room between two bands than between two rows.
BAND_GAP = 16.0
SIZES_FONT = 10.0


def place(scenes: Sequence[Scene]) -> Figure:
    """The figure of one network or several."""
    panels = [Panel(scene) for scene in scenes]
    whole = bands.merged([panel.sizes for panel in panels])
    rows = [bands.places(whole, panel.sizes) for panel in panels]
    tops, bottom = _tops(panels, rows, len(whole))
    labels = [size.text for size in whole]
    x = MARGIN + max(text_width(text, SIZES_FONT) for text in [*labels, "output size"]) + 14
    sizes_end = x - 14
    shapes: list[Shape] = []
    colors = _colors(whole)
    for panel, places in zip(panels, rows, strict=True):
        x += panel.left
        panel.stand(x, _heights(panel, places, tops), colors)
        shapes += panel.shapes
        shapes.append(Label(x, MARGIN + 12, panel.scene.name, "name"))
        shapes.append(Label(x, MARGIN + 27, panel.scene.caption, "caption"))
        x += panel.right + BETWEEN
    right = x - BETWEEN
    side = list(_side(labels, tops, sizes_end, right))
    name = ", ".join(scene.name for scene in scenes)
    return Figure(name, right + MARGIN, bottom + MARGIN, (*side, *shapes))


def _tops(
    panels: Sequence[Panel], rows: Sequence[Sequence[int]], count: int
) -> tuple[list[float], float]:
    """Where each band begins, and where the last one ends."""
    tops = []
    y = MARGIN + HEAD + max(panel.lead for panel in panels)
    for band in range(count):
        tops.append(y)
        y += max(
            panel.extent([row for row, place in enumerate(places) if place == band])
            for panel, places in zip(panels, rows, strict=True)
        )
        y += BAND_GAP
    return tops, y - BAND_GAP


def _heights(panel: Panel, places: Sequence[int], tops: Sequence[float]) -> list[float]:
    """Where each row of a network begins."""
    heights: list[float] = []
    for row, band in enumerate(places):
        if row == 0:
            heights.append(tops[band] - panel.lead)
        elif places[row - 1] == band:
            heights.append(heights[-1] + panel.advance(row - 1))
        else:
            heights.append(tops[band])
    return heights


def _side(
    labels: Sequence[str], tops: Sequence[float], end: float, right: float
) -> Iterator[Shape]:
    yield Label(end, MARGIN + 27, "output size", "size", "end")
    for index, (text, top) in enumerate(zip(labels, tops, strict=True)):
        if index:
            yield Rule(top - BAND_GAP / 2, MARGIN, right)
        yield Label(end, top + BOX / 2 + 3.5, text, "size", "end")


def _colors(whole: Sequence[Extent]) -> dict[Extent, int]:
    """A colour for each size, counted from the smallest; what has no positions is plain."""
    images = sorted({size for size in whole if size.numbers}, key=lambda size: size.numbers)
    return {size: index for index, size in enumerate(images)}
