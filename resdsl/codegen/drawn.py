"""Dropout as a framework itself draws it: judged by what it makes of ones.

Parity gives all frameworks the same masks, so that a layer's own are never drawn there. Here they
are, before that: what is kept is multiplied by `1 / (1 - rate)`, the share of what is dropped is
the rate but for chance, a sample is dropped whole or entry by entry, and evaluation drops nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod, sqrt

from resdsl.codegen.runtime import Array, Facts, Unavailable

#: Samples that are drawn, and the most positions of each dimension.
SAMPLES = 2048
POSITIONS = 4
#: Standard deviations within which a share is chance: one draw in a hundred million is not.
CHANCE = 6.0
#: Relative, of float32 numbers.
ROUNDING = 1e-5

#: `draw(ones, training)`: what a layer leaves.
Draw = Callable[[Array, bool], Array]


def check_drawn(facts: Facts, path: str, draw: Draw) -> None:
    """Raise `Unavailable` if a dropout layer draws other masks than the network's are.

    `draw` is handed float32 ones, samples first, with as many dimensions as the layer's input has.
    """
    import numpy as np

    shape = next(d.shape for d in facts.dropouts if d.name == path)
    by_sample = prod(shape) == 1
    ones = np.ones((SAMPLES, *([POSITIONS] * len(shape))), np.float32)
    problem = _problem(draw(ones, True), facts.rates[path], by_sample)
    if problem is None and not np.array_equal(draw(ones, False), ones):
        problem = "changes its input in evaluation"
    if problem is not None:
        raise Unavailable(
            f"`{path}` {problem}",
            "parity gives its own masks to every framework, and draws the layer's own to see "
            "that they are of the same kind",
        )


def _problem(drawn: Array, rate: float, by_sample: bool) -> str | None:
    """What is wrong with what was drawn in training."""
    import numpy as np

    kept = drawn != 0
    factors = drawn[kept]
    wanted = 1 / (1 - rate)
    if factors.size and np.abs(factors - wanted).max() > ROUNDING * wanted:
        worst = factors[np.abs(factors - wanted).argmax()]
        return f"multiplies what it keeps by {worst:.4g}, and not by {wanted:.4g}"
    samples = kept.reshape(len(kept), -1)
    if by_sample and not (samples == samples[:, :1]).all():
        return "drops single entries, and not whole samples"
    if not by_sample and samples.shape[1] > 1 and (samples == samples[:, :1]).all() and rate:
        return "drops whole samples, and not single entries"
    count = len(samples) if by_sample else samples.size
    share = 1 - float(kept.mean())
    if abs(share - rate) > CHANCE * sqrt(rate * (1 - rate) / count):
        return f"drops {share:.3f} of what it is given, and not {rate:g}"
    return None
