"""Operations that only move, drop or add entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from resdsl.expressions.nodes import Binary, Expr
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, attribute, op
from resdsl.ops.shapes import expect_image
from resdsl.ops.windows import Pads, both
from resdsl.types import TensorType


@op("identity")
class Identity(UnaryOp):
    """The tensor itself. As a statement it names the current tensor or holds a number's place."""

    gradient_reads: ClassVar[str] = "nothing"

    def is_identity(self, x: TensorType) -> bool:
        return True


@op("flatten")
class Flatten(UnaryOp):
    """All entries in one vector, channel by channel and row by row within it.

    Shapes: `channels x height x width` to `channels * height * width`. The order is the same in
    every framework, whatever it stores.
    """

    gradient_reads: ClassVar[str] = "nothing"

    def result(self, x: TensorType) -> TensorType:
        return TensorType((x.size,))

    def strides(self) -> None:
        return None

    def is_identity(self, x: TensorType) -> bool:
        return x.rank == 0

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        for size in sizes:
            channels = Binary("*", channels, size)
        return channels


@op("pad")
class Pad(UnaryOp):
    """A frame of constant entries around an image, in every channel.

    Shapes: `channels x height x width` to `channels x height' x width'`, with
    `height' = top + height + bottom` and `width' = left + width + right`.
    """

    gradient_reads: ClassVar[str] = "nothing"

    amount: int | Pads = attribute("positions added on each side", a.padding())
    value: float = attribute("what the frame holds", a.number(), 0.0)

    def pads(self) -> Pads:
        """Positions added at top, bottom, left and right."""
        return (self.amount,) * 4 if isinstance(self.amount, int) else self.amount

    def result(self, x: TensorType) -> TensorType:
        if self.is_identity(x):
            return x
        expect_image(self, x)
        top, bottom, left, right = self.pads()
        height, width = x.spatial
        return TensorType((x.channels, top + height + bottom, left + width + right))

    def is_identity(self, x: TensorType) -> bool:
        return not any(self.pads())


@op("subsample")
class Subsample(UnaryOp):
    """Every `by`-th row and column, the first one included (option A of He et al. 2015).

    Shapes: `channels x height x width` to `channels x ceil(height / by) x ceil(width / by)`.
    """

    gradient_reads: ClassVar[str] = "nothing"

    by: a.IntOrPair = attribute("how many rows and columns become one", a.pair(1))

    def result(self, x: TensorType) -> TensorType:
        if self.is_identity(x):
            return x
        expect_image(self, x)
        (down, across), (height, width) = both(self.by), x.spatial
        return TensorType((x.channels, -(-height // down), -(-width // across)))

    def strides(self) -> tuple[int, int]:
        return both(self.by)

    def is_identity(self, x: TensorType) -> bool:
        return both(self.by) == (1, 1)


@op("pad_channels")
class PadChannels(UnaryOp):
    """Channels of zeros after the existing ones, up to `to` (option A of He et al. 2015)."""

    gradient_reads: ClassVar[str] = "nothing"

    to: int = attribute("number of channels of the result", a.whole(1))

    def result(self, x: TensorType) -> TensorType:
        if self.to < x.channels:
            raise OpError(
                f"`pad_channels` adds channels: {x.channels} cannot become {self.to}",
                f"a 1x1 convolution can drop channels: `conv({self.to}, 1)`",
            )
        return TensorType((self.to, *x.spatial))

    def is_identity(self, x: TensorType) -> bool:
        return self.to == x.channels

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        return attributes["to"]
