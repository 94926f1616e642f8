"""Sliding windows: how padding and strides turn a size into another, for convolutions and pools.

Only arithmetic on numbers, dimension by dimension, so that `conv` and the pools agree on what each
kind of padding means, over a length as over a depth, height and width.
"""

from __future__ import annotations

from typing import TypeVar

from resdsl.ops.attributes import Padding, PerAxis
from resdsl.types import TensorType

#: Before and after, for each spatial dimension: (top, bottom, left, right) for an image.
Pads = tuple[int, ...]

T = TypeVar("T")


def each(value: T | tuple[T, ...], rank: int) -> tuple[T, ...]:
    """An attribute given once or for each spatial dimension, for each of `rank` dimensions."""
    return value if isinstance(value, tuple) else (value,) * rank


def given_ranks(*values: PerAxis) -> set[int]:
    """For how many dimensions attributes were given; those of one number fit any rank."""
    return {len(value) for value in values if isinstance(value, tuple)}


def sides(padding: int | Pads, rank: int) -> Pads:
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
    """What `padding` comes to on an input of type `x`."""
    if not isinstance(padding, str):
        return sides(padding, x.rank)
    if padding == "valid":
        return (0, 0) * x.rank
    windows = (each(value, x.rank) for value in (kernel, stride, dilation))
    found: list[int] = []
    for size, k, s, d in zip(x.spatial, *windows, strict=True):
        found += _named_pads(padding, size, k, s, d)
    return tuple(found)


def _named_pads(
    padding: str, size: int, kernel: int, stride: int, dilation: int
) -> tuple[int, int]:
    reach = dilation * (kernel - 1)
    if padding == "same":
        return (reach // 2, reach // 2)
    # "tf_same", as in TensorFlow's documentation of `tf.nn.convolution`: as many windows as strides
    # fit into the input, and an odd pad goes to the end (the bottom and right of an image).
    windows = -(-size // stride)
    total = max((windows - 1) * stride + reach + 1 - size, 0)
    return (total // 2, total - total // 2)


def padded(x: TensorType, around: Pads) -> tuple[int, ...]:
    """The sizes of an input with its padding."""
    return tuple(
        before + size + after
        for size, before, after in zip(x.spatial, befores(around), afters(around), strict=True)
    )


def window_counts(
    x: TensorType, around: Pads, kernel: PerAxis, stride: PerAxis, dilation: PerAxis = 1
) -> tuple[int, ...]:
    """How many windows fit in each dimension; below 1 where not even one does."""
    windows = (each(value, x.rank) for value in (kernel, stride, dilation))
    return tuple(
        (size - d * (k - 1) - 1) // s + 1
        for size, k, s, d in zip(padded(x, around), *windows, strict=True)
    )


def window_counts_ceil(
    x: TensorType, around: Pads, kernel: PerAxis, stride: PerAxis
) -> tuple[int, ...]:
    """As `window_counts`, and a last window may hang over the edge if it starts inside.

    PyTorch's `ceil_mode`: inside is the input or the padding before it.
    """
    windows = (each(value, x.rank) for value in (kernel, stride))
    return tuple(
        _count_ceil(*numbers)
        for numbers in zip(x.spatial, befores(around), afters(around), *windows, strict=True)
    )


def _count_ceil(size: int, before: int, after: int, kernel: int, stride: int) -> int:
    count = -(-(size + before + after - kernel) // stride) + 1
    last_starts_outside = (count - 1) * stride >= size + before
    return count - 1 if last_starts_outside else count
