"""Distances over steps, on a logarithmic scale. Imported late: matplotlib takes a second."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from resdsl.files import write_text
from resdsl.parity.trajectory.report import FLOOR, Curve, Trajectory
from resdsl.parity.trajectory.settings import LIMIT, TIMES

#: Of Okabe and Ito, told apart by everybody and on paper.
COLORS = {"torch": "#0072B2", "jax": "#D55E00", "tensorflow": "#009E73"}


def write_files(report: Trajectory, stem: Path) -> list[Path]:
    """Write `stem` with .csv, .svg and .png; returns what was written."""
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows(report.rows())
    written = [stem.with_name(f"{stem.name}.{end}") for end in ("csv", "svg", "png")]
    stem.parent.mkdir(parents=True, exist_ok=True)
    write_text(written[0], table.getvalue())
    _draw(report, written[1], written[2])
    return written


def _draw(report: Trajectory, svg: Path, png: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    # The same bytes for the same figures.
    matplotlib.rcParams["svg.hashsalt"] = "resdsl"
    from matplotlib import pyplot as plt

    figure, (weights, loss) = plt.subplots(1, 2, figsize=(9.6, 4.2), layout="constrained")
    exact = report.dtype == "float64"
    for curve in report.curves:
        steps = range(1, len(curve.points) + 1)
        first = [_seen(p.measure(report.dtype)) for p in curve.points]
        second = [_seen(p.loss_distance) for p in curve.points]
        style = _style(curve, report)
        weights.plot(steps, first, **style)
        loss.plot(steps, second, **style)
        if curve.name == FLOOR and report.by_floor:
            limit = {"color": "0.6", "linestyle": ":", "label": f"{TIMES:.0f} times that"}
            weights.plot(steps, [TIMES * value for value in first], **limit)
    if exact:
        weights.axhline(LIMIT, color="0.6", linestyle=":", label="limit")
    what = "largest relative error of the state" if exact else "all weights, relative L2"
    for axes, label in ((weights, what), (loss, "loss, relative")):
        axes.set_yscale("log")
        axes.set_xlabel("step")
        axes.set_ylabel(f"distance from {report.reference} ({label})")
        axes.spines[["top", "right"]].set_visible(False)
    weights.legend(frameon=False, fontsize="small")
    figure.suptitle(f"{report.model}, recipe {report.recipe}, {report.dtype}", fontsize="medium")
    figure.savefig(svg, metadata={"Date": None})
    figure.savefig(png, dpi=160)
    plt.close(figure)


def _seen(value: float) -> float:
    """A logarithmic scale shows neither zero nor infinity: a gap."""
    return value if 0 < value < math.inf else math.nan


def _style(curve: Curve, report: Trajectory) -> dict[str, object]:
    if curve.name == FLOOR:
        label = f"{report.reference}, inputs one ulp off"
        return {"color": "0.35", "linestyle": "--", "linewidth": 1.2, "label": label}
    return {"color": COLORS.get(curve.name), "linewidth": 1.4, "label": curve.name}
