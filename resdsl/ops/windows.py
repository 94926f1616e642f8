"""Sliding windows: how padding and strides turn a size into another, for convolutions and pools.

Only arithmetic on numbers, so that `conv` and the pools agree on what each kind of padding means.
"""

from __future__ import annotations

from resdsl.ops.attributes import IntOrPair, Padding
from resdsl.types import TensorType

#: top, bottom, left, right
Pads = tuple[int, int, int, int]


def both(value: IntOrPair) -> tuple[int, int]:
    """An attribute given once or as `[height, width]`, for both directions."""
    return (value, value) if isinstance(value, int) else value


def pads(
    padding: Padding, x: TensorType, kernel: IntOrPair, stride: IntOrPair, dilation: IntOrPair = 1
) -> Pads:
    """What `padding` comes to on an image of type `x`."""
    if isinstance(padding, int):
        return (padding, padding, padding, padding)
    if isinstance(padding, tuple):
        return padding
    if padding == "valid":
        return (0, 0, 0, 0)
    down, across = (
        _named_pads(padding, size, k, s, d)
        for size, k, s, d in zip(x.spatial, both(kernel), both(stride), both(dilation), strict=True)
    )
    return (*down, *across)


def _named_pads(
    padding: str, size: int, kernel: int, stride: int, dilation: int
) -> tuple[int, int]:
    reach = dilation * (kernel - 1)
    if padding == "same":
        return (reach // 2, reach // 2)
    # "tf_same", as in TensorFlow's documentation of `tf.nn.convolution`: as many windows as strides
    # fit into the input, and an odd pad goes to the bottom and right.
    windows = -(-size // stride)
    total = max((windows - 1) * stride + reach + 1 - size, 0)
    return (total // 2, total - total // 2)


def window_counts(
    x: TensorType, around: Pads, kernel: IntOrPair, stride: IntOrPair, dilation: IntOrPair = 1
) -> tuple[int, int]:
    """How many windows fit, down and across; below 1 where not even one does."""
    top, bottom, left, right = around
    height, width = x.spatial
    (kernel_h, kernel_w), (stride_h, stride_w) = both(kernel), both(stride)
    dilation_h, dilation_w = both(dilation)
    return (
        (height + top + bottom - dilation_h * (kernel_h - 1) - 1) // stride_h + 1,
        (width + left + right - dilation_w * (kernel_w - 1) - 1) // stride_w + 1,
    )


def window_counts_ceil(
    x: TensorType, around: Pads, kernel: IntOrPair, stride: IntOrPair
) -> tuple[int, int]:
    """As `window_counts`, and a last window may hang over the edge if it starts inside.

    PyTorch's `ceil_mode`: inside is the input or the padding before it.
    """
    top, bottom, left, right = around
    (kernel_h, kernel_w), (stride_h, stride_w) = both(kernel), both(stride)
    height, width = x.spatial
    return (
        _count_ceil(height, top, bottom, kernel_h, stride_h),
        _count_ceil(width, left, right, kernel_w, stride_w),
    )


def _count_ceil(size: int, before: int, after: int, kernel: int, stride: int) -> int:
    count = -(-(size + before + after - kernel) // stride) + 1
    last_starts_outside = (count - 1) * stride >= size + before
    return count - 1 if last_starts_outside else count
