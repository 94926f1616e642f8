"""Joins: several tensors become one."""

from __future__ import annotations

from typing import ClassVar

from resdsl.ops.base import Op, OpError, op
from resdsl.ops.shapes import describe, would_do
from resdsl.types import TensorType


class Join(Op):
    """Base of the joins: there must be something to join."""

    is_join: ClassVar[bool] = True

    def infer(self, *inputs: TensorType) -> TensorType:
        if not inputs:
            raise OpError(f"`{self.name}` has nothing to join")
        return self.joined(inputs)

    def joined(self, inputs: tuple[TensorType, ...]) -> TensorType:
        """Type of the result: that of the inputs, which must be equal unless a join says more."""
        first = inputs[0]
        for other in inputs[1:]:
            if other != first:
                raise OpError(
                    f"`{self.name}` wants equal shapes, and gets {describe(first)} "
                    f"and {describe(other)}",
                    _difference(first, other),
                )
        return first


def _difference(first: TensorType, other: TensorType) -> str:
    if first.spatial == other.spatial:
        return "channels differ: a 1x1 `conv` changes them, `concat` puts them side by side"
    if 0 in (first.rank, other.rank):
        return "a vector has no positions; only `mul` repeats one over positions"
    if first.rank != other.rank:
        return f"one has {first.rank} spatial dimensions and the other {other.rank}"
    differ = "positions differ: a stride or padding on one of the ways is not on the other"
    return would_do(first, other) or differ


@op("add")
class Add(Join):
    """The sum, entry by entry; all shapes are equal."""

    gradient_reads: ClassVar[str] = "nothing"


@op("sub")
class Sub(Join):
    """The first minus the second, entry by entry; shapes are equal."""

    gradient_reads: ClassVar[str] = "nothing"

    def joined(self, inputs: tuple[TensorType, ...]) -> TensorType:
        if len(inputs) != 2:
            raise OpError(f"`sub` takes two tensors, and gets {len(inputs)}")
        return super().joined(inputs)


@op("mul")
class Mul(Join):
    """The product, entry by entry; missing or single positions are repeated (a gate).

    Shapes: `64` or `64 x 1 x 1` with `64 x 56 x 56` gives `64 x 56 x 56`. Channels are equal.
    """

    def joined(self, inputs: tuple[TensorType, ...]) -> TensorType:
        result = inputs[0]
        for other in inputs[1:]:
            result = self._product(result, other)
        return result

    def _product(self, x: TensorType, y: TensorType) -> TensorType:
        long, short = (x, y) if x.rank >= y.rank else (y, x)
        positions = short.spatial or (1,) * long.rank
        if x.channels == y.channels and len(positions) == long.rank:
            pairs = list(zip(positions, long.spatial, strict=True))
            if all(p == q or 1 in (p, q) for p, q in pairs):
                return TensorType((x.channels, *(q if p == 1 else p for p, q in pairs)))
        raise OpError(
            f"`mul` does not fit {describe(x)} and {describe(y)}",
            would_do(x, y) or "it repeats missing or single positions, never channels",
        )


@op("concat")
class Concat(Join):
    """The channels of all inputs one after the other; positions are equal.

    Shapes: `64 x 28 x 28` and `32 x 28 x 28` give `96 x 28 x 28`.
    """

    gradient_reads: ClassVar[str] = "nothing"

    def joined(self, inputs: tuple[TensorType, ...]) -> TensorType:
        first = inputs[0]
        for other in inputs[1:]:
            if other.spatial != first.spatial:
                raise OpError(
                    f"`concat` wants equal positions, and gets {describe(first)} "
                    f"and {describe(other)}",
                    would_do(first, other) or "channels may differ; positions may not",
                )
        return TensorType((sum(x.channels for x in inputs), *first.spatial))
