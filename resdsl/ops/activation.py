"""Activations: functions of each entry, or of the channels at each position."""

from __future__ import annotations

from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, attribute, op
from resdsl.types import TensorType


class Activation(UnaryOp):
    """A function of each entry alone: shapes of any rank stay as they are."""


@op("relu")
class Relu(Activation):
    """The larger of the entry and zero (Nair and Hinton 2010); the derivative at zero is zero."""

    gradient_reads: ClassVar[str] = "result"


@op("relu6")
class Relu6(Activation):
    """`min(max(x, 0), 6)` (Krizhevsky 2010); the derivative at 0 and at 6 is zero."""

    gradient_reads: ClassVar[str] = "result"


@op("leaky_relu")
class LeakyRelu(Activation):
    """`x` above zero, else `slope * x` (Maas et al. 2013); the derivative at zero is `slope`."""

    slope: float = attribute("factor on entries that are not above zero", a.number(), 0.01)


@op("silu")
class Silu(Activation):
    """`x * sigmoid(x)` (Elfwing et al. 2017), also called swish."""


@op("gelu")
class Gelu(Activation):
    """`x * P(X <= x)` for a normal `X` (Hendrycks and Gimpel 2016).

    `"none"` is `x * (1 + erf(x / sqrt(2))) / 2`, and `"tanh"` the authors' approximation
    `x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x ** 3))) / 2`, which differs by up to 5e-4.
    """

    approximate: str = attribute("how it is computed", a.choice("none", "tanh"), "none")


@op("sigmoid")
class Sigmoid(Activation):
    """`1 / (1 + exp(-x))`."""

    gradient_reads: ClassVar[str] = "result"


@op("tanh")
class Tanh(Activation):
    """The hyperbolic tangent."""

    gradient_reads: ClassVar[str] = "result"


@op("hard_swish")
class HardSwish(Activation):
    """`x * relu6(x + 3) / 6` (Howard et al. 2019, section 5.2)."""


@op("hard_sigmoid")
class HardSigmoid(Activation):
    """`relu6(x + 3) / 6` (Howard et al. 2019, section 5.2); Keras before version 3 had another."""


@op("softmax")
class Softmax(UnaryOp):
from typing import ClassVar

    """`exp(x) / sum(exp(x))` over the channels, at every position; shapes stay as they are.

    With `slices` the channels are cut into that many parts, one after the other, and the sum is
    over the parts, entry by entry: at every position and place within a part, the weights of the
    parts sum to one. So networks attend to branches (Li et al. 2019, selective kernels).
    """

    gradient_reads: ClassVar[str] = "result"

    slices: int | None = attribute(
        "parts of the channels to compare, instead of single ones", a.optional(a.whole(1)), None
    )

    def result(self, x: TensorType) -> TensorType:
        if self.slices is not None and x.channels % self.slices != 0:
            raise OpError(f"{self.slices} slices do not divide {x.channels} channels")
        return x
