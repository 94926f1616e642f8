"""ONNX rules of resizing."""

from __future__ import annotations

import numpy as np

from resdsl.ops.resize import NEAREST, Upsample
from resdsl.ops.windows import each

from ..builder import Site
from .tables import rules


@rules.emits(Upsample)
def upsample(op: Upsample, site: Site) -> None:
    if site.type.spatial == site.result.spatial:
        site.emit("Identity", site.x)
    elif not site.form.elementary:
        _layer(op, site)
    elif op.mode == NEAREST:
        _repeated(site)
    else:
        _interpolated(site)


def _layer(op: Upsample, site: Site) -> None:
    attributes = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
    if op.mode == NEAREST:
        attributes = {"mode": NEAREST, "coordinate_transformation_mode": "asymmetric"}
        attributes["nearest_mode"] = "floor"
    if op.like is None:
        factors = site.table("scales", np.array([1, 1, *each(op.by or 1, site.type.rank)]), "<f4")
        site.emit("Resize", site.x, "", factors, **attributes)
        return
    # Sizes are given in full, and the batch's is known when it comes.
    batch = site.part("Shape", site.x, start=0, end=2)
    sizes = site.part("Concat", batch, site.ints(*site.result.spatial), axis=0)
    site.emit("Resize", site.x, "", "", sizes, **attributes)


def _repeated(site: Site) -> None:
    """Positions by number, direction by direction; exact."""
    x, grown = site.x, _grown(site)
    for axis, before, after in grown:
        numbers = site.ints(*(i * before // after for i in range(after)))
        if axis == grown[-1][0]:
            site.emit("Gather", x, numbers, axis=axis)
        else:
            x = site.part("Gather", x, numbers, axis=axis)


def _interpolated(site: Site) -> None:
    """The shares of the positions before and after each centre, direction by direction."""
    x, grown = site.x, _grown(site)
    for axis, before, after in grown:
        centres = np.maximum((np.arange(after) + 0.5) * before / after - 0.5, 0)
        low = centres.astype(int)
        high = np.minimum(low + 1, before - 1)
        share = (centres - low).reshape(-1, *(1 for _ in range(axis + 1, site.type.rank + 2)))
        parts = [
            site.part(
                "Mul",
                site.part("Gather", x, site.ints(*numbers.tolist()), axis=axis),
                site.table(f"{name}{axis}", values),
            )
            for name, numbers, values in (("low", low, 1 - share), ("high", high, share))
        ]
        if axis == grown[-1][0]:
            site.emit("Add", *parts)
        else:
            x = site.part("Add", *parts)


def _grown(site: Site) -> list[tuple[int, int, int]]:
    """The axes that grow, each with its size before and after."""
    sizes = zip(site.type.numbers[1:], site.result.numbers[1:], strict=True)
    return [(axis, *pair) for axis, pair in enumerate(sizes, 2) if pair[0] != pair[1]]
