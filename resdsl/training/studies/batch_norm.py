"""What batch norm does to activations by layer, to the number of steps, and to usable rates."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from resdsl.codegen.runtime import Array
from resdsl.training.studies import networks
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread, Table

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench, Training

TITLE = "What does batch norm do to activations, speed and learning rates?"
SCALES = {
    "digits": Scale(
        input="1x8x8",
        recipe="steady(lr = {rate}, epochs = 10)",
        depths=(8,),
        rates=(0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        watched=0.1,
    ),
    "cifar10": Scale(
        input="3x32x32",
        recipe="steady_cifar10(lr = {rate}, steps = 8000)",
        depths=(20,),
        rates=(0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
        watched=0.03,
    ),
    "smallest": Scale(
        input="1x8x8",
        recipe="steady(lr = {rate}, epochs = 1)",
        depths=(8,),
        width=4,
        rates=(0.1, 1000.0),
        watched=0.1,
    ),
}
#: The loss that is to be reached, as the mean of an epoch's steps, or of the last 100.
GOAL = 0.5
WINDOW = 100
QUANTILES = (5, 25, 50, 75, 95)


def runs(scale: Scale) -> list[Run]:
    """A plain network with and without batch norm at each rate."""
    (depth,) = scale.depths
    return [
        Run(
            labels={"norm": norm, "rate": rate},
            network=networks.NETWORK,
            settings=networks.settings(depth, "plain", norm, scale.width),
            input=scale.input,
            recipe=scale.recipe.format(rate=rate),
        )
        for norm in networks.NORMS
        for rate in scale.rates
    ]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Train at one rate as long as the loss is finite, and look at the activations before and
    after, if the rate is the one at which they are watched."""
    training = bench.training(run)
    is_watched = run.labels["rate"] == scale.watched
    if is_watched:
        yield from _activations(training, 0)
    window = min(training.epoch, WINDOW)
    recent: deque[float] = deque(maxlen=window)
    reached, mean = math.nan, math.nan
    for step in training.steps():
        recent.append(step.loss)
        mean = float(np.mean(recent))
        if not math.isfinite(mean):
            break
        if len(recent) == window and math.isnan(reached) and mean <= GOAL:
            reached = step.done
        if step.done % window == 0:
            yield "curves", {"step": step.done, "loss": mean}
    yield "rates", {"loss": mean, "steps": reached, "classes": training.classes}
    if is_watched and math.isfinite(mean):
        yield from _activations(training, training.total)


def _activations(training: Training, step: int) -> Iterator[Found]:
    points = networks.before_relu(training.graph)
    seen = training.observe(points, _distribution)
    for layer, point in enumerate(points, 1):
        yield "activations", {"step": step, "layer": layer, **seen.outputs[point]}


def _distribution(array: Array) -> dict[str, float]:
    values = np.percentile(array.astype(np.float64), QUANTILES)
    found = {f"q{q}": float(value) for q, value in zip(QUANTILES, values, strict=True)}
    return {"mean": float(array.mean(dtype=np.float64)), "deviation": float(array.std()), **found}


# ---- what the tables hold ------------------------------------------------------------------------


def _survives(rows: Table) -> bool:
    """Whether every seed ends with a loss below that of guessing."""
    return all(row["loss"] < math.log(row["classes"]) for row in rows.rows)


def _rates(results: Results, norm: str) -> list[float]:
    """The rates that are survived."""
    table = results["rates"].where(norm=norm)
    return [rate for rate in table.distinct("rate") if _survives(table.where(rate=rate))]


def _best(results: Results, norm: str) -> float | None:
    """The rate with the fewest steps to the goal, of those at which every seed reaches it."""
    table = results["rates"].where(norm=norm)
    steps = {rate: table.where(rate=rate).spread("steps") for rate in table.distinct("rate")}
    reached = {rate: s.mean for rate, s in steps.items() if np.isfinite(s.values).all()}
    return min(reached, key=lambda rate: reached[rate]) if reached else None


