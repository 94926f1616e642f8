"""Error over iterations as He et al. 2015 draw it: of training thin and dashed, of tests bold.

Imported at the end of a run: matplotlib takes a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from resdsl.training.logs import read_log
from resdsl.training.report import Report

Lines = Sequence[Mapping[str, Any]]

#: Of Okabe and Ito, told apart by everybody and on paper; the first is the darkest.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def draw_run(report: Report) -> list[Path]:
    """The curves of a run, in its folder; none where nothing was tested yet."""
    logs = {r.backend: read_log(report.folder / r.backend) for r in report.results if r.test}
    return draw_curves(logs, report.model, report.folder) if logs else []


def draw_curves(logs: Mapping[str, Lines], title: str, folder: Path) -> list[Path]:
    """Write `curves.svg` and `curves.png`, a colour for each log; returns what was written."""
    import matplotlib

    matplotlib.use("Agg")
    # The same bytes for the same log.
    matplotlib.rcParams["svg.hashsalt"] = "resdsl"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    for (name, lines), color in zip(logs.items(), _repeated(len(logs)), strict=True):
        train, test = errors(lines, "train"), errors(lines, "test")
        axes.plot(*train, "--", color=color, linewidth=0.8, alpha=0.8, label=f"{name}, training")
        axes.plot(*test, "-", color=color, linewidth=2.0, label=f"{name}, test")
        for step in falls(lines):
            axes.axvline(step, color="0.85", linewidth=0.8, zorder=0)
    axes.set_xlabel("iteration")
    axes.set_ylabel("error (%)")
    axes.set_title(title, fontsize="medium")
    axes.set_ylim(0, _top(logs.values()))
    axes.margins(x=0.01)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize="small")
    written = [folder / "curves.svg", folder / "curves.png"]
    figure.savefig(written[0], metadata={"Date": None})
    figure.savefig(written[1], dpi=160)
    plt.close(figure)
    return written


def errors(lines: Lines, event: str) -> tuple[list[int], list[float]]:
    """Steps, and the error in percent at each."""
    chosen = [line for line in lines if line["event"] == event]
    return [line["step"] for line in chosen], [100 * (1 - line["accuracy"]) for line in chosen]


def falls(lines: Lines) -> list[int]:
    """Steps behind which the rate, constant before, is half or less, as in a schedule of steps."""
    rates = [(line["step"], line["rate"]) for line in lines if line["event"] == "train"]
    threes = zip(rates, rates[1:], rates[2:], strict=False)
    return [
        step
        for (_, earlier), (step, before), (_, after) in threes
        if earlier == before and 0 < after <= before / 2
    ]


def _top(logs: Any) -> float:
    """A little above the first lines, which are chance and need not all be seen."""
    highest = max((max(errors(lines, "test")[1], default=0) for lines in logs), default=0)
    return min(100.0, max(5.0, 1.1 * highest))


def _repeated(count: int) -> list[str]:
    return [COLORS[i % len(COLORS)] for i in range(count)]
