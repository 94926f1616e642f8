"""What the plots of all studies have in common. Matplotlib is imported when something is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from resdsl.training.curves import COLORS
from resdsl.training.studies.table import Spread

__all__ = ["COLORS", "band", "bars", "new_figure", "percent", "save", "shades"]

STYLE = {
    "font.size": 10,
    "axes.titlesize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "0.9",
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "svg.hashsalt": "resdsl",  # The same bytes for the same data.
    "svg.fonttype": "none",
    "path.simplify_threshold": 0.3,
}


def new_figure(title: str, rows: int, columns: int, height: float, **settings: Any) -> Any:
    """A figure as wide as a page, and its axes in rows."""
    import matplotlib

    matplotlib.use("Agg")
    matplotlib.rcParams.update(STYLE)
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        rows, columns, figsize=(10, height), layout="constrained", squeeze=False, **settings
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    return figure, axes


def band(axes: Any, places: Sequence[float], spreads: Sequence[Spread], **style: Any) -> None:
    """The mean over seeds as a line, the range as a band around it; what is not finite is left
    out."""
    kept = [(x, s) for x, s in zip(places, spreads, strict=True) if math.isfinite(s.mean)]
    xs = [x for x, _ in kept]
    (line,) = axes.plot(xs, [s.mean for _, s in kept], **style)
    low, high = [s.low for _, s in kept], [s.high for _, s in kept]
    axes.fill_between(xs, low, high, color=line.get_color(), alpha=0.2, linewidth=0)


def bars(axes: Any, places: Sequence[float], spreads: Sequence[Spread], **style: Any) -> None:
    """The mean over seeds as a point, joined by lines, the range as a bar."""
    means = [s.mean for s in spreads]
    below = [s.mean - s.low for s in spreads]
    above = [s.high - s.mean for s in spreads]
    axes.errorbar(places, means, yerr=[below, above], marker="o", capsize=3, **style)


def percent(spreads: Sequence[Spread]) -> list[Spread]:
    """Shares as percent."""
    return [Spread(tuple(100 * value for value in spread.values)) for spread in spreads]


def shades(count: int) -> list[Any]:
    """Colours from light to dark for what is ordered, told apart in grey as well."""
    import matplotlib

    scale = matplotlib.colormaps["viridis_r"]
    return [scale(0.15 + 0.85 * i / max(1, count - 1)) for i in range(count)]


def save(figure: Any, folder: Path, name: str) -> list[Path]:
    """Write `name.svg` and `name.png`; returns what was written."""
    from matplotlib import pyplot as plt

    written = [folder / f"{name}.svg", folder / f"{name}.png"]
    figure.savefig(written[0], metadata={"Date": None, "Creator": None})
    figure.savefig(written[1], dpi=144, metadata={"Software": None})
    plt.close(figure)
    return written
