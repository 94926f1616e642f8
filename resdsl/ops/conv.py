"""Convolutions."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from resdsl.expressions.nodes import Binary, Expr, Literal
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, Ratio, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import TORCH_DEFAULT, Initializer
from resdsl.ops.shapes import covering, expect_axes
from resdsl.ops.windows import Pads, each, given_ranks, no_window, padded, pads, window_counts
from resdsl.sizes import Dim
from resdsl.types import TensorType

if TYPE_CHECKING:
    from fractions import Fraction


def reach(kernel: a.PerAxis, dilation: a.PerAxis, rank: int) -> tuple[int, ...]:
    """How far a kernel reaches beyond its first position, in each dimension."""
    pairs = zip(each(kernel, rank), each(dilation, rank), strict=True)
    return tuple(d * (k - 1) for k, d in pairs)


class Convolution(UnaryOp):
    """What `conv` and `depthwise` share; the attributes are theirs."""

    kernel: a.PerAxis
    stride: a.PerAxis
    pad: a.Padding
    dilation: a.PerAxis
    bias: bool
    init: Initializer
    bias_init: Initializer

    def counts(self, x: TensorType) -> tuple[int, int]:
        """Output channels, and groups of channels."""
        raise NotImplementedError

    def problems(self) -> Iterator[str]:
        ranks = given_ranks(self.kernel, self.stride, self.dilation)
        if len(ranks) > 1:
            yield "`kernel`, `stride` and `dilation` are given for different numbers of dimensions"
            return
        reaches = reach(self.kernel, self.dilation, max(ranks, default=1))
        if self.pad == "same" and any(r % 2 for r in reaches):
            yield (
                '`pad = "same"` with an even kernel says nothing about where the odd pad goes: '
                "give it in numbers, one for all sides or [top, bottom, left, right]"
            )

    def pads(self, x: TensorType) -> Pads:
        """Zeros added before and after, in each dimension."""
        return pads(self.pad, x, self.kernel, self.stride, self.dilation)

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x, "kernel", "stride", "dilation", sides="pad")
        out, groups = self.counts(x)
        if x.channels % groups:
            raise OpError(f"{groups} groups do not divide {x.channels} input channels")
        sizes = window_counts(x, self.pad, self.kernel, self.stride, self.dilation)
        if no_window(sizes):
            reaches = reach(self.kernel, self.dilation, x.rank)
            raise OpError(
                f"the kernel covers {covering(tuple(r + 1 for r in reaches))} positions, "
                f"and the padded input has only {covering(padded(x, self.pads(x)))}",
                "a larger input, a smaller kernel or more padding",
            )
        return TensorType((out, *sizes))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        out, groups = self.counts(x)
        kernel = each(self.kernel, x.rank)
        area = math.prod(kernel)
        shape = (out, x.channels // groups, *kernel)
        # PyTorch's fans, also for groups: those of the weight as it is stored.
        fan_in, fan_out = shape[1] * area, out * area
        weight = Weight("weight", shape, self.init, fan_in, fan_out)
        if not self.bias:
            return (weight,)
        return (weight, Weight("bias", (out,), self.bias_init, fan_in, fan_out))

    def macs(self, *inputs: TensorType) -> Dim:
        (x,) = inputs
        _, groups = self.counts(x)
        area = math.prod(each(self.kernel, x.rank))
        return self.result(x).size * (x.channels // groups) * area

    def strides(self) -> a.PerAxis:
        return self.stride


@op("conv")
class Conv(Convolution):
    """Convolution (as networks have it: cross-correlation) with a bank of learned kernels.

    Shapes: `in x height x width` to `out x height' x width'`, with
    `height' = (height + top + bottom - dilation * (kernel - 1) - 1) // stride + 1`; as well
    `in x length` and `in x depth x height x width`, each dimension by the same rule. The weight is
    `out x in/groups x kernel x kernel`. With `groups`, channels fall into that many groups in
    order, each seeing only its own (Krizhevsky et al. 2012, section 3.2). `"same"` pads
    `dilation * (kernel - 1) // 2` zeros on every side, `"tf_same"` as TensorFlow does (depends on
    the size; an odd zero goes to the end: the bottom and right of an image).

    With `standardize`, the kernel of each output channel is used as
    `(w - mean(w)) / sqrt(var(w) + standardize_eps)`, the variance divided by n (Qiao et al. 2019;
    the eps is that of Kolesnikov et al. 2019, BiT); what is stored and learned is `w`.
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
    standardize: bool = attribute("whether kernels are standardized", a.flag(), False)
    standardize_eps: float = attribute("added to the variance of a kernel", a.number(0), 1e-8)

    def counts(self, x: TensorType) -> tuple[int, int]:
        return self.out, self.groups

    def problems(self) -> Iterator[str]:
        if self.out % self.groups:
            yield f"{self.groups} groups do not divide {self.out} output channels"
        yield from super().problems()

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["out"]