def _ends(results: Results, norm: str, step: int, column: str) -> tuple[Spread, Spread]:
    """A column of the activations in the first and in the last layer."""
    _, spreads = results["activations"].where(norm=norm, step=step).along("layer", column)
    return spreads[0], spreads[-1]


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """Activations above, without and with; below, loss over steps and over rates."""
    from resdsl.training.studies import plots

    figure, axes = plots.new_figure(TITLE, 2, 2, 7.2)
    watched = SCALES[results.facts.scale].watched
    for panel, norm in zip(axes[0], reversed(networks.NORMS), strict=True):
        _draw_activations(panel, results, norm)
        panel.set_title(f"activations before ReLU, {norm}, rate {watched:g}")
    axes[0][0].sharey(axes[0][1])
    axes[0][0].set_ylabel("value: median, and middle 50 and 90 %")
    axes[0][0].legend(loc="upper left")
    for color, norm in zip(plots.COLORS, networks.NORMS, strict=False):
        _draw_speed(axes[1][0], results, norm, color)
        _draw_rates(axes[1][1], results, norm, color)
    axes[1][0].axhline(GOAL, color="0.4", linewidth=0.8, linestyle=":")
    axes[1][0].set(xlabel="step", ylabel="training loss", yscale="log")
    axes[1][0].set_title("loss at the rate that is fastest for each")
    axes[1][1].legend(loc="lower left")
    classes = results["rates"].rows[0]["classes"]
    axes[1][1].axhline(math.log(classes), color="0.4", linewidth=0.8, linestyle=":")
    across = axes[1][1].get_yaxis_transform()
    axes[1][1].text(0.02, math.log(classes), "guessing", va="bottom", size=8, transform=across)
    axes[1][1].set(
        xlabel="learning rate", ylabel="training loss at the end", xscale="log", yscale="log"
    )
    axes[1][1].set_title("rates survived (crosses: diverged in some seed)")
    return figure


def _draw_activations(panel: Any, results: Results, norm: str) -> None:
    from resdsl.training.studies import plots

    table = results["activations"].where(norm=norm)
    steps = table.distinct("step")
    for color, shift, step in zip(plots.COLORS[2:], (-0.15, 0.15), steps, strict=False):
        rows = table.where(step=step)
        layers, median = rows.along("layer", "q50")
        q = {n: [s.mean for s in rows.along("layer", f"q{n}")[1]] for n in QUANTILES}
        xs = [layer + shift for layer in layers]
        panel.vlines(xs, q[5], q[95], color=color, linewidth=1)
        panel.vlines(xs, q[25], q[75], color=color, linewidth=5, alpha=0.6)
        when = "at the start" if step == 0 else f"after {step} steps"
        panel.plot(xs, [s.mean for s in median], "o", color=color, markersize=3.5, label=when)
    panel.set_xlabel("layer, from the input")


def _draw_speed(panel: Any, results: Results, norm: str, color: str) -> None:
    from resdsl.training.studies import plots

    rate = _best(results, norm)
    if rate is not None:
        steps, losses = results["curves"].where(norm=norm, rate=rate).along("step", "loss")
        plots.band(panel, steps, losses, color=color)
        panel.annotate(f" rate {rate:g}", (steps[0], losses[0].mean), color=color, va="bottom")


