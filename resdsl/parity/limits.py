"""How far from the reference a value may be.

In float64, programs that mean the same differ by rounding alone: a fixed limit for each quantity.
In lower precision, rounding is visible and grows with depth, and how much of it to expect is
measured: the reference backend runs in that precision twice, on the same batches and on batches
whose numbers are each one spacing up or down. How far these two runs are from the float64
reference, value by value, is the noise; a candidate may be `FACTOR` times as far.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Protocol

from resdsl.parity.compare import Finding
from resdsl.parity.quantities import Quantity

#: Runs may be this much further from the float64 reference than its own noise.
FACTOR = 10.0
#: The spacing of numbers at 1.
SPACING = {"float32": 2.0**-23, "bfloat16": 2.0**-7}
#: A limit above this, and a decade above a single rounding's, says little.
COARSE = 0.01


def is_coarse(limit: float, dtype: str) -> bool:
    """Whether agreement within `limit` says little: rounding has grown to a share of the values."""
    return limit > max(COARSE, 10 * FACTOR * SPACING[dtype])


class Limits(Protocol):
    """How far each value may be from the reference."""

    def of(self, quantity: Quantity, finding: Finding) -> float:
        """The limit of one value, as a relative error."""


class Fixed:
    """Of float64: the quantity's own."""

    def of(self, quantity: Quantity, finding: Finding) -> float:
        return quantity.limit


@dataclass(frozen=True, slots=True)
class Measured:
    """Of lower precision: from runs of the reference backend in that precision.

    Two runs are a small sample, and a value of few entries may by chance come out exact in both. So
    its noise is never taken to be less than the median over all values of its section, nor than the
    spacing of numbers.
    """

    spacing: float
    _noise: dict[tuple[str, str], float] = field(default_factory=dict)
    _typical: dict[str, float] = field(default_factory=dict)

    @classmethod
    def by(cls, dtype: str, runs: Iterable[Sequence[Finding]]) -> Measured:
        """From what each run of the reference backend in `dtype` is away from float64."""
        made = cls(SPACING[dtype])
        for findings in runs:
            for finding in findings:
                if finding.problem is not None:
                    continue  # Nothing was measured; the run itself is judged elsewhere.
                key = (finding.section, finding.name)
                made._noise[key] = max(made._noise.get(key, 0.0), finding.error)
        sections: dict[str, list[float]] = {}
        for (section, _), noise in made._noise.items():
            sections.setdefault(section, []).append(noise)
        made._typical.update((section, median(all_)) for section, all_ in sections.items())
        return made

    def of(self, quantity: Quantity, finding: Finding) -> float:
        own = self._noise.get((finding.section, finding.name), 0.0)
        return FACTOR * max(own, self._typical.get(finding.section, 0.0), self.spacing)
