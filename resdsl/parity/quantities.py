"""What is compared, in the order in which it is computed, and how closely it must agree.

In float64, two programs that mean the same differ by rounding alone, some 1e-15; a difference of
meaning shows far above these limits. They are absolute: a network that exceeds one has a cause to
be found. What holds in lower precision is measured: see `resdsl.parity.limits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

#: What probed runs show of the values on the way, in eval and in training, and of the loss by them.
ACTIVATIONS = "activations"
ACTIVATION_GRADIENTS = "activation-gradients"


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
        elif self.name == ACTIVATIONS:
            yield from ("values", "values-train") if steps else ("values",)
        elif not steps:
            return
        elif self.name == "loss":
            yield "loss-1"
        elif self.name == "losses":
            yield from (f"loss-{k}" for k in range(2, steps + 1))
        elif self.name == "statistics":
            yield from (f"statistics-{k}" for k in range(1, (steps if can_step else 1) + 1))
        elif self.name == ACTIVATION_GRADIENTS:
            yield "gradients-values"
        else:
            yield self.name


QUANTITIES = (
    Quantity("eval", "eval forward", "eval", 1e-12),
    Quantity("train", "train forward", "train", 1e-12),
    Quantity(ACTIVATIONS, "activations", "probes", 1e-11),
    Quantity("loss", "loss", "gradients", 1e-12),
    Quantity("gradients", "gradients", "gradients", 1e-11),
    Quantity(ACTIVATION_GRADIENTS, "activation gradients", "probes", 1e-10),
    Quantity("statistics", "batch-norm statistics", "train", 1e-10),
    Quantity("losses", "later losses", "steps", 1e-10),
    Quantity("parameters", "parameters after", "steps", 1e-10),
    Quantity("after", "eval forward after", "steps", 1e-10),
)