def _draw_rates(panel: Any, results: Results, norm: str, color: str) -> None:
    from resdsl.training.studies import plots

    table = results["rates"].where(norm=norm)
    rates, losses = table.along("rate", "loss")
    plots.band(panel, rates, losses, color=color, marker="o", markersize=4, label=norm)
    lost = [rate for rate, loss in zip(rates, losses, strict=True) if not math.isfinite(loss.mean)]
    height = 1.0 if norm == next(iter(networks.NORMS)) else 0.95
    panel.plot(lost, [height] * len(lost), "x", color=color, transform=panel.get_xaxis_transform())


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """What the paper claims beside what came out."""
    from resdsl.training.studies import words

    expected = words.paragraph(
        "**Expected.** Ioffe & Szegedy 2015 introduce batch norm to keep the distribution of what "
        "a layer receives steady while the layers before it learn (section 1, Figure 1), find that "
        "it allows much higher learning rates (section 3.3), and reach the accuracy of Inception "
        "in 14 times fewer steps. Santurkar et al. 2018 find that steadier distributions are not "
        "what makes it fast; this study measures what it does, not why.",
    )
    (depth,) = SCALES[results.facts.scale].depths
    measured = words.paragraph(
        f"**Measured.** A plain network of {depth} layers with batch norms, and with biases in "
        f"their place, without decay of weights or of the rate. The goal is a training loss of "
        f"{GOAL:g}, as a mean over an epoch or 100 steps.",
    )
    head = ("learning rate", *(f"loss at the end, {norm}" for norm in networks.NORMS))
    head = (*head, *(f"steps to the goal, {norm}" for norm in networks.NORMS))
    table = results["rates"]
    rows = [
        [f"{rate:g}", *(cell for cell in _cells(table.where(rate=rate)))]
        for rate in table.distinct("rate")
    ]
    return "\n".join([expected, measured, words.table(head, rows), _verdict(results)])


def _cells(rows: Table) -> Iterator[str]:
    from resdsl.training.studies import words

    for norm in networks.NORMS:
        losses = rows.where(norm=norm).column("loss")
        finite = tuple(loss for loss in losses if math.isfinite(loss))
        lost = len(losses) - len(finite)
        said = [words.ranged(Spread(finite), ".3f")] if finite else []
        yield ", ".join([*said, *([f"{lost} of {len(losses)} diverged"] if lost else [])])
    for norm in networks.NORMS:
        steps = rows.where(norm=norm).spread("steps")
        yield words.ranged(steps, ".0f") if np.isfinite(steps.values).all() else "not in all seeds"


def _verdict(results: Results) -> str:
    from resdsl.training.studies import words

    with_, without = networks.NORMS
    return words.paragraph(
        _spread_sentence(results, without),
        _spread_sentence(results, with_),
        _speed_sentence(_best(results, with_), _best(results, without), results),
        *(_rates_sentence(results, norm) for norm in (with_, without)),
    )


def _spread_sentence(results: Results, norm: str) -> str:
    from resdsl.training.studies import words

    steps = results["activations"].where(norm=norm).distinct("step")
    said = []
    for step in steps:
        first, last = _ends(results, norm, step, "deviation")
        when = "at the start" if step == 0 else f"after {step} steps"
        said.append(f"{words.power(first.mean)} and {words.power(last.mean)} {when}")
    return (
        f"Standard deviation of the activations in the first and in the last layer, {norm}: "
        f"{', '.join(said)}."
    )


def _speed_sentence(with_: float | None, without: float | None, results: Results) -> str:
    from resdsl.training.studies import words

    if with_ is None or without is None:
        which = [norm for norm in networks.NORMS if _best(results, norm) is None]
        return f"The goal is at no rate reached in every seed with {words.listed(which)}."
    table = results["rates"]
    a, b = (
        table.where(norm=norm, rate=rate).spread("steps")
        for norm, rate in zip(networks.NORMS, (with_, without), strict=True)
    )
    ratio = b.mean / a.mean
    compared = f"{ratio:.1f} times as many" if ratio >= 1 else f"{1 / ratio:.1f} times fewer"
    return (
        f"Each at its fastest rate, the goal takes {words.ranged(a, '.0f')} steps with batch norm "
        f"(rate {with_:g}) and {words.ranged(b, '.0f')} without (rate {without:g}), {compared}."
    )


def _rates_sentence(results: Results, norm: str) -> str:
    rates = _rates(results, norm)
    tried = results["rates"].distinct("rate")
    if not rates:
        return f"No rate tried is survived by every seed with {norm}."
    edge = ", the highest that was tried" if rates[-1] == tried[-1] else ""
    said = f"With {norm}, rates up to {rates[-1]:g}{edge}"
    return f"{said} end below the loss of guessing in every seed."
