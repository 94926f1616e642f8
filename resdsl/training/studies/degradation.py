"""Training error of plain and residual networks over depth: He et al. 2015, Figures 1 and 6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from resdsl.training.studies import networks
from resdsl.training.studies.curves import final, trained
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench

TITLE = "Do deeper plain networks train worse, and residual ones not?"
SCALES = {
    "digits": Scale(input="1x8x8", recipe="digits(epochs = 30)", depths=(8, 20, 32, 56)),
    "cifar10": Scale(input="3x32x32", recipe="cifar10", depths=(20, 32, 44, 56)),
    "smallest": Scale(input="1x8x8", recipe="digits(epochs = 1)", depths=(8, 14), width=4),
}
KINDS = {"plain": "plain", "residual": "A"}


def runs(scale: Scale) -> list[Run]:
    """Plain and residual at each depth, with the same number of parameters."""
    return [
        Run(
            labels={"kind": kind, "depth": depth},
            network=networks.NETWORK,
            settings=networks.settings(depth, skip, width=scale.width),
            input=scale.input,
            recipe=scale.recipe,
            effort=depth,
        )
        for kind, skip in KINDS.items()
        for depth in scale.depths
    ]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Train by the recipe."""
    yield from trained(bench.training(run))


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """Error over steps for each kind, as in the paper's Figure 6, and its end over depth."""
    from resdsl.training.studies import plots

    figure, axes = plots.new_figure(TITLE, 1, 3, 4.2)
    curves = results["curves"]
    depths = curves.distinct("depth")
    for panel, kind in zip(axes[0], KINDS, strict=False):
        for color, depth in zip(plots.shades(len(depths)), depths, strict=True):
            rows = curves.where(kind=kind, depth=depth)
            steps, errors = rows.along("step", "train_error")
            plots.band(panel, steps, plots.percent(errors), color=color, label=f"{depth} layers")
        panel.set(xlabel="step", ylim=(0, 100), title=f"{kind} networks")
    axes[0][0].set_ylabel("training error (%)")
    axes[0][1].legend(loc="upper right")
    ends = axes[0][2]
    for color, kind in zip(plots.COLORS, KINDS, strict=False):
        found, errors = final(curves.where(kind=kind)).along("depth", "train_error")
        plots.bars(ends, found, plots.percent(errors), color=color, label=kind)
    ends.set(xlabel="layers", ylabel="training error in the last epoch (%)", xticks=depths)
    ends.set(title="at the end", ylim=(0, None))
    ends.legend(loc="upper left")
    return figure


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """What the paper finds beside what came out."""
    from resdsl.training.studies import words

    expected = words.paragraph(
        "**Expected.** He et al. 2015 (section 4.2, Figure 6; ImageNet in Figure 4) train plain "
        "networks of 20, 32, 44 and 56 layers on CIFAR-10 and find that the deeper ones have the "
        "higher training error, which overfitting cannot explain: degradation. Residual networks "
        "of the same depths and the same number of parameters (shortcuts of option A) do not "
        "degrade: the deeper ones train and test better.",
    )
    measured = words.paragraph(
        "**Measured.** The share of training images that are misclassified in the last epoch, as "
        "they are seen in training; the same recipe for all networks.",
    )
    end = final(results["curves"])
    head = ("layers", "training error, plain", "residual", "test error, plain", "residual")
    rows = []
    for depth in end.distinct("depth"):
        cells = [end.where(kind=kind, depth=depth) for kind in KINDS]
        errors = [
            *(c.spread("train_error") for c in cells),
            *(c.spread("test_error") for c in cells),
        ]
        rows.append([str(depth), *map(words.percent, errors)])
    return "\n".join([expected, measured, words.table(head, rows), _verdict(results)])


def _verdict(results: Results) -> str:
    """Deepest against shallowest, and kind against kind at the deepest."""
    from resdsl.training.studies import words

    end = final(results["curves"])
    depths = end.distinct("depth")
    low, high = depths[0], depths[-1]
    seeds = results.facts.seeds

    def error(kind: str, depth: int) -> Spread:
        return end.where(kind=kind, depth=depth).spread("train_error")

    sentences = [
        f"In {kind} networks the training error at {high} layers is "
        f"{words.compared(error(kind, high), error(kind, low), 'higher', 'lower', seeds)} "
        f"than at {low}{_extreme(results, kind)}."
        for kind in KINDS
    ]
    against = words.compared(
        error("plain", high), error("residual", high), "higher", "lower", seeds
    )
    return words.paragraph(
        *sentences,
        f"At {high} layers the plain network's is {against} than the residual one's.",
        _degradation(error("plain", high), error("plain", low), "plain"),
        _degradation(error("residual", high), error("residual", low), "residual"),
    )


def _extreme(results: Results, kind: str) -> str:
    """Where the error is lowest, if that is neither end."""
    depths, errors = final(results["curves"]).where(kind=kind).along("depth", "train_error")
    best = min(zip(depths, errors, strict=True), key=lambda pair: pair[1].mean)[0]
    return f" (it is lowest at {best})" if best not in (depths[0], depths[-1]) else ""


def _degradation(deep: Spread, shallow: Spread, kind: str) -> str:
    if deep.is_above(shallow):
        return f"So {kind} networks degrade with depth at this scale."
    if deep.mean > shallow.mean:
        return f"So for {kind} networks this does not settle whether they degrade."
    return f"So {kind} networks do not degrade at this scale."
