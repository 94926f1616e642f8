"""Sliding windows: how padding and strides turn a size into another, for convolutions and pools.

Only arithmetic on numbers, dimension by dimension, so that `conv` and the pools agree on what each
kind of padding means, over a length as over a depth, height and width.
"""

from __future__ import annotations

from typing import TypeVar

from resdsl.ops.attributes import Padding, PerAxis
from resdsl.sizes import Dim, at_least_none, is_void
from resdsl.types import TensorType

#: Before and after, for each spatial dimension: (top, bottom, left, right) for an image. Known at
#: run time only where `"tf_same"` meets a size that is.
Pads = tuple[Dim, ...]

T = TypeVar("T")


def each(value: T | tuple[T, ...], rank: int) -> tuple[T, ...]:
    """An attribute given once or for each spatial dimension, for each of `rank` dimensions."""
    return value if isinstance(value, tuple) else (value,) * rank


def given_ranks(*values: PerAxis) -> set[int]:
    """For how many dimensions attributes were given; those of one number fit any rank."""
    return {len(value) for value in values if isinstance(value, tuple)}


def sides(padding: int | tuple[int, ...], rank: int) -> tuple[int, ...]:
    """A padding in numbers: before and after, for each of `rank` dimensions."""
    return padding if isinstance(padding, tuple) else (padding, padding) * rank


def befores(around: Pads) -> Pads:
    """What stands before the input in each dimension."""
    return around[::2]


def afters(around: Pads) -> Pads:
    """What stands behind the input in each dimension."""
    return around[1::2]


def pads(
    padding: Padding, x: TensorType, kernel: PerAxis, stride: PerAxis, dilation: PerAxis = 1
) -> Pads:
    """What `padding` comes to on an input of type `x`.

    Raises `UnknownSize` where that is no expression over a size known at run time.
    """
    if not isinstance(padding, str):
        return sides(padding, x.rank)
    if padding == "valid":
        return (0, 0) * x.rank
    windows = (each(value, x.rank) for value in (kernel, stride, dilation))
    found: list[Dim] = []
    for size, k, s, d in zip(x.spatial, *windows, strict=True):
        found += _named_pads(padding, size, k, s, d)
    return tuple(found)


def _named_pads(
    padding: str, size: Dim, kernel: int, stride: int, dilation: int
) -> tuple[Dim, Dim]:
    reach = dilation * (kernel - 1)
    if padding == "same":
        return (reach // 2, reach // 2)
    # "tf_same", as in TensorFlow's documentation of `tf.nn.convolution`: as many windows as strides
    # fit into the input, and an odd pad goes to the end (the bottom and right of an image).
    windows = -(-size // stride)
    total = at_least_none((windows - 1) * stride + reach + 1 - size)
    return (total // 2, total - total // 2)


def padded(x: TensorType, around: Pads) -> tuple[Dim, ...]:
    """The sizes of an input with its padding."""
    return tuple(
        before + size + after
        for size, before, after in zip(x.spatial, befores(around), afters(around), strict=True)
    )


def window_counts(
    x: TensorType,
    padding: Padding,
    kernel: PerAxis,
    stride: PerAxis,
    dilation: PerAxis = 1,
    *,
    ceil: bool = False,
) -> tuple[Dim, ...]:
    """How many windows fit in each dimension; below 1 where not even one does.

    With `ceil` a last window may hang over the edge if it starts inside: PyTorch's `ceil_mode`,
    where inside is the input or the padding before it.
    """
    strides = each(stride, x.rank)
    if padding == "tf_same":
        # As many as strides fit into the input; the padding makes room for them.
        return tuple(-(-size // s) for size, s in zip(x.spatial, strides, strict=True))
    around = pads(padding, x, kernel, stride, dilation)
    windows = (each(value, x.rank) for value in (kernel, stride, dilation))
    return tuple(
        _count(before + size, after - d * (k - 1) - 1, s, ceil)
        for size, before, after, k, s, d in zip(
            x.spatial, befores(around), afters(around), *windows, strict=True
        )
    )


def _count(size: Dim, room: Dim, stride: int, ceil: bool) -> Dim:
    """Windows in one dimension: `size` is the input with the padding before it, `room` what the
    padding behind it has more than a window takes."""
    if ceil:
        # One stride more, less what would let the last window start beyond the input.
        room = min(room + stride - 1, -1)
    return (size + room) // stride + 1


def no_window(counts: tuple[Dim, ...]) -> bool:
    """Whether there is a dimension in which not one window fits, whatever the input."""
    return any(map(is_void, counts))
