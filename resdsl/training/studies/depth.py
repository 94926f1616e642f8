"""Accuracy of residual networks over depth: He et al. 2015, Table 6."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from resdsl.training.studies import networks
from resdsl.training.studies.curves import final, trained
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench

TITLE = "Do deeper residual networks test better?"
SCALES = {
    "digits": Scale(
        input="1x8x8", recipe="digits(epochs = 30)", depths=(8, 14, 20, 32, 44, 56, 110)
    ),
    "cifar10": Scale(input="3x32x32", recipe="cifar10", depths=(8, 14, 20, 32, 44, 56, 110)),
    "smallest": Scale(input="1x8x8", recipe="digits(epochs = 1)", depths=(8, 14), width=4),
}
#: The paper's test errors on CIFAR-10, in percent.
PAPER = {20: 8.75, 32: 7.51, 44: 7.17, 56: 6.97, 110: 6.43}


def runs(scale: Scale) -> list[Run]:
    """Residual networks with shortcuts of option A; on CIFAR-10 the deepest is warmed up."""
    return [
        Run(
            labels={"depth": depth},
            network=networks.NETWORK,
            settings=networks.settings(depth, width=scale.width),
            input=scale.input,
            recipe="cifar10_warmup" if (scale.recipe, depth) == ("cifar10", 110) else scale.recipe,
            effort=depth,
        )
        for depth in scale.depths
    ]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Train by the recipe."""
    training = bench.training(run)
    yield "networks", {"parameters": training.graph.parameters}
    yield from trained(training)


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """Test error over steps and, at the end, over depth."""
    from resdsl.training.studies import plots

    figure, axes = plots.new_figure(TITLE, 1, 2, 4.4)
    curves = results["curves"]
    depths = curves.distinct("depth")
    for color, depth in zip(plots.shades(len(depths)), depths, strict=True):
        steps, errors = curves.where(depth=depth).along("step", "test_error")
        label = f"{depth} layers"
        plots.band(axes[0][0], steps, plots.percent(errors), color=color, label=label)
    axes[0][0].set(xlabel="step", ylabel="test error (%)", yscale="log", title="in training")
    axes[0][0].legend(loc="upper right", ncols=2)
    for color, name, what in zip(
        plots.COLORS, ("test_error", "train_error"), ("test", "training"), strict=False
    ):
        _, errors = final(curves).along("depth", name)
        plots.bars(axes[0][1], depths, plots.percent(errors), color=color, label=what)
    axes[0][1].set(xlabel="layers", ylabel="error at the end (%)", xscale="log", title="at the end")
    axes[0][1].set_xticks(depths, [str(depth) for depth in depths])
    axes[0][1].minorticks_off()
    axes[0][1].set_ylim(bottom=0)
    axes[0][1].legend()
    return figure


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """The paper's table beside what came out."""
    from resdsl.training.studies import words

    published = ", ".join(f"{error:.2f} % at {depth}" for depth, error in PAPER.items())
    expected = words.paragraph(
        "**Expected.** He et al. 2015 (Table 6) find on CIFAR-10 that the test error of residual "
        f"networks falls with depth: {published} layers, the best of five runs at 110 (6.61 % with "
        "a deviation of 0.16 % over the five). At 1202 layers it rises again, to 7.93 %.",
    )
    measured = words.paragraph(
        "**Measured.** Test error behind the last epoch, with shortcuts of option A and one recipe "
        "for all; no step of training was chosen for its test error.",
    )
    end = final(results["curves"])
    head = ("layers", "parameters", "training error", "test error")
    rows = []
    for depth in end.distinct("depth"):
        found = end.where(depth=depth)
        count = results["networks"].where(depth=depth).rows[0]["parameters"]
        errors = (found.spread("train_error"), found.spread("test_error"))
        rows.append([str(depth), f"{count:,}", *map(words.percent, errors)])
    return "\n".join([expected, measured, words.table(head, rows), _verdict(results)])


def _verdict(results: Results) -> str:
    from resdsl.training.studies import words

    depths, errors = final(results["curves"]).along("depth", "test_error")
    falls = sum(b.mean < a.mean for a, b in pairwise(errors))
    rises = sum(b.mean > a.mean for a, b in pairwise(errors))
    best = min(range(len(errors)), key=lambda i: errors[i].mean)
    seeds = results.facts.seeds
    against = words.compared(errors[-1], errors[0], "higher", "lower", seeds)
    steps = len(depths) - 1
    return words.paragraph(
        f"From {depths[0]} to {depths[-1]} layers the mean test error falls in {falls} and rises "
        f"in {rises} of {steps} steps; it is lowest at {depths[best]} layers "
        f"({words.percent(errors[best])}).",
        f"At {depths[-1]} layers it is {against} than at {depths[0]}.",
        _settled(errors, best),
    )


def _settled(errors: list[Spread], best: int) -> str:
    """Whether the order that the paper has shows: deeper is better throughout, beyond the seeds."""
    if all(b.mean < a.mean for a, b in pairwise(errors)) and errors[0].is_above(errors[-1]):
        return "So at this scale deeper is better throughout, as in the paper."
    if errors[0].is_above(errors[best]) and best > 0:
        return "So depth helps at this scale, but not all the way."
    if errors[-1].is_above(errors[0]):
        return (
            "So at this scale the paper's gain does not show; the deepest network is the worse one."
        )
    return "So at this scale the paper's gain does not show beyond what the seeds differ by."
