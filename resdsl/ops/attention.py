"""Attention: positions, or channels, that look at one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import index
from typing import ClassVar

from resdsl.expressions.nodes import Expr
from resdsl.ops import attributes as a
from resdsl.ops.base import Op, OpError, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import TORCH_DEFAULT, Initializer, VarianceScaling
from resdsl.ops.shapes import describe, expect_positions
from resdsl.sizes import Dim, total
from resdsl.types import TensorType

UNIT = VarianceScaling(1.0, "in", "normal")


@op("attend")
class Attend(Op):
    """Scaled dot-product attention of one tensor's positions to another's (Vaswani et al. 2017).

    It works on the three tensors it is given, not on the current one. Shapes: a query of
    `channels x positions`, a key with as many channels, and a value with as many positions as the
    key give the value's channels at the query's positions; positions may be an image's. Channels
    fall into `heads` groups in order, each of `d` channels of the query and on its own:
    `softmax(query . key / sqrt(d))` over the key's positions are the weights of its values.

    With `relative`, the logits are `(query . key + query . down + query . across) / sqrt(d)` on an
    image that attends to itself: learned vectors for how far apart two positions are, down and
    across (Srinivas et al. 2021, figure 4). The weights are `(2 * height - 1) x d` and
    `(2 * width - 1) x d`, farthest above (or left) first, the same for all heads; they start
    normal, with a standard deviation of `d ** -0.5`. The two products count as
    multiply-accumulates, and with `relative` those of query and vectors.
    """

    takes_current: ClassVar[bool] = False
    sized_weights: ClassVar[bool] = True
    decisive: ClassVar[tuple[str, ...]] = ("relative",)

    query: TensorType = attribute("tensor whose positions ask", a.tensor())
    key: TensorType = attribute("tensor that is compared with the query", a.tensor())
    value: TensorType = attribute("tensor whose positions are summed", a.tensor())
    heads: int = attribute("number of groups of channels that attend by themselves", a.whole(1), 1)
    relative: bool = attribute("whether to learn vectors for distances", a.flag(), False)

    def infer(self, *inputs: TensorType) -> TensorType:
        query, key, value = inputs
        for x in inputs:
            expect_positions(self, x)
        if query.channels != key.channels:
            raise OpError(
                f"query and key have as many channels, and these are {describe(query)} "
                f"and {describe(key)}"
            )
        if key.spatial != value.spatial:
            raise OpError(
                f"key and value have the same positions, and these are {describe(key)} "
                f"and {describe(value)}"
            )
        for x, name in ((query, "query"), (value, "value")):
            if x.channels % self.heads:
                raise OpError(
                    f"{self.heads} heads do not divide the {name}'s {x.channels} channels"
                )
        if self.relative and (query.rank != 2 or query.spatial != key.spatial):
            raise OpError(
                f"`relative` is for an image that attends to itself, not for {describe(query)} "
                f"and {describe(key)}"
            )
        return TensorType((value.channels, *query.spatial))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        if not self.relative:
            return ()
        width = x.channels // self.heads
        counts = (2 * index(size) - 1 for size in x.spatial)
        names = ("rel_height", "rel_width")
        return tuple(
            Weight(name, (count, width), UNIT, width, count)
            for name, count in zip(names, counts, strict=True)
        )

    def macs(self, *inputs: TensorType) -> Dim:
        query, key, value = inputs
        asking, asked = query.size // query.channels, key.size // key.channels
        distances = query.size * total(query.spatial) if self.relative else 0
        return asking * asked * (query.channels + value.channels) + distances

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["value"]


@op("channel_conv")
class ChannelConv(UnaryOp):
    """A convolution over the channels of a vector, each a number: ECA (Wang et al. 2020).

    Shapes: `channels`, or `channels x 1 x 1`, stay as they are; zeros stand beside the first and
    the last. The weight is `1 x 1 x kernel`, and there is no bias.
    """

    kernel: int = attribute("number of channels that each result sees, odd", a.whole(1))
    init: Initializer = attribute("how the weight starts", a.initializer(), TORCH_DEFAULT)

    def problems(self) -> Iterator[str]:
        if self.kernel % 2 == 0:
            yield "`kernel` must be odd: as many channels after a channel as before it"

    def result(self, x: TensorType) -> TensorType:
        if any(size != 1 for size in x.spatial):
            raise OpError(
                f"`channel_conv` wants a vector, and gets {describe(x)}",
                "`global_avg_pool` leaves one",
            )
        return x

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        return (Weight("weight", (1, 1, self.kernel), self.init, self.kernel, self.kernel),)

    def macs(self, *inputs: TensorType) -> int:
        return self.kernel * inputs[0].channels
