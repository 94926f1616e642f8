"""What is compared, in the order in which it is computed, and how closely it must agree.

In float64, two programs that mean the same differ by rounding alone, some 1e-15; a difference of
meaning shows far above these limits. They are absolute: a network that exceeds one has a cause to
be found. In float32, where rounding is visible, the limit is ten times the distance that the
reference framework itself has between its float32 and its float64 run, quantity by quantity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: Float32 runs may be this much further from the float64 reference than the yardstick is.
FACTOR = 10.0
#: The spacing of float32 numbers at 1. A yardstick that happens to hit the float64 value exactly
#: (one loss, a few outputs) says nothing about rounding, and is taken for this.
EPSILON = 2.0**-23
#: A float32 limit above this says little: rounding has grown to a share of the values.
COARSE = 0.01


@dataclass(frozen=True, slots=True)
class Quantity:
    """One line of the report. `needs` is the capability that computes it."""

    name: str
    title: str
    needs: str
    limit: float

    def sections(self, steps: int, can_step: bool) -> Iterator[str]:
        """The trace's sections that hold it, where there are `steps` steps."""
        if self.name == "eval":
            yield "eval"
        elif not steps:
            return
        elif self.name == "loss":
            yield "loss-1"
        elif self.name == "losses":
            yield from (f"loss-{k}" for k in range(2, steps + 1))
        elif self.name == "statistics":
            yield from (f"statistics-{k}" for k in range(1, (steps if can_step else 1) + 1))
        else:
            yield self.name


QUANTITIES = (
    Quantity("eval", "eval forward", "eval", 1e-12),
    Quantity("train", "train forward", "train", 1e-12),
    Quantity("loss", "loss", "gradients", 1e-12),
    Quantity("gradients", "gradients", "gradients", 1e-11),
    Quantity("statistics", "batch-norm statistics", "train", 1e-10),
    Quantity("losses", "later losses", "steps", 1e-10),
    Quantity("parameters", "parameters after", "steps", 1e-10),
    Quantity("after", "eval forward after", "steps", 1e-10),
)


def float32_limit(yardstick: float) -> float:
    """How far a float32 run may be, where the yardstick's own distance is this."""
    return FACTOR * max(yardstick, EPSILON)
