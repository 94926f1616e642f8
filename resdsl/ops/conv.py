"""Convolutions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from resdsl.expressions.nodes import Expr
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import TORCH_DEFAULT, Initializer
from resdsl.ops.shapes import expect_image
from resdsl.ops.windows import Pads, both, pads, window_counts
from resdsl.types import TensorType


@op("conv")
class Conv(UnaryOp):
    """Convolution (as networks have it: cross-correlation) with a bank of learned kernels.

    Shapes: `in x height x width` to `out x height' x width'`, with
    `height' = (height + top + bottom - dilation * (kernel - 1) - 1) // stride + 1`.
    The weight is `out x in/groups x kernel x kernel`. With `groups`, channels fall into that many
    groups in order, each seeing only its own (Krizhevsky et al. 2012, section 3.2). `"same"` pads
    `dilation * (kernel - 1) // 2` zeros on every side, `"tf_same"` as TensorFlow does (depends on
    the size; an odd zero goes to the bottom and right).
    """

    out: int = attribute("number of output channels", a.whole(1))
    kernel: a.IntOrPair = attribute("size of the kernels", a.pair(1))
    stride: a.IntOrPair = attribute("step between applications", a.pair(1), 1)
    pad: a.Padding = attribute("zeros around the input", a.padding(*a.NAMED_PADDINGS), "same")
    dilation: a.IntOrPair = attribute("step between the kernel's entries", a.pair(1), 1)
    groups: int = attribute("number of separate groups of channels", a.whole(1), 1)
    bias: bool = attribute("whether to add a learned number per channel", a.flag(), True)
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)
    bias_init: Initializer = attribute("how the bias starts", a.initializer(), TORCH_DEFAULT)

    def problems(self) -> Iterator[str]:
        if self.out % self.groups:
            yield f"{self.groups} groups do not divide {self.out} output channels"
        if self.pad == "same" and any(self._reach(i) % 2 for i in range(2)):
            yield (
                '`pad = "same"` with an even kernel says nothing about where the odd pad goes: '
                "give it as a number or four, [top, bottom, left, right]"
            )

    def pads(self, x: TensorType) -> Pads:
        """Zeros added at top, bottom, left and right."""
        return pads(self.pad, x, self.kernel, self.stride, self.dilation)

    def result(self, x: TensorType) -> TensorType:
        expect_image(self, x)
        if x.channels % self.groups:
            raise OpError(f"{self.groups} groups do not divide {x.channels} input channels")
        sizes = window_counts(x, self.pads(x), self.kernel, self.stride, self.dilation)
        if min(sizes) < 1:
            raise OpError(
                f"the kernel covers {self._reach(0) + 1} x {self._reach(1) + 1} positions, "
                f"and the padded input has only {self._padded(x)}",
                "a larger input, a smaller kernel or more padding",
            )
        return TensorType((self.out, *sizes))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        kernel_h, kernel_w = both(self.kernel)
        area = kernel_h * kernel_w
        shape = (self.out, x.channels // self.groups, kernel_h, kernel_w)
        # PyTorch's fans, also for groups: those of the weight as it is stored.
        fan_in, fan_out = shape[1] * area, self.out * area
        weight = Weight("weight", shape, self.init, fan_in, fan_out)
        if not self.bias:
            return (weight,)
        return (weight, Weight("bias", (self.out,), self.bias_init, fan_in, fan_out))

    def macs(self, *inputs: TensorType) -> int:
        (x,) = inputs
        kernel_h, kernel_w = both(self.kernel)
        return self.result(x).size * (x.channels // self.groups) * kernel_h * kernel_w

    def strides(self) -> tuple[int, int]:
        return both(self.stride)

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["out"]

    def _reach(self, axis: int) -> int:
        return both(self.dilation)[axis] * (both(self.kernel)[axis] - 1)

    def _padded(self, x: TensorType) -> str:
        top, bottom, left, right = self.pads(x)
        height, width = x.spatial
        return f"{height + top + bottom} x {width + left + right}"
