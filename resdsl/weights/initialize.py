"""Draw canonical weights from the declared distributions, one at a time.

The numbers depend on the seed and on each weight's name, shape and initializer alone: on no
framework, machine or NumPy version. They are float32; a float64 array holds the same numbers.

One thread: passes over blocks of this size are so short that two threads spend the second core's
time on handing the interpreter's lock to each other (measured on 2 cores, CPython 3.11).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import numpy as np

from resdsl.diagnostics import InternalError
from resdsl.ir.graph import NamedWeight
from resdsl.ops import Constant, Initializer, Normal, Uniform, VarianceScaling, Weight
from resdsl.weights.arrays import Array, Floats
from resdsl.weights.normal import NormalTransform
from resdsl.weights.philox import Stream

#: Entries handled at a time: a few arrays of this size stay in a processor's cache.
BLOCK = 1 << 16


def draw(weight: Weight, name: str, seed: int, dtype: str = "float32") -> Array:
    """One weight, under its canonical name."""
    out = np.empty(weight.shape, np.float32)
    match _settled(weight):
        case Constant(value):
            out[...] = value
        case Normal() as normal:
            _fill_normal(normal, Stream(seed, name), out.reshape(-1))
        case Uniform() as uniform:
            _fill_uniform(uniform, Stream(seed, name), out.reshape(-1))
        case other:
            raise InternalError(f"no way to draw {other}")
    return out.astype(dtype, copy=False)


def draw_all(
    weights: Iterable[NamedWeight], seed: int, dtype: str = "float32"
) -> Iterator[tuple[str, Array]]:
    """Names and arrays in order, each drawn when it is asked for."""
    for named in weights:
        yield named.name, draw(named.weight, named.name, seed, dtype)


def _settled(weight: Weight) -> Initializer:
    """The weight's distribution in numbers: scaled by its fans where it asks for them."""
    init = weight.init
    if not isinstance(init, VarianceScaling):
        return init
    if init.distribution == "uniform":
        bound = init.bound(weight.fan_in, weight.fan_out)
        return Uniform(-bound, bound)
    std = math.sqrt(init.variance(weight.fan_in, weight.fan_out))
    if init.truncated:
        std /= VarianceScaling.TRUNCATED_STD
    return Normal(std, truncated=init.truncated)


def _blocks(flat: Floats) -> Iterator[Floats]:
    for start in range(0, len(flat), BLOCK):
        yield flat[start : start + BLOCK]


def _fill_normal(init: Normal, stream: Stream, flat: Floats) -> None:
    transform = NormalTransform(min(BLOCK, len(flat)), init.truncated)
    std, mean = np.float32(init.std), np.float32(init.mean)
    for block in _blocks(flat):
        transform.fill(stream.take(len(block)), block)
        np.multiply(block, std, out=block)
        if mean:
            np.add(block, mean, out=block)


def _fill_uniform(init: Uniform, stream: Stream, flat: Floats) -> None:
    middle = np.float32((init.low + init.high) / 2)
    # Odd numbers of 24 bits and a sign: exact in float32, and as many on either side of zero.
    step = np.float32((init.high - init.low) / 2**25)
    for block in _blocks(flat):
        np.copyto(block, 2 * (stream.take(len(block)) >> 8) + 1)
        np.multiply(block, step, out=block)
        if middle:
            np.add(block, middle, out=block)