@op("depthwise")
class Depthwise(Convolution):
    """Convolution of every channel by itself, with `multiplier` kernels each (Howard et al. 2017).

    It is a `conv` with as many groups as there are channels.

    Shapes: as for `conv`, to `in * multiplier` channels. The weight is
    `in * multiplier x 1 x kernel x kernel`, the kernels of one channel next to each other.
    """

    sized_by_input: ClassVar[bool] = True

    kernel: a.PerAxis = attribute("size of the kernels", a.per_axis(1))
    stride: a.PerAxis = attribute("step between applications", a.per_axis(1), 1)
    pad: a.Padding = attribute("zeros around the input", a.padding(*a.NAMED_PADDINGS), "same")
    dilation: a.PerAxis = attribute("step between the kernel's entries", a.per_axis(1), 1)
    multiplier: int = attribute("output channels for each input channel", a.whole(1), 1)
    bias: bool = attribute("whether to add a learned number per channel", a.flag(), True)
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)
    bias_init: Initializer = attribute("how the bias starts", a.initializer(), TORCH_DEFAULT)

    def counts(self, x: TensorType) -> tuple[int, int]:
        return x.channels * self.multiplier, x.channels

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        multiplier = attributes["multiplier"]
        return channels if multiplier == Literal(1) else Binary("*", channels, multiplier)


@op("conv_transpose")
class ConvTranspose(UnaryOp):
    """Transposed convolution (Zeiler et al. 2010): what the gradient of a `conv` computes.

    Positions multiply by `stride` (Long et al. 2015).

    Shapes: `in x height x width` to `out x height' x width'`, with
    `height' = (height - 1) * stride + dilation * (kernel - 1) + 1 + output_pad - 2 * pad`, and so
    over a length or a volume: `pad` takes positions away at both ends, `output_pad` adds some at
    the end. The weight is PyTorch's: `in x out/groups x kernel x kernel`, and its fans are counted
    as PyTorch counts them, `out/groups * kernel * kernel` being the fan in.
    """

    out: int = attribute("number of output channels", a.whole(1))
    kernel: a.PerAxis = attribute("size of the kernels", a.per_axis(1))
    stride: a.PerAxis = attribute("step between input positions in the result", a.per_axis(1), 1)
    pad: a.PerAxis = attribute("positions taken away at both ends", a.per_axis(0), 0)
    output_pad: a.PerAxis = attribute("positions added at the end", a.per_axis(0), 0)
    groups: int = attribute("number of separate groups of channels", a.whole(1), 1)
    dilation: a.PerAxis = attribute("step between the kernel's entries", a.per_axis(1), 1)
    bias: bool = attribute("whether to add a learned number per channel", a.flag(), True)
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)
    bias_init: Initializer = attribute("how the bias starts", a.initializer(), TORCH_DEFAULT)

    def problems(self) -> Iterator[str]:
        if self.out % self.groups:
            yield f"{self.groups} groups do not divide {self.out} output channels"
        given = (self.kernel, self.stride, self.pad, self.output_pad, self.dilation)
        ranks = given_ranks(*given)
        if len(ranks) > 1:
            yield "the attributes are given for different numbers of dimensions"
            return
        rank = max(ranks, default=1)
        if any(p > r for p, r in zip(each(self.pad, rank), self._reach(rank), strict=True)):
            yield "`pad` takes more than the kernel reaches: it is at most dilation * (kernel - 1)"
        added = zip(each(self.output_pad, rank), each(self.stride, rank), strict=True)
        if any(more >= stride for more, stride in added):
            yield "`output_pad` is less than `stride`: as many positions as a stride may leave over"

    def pads(self, x: TensorType) -> Pads:
        """Positions taken away before and after, in each dimension."""
        return tuple(pad for pad in each(self.pad, x.rank) for _ in range(2))

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x, "kernel", "stride", "pad", "output_pad", "dilation")
        if x.channels % self.groups:
            raise OpError(f"{self.groups} groups do not divide {x.channels} input channels")
        numbers = (each(v, x.rank) for v in (self.stride, self.pad, self.output_pad))
        sizes = tuple(
            (size - 1) * stride + reach + 1 + more - 2 * pad
            for size, reach, stride, pad, more in zip(
                x.spatial, self._reach(x.rank), *numbers, strict=True
            )
        )
        if no_window(sizes):
            raise OpError(f"`pad` takes all of {x} away", "a larger input or less padding")
        return TensorType((self.out, *sizes))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        kernel = each(self.kernel, x.rank)
        area = math.prod(kernel)
        shape = (x.channels, self.out // self.groups, *kernel)
        fan_in, fan_out = shape[1] * area, shape[0] * area
        weight = Weight("weight", shape, self.init, fan_in, fan_out)
        if not self.bias:
            return (weight,)
        return (weight, Weight("bias", (self.out,), self.bias_init, fan_in, fan_out))

    def macs(self, *inputs: TensorType) -> Dim:
        """Every entry of the input meets every entry of its group's kernels once."""
        (x,) = inputs
        return x.size * (self.out // self.groups) * math.prod(each(self.kernel, x.rank))

    def strides(self) -> Ratio | tuple[Ratio, ...]:
        if isinstance(self.stride, tuple):
            return tuple(map(_share, self.stride))
        return _share(self.stride)

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["out"]

    def _reach(self, rank: int) -> tuple[int, ...]:
        return reach(self.kernel, self.dilation, rank)


def _share(stride: int) -> int | Fraction:
    """`1 / stride`, exactly."""
    if stride == 1:
        return 1
    from fractions import Fraction  # Slow to import, and seldom wanted.

    return Fraction(1, stride)
