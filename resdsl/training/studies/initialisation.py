"""Variance through depth under two starts and two nonlinearities, against the theory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from resdsl.training.studies import theory
from resdsl.training.studies.study import Found, Results, Run, Scale
from resdsl.training.studies.table import Spread, Table

if TYPE_CHECKING:
    from resdsl.training.studies.bench import Bench

TITLE = "Does the variance of signals and gradients follow the theory?"
SCALES = {
    "digits": Scale(input="1x8x8", recipe="steady", depths=(50,), width=512),
    "cifar10": Scale(input="3x32x32", recipe="cifar10", depths=(100,), width=2048),
    "smallest": Scale(input="1x8x8", recipe="steady", depths=(4,), width=32),
}
#: Each start and nonlinearity, and its name in plots.
CASES = {
    ("xavier", "tanh"): "tanh, Xavier",
    ("he", "tanh"): "tanh, He",
    ("xavier", "relu"): "ReLU, Xavier",
    ("he", "relu"): "ReLU, He",
}


def runs(scale: Scale) -> list[Run]:
    """One look into each fresh network."""
    (depth,) = scale.depths
    return [
        Run(
            labels={"start": start, "activation": activation, "width": scale.width},
            network="stack.res",
            settings=(
                f"depth={depth}",
                f"width={scale.width}",
                f"act={activation}",
                f'start="{start}"',
            ),
            input=scale.input,
            recipe=scale.recipe,
        )
        for start, activation in CASES
    ]


def measure(bench: Bench, run: Run, scale: Scale) -> Iterator[Found]:
    """Mean squares of what each layer gives before its nonlinearity, and of the gradient of a
    sample's loss by it; layer 0 is the input."""
    (depth,) = scale.depths
    training = bench.training(run)
    images, _ = training.pipeline.batch(0)
    points = [f"layers.{i}.fc" for i in range(depth)]
    seen = training.observe(points, lambda array: float(np.square(array, dtype=np.float64).mean()))
    inputs = images[0].size
    square = float(np.square(images, dtype=np.float64).mean())
    yield "variances", {"layer": 0, "units": inputs, "signal": square, "gradient": float("nan")}
    for layer, point in enumerate(points, 1):
        # The batch's loss is the mean of its samples'.
        gradient = seen.gradients[point] * len(images) ** 2
        yield (
            "variances",
            {
                "layer": layer,
                "units": scale.width,
                "signal": seen.outputs[point],
                "gradient": gradient,
            },
        )


class Case:
    """One start with one nonlinearity: what was measured and what was to be expected."""

    def __init__(self, table: Table, start: str, activation: str) -> None:
        rows = table.where(start=start, activation=activation)
        layers = Table(tuple(row for row in rows.rows if row["layer"] != 0))
        source = rows.where(layer=0)
        self.layers, self.signal = layers.along("layer", "signal")
        _, self.gradient = layers.along("layer", "gradient")
        scale = theory.first_scale(start, source.rows[0]["units"], layers.rows[0]["units"])
        first = scale * source.spread("signal").mean
        depth = len(self.layers)
        self.expected_signal = theory.forward(start, activation, first, depth)
        self.expected_gradient = theory.backward(
            start, activation, self.expected_signal, self.gradient[-1].mean
        )
        linear = theory.SCALES[start]
        self.linear_signal = [first * linear**i for i in range(depth)]
        last = self.gradient[-1].mean
        self.linear_gradient = [last * linear ** (depth - 1 - i) for i in range(depth)]


def _cases(results: Results) -> dict[tuple[str, str], Case]:
    return {case: Case(results["variances"], *case) for case in CASES}


# ---- the plot ------------------------------------------------------------------------------------


def draw(results: Results) -> Any:
    """Both directions side by side, measured beside expected."""
    from resdsl.training.studies import plots

    figure, axes = plots.new_figure(TITLE, 1, 2, 4.6)
    left, right = axes[0]
    for color, (name, case) in zip(plots.COLORS, _cases(results).items(), strict=False):
        for panel, measured, expected in (
            (left, case.signal, case.expected_signal),
            (right, case.gradient, case.expected_gradient),
        ):
            plots.band(panel, case.layers, measured, color=color, label=CASES[name])
            panel.plot(case.layers, expected, "--", color="black", linewidth=1)
    left.plot([], [], "--", color="black", linewidth=1, label="theory")
    left.set_title("forward: what a layer gives before its nonlinearity")
    left.set_ylabel("mean square")
    right.set_title("backward: the gradient of the loss by it")
    right.set_ylabel("mean square of the gradient")
    for panel in (left, right):
        panel.set_yscale("log")
        panel.set_xlabel("layer, from the input")
    left.legend(loc="lower left")
    return figure


