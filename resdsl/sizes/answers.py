"""Questions about sizes whose answer is the same whatever the input, or not to be had."""

from __future__ import annotations

from math import gcd

from resdsl.sizes.size import Dim, UnknownSize, bounds, dimensions, is_zero


def at_least_none(size: Dim) -> Dim:
    """`max(size, 0)`, where that is one or the other whatever the input. Raises `UnknownSize`."""
    low, high = bounds(size)
    if low is not None and low >= 0:
        return size
    if high is not None and high <= 0:
        return 0
    assert not isinstance(size, int)
    raise UnknownSize(size)


def typical(size: Dim) -> int:
    """The number that a size is at an input of about 224, where one of many is wanted."""
    if isinstance(size, int):
        return size
    return size.at({d.name: -(-224 // d.multiple) * d.multiple for d in dimensions(size)})


def equal(one: Dim, other: Dim) -> bool:
    """Whether two sizes are the same. Raises `UnknownSize` where they sometimes are."""
    difference = one - other
    if is_zero(difference):
        return True
    if isinstance(difference, int):
        return False
    low, high = bounds(difference)
    # 32 * k is never 7.
    common = gcd(*(factor for _, factor in difference.terms))
    if (low or 0) > 0 or (high or 0) < 0 or difference.constant % common:
        return False
    raise UnknownSize(difference)


def is_void(size: Dim) -> bool:
    """Whether a size is less than 1 whatever the input, so that nothing can have it."""
    high = bounds(size)[1]
    return high is not None and high < 1
