"""Inputs moved by one spacing of their precision: the least change that a run can notice.

How far two runs part that differ by it alone is what rounding of the input comes to: a floor under
any comparison in that precision (the condition of the network, measured).
"""

from __future__ import annotations

import numpy as np

from resdsl.codegen.runtime import Array

#: Of the bits of a float32, how many a number of this precision leaves unused.
UNUSED_BITS = {"float32": 0, "bfloat16": 16}
_MAGNITUDE = np.uint32(0x7FFFFFFF)


def moved(values: Array, dtype: str, seed: int, step: int) -> Array:
    """Float32 `values`, rounded to `dtype` and each moved to one of its two neighbours there.

    A seeded coin says which. In float64 they are numbers of it; elsewhere they stay float32, and
    zero has one neighbour: the least number.
    """
    up = np.random.default_rng((seed, step)).integers(0, 2, values.shape, dtype=np.int8) == 1
    if dtype == "float64":
        wide: Array = np.nextafter(values.astype(np.float64), np.where(up, np.inf, -np.inf))
        return wide
    unit = np.uint32(1 << UNUSED_BITS[dtype])
    bits = rounded(values, dtype).view(np.uint32)
    up |= (bits & _MAGNITUDE) == 0
    found: Array = np.where(up, bits + unit, bits - unit).view(np.float32)
    return found


def rounded(values: Array, dtype: str) -> Array:
    """Float32 `values`, each the nearest number of `dtype`, ties to even."""
    shift = UNUSED_BITS[dtype]
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    if not shift:
        return bits.view(np.float32)
    half = np.uint32((1 << (shift - 1)) - 1)
    even = bits + half + ((bits >> np.uint32(shift)) & np.uint32(1))
    found: Array = ((even >> np.uint32(shift)) << np.uint32(shift)).view(np.float32)
    return found


def fits(values: Array, dtype: str) -> bool:
    """Whether float32 `values` are all numbers of `dtype`."""
    return bool(np.array_equal(rounded(values, dtype), values))
