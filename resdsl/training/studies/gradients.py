"""Gradients by layer, at the start and during training: with and without shortcuts and batch norms,
over depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from resdsl.codegen.runtime import Array
from resdsl.training.studies import networks, theory
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread, Table

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench, Training

TITLE = "What becomes of gradients on their way back?"
SCALES = {
    "digits": Scale(
        input="1x16x16",
        recipe="steady(lr = 0.05)",
        depths=(8, 20, 56),
        marks=(0, 55),
    ),
    "cifar10": Scale(
        input="3x32x32", recipe="steady_cifar10(lr = 0.05)", depths=(20, 56, 110), marks=(0, 2000)
    ),
    "smallest": Scale(
        input="1x8x8", recipe="steady(lr = 0.05)", depths=(8,), width=4, marks=(0, 1)
    ),
}
KINDS = {"plain": "plain", "residual": "A"}


def runs(scale: Scale) -> list[Run]:
    """Plain and residual, with and without batch norm, at each depth."""
    return [
        Run(
            labels={"kind": kind, "norm": norm, "depth": depth},
            network=networks.NETWORK,
            settings=networks.settings(depth, skip, norm, scale.width),
            input=scale.input,
            recipe=scale.recipe,
            effort=depth,
        )
        for kind, skip in KINDS.items()
        for norm in networks.NORMS
        for depth in scale.depths
    ]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Norms of the gradient of the mean loss at each mark: by what goes into a ReLU, and by the
    weights of the convolution before it."""
    training = bench.training(run)
    for start, end in zip(scale.marks, (*scale.marks[1:], None), strict=True):
        yield from _look(training, start)
        if end is not None:
            for step in training.steps(start, end):
                if not np.isfinite(step.loss):
                    return


def _look(training: Training, step: int) -> Iterator[Found]:
    convolutions = networks.convolutions(training.graph)
    points = networks.before_relu(training.graph)
    seen = training.observe(points, _norm)
    for layer, (point, path) in enumerate(zip(points, convolutions, strict=True), 1):
        row = {"step": step, "layer": layer, "gradient": seen.gradients[point]}
        weights = _norm(seen.parameters[f"{path}.weight"])
        yield "gradients", {**row, "weights": weights, "loss": seen.loss}


def _norm(array: Array) -> float:
    return float(np.sqrt(np.square(array, dtype=np.float64).sum()))


# ---- what the tables hold ------------------------------------------------------------------------

#: A kind of network: with or without shortcuts, with or without batch norm.
Kind = tuple[str, str]
ALL: tuple[Kind, ...] = tuple((kind, norm) for kind in KINDS for norm in networks.NORMS)


def _rows(results: Results, which: Kind, depth: int, mark: int) -> Table:
    """Those of the seeds whose gradients are still finite."""
    table = results["gradients"].where(kind=which[0], norm=which[1], depth=depth, step=mark)
    lost = {row["seed"] for row in table.rows if not np.isfinite(row["gradient"])}
    return Table(tuple(row for row in table.rows if row["seed"] not in lost))


def _diverged(results: Results, which: Kind, depth: int, mark: int) -> int:
    """How many seeds have no finite gradients at this mark, or did not come to it."""
    rows = _rows(results, which, depth, mark)
    return results.facts.seeds - (len(rows.distinct("seed")) if rows.rows else 0)


def _first_over_last(rows: Table) -> Spread:
    """The gradient that reaches the first layer, in parts of the one that the last starts from."""
    _, gradients = rows.along("layer", "gradient")
    ends = zip(gradients[0].values, gradients[-1].values, strict=True)
    return Spread(tuple(first / last for first, last in ends))


def _per_layer(rows: Table) -> Spread:
    """The factor of one layer on the way back."""
    steps = len(rows.distinct("layer")) - 1
    return Spread(tuple(float(v ** (1 / steps)) for v in _first_over_last(rows).values))


