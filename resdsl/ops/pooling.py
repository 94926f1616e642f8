"""Pools: maxima and means over windows, or over all positions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, attribute, op
from resdsl.ops.shapes import covering, expect_axes, expect_positions
from resdsl.ops.windows import (
    Pads,
    afters,
    befores,
    each,
    given_ranks,
    no_window,
    pads,
    sides,
    window_counts,
)
from resdsl.sizes import Dim
from resdsl.types import TensorType


class WindowPool(UnaryOp):
    """What `max_pool` and `avg_pool` share; the attributes are theirs."""

    kernel: a.PerAxis
    stride: a.PerAxis | None
    pad: a.Padding
    ceil: bool

    def step(self) -> a.PerAxis:
        """The stride: the kernel unless said otherwise."""
        return self.kernel if self.stride is None else self.stride

    def pads(self, x: TensorType) -> Pads:
        """Positions added before and after, in each dimension."""
        return pads(self.pad, x, self.kernel, self.step())

    def problems(self) -> Iterator[str]:
        ranks = given_ranks(self.kernel, self.step())
        if isinstance(self.pad, tuple):
            ranks.add(len(self.pad) // 2)
        if len(ranks) > 1:
            yield "`kernel`, `stride` and `pad` are given for different numbers of dimensions"
        elif not isinstance(self.pad, str):
            rank = max(ranks, default=1)
            kernel, around = each(self.kernel, rank), sides(self.pad, rank)
            # PyTorch's rule: otherwise a window could lie in the padding alone.
            most = map(max, befores(around), afters(around))
            if any(2 * pad > k for pad, k in zip(most, kernel, strict=True)):
                half = " and ".join(str(k // 2) for k in dict.fromkeys(kernel))
                yield f"`pad` must be at most half the kernel, {half} here"

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x, "kernel", "stride", sides="pad")
        sizes = window_counts(x, self.pad, self.kernel, self.step(), ceil=self.ceil)
        if no_window(sizes):
            raise OpError(
                f"the window is {covering(each(self.kernel, x.rank))}, and the input only {x}",
                "a larger input, or one pool less",
            )
        return TensorType((x.channels, *sizes))

    def strides(self) -> a.PerAxis:
        return self.step()


@op("max_pool")
class MaxPool(WindowPool):
    """The largest entry of each window, channel by channel.

    Shapes: `channels x height x width` to `channels x height' x width'`, with
    `height' = (height + top + bottom - kernel) // stride + 1`, and so over a length or with a
    depth; with `ceil` the division rounds up, but no window starts beyond the input (PyTorch's
    `ceil_mode`). Padding never wins: it counts as minus infinity. `"same"` pads
    `(kernel - 1) // 2` on every side, for even kernels too.
    """

    kernel: a.PerAxis = attribute("size of the window", a.per_axis(1))
    stride: a.PerAxis | None = attribute(
        "step between windows; the kernel unless given", a.optional(a.per_axis(1)), None
    )
    pad: a.Padding = attribute("positions around the input", a.padding(*a.NAMED_PADDINGS), "same")
    ceil: bool = attribute("whether a last window may hang over the edge", a.flag(), False)


@op("avg_pool")
class AvgPool(WindowPool):
    """The mean of each window, channel by channel.

    Shapes as for `max_pool`, but there is no padding unless it is given. Padding is zeros that
    `count_pad` counts in the mean (PyTorch's default) or leaves out (TensorFlow's rule); positions
    that a `ceil` window has beyond the padding never count.
    """

    gradient_reads: ClassVar[str] = "nothing"

    kernel: a.PerAxis = attribute("size of the window", a.per_axis(1))
    stride: a.PerAxis | None = attribute(
        "step between windows; the kernel unless given", a.optional(a.per_axis(1)), None
    )
    pad: a.Padding = attribute("zeros around the input", a.padding(*a.NAMED_PADDINGS), 0)
    ceil: bool = attribute("whether a last window may hang over the edge", a.flag(), False)
    count_pad: bool = attribute("whether padding counts in the mean", a.flag(), True)


@op("blur_pool")
class BlurPool(UnaryOp):
    """A blur with fixed weights, and every `stride`-th position of it (Zhang 2019).

    It is subsampling that a shift of the input hardly disturbs.

    Shapes: `channels x height x width` to `channels x height' x width'`, with
    `height' = ceil(height / stride)`, and so over a length or a volume. The weights are binomial
    coefficients over their sum (`[1, 2, 1] / 4` for a kernel of 3, in each dimension), no part of
    the network's state. The input is mirrored at its edges without repeating them, by
    `(kernel - 1) // 2` positions before and `kernel // 2` behind.
    """

    gradient_reads: ClassVar[str] = "nothing"

    kernel: int = attribute("size of the blur", a.whole(1), 3)
    stride: int = attribute("how many positions become one", a.whole(1), 2)

    def pads(self, x: TensorType) -> tuple[int, ...]:
        """Mirrored positions before and after, in each dimension."""
        return ((self.kernel - 1) // 2, self.kernel // 2) * x.rank

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x)
        if no_window(tuple(size - self.kernel // 2 for size in x.spatial)):
            raise OpError(f"a blur of {self.kernel} does not fit {x}", "a larger input")
        sizes = window_counts(x, self.pads(x), self.kernel, self.stride)
        return TensorType((x.channels, *sizes))

    def macs(self, *inputs: TensorType) -> Dim:
        (x,) = inputs
        return self.result(x).size * math.prod(each(self.kernel, x.rank))

    def strides(self) -> int:
        return self.stride


@op("adaptive_avg_pool")
class AdaptiveAvgPool(UnaryOp):
    """Means over a grid of windows that cover the input and leave a given size.

    Shapes: `channels x height x width` to `channels x size x size`, and so for inputs of one and
    three spatial dimensions. Window `i` of `n` covers positions `floor(i * height / n)` to
    `ceil((i + 1) * height / n)`, the end not included, so windows may overlap, and repeat positions
    where the input is smaller (PyTorch's rule).
    """

    gradient_reads: ClassVar[str] = "nothing"

    size: a.PerAxis = attribute("positions of the result", a.per_axis(1))

    def result(self, x: TensorType) -> TensorType:
        expect_axes(self, x, "size")
        return TensorType((x.channels, *each(self.size, x.rank)))

    def strides(self) -> None:
        return None


class GlobalPool(UnaryOp):
    """What the global pools share; the attribute is theirs."""

    keep: bool

    def result(self, x: TensorType) -> TensorType:
        expect_positions(self, x)
        return TensorType((x.channels, *(1 for _ in x.spatial if self.keep)))

    def strides(self) -> None:
        return None


@op("global_avg_pool")
class GlobalAvgPool(GlobalPool):
    """The mean over all positions, channel by channel (Lin et al. 2013, section 3.2).

    Shapes: `channels x height x width` to `channels`, or to `channels x 1 x 1` with `keep`.
    """

    gradient_reads: ClassVar[str] = "nothing"

    keep: bool = attribute("whether to leave one position instead of a vector", a.flag(), False)


@op("global_max_pool")
class GlobalMaxPool(GlobalPool):
    """The largest entry over all positions, channel by channel.

    Shapes: `channels x height x width` to `channels`, or to `channels x 1 x 1` with `keep`.
    """

    keep: bool = attribute("whether to leave one position instead of a vector", a.flag(), False)
