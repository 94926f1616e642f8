"""Shortcuts of option A, B and C: accuracy and cost (He et al. 2015, section 4.1, Table 3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from resdsl.records import replace
from resdsl.training.studies import networks
from resdsl.training.studies.curves import final, trained
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench

TITLE = "Are the shortcuts A, B and C different, and what do they cost?"
SCALES = {
    "digits": Scale(input="1x8x8", recipe="digits(epochs = 30)", depths=(20,), timed=(20, 3)),
    "cifar10": Scale(input="3x32x32", recipe="cifar10", depths=(56,), timed=(20, 20)),
    "smallest": Scale(
        input="1x8x8", recipe="digits(epochs = 1)", depths=(8,), width=4, timed=(1, 1)
    ),
}
OPTIONS = tuple(networks.SKIPS)
COSTS = "costs"


def runs(scale: Scale) -> list[Run]:
    """A network with each option, and one run alone that times them all in turns."""
    (depth,) = scale.depths
    trainings = [
        Run(
            labels={"option": option},
            network=networks.NETWORK,
            settings=networks.settings(depth, option, width=scale.width),
            input=scale.input,
            recipe=scale.recipe,
        )
        for option in OPTIONS
    ]
    return [*trainings, replace(trainings[0], labels={"option": COSTS}, alone=True)]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Train by the recipe; or, for the costs, count and time."""
    if run.labels["option"] == COSTS:
        yield from _costs(bench, run, scale)
    else:
        yield from trained(bench.training(run))