def _expected(which: Kind, depth: int, size: int) -> list[float] | None:
    """What theory says of a plain network at the start, in parts of the last layer's gradient:
    with batch norm Yang et al. 2019, without it the zeros around the maps alone."""
    if which == ("plain", "batch norm"):
        factors = [theory.batch_norm_growth()] * (depth - 2)
    elif which == ("plain", "no batch norm"):
        # Convolutions 2 to L of three stages, each of 2n, read maps of these heights.
        stage = (depth - 2) // 3
        maps = [size] * stage + [size // 2] * stage + [size // 4] * stage
        factors = [np.sqrt(theory.seen_taps(height)) for height in maps]
    else:
        return None
    found = [1.0]
    for factor in reversed(factors):
        found.append(found[-1] * float(factor))
    return found[::-1]


def _size(results: Results) -> int:
    """Height of the input."""
    return int(SCALES[results.facts.scale].input.split("x")[1])


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """A panel for each kind of network at each mark, a line for each depth."""
    from resdsl.training.studies import plots

    marks = results["gradients"].distinct("step")
    figure, axes = plots.new_figure(TITLE, len(marks), len(ALL), 5.6, sharey=True, sharex=True)
    for panels, mark in zip(axes, marks, strict=True):
        for panel, which in zip(panels, ALL, strict=True):
            _draw_panel(panel, results, which, mark)
            if mark == marks[0]:
                panel.set_title(", ".join(which))
        when = "at the start" if mark == 0 else f"after {mark} steps"
        panels[0].set_ylabel(f"gradient norm {when}")
    axes[0][0].legend(loc="lower left", fontsize=8)
    for panel in axes[-1]:
        panel.set_xlabel("layer, from the input")
    return figure


def _draw_panel(panel: Any, results: Results, which: Kind, mark: int) -> None:
    from resdsl.training.studies import plots

    depths = results["gradients"].distinct("depth")
    notes = []
    for color, depth in zip(plots.shades(len(depths)), depths, strict=True):
        rows = _rows(results, which, depth, mark)
        if rows.rows:
            layers, gradients = rows.along("layer", "gradient")
            plots.band(panel, layers, gradients, color=color, label=f"{depth} layers")
            expected = _expected(which, depth, _size(results)) if mark == 0 else None
            if expected is not None:
                values = [gradients[-1].mean * value for value in expected]
                label = "theory" if depth == depths[-1] else None
                panel.plot(layers, values, "--", color="black", linewidth=0.9, label=label)
        lost = _diverged(results, which, depth, mark)
        if lost:
            notes.append(f"{depth} layers: {lost} of {results.facts.seeds} diverged")
    panel.text(
        0.97, 0.97, "\n".join(notes), transform=panel.transAxes, ha="right", va="top", size=8
    )
    panel.set_yscale("log")


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """What the papers say beside what came out."""
    from resdsl.training.studies import words

    marks = results["gradients"].distinct("step")
    expected = words.paragraph(
        "**Expected.** Gradients that shrink or grow by a factor in each layer vanish or explode "
        "with depth (Bengio et al. 1994, Glorot & Bengio 2010). He et al. 2015 (section 4.1) find "
        'that with batch norm they have "healthy norms" in plain networks too, and see the cause '
        "of degradation elsewhere. He et al. 2016 show that identity shortcuts hand a gradient "
        "back as it is. Yang et al. 2019 derive that at the start of training batch norm itself "
        f"makes them grow in plain networks, by a factor of {theory.batch_norm_growth():.2f} a "
        "layer. Without batch norm, every residual block adds its variance to the stream, which "
        "doubles from block to block (Zhang et al. 2019), and gradients with it.",
    )
    measured = words.paragraph(
        "**Measured.** The norm of the gradient of a batch's mean loss by what goes into each "
        f"ReLU: at the start{_marks(marks)}. The factor is the geometric mean over the layers, on "
        "the way back from the last: above 1 gradients grow, below 1 they vanish.",
    )
    head = ("network", "layers", *(f"factor a layer, {_when(mark)}" for mark in marks))
    head = (*head, f"training loss, {_when(marks[-1])}")
    rows = [
        [
            ", ".join(which),
            str(depth),
            *(_factor(results, which, depth, mark) for mark in marks),
            _loss(results, which, depth, marks[-1]),
        ]
        for which in ALL
        for depth in results["gradients"].distinct("depth")
    ]
    return "\n".join([expected, measured, words.table(head, rows), _verdict(results)])


def _when(mark: int) -> str:
    return "at the start" if mark == 0 else f"after {mark} steps"


def _marks(marks: list[int]) -> str:
    return "".join(f", and {_when(mark)}" for mark in marks if mark)


def _factor(results: Results, which: Kind, depth: int, mark: int) -> str:
    from resdsl.training.studies import words

    rows = _rows(results, which, depth, mark)
    return words.ranged(_per_layer(rows), ".2f") if rows.rows else "diverged"


def _loss(results: Results, which: Kind, depth: int, mark: int) -> str:
    from resdsl.training.studies import words

    rows = _rows(results, which, depth, mark)
    lost = _diverged(results, which, depth, mark)
    said = words.ranged(rows.spread("loss"), ".2f") if rows.rows else "diverged"
    return f"{said}; {lost} diverged" if lost and rows.rows else said


def _verdict(results: Results) -> str:
    """The deepest networks at the start, one sentence each, and what theory has of it."""
    from resdsl.training.studies import words

    depth = results["gradients"].distinct("depth")[-1]
    sentences = []
    for which in ALL:
        rows = _rows(results, which, depth, 0)
        if not rows.rows:
            continue
        ratio, factor = _first_over_last(rows).mean, _per_layer(rows).mean
        how = "grows" if ratio > 1 else "shrinks"
        said = f"{', '.join(which)}: it {how} to {words.power(ratio)} times, {factor:.3f} a layer"
        expected = _expected(which, depth, _size(results))
        if expected is not None:
            said += f" ({expected[0] ** (1 / (depth - 2)):.3f} expected)"
        sentences.append(said)
    return words.paragraph(
        f"On its way back through {depth} layers, before the first step, the gradient changes so: "
        f"{'; '.join(sentences)}.",
        "What is expected of plain networks without batch norm is the work of zeros alone: He et "
        "al.'s variance counts nine taps for every position of a 3x3 convolution, and at the "
        "borders of small maps fewer lie on the map.",
        _vanishing(results, depth),
    )


def _vanishing(results: Results, depth: int) -> str:
    """Whether gradients vanish in plain networks with batch norm, as the paper denies."""
    from resdsl.training.studies import words

    plain = _first_over_last(_rows(results, ("plain", "batch norm"), depth, 0)).mean
    residual = _first_over_last(_rows(results, ("residual", "batch norm"), depth, 0)).mean
    vanish = "do not vanish" if plain >= 1 else "vanish"
    if plain >= 1 and plain > residual:
        more = (
            f"explode: they grow {words.power(plain / residual)} times as much as in residual ones"
        )
    else:
        more = f"come to {words.power(plain / residual)} times those of residual ones"
    return f"So with batch norm gradients {vanish} in plain networks; at the start they {more}."
