"""Operations that only move, drop or add entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from resdsl.expressions.nodes import Binary, Expr, Literal
from resdsl.expressions.simplify import fold_binary
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, attribute, op
from resdsl.ops.shapes import expect_axes, expect_known_vector
from resdsl.ops.windows import Pads, each, padded, sides
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

    Shapes: `channels x height x width` to `channels * height * width`, and so for other ranks. The
    order is the same in every framework, whatever it stores.
    """

    gradient_reads: ClassVar[str] = "nothing"
    needs_sizes: ClassVar[bool] = True

    def result(self, x: TensorType) -> TensorType:
        expect_known_vector(self, x)
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
            if size != Literal(1):
                channels = Binary("*", channels, size)
        return channels


@op("pad")
class Pad(UnaryOp):
    """A frame of constant entries around the positions, in every channel.

    Shapes: `channels x height x width` to `channels x height' x width'`, with
    `height' = top + height + bottom` and `width' = left + width + right`; a length is padded
    `[before, after]`, a volume `[front, back, top, bottom, left, right]`.
    """

    gradient_reads: ClassVar[str] = "nothing"

    amount: int | tuple[int, ...] = attribute("positions added on each side", a.padding())
    value: float = attribute("what the frame holds", a.number(), 0.0)

    def pads(self, x: TensorType) -> Pads:
        """Positions added before and after, in each dimension."""
        return sides(self.amount, x.rank)

    def result(self, x: TensorType) -> TensorType:
        if self.amount == 0:
            return x
        expect_axes(self, x, sides="amount")
        return TensorType((x.channels, *padded(x, self.pads(x))))

    def is_identity(self, x: TensorType) -> bool:
        return not any(self.pads(x))


@op("split")
class Split(UnaryOp):
    """The channels in parts, one after the other: a list of tensors under the label.

    Shapes: `64 x 28 x 28` in two parts gives `32 x 28 x 28` twice, with `[24, 40]` a tensor of 24
    channels and one of 40.
    """

    is_list: ClassVar[bool] = True

    parts: int | tuple[int, ...] = attribute(
        "how many equal parts, or a list of their channels", a.whole_or_list(1)
    )

    def channels(self, x: TensorType) -> tuple[int, ...]:
        """The channels of each part."""
        if isinstance(self.parts, int):
            if x.channels % self.parts:
                raise OpError(
                    f"`split` cannot make {self.parts} equal parts of {x.channels} channels",
                    "list the channels of each part, as in `split([24, 8])`",
                )
            return (x.channels // self.parts,) * self.parts
        if sum(self.parts) != x.channels:
            raise OpError(
                f"`split` makes parts of {sum(self.parts)} channels together, "
                f"and its input has {x.channels}"
            )
        return self.parts

    def result(self, x: TensorType) -> TensorType:
        return self.infer_all(x)[0]

    def infer_all(self, *inputs: TensorType) -> tuple[TensorType, ...]:
        (x,) = inputs
        return tuple(TensorType((channels, *x.spatial)) for channels in self.channels(x))

    def is_identity(self, x: TensorType) -> bool:
        return len(self.channels(x)) == 1

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        """Of each part, where they are equal."""
        return equal_part(channels, attributes["parts"])


def equal_part(channels: Expr, count: Expr) -> Expr:
    """`channels // count`, without a factor that is `count` itself."""
    if isinstance(channels, Binary) and channels.operator == "*":
        if channels.right == count:
            return channels.left
        if channels.left == count:
            return channels.right
    return fold_binary("//", channels, count)


@op("subsample")
class Subsample(UnaryOp):
    """Every `by`-th position, the first one included (option A of He et al. 2015).

    Shapes: `channels x height x width` to `channels x ceil(height / by) x ceil(width / by)`, and so
    for inputs of one and three spatial dimensions.
    """

    gradient_reads: ClassVar[str] = "nothing"

    by: a.PerAxis = attribute("how many positions become one", a.per_axis(1))

    def result(self, x: TensorType) -> TensorType:
        if self.by == 1:
            return x
        expect_axes(self, x, "by")
        sizes = zip(x.spatial, each(self.by, x.rank), strict=True)
        return TensorType((x.channels, *(-(-size // by) for size, by in sizes)))

    def strides(self) -> a.PerAxis:
        return self.by

    def is_identity(self, x: TensorType) -> bool:
        return all(by == 1 for by in each(self.by, x.rank))


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