def _costs(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """The options take turns, and the fastest of their rounds counts: what else the machine does
    only ever makes one slower."""
    (depth,) = scale.depths
    rounds, length = scale.timed
    trainings = {
        option: bench.training(
            replace(run, settings=networks.settings(depth, option, width=scale.width))
        )
        for option in OPTIONS
    }
    seconds: dict[str, list[float]] = {option: [] for option in OPTIONS}
    # The first round is not counted: it allocates and chooses kernels.
    for turn in range(rounds + 1):
        for option, training in trainings.items():
            batches = [training.pipeline.batch(step) for step in range(length)]
            begun = time.perf_counter()
            training.train(batches)
            if turn:
                seconds[option].append((time.perf_counter() - begun) / length)
    for option, training in trainings.items():
        yield (
            "costs",
            {
                "option": option,
                "parameters": training.graph.parameters,
                "macs": training.graph.macs,
                "milliseconds": 1e3 * min(seconds[option]),
            },
        )


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """Error in training, at the end, and the costs in parts of option A's."""
    from resdsl.training.studies import plots

    figure, axes = plots.new_figure(TITLE, 1, 3, 4.2)
    curves = results["curves"]
    colors = dict(zip(OPTIONS, plots.COLORS, strict=False))
    for option, color in colors.items():
        steps, errors = curves.where(option=option).along("step", "test_error")
        plots.band(axes[0][0], steps, plots.percent(errors), color=color, label=_title(option))
    axes[0][0].set(xlabel="step", ylabel="test error (%)", yscale="log", title="in training")
    axes[0][0].legend()
    places = range(len(OPTIONS))
    for shift, name, face in ((-0.1, "train_error", "white"), (0.1, "test_error", None)):
        for place, (option, color) in zip(places, colors.items(), strict=True):
            (error,) = plots.percent([final(curves.where(option=option)).spread(name)])
            plots.bars(axes[0][1], [place + shift], [error], color=color, markerfacecolor=face)
    axes[0][1].set_xticks(places, map(_title, OPTIONS))
    axes[0][1].set(ylabel="error at the end (%)", title="training (open) and test (filled)")
    axes[0][1].set_ylim(bottom=0)
    _draw_costs(axes[0][2], results, colors)
    return figure


def _title(option: str) -> str:
    return option if option == "plain" else f"option {option}"


def _draw_costs(panel: Any, results: Results, colors: dict[str, str]) -> None:
    names = {"parameters": "parameters", "macs": "MACs", "milliseconds": "time a step"}
    for i, (option, color) in enumerate(colors.items()):
        ratios = [_relative(results, option, name) for name in names]
        places = [place + 0.2 * (i - 1.5) for place in range(len(names))]
        means = [100 * (r.mean - 1) for r in ratios]
        errors = [
            [100 * (r.mean - r.low) for r in ratios],
            [100 * (r.high - r.mean) for r in ratios],
        ]
        panel.bar(places, means, 0.18, color=color, yerr=errors, capsize=2, label=_title(option))
    panel.axhline(0, color="black", linewidth=0.8)
    panel.set_xticks(range(len(names)), names.values())
    panel.set(ylabel="more than option A (%)", title="costs")


def _relative(results: Results, option: str, name: str) -> Spread:
    """A cost in parts of option A's, seed by seed."""
    costs = results["costs"]
    own, base = (costs.where(option=each).spread(name).values for each in (option, "A"))
    return Spread(tuple(a / b for a, b in zip(own, base, strict=True)))


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """The paper's table beside what came out."""
    from resdsl.training.studies import words

    expected = words.paragraph(
        "**Expected.** He et al. 2015 (section 4.1, Table 3) compare three shortcuts in a network "
        "of 34 layers on ImageNet: A, identity and zeros for new channels, 25.03 % top-1 error; B, "
        "a projection where shapes differ, 24.52 %; C, projections throughout, 24.19 %; plain, "
        '28.54 %. They call B "slightly better" than A and C "marginally better" than B, conclude '
        "that projections are not essential, and use A on CIFAR-10, since it costs no parameters.",
    )
    scale = SCALES[results.facts.scale]
    (depth,), (rounds, length) = scale.depths, scale.timed
    measured = words.paragraph(
        f"**Measured.** Networks of {depth} layers. Time is that of a training step on ready "
        f"batches, in the fastest of {rounds} rounds of {length} steps, the options in turns and "
        "no other run of the study beside them.",
    )
    end, costs = final(results["curves"]), results["costs"]
    head = ("shortcut", "training error", "test error", "parameters", "MACs", "ms a step")
    rows = []
    for option in OPTIONS:
        errors = [end.where(option=option).spread(n) for n in ("train_error", "test_error")]
        cost = costs.where(option=option)
        rows.append(
            [
                _title(option),
                *map(words.percent, errors),
                f"{cost.rows[0]['parameters']:,}",
                f"{cost.rows[0]['macs']:,}",
                words.ranged(cost.spread("milliseconds"), ".1f"),
            ]
        )
    return "\n".join([expected, measured, words.table(head, rows), _verdict(results)])


def _verdict(results: Results) -> str:
    from resdsl.training.studies import words

    end, seeds = final(results["curves"]), results.facts.seeds
    errors = {option: end.where(option=option).spread("test_error") for option in OPTIONS}
    sentences = []
    for one, other in (("B", "A"), ("C", "B"), ("plain", "A")):
        said = words.compared(errors[one], errors[other], "higher", "lower", seeds)
        sentences.append(f"the test error of {_title(one)} is {said} than that of {_title(other)}")
    apart = any(
        errors[one].is_above(errors[other]) for one in ("A", "B", "C") for other in ("A", "B", "C")
    )
    order = (
        "The options differ beyond what the seeds do."
        if apart and seeds > 1
        else "Between the three options no difference shows beyond what the seeds differ by."
    )
    more = {option: _relative(results, option, "milliseconds") for option in ("plain", "B", "C")}
    costs = [
        f"{_title(option)} {100 * (ratio.mean - 1):+.0f} % "
        f"({100 * (ratio.low - 1):+.0f} to {100 * (ratio.high - 1):+.0f})"
        for option, ratio in more.items()
    ]
    joined = "; ".join(sentences)
    return words.paragraph(
        f"{joined[0].upper()}{joined[1:]}. {order}",
        f"A step takes, against option A: {', '.join(costs)}.",
    )
