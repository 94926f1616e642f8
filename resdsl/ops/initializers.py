"""How weights are drawn: the distributions an author can declare, free of any framework."""

from __future__ import annotations

import math
from typing import ClassVar

from resdsl.records import dataclass


@dataclass(frozen=True, slots=True)
class Initializer:
    """Base of the initializers. `make` in `INITIALIZERS` builds one from an author's call."""


@dataclass(frozen=True, slots=True)
class Constant(Initializer):
    """Every entry is `value`."""

    value: float


@dataclass(frozen=True, slots=True)
class Normal(Initializer):
    """Normal with the given mean and standard deviation.

    `truncated` redraws beyond two standard deviations and, like the frameworks' own truncated
    normals, does not correct the spread that this loses (0.88 of `std` is left).
    """

    std: float
    mean: float = 0.0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Uniform(Initializer):
    """Uniform between `low` and `high`."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class VarianceScaling(Initializer):
    """Variance `scale / fan`: He et al. 2015 (scale 2), Glorot and Bengio 2010 (scale 1, average).

    `fan` is `"in"`, `"out"` or `"average"` (half their sum). A truncated normal is cut at two
    standard deviations and widened so that its variance is the declared one.
    """

    #: Standard deviation of a unit normal truncated to two standard deviations.
    TRUNCATED_STD: ClassVar[float] = 0.8796256610342398

    scale: float
    fan: str
    distribution: str
    truncated: bool = False

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Variance of one entry."""
        fan = {"in": fan_in, "out": fan_out, "average": (fan_in + fan_out) / 2}[self.fan]
        return self.scale / max(1.0, fan)

    def bound(self, fan_in: int, fan_out: int) -> float:
        """Half-width of the uniform distribution of that variance."""
        return math.sqrt(3 * self.variance(fan_in, fan_out))


#: What PyTorch gives `conv` and `linear` unless told otherwise: uniform within 1 / sqrt(fan in),
#: for weight and bias (its `kaiming_uniform_(a=sqrt(5))` comes to the same).
TORCH_DEFAULT = VarianceScaling(1 / 3, "in", "uniform")
