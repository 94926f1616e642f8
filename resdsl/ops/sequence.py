"""Sequences: entries in another shape, tokens, single positions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from resdsl.expressions.nodes import Binary, Expr, Literal
from resdsl.ops import attributes as a
from resdsl.ops.base import OpError, UnaryOp, Weight, attribute, op
from resdsl.ops.initializers import Constant, Initializer, VarianceScaling
from resdsl.ops.shapes import describe, expect_known_vector, expect_sequence
from resdsl.types import TensorType

#: A size that is what the others leave.
REST = -1


@op("reshape")
class Reshape(UnaryOp):
    """The same entries under other sizes: channels first, then one, two or three for positions.

    Entries are counted as `flatten` counts them, channel by channel and row by row within it, in
    every framework and whatever it stores. One size may be `-1`: what the others leave. An image
    becomes a sequence of its positions by `reshape(in.channels, -1)`.
    """

    needs_sizes: ClassVar[bool] = True
    gradient_reads: ClassVar[str] = "nothing"

    channels: int = attribute("number of channels of the result, or `-1`", a.size())
    first: int | None = attribute("first size after the channels", a.optional(a.size()), None)
    second: int | None = attribute("second size after the channels", a.optional(a.size()), None)
    third: int | None = attribute("third size after the channels", a.optional(a.size()), None)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that are given, `-1` for the one that is worked out."""
        given = (self.channels, self.first, self.second, self.third)
        return tuple(size for size in given if size is not None)

    def problems(self) -> Iterator[str]:
        later = (self.first, self.second, self.third)
        if None in later and any(size is not None for size in later[later.index(None) :]):
            yield "a size is left out before another"
        if self.sizes.count(REST) > 1:
            yield "one size alone can be -1, what the others leave"

    def result(self, x: TensorType) -> TensorType:
        if len(self.sizes) == 1:
            expect_known_vector(self, x)
        count = 1
        for size in self.sizes:
            count *= size
        wanted = " x ".join(map(str, self.sizes))
        if REST not in self.sizes:
            if count != x.size:
                raise OpError(
                    f"`reshape` keeps all entries: {describe(x)} has {x.size}, "
                    f"and {wanted} {count}",
                    "one size can be -1, what the others leave",
                )
            return TensorType(self.sizes)
        if x.size % -count:
            raise OpError(f"the {x.size} entries of {describe(x)} do not fit {wanted}")
        rest = x.size // -count
        return TensorType(tuple(rest if size == REST else size for size in self.sizes))

    def strides(self) -> None:
        return None

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        if attributes["channels"] != Literal(REST):
            return attributes["channels"]
        for size in sizes:
            channels = Binary("*", channels, size)
        for name in ("first", "second", "third"):
            size = attributes[name]
            if isinstance(size, Literal):
                channels = Binary("//", channels, size)
        return channels


@op("transpose")
class Transpose(UnaryOp):
    """Two sizes of a sample change places: 0 is the channels, 1 and on the positions' directions.

    Shapes: `768 x 196` to `196 x 768`, so that what comes next sees positions as channels
    (token mixing in MLP-Mixer, Tolstikhin et al. 2021). `transpose(1, 2)` turns an image over its
    diagonal.
    """

    needs_sizes: ClassVar[bool] = True
    gradient_reads: ClassVar[str] = "nothing"
    decisive: ClassVar[tuple[str, ...]] = ("one", "other")

    one: int = attribute("one of the two", a.whole(0), 0)
    other: int = attribute("the other one", a.whole(0), 1)

    def result(self, x: TensorType) -> TensorType:
        last = max(self.one, self.other)
        if last > x.rank:
            raise OpError(f"there is no size {last} to move: the input is {describe(x)}")
        shape = list(x.shape)
        shape[self.one], shape[self.other] = shape[self.other], shape[self.one]
        return TensorType(tuple(shape))

    def strides(self) -> None:
        return None

    @classmethod
    def channels_out(
        cls, attributes: Mapping[str, Expr], channels: Expr, sizes: tuple[Expr, ...]
    ) -> Expr:
        axes = {getattr(attributes[name], "value", None) for name in ("one", "other")}
        other = next(iter(axes - {0}), 0) if 0 in axes else 0
        return sizes[other - 1] if other else channels


@op("token")
class Token(UnaryOp):
    """Learned positions before those of a sequence: the class token of Dosovitskiy et al. 2021.

    Shapes: `channels x positions` to `channels x (count + positions)`. The weight,
    `channels x count`, has no name of its own: it bears the label of the item.
    """

    bare_weight: ClassVar[bool] = True
    gradient_reads: ClassVar[str] = "nothing"
    learned: ClassVar[bool] = True

    count: int = attribute("number of learned positions", a.whole(1), 1)
    value: float | Initializer = attribute("the number at the start", a.start(), 0.0)

    def problems(self) -> Iterator[str]:
        if isinstance(self.value, VarianceScaling):
            yield "the numbers have no fan to scale by: start with a number, `normal` or `uniform`"

    def result(self, x: TensorType) -> TensorType:
        expect_sequence(self, x)
        (positions,) = x.spatial
        return TensorType((x.channels, self.count + positions))

    def weights(self, x: TensorType) -> tuple[Weight, ...]:
        start = self.value if isinstance(self.value, Initializer) else Constant(self.value)
        return (Weight("", (x.channels, self.count), start),)

    def strides(self) -> None:
        return None


@op("pick")
class Pick(UnaryOp):
    """The channels at one position of a sequence, as a vector: `pick(0)` reads a class token.

    Shapes: `channels x positions` to `channels`. Negative numbers count from the end.
    """

    gradient_reads: ClassVar[str] = "nothing"

    position: int = attribute("number of the position, from 0", a.any_whole(), 0)

    def result(self, x: TensorType) -> TensorType:
        expect_sequence(self, x)
        (count,) = x.spatial
        if isinstance(count, int) and not -count <= self.position < count:
            raise OpError(f"there is no position {self.position}: the input is {describe(x)}")
        return TensorType((x.channels,))

    def strides(self) -> None:
        return None
