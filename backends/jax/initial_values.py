"""Initializers: how Flax draws from each distribution an author can declare.

Flax derives the fans from a weight's shape. A vector (a bias, a scale) has none of its own, so
there they are written out.
"""

from __future__ import annotations

from resdsl.codegen.python.layout import Doc, call
from resdsl.codegen.python.target import FileUses
from resdsl.diagnostics import error
from resdsl.ops import Constant, Initializer, Normal, Uniform, VarianceScaling
from resdsl.records import dataclass

_FANS = {"in": "fan_in", "out": "fan_out", "average": "fan_avg"}
_INITIALIZERS = "nnx.initializers"
#: A helper, and so not defined yet where constants are.
SHIFTED = "shifted"


@dataclass(frozen=True, slots=True)
class Fans:
    """The fans of a layer as source."""

    fan_in: str
    fan_out: str

    def of(self, initializer: Initializer | None) -> str:
        """The one that an initializer scales by."""
        which = initializer.fan if isinstance(initializer, VarianceScaling) else "in"
        if which == "average":
            return f"({self.fan_in} + {self.fan_out}) / 2"
        return self.fan_in if which == "in" else self.fan_out


def weight_init(initializer: Initializer, uses: FileUses) -> Doc:
    """The initializer of a kernel."""
    if isinstance(initializer, VarianceScaling):
        distribution = initializer.distribution
        if initializer.truncated:
            distribution = "truncated_normal"
        scale, fan = number(initializer.scale), _FANS[initializer.fan]
        return f'{_INITIALIZERS}.variance_scaling({scale}, "{fan}", "{distribution}")'
    return _unscaled(initializer, uses)


def vector_init(initializer: Initializer, fan: str, uses: FileUses) -> Doc:
    """The initializer of a bias or a scale; `fan` is that of its layer which it scales by."""
    if not isinstance(initializer, VarianceScaling):
        return _unscaled(initializer, uses)
    if initializer.distribution == "uniform":
        variance = "1" if initializer.scale == 1 / 3 else f"3 * {initializer.scale!r}"
        root = f"({variance} / {_divisor(fan)}) ** 0.5"
        return uniform(f"-({root})", root, uses)
    std = f"({number(initializer.scale)} / {_divisor(fan)}) ** 0.5"
    if initializer.truncated:
        return call(f"{_INITIALIZERS}.truncated_normal", f"{std} / {VarianceScaling.TRUNCATED_STD}")
    return call(f"{_INITIALIZERS}.normal", std)


def uniform(low: str, high: str, uses: FileUses) -> Doc:
    """Numbers between two bounds; Flax's own `uniform` starts at zero."""
    uses.imports |= {"from functools import partial", "import jax"}
    return call("partial", "jax.random.uniform", minval=low, maxval=high)


def number(value: float) -> str:
    """A number as one would write it: PyTorch's default scale is a third."""
    return "1 / 3" if value == 1 / 3 else repr(value)


def _divisor(fan: str) -> str:
    bracketed = fan.startswith("(") and fan.endswith(")")
    return fan if fan.isidentifier() or bracketed else f"({fan})"


def _unscaled(initializer: Initializer, uses: FileUses) -> Doc:
    match initializer:
        case Constant(value=0.0):
            return f"{_INITIALIZERS}.zeros"
        case Constant(value=1.0):
            return f"{_INITIALIZERS}.ones"
        case Constant(value=value):
            return f"{_INITIALIZERS}.constant({value!r})"
        case Normal(std=std, mean=mean, truncated=truncated):
            drawn = f"{_INITIALIZERS}.{'truncated_normal' if truncated else 'normal'}({std!r})"
            if mean == 0.0:
                return drawn
            uses.helpers.add(SHIFTED)
            return call(SHIFTED, drawn, repr(mean))
        case Uniform(low=low, high=high):
            return uniform(repr(low), repr(high), uses)
    raise error("R0502", f"the jax backend has no rule for {initializer!r}")
