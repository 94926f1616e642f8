"""Fully connected layers."""

from __future__ import annotations

from collections.abc import Mapping

from resdsl.expressions.nodes import Expr
from resdsl.ops import attributes as a
from resdsl.ops.base import UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import TORCH_DEFAULT, Initializer
from resdsl.sizes import Dim
from resdsl.types import TensorType


@op("linear")
class Linear(UnaryOp):
    """Every output channel a learned weighted sum of all input channels, at every position.

    Shapes: `in` to `out` for a vector, `in x height x width` to `out x height x width` for an image
    (then the same as a 1x1 `conv`), and so over a length or a volume. The weight is `out x in`.
    """

    out: int = attribute("number of output channels", a.whole(1))
    bias: bool = attribute("whether to add a learned number per channel", a.flag(), True)
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)
    bias_init: Initializer = attribute("how the bias starts", a.initializer(), TORCH_DEFAULT)

    def result(self, x: TensorType) -> TensorType:
        return TensorType((self.out, *x.spatial))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        fans = (x.channels, self.out)
        weight = Weight("weight", (self.out, x.channels), self.init, *fans)
        if not self.bias:
            return (weight,)
        return (weight, Weight("bias", (self.out,), self.bias_init, *fans))

    def macs(self, *inputs: TensorType) -> Dim:
        (x,) = inputs
        return self.out * x.size

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["out"]
