"""Bands of rows with results of one size, which stand at the same height in all networks.

He et al. 2015, Figure 3: what is 28 x 28 in VGG-19 stands beside what is 28 x 28 in ResNet-34.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import groupby
from math import prod

from resdsl.analysis.drawing.lanes import Lanes
from resdsl.analysis.drawing.scene import Extent, Scene


def row_sizes(scene: Scene, lanes: Lanes) -> list[Extent]:
    """The size of each row: that of its box in the main lane, else of the row before.

    An input belongs to what reads it, as in the paper.
    """
    main: dict[int, Extent] = {}
    anywhere: dict[int, Extent] = {}
    for box, row, lane in zip(scene.boxes, lanes.rows, lanes.lanes, strict=True):
        if box.role != "input":
            anywhere.setdefault(row, box.size)
            if lane == 0:
                main[row] = box.size
    sizes: list[Extent | None] = [main.get(row) for row in range(lanes.height)]
    for row in range(lanes.height):
        if sizes[row] is None:
            sizes[row] = sizes[row - 1] if row and sizes[row - 1] is not None else None
    for row in reversed(range(lanes.height)):
        if sizes[row] is None:
            sizes[row] = sizes[row + 1] if row + 1 < lanes.height else anywhere.get(row)
    return [size if size is not None else Extent("1", ()) for size in sizes]


def merged(sequences: Sequence[Sequence[Extent]]) -> list[Extent]:
    """The bands of a figure: a sequence of sizes that holds the one of each network."""
    whole: list[Extent] = []
    for sequence in sequences:
        bands = [size for size, _ in groupby(sequence)]
        combined: list[Extent] = []
        matcher = SequenceMatcher(None, whole, bands, autojunk=False)
        for _, i1, i2, j1, j2 in matcher.get_opcodes():
            old, new = whole[i1:i2], bands[j1:j2]
            combined += old if old == new else _beside(old, new)
        whole = combined
    return whole


def _beside(old: list[Extent], new: list[Extent]) -> list[Extent]:
    """Bands that two networks have at one place: large ones above small ones, unless that would
    tear a network's own order apart."""
    mixed = sorted(old + new, key=_area, reverse=True)
    return mixed if _holds(mixed, old) and _holds(mixed, new) else old + new


def places(whole: Sequence[Extent], sizes: Sequence[Extent]) -> list[int]:
    """The band of each row of a network."""
    found = []
    band = -1
    previous: Extent | None = None
    for size in sizes:
        if size != previous:
            band = whole.index(size, band + 1)
            previous = size
        found.append(band)
    return found


def _area(size: Extent) -> int:
    return prod(size.numbers) if size.numbers else 0


def _holds(whole: Sequence[Extent], part: Sequence[Extent]) -> bool:
    rest = iter(whole)
    return all(size in rest for size in part)
