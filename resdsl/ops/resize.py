"""Resizing: more positions of what is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from resdsl.ops import attributes as a
from resdsl.ops.base import Op, OpError, Ratio, attribute, op
from resdsl.ops.shapes import describe, expect_axes, expect_positions
from resdsl.ops.windows import each
from resdsl.sizes import Dim
from resdsl.types import TensorType

NEAREST = "nearest"
#: Modes that interpolate, by the number of directions in which they do.
_LINEAR = {"linear": 1, "bilinear": 2, "trilinear": 3}


@op("upsample")
class Upsample(Op):
    """More positions in every direction, channels as they are.

    Shapes: `channels x height x width` to `channels x by * height x by * width`, or to the height
    and width of another tensor, `upsample(like = levels[i])`. `"nearest"` repeats: position `i` of
    `m` is position `i * n // m` of the `n` before. `"bilinear"` (`"linear"` for one direction,
    `"trilinear"` for three) interpolates between the centres of positions and repeats beyond the
    outermost: position `i` lies at `(i + 0.5) * n / m - 0.5`. This is PyTorch's
    `align_corners=False`, TensorFlow 2's and ONNX's `half_pixel`.
    """

    gradient_reads: ClassVar[str] = "nothing"
    decisive: ClassVar[tuple[str, ...]] = ("mode",)

    by: a.PerAxis | None = attribute(
        "how many positions become of one", a.optional(a.per_axis(1)), None
    )
    like: TensorType | None = attribute(
        "a tensor that has the positions wanted", a.optional(a.tensor()), None
    )
    mode: str = attribute("what comes between the positions", a.choice(NEAREST, *_LINEAR), NEAREST)

    def problems(self) -> Iterator[str]:
        if (self.by is None) == (self.like is None):
            yield "it wants `by` or `like`, one of both: `upsample(2)`, or `upsample(like = skip)`"

    def infer(self, *inputs: TensorType) -> TensorType:
        x = inputs[0]
        expect_positions(self, x)
        wanted = _LINEAR.get(self.mode, x.rank)
        if wanted != x.rank:
            mode = next(name for name, rank in _LINEAR.items() if rank == x.rank)
            directions = "1 direction" if wanted == 1 else f"{wanted} directions"
            raise OpError(
                f'`"{self.mode}"` interpolates in {directions}, and the input is {describe(x)}',
                f'here it is `mode = "{mode}"`',
            )
        return TensorType((x.channels, *self._sizes(x)))

    def _sizes(self, x: TensorType) -> tuple[Dim, ...]:
        if self.like is not None:
            return self._sizes_like(x, self.like)
        by = self.by or 1
        expect_axes(self, x, "by")
        return tuple(n * factor for n, factor in zip(x.spatial, each(by, x.rank), strict=True))

    def _sizes_like(self, x: TensorType, like: TensorType) -> tuple[Dim, ...]:
        if like.rank != x.rank:
            raise OpError(f"`like` is {describe(like)}, and the input is {describe(x)}")
        pairs = list(zip(x.spatial, like.spatial, strict=True))
        if any(n != m and isinstance(n, int) and isinstance(m, int) and n > m for n, m in pairs):
            raise OpError(
                f"`upsample` makes no fewer positions, and {describe(like)} has fewer "
                f"than {describe(x)}",
                "a pool or a stride does",
            )
        return like.spatial

    def strides(self) -> Ratio | tuple[Ratio, ...]:
        from fractions import Fraction  # Slow to import, and seldom wanted.

        if isinstance(self.by, tuple):
            return tuple(Fraction(1, factor) for factor in self.by)
        return Fraction(1, self.by or 1)

    def positions_of(self) -> int:
        return 0 if self.like is None else 1
