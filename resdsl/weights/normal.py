"""Normal numbers from whole ones, the same bits on every machine.

A standard library's `log` or `cos`, and NumPy's, may differ in the last bit from one build or
processor to the next. Here stand only operations that IEEE 754 rounds exactly (`+ - * /` and the
square root, each its own pass over float32 arrays, so that nothing is fused) and integer ones.

The transform is the inverse of the normal distribution function by Wichura's rational
approximations ("Algorithm AS 241: the percentage points of the normal distribution", Applied
Statistics 37, 1988), its single precision form PPND7, with our own logarithm in the tails.
"""

from __future__ import annotations

import numpy as np

from resdsl.weights.arrays import Floats, Ints

#: Twice the probability that lies between the mean and two standard deviations.
WITHIN_TWO = 0.9544997361036416


def _constants(*values: float) -> tuple[np.float32, ...]:
    return tuple(np.float32(value) for value in values)


HALF, ONE, TWO = _constants(0.5, 1.0, 2.0)

# AS 241, PPND7: within 0.425 of the median (in probability), as a function of 0.425**2 - q**2 ...
CENTRE = np.float32(0.180625)
CENTRE_OVER = _constants(5.9109374720e1, 1.5929113202e2, 5.0434271938e1, 3.3871327179)
CENTRE_UNDER = _constants(6.7187563600e1, 7.8757757664e1, 1.7895169469e1, 1.0)
# ... and beyond, as a function of sqrt(-log p) - 1.6. Probabilities here are above 2**-34, so the
# third range, for sqrt(-log p) > 5, never occurs.
TAIL = np.float32(1.6)
TAIL_OVER = _constants(1.7023821103e-1, 1.3067284816, 2.7568153900, 1.4234372777)
TAIL_UNDER = _constants(1.2021132975e-1, 7.3700164250e-1, 1.0)

# log(m) = 2 (s + s**3 / 3 + s**5 / 5 + ...) with s = (m - 1) / (m + 1), highest power first.
ATANH = _constants(2 / 9, 2 / 7, 2 / 5, 2 / 3, 2.0)
LOG_2 = np.float32(0.6931471805599453)
#: The bits of sqrt(1/2), where mantissas are cut so that they lie around 1.
SQRT_HALF_BITS = np.int32(0x3F3504F3)
MANTISSA_BITS = np.int32(0x007FFFFF)


class NormalTransform:
    """Turns blocks of whole numbers into standard normal ones, in buffers that it keeps.

    A whole number `k` of 32 bits with sign stands for the probability `1/2 + (k + 1/2) / 2**32`.
    With `truncated`, probabilities are scaled into those of -2 to 2 standard deviations, so that
    nothing has to be drawn twice.
    """

    def __init__(self, block: int, truncated: bool = False) -> None:
        spread = WITHIN_TWO if truncated else 1.0
        self._truncated = truncated
        self._step = np.float32(spread / 2**32)
        self._outside = np.float32((1 - spread) / 2)
        self._q = np.empty(block, np.float32)
        self._r = np.empty(block, np.float32)
        self._under = np.empty(block, np.float32)

    def fill(self, whole: Ints, out: Floats) -> None:
        """Write the transform of `whole` to `out`; both have one dimension and the same length."""
        size = len(whole)
        q, r, under = self._q[:size], self._r[:size], self._under[:size]
        np.copyto(q, whole)
        np.add(q, HALF, out=q)
        np.multiply(q, self._step, out=q)
        np.multiply(q, q, out=r)
        np.subtract(CENTRE, r, out=r)
        _horner(CENTRE_OVER, r, out)
        _horner(CENTRE_UNDER, r, under)
        np.divide(out, under, out=out)
        np.multiply(out, q, out=out)
        beyond = np.flatnonzero(r < 0)
        if len(beyond):
            out[beyond] = np.copysign(self._tail(whole[beyond]), q[beyond])

    def _tail(self, whole: Ints) -> Floats:
        # Counted from the end of the range, where a difference of floats would lose its digits.
        from_end = np.iinfo(np.int32).max - (whole ^ (whole >> 31))
        p = from_end.astype(np.float32)
        np.add(p, HALF, out=p)
        np.multiply(p, self._step, out=p)
        if self._truncated:
            np.add(p, self._outside, out=p)
        r = np.sqrt(_minus_log(p))
        np.subtract(r, TAIL, out=r)
        z = np.empty_like(r)
        under = np.empty_like(r)
        _horner(TAIL_OVER, r, z)
        _horner(TAIL_UNDER, r, under)
        np.divide(z, under, out=z)
        return np.minimum(z, TWO, out=z) if self._truncated else z


def _horner(coefficients: tuple[np.float32, ...], x: Floats, out: Floats) -> None:
    """A polynomial in `x`, coefficients from the highest power down."""
    np.multiply(x, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        np.add(out, coefficient, out=out)
        np.multiply(out, x, out=out)
    np.add(out, coefficients[-1], out=out)


def _minus_log(p: Floats) -> Floats:
    """-log(p) for normal numbers p between 0 and 1/2."""
    bits = p.view(np.int32) - SQRT_HALF_BITS
    exponent = (bits >> 23).astype(np.float32)
    mantissa = ((bits & MANTISSA_BITS) + SQRT_HALF_BITS).view(np.float32)
    s = (mantissa - ONE) / (mantissa + ONE)
    log = np.empty_like(s)
    _horner(ATANH, s * s, log)
    np.multiply(log, s, out=log)
    np.add(log, exponent * LOG_2, out=log)
    return np.negative(log, out=log)
