"""Convolutions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from resdsl.expressions.nodes import Expr
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import TORCH_DEFAULT, Initializer
from resdsl.ops.shapes import covering, expect_axes
from resdsl.ops.windows import Pads, each, given_ranks, padded, pads, window_counts
from resdsl.types import TensorType


@op("conv")
class Conv(UnaryOp):
    """Convolution (as networks have it: cross-correlation) with a bank of learned kernels.

    Shapes: `in x height x width` to `out x height' x width'`, with
    `height' = (height + top + bottom - dilation * (kernel - 1) - 1) // stride + 1`; as well
    `in x length` and `in x depth x height x width`, each dimension by the same rule. The weight is
    `out x in/groups x kernel x kernel`. With `groups`, channels fall into that many groups in
    order, each seeing only its own (Krizhevsky et al. 2012, section 3.2). `"same"` pads
    `dilation * (kernel - 1) // 2` zeros on every side, `"tf_same"` as TensorFlow does (depends on
    the size; an odd zero goes to the end: the bottom and right of an image).
    """

    out: int = attribute("number of output channels", a.whole(1))
    kernel: a.PerAxis = attribute("size of the kernels", a.per_axis(1))
    stride: a.PerAxis = attribute("step between applications", a.per_axis(1), 1)
    pad: a.Padding = attribute("zeros around the input", a.padding(*a.NAMED_PADDINGS), "same")
    dilation: a.PerAxis = attribute("step between the kernel's entries", a.per_axis(1), 1)
    groups: int = attribute("number of separate groups of channels", a.whole(1), 1)
    bias: bool = attribute("whether to add a learned number per channel", a.flag(), True)
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)
    bias_init: Initializer = attribute("how the bias starts", a.initializer(), TORCH_DEFAULT)

    def problems(self) -> Iterator[str]:
        if self.out % self.groups:
            yield f"{self.groups} groups do not divide {self.out} output channels"
        ranks = given_ranks(self.kernel, self.stride, self.dilation)
        if len(ranks) > 1:
            yield "`kernel`, `stride` and `dilation` are given for different numbers of dimensions"
        elif self.pad == "same" and any(reach % 2 for reach in self._reach(max(ranks, default=1))):
            yield (
                '`pad = "same"` with an even kernel says nothing about where the odd pad goes: '
                "give it in numbers, one for all sides or [top, bottom, left, right]"
            )

    def pads(self, x: TensorType) -> Pads:
        """Zeros added before and after, in each dimension."""
        return pads(self.pad, x, self.kernel, self.stride, self.dilation)

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x, "kernel", "stride", "dilation", sides="pad")
        if x.channels % self.groups:
            raise OpError(f"{self.groups} groups do not divide {x.channels} input channels")
        sizes = window_counts(x, self.pads(x), self.kernel, self.stride, self.dilation)
        if min(sizes) < 1:
            raise OpError(
                f"the kernel covers {covering(tuple(r + 1 for r in self._reach(x.rank)))} "
                f"positions, and the padded input has only {covering(padded(x, self.pads(x)))}",
                "a larger input, a smaller kernel or more padding",
            )
        return TensorType((self.out, *sizes))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        kernel = each(self.kernel, x.rank)
        area = math.prod(kernel)
        shape = (self.out, x.channels // self.groups, *kernel)
        # PyTorch's fans, also for groups: those of the weight as it is stored.
        fan_in, fan_out = shape[1] * area, self.out * area
        weight = Weight("weight", shape, self.init, fan_in, fan_out)
        if not self.bias:
            return (weight,)
        return (weight, Weight("bias", (self.out,), self.bias_init, fan_in, fan_out))

    def macs(self, *inputs: TensorType) -> int:
        (x,) = inputs
        area = math.prod(each(self.kernel, x.rank))
        return self.result(x).size * (x.channels // self.groups) * area

    def strides(self) -> a.PerAxis:
        return self.stride

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["out"]

    def _reach(self, rank: int) -> tuple[int, ...]:
        """How far the kernel reaches beyond its first position, in each dimension."""
        kernel, dilation = each(self.kernel, rank), each(self.dilation, rank)
        return tuple(d * (k - 1) for k, d in zip(kernel, dilation, strict=True))