# ---- the words -----------------------------------------------------------------------------------


def text(results: Results) -> str:
    """What the papers derive beside what came out."""
    from resdsl.training.studies import words

    cases = _cases(results)
    case = next(iter(cases.values()))
    depth, width = len(case.layers), results["variances"].distinct("units")[-1]
    expected = words.paragraph(
        "**Expected.** Glorot & Bengio 2010 (section 4.2) take units to act linearly, as tanh does "
        "near zero, and find that weights of the variance 2 / (fan in + fan out) keep the variance "
        "of signals on their way forward and of gradients on their way back. He et al. 2015b "
        '("Delving Deep into Rectifiers", section 2.2) show that ReLU halves it in each layer, '
        "both ways, so that the variance must be 2 / fan in. Where tanh is not linear, the limit "
        "of wide layers (Poole et al. 2016, Schoenholz et al. 2016) says more than either: the "
        "dashed lines. Forward, nothing in them is fitted: they start from the mean square of the "
        "images; backward, they start from the gradient of the last layer.",
    )
    measured = words.paragraph(
        f"**Measured.** {depth} layers of {width} units, before the first step of training."
    )
    rows = []
    for name, case in cases.items():
        signal, gradient = (
            _ratio(case.signal[-1], case.signal[0]),
            _ratio(case.gradient[0], case.gradient[-1]),
        )
        rows.append(
            [
                CASES[name],
                _powers(signal),
                words.power(case.expected_signal[-1] / case.expected_signal[0]),
                _powers(gradient),
                words.power(case.expected_gradient[0] / case.expected_gradient[-1]),
            ]
        )
    head = (
        "network",
        f"signal, layer {depth} over layer 1",
        "theory",
        f"gradient, layer 1 over layer {depth}",
        "theory",
    )
    return "\n".join([expected, measured, words.table(head, rows), _verdict(cases, depth, width)])


def _ratio(a: Spread, b: Spread) -> Spread:
    return Spread(tuple(x / y for x, y in zip(a.values, b.values, strict=True)))


def _powers(spread: Spread) -> str:
    from resdsl.training.studies.words import power

    mean, low, high = power(spread.mean), power(spread.low), power(spread.high)
    return mean if low == high else f"{mean} ({low} to {high})"


def _verdict(cases: dict[tuple[str, str], Case], depth: int, width: int) -> str:
    """How far measurement and theory lie apart, and the factors that the papers name."""
    from resdsl.training.studies import words

    apart = {name: _apart(case) for name, case in cases.items()}
    worst = max(apart, key=lambda name: apart[name])
    factors = [
        f"{CASES[name]} {theory.per_layer([s.mean for s in case.signal]):.3f} forward and "
        f"{1 / theory.per_layer([g.mean for g in case.gradient]):.3f} backward "
        f"({theory.SCALES[name[0]] / 2:g} expected)"
        for name, case in cases.items()
        if name[1] == "relu"
    ]
    scatter = np.exp(np.sqrt(5 * (depth - 1) / width))
    linear = cases["xavier", "tanh"]
    lost = linear.signal[-1].mean / linear.linear_signal[-1]
    return words.paragraph(
        f"The mean square changes from layer to layer by these factors: {'; '.join(factors)}.",
        f"Measurement and theory are nowhere further apart than a factor of {apart[worst]:.2f} "
        f"({CASES[worst]}), over a range of {_decades(cases):.0f} powers of ten.",
        f"Layers of {width} units are not infinitely wide: the logarithm of a squared gradient is "
        "expected to scatter from network to network by the root of 5 layers / width (Hanin & "
        f"Nica 2018, for ReLU), which is a factor of {scatter:.1f} here.",
        f"The linear argument alone would keep the signal of tanh under Xavier's start as it is; "
        f"by layer {depth} it is {words.power(lost)} times that, because tanh bends.",
    )


def _apart(case: Case) -> float:
    """The largest factor between measurement and theory over all layers and both directions."""
    pairs = [
        *zip(case.signal, case.expected_signal, strict=True),
        *zip(case.gradient, case.expected_gradient, strict=True),
    ]
    return float(max(np.exp(abs(np.log(spread.mean / value))) for spread, value in pairs))


def _decades(cases: dict[tuple[str, str], Case]) -> float:
    """How many powers of ten the measured numbers cover, in the direction where it is more."""
    spans = []
    for direction in ("signal", "gradient"):
        values = [s.mean for case in cases.values() for s in getattr(case, direction)]
        spans.append(np.log10(max(values) / min(values)))
    return float(max(spans))
