"""Functions that the reference evaluator computes in float32 only, from elementary operations."""

from __future__ import annotations

from collections.abc import Sequence

from ..builder import Site

# Quotients of polynomials, highest powers first, from S. L. Moshier's Cephes library (ndtr.c):
# erf(x) = x * T(x^2) / U(x^2) up to 1, and 1 - erf(x) = exp(-x^2) * P(x) / Q(x) from 1 to 8.
_T = (
    9.60497373987051638749e0,
    9.00260197203842689217e1,
    2.23200534594684319226e3,
    7.00332514112805075473e3,
    5.55923013010394962768e4,
)
_U = (
    1.0,
    3.35617141647503099647e1,
    5.21357949780152679795e2,
    4.59432382970980127987e3,
    2.26290000613890934246e4,
    4.92673942608635921086e4,
)
_P = (
    2.46196981473530512524e-10,
    5.64189564831068821977e-1,
    7.46321056442269912687e0,
    4.86371970985681366614e1,
    1.96520832956077098242e2,
    5.26445194995477358631e2,
    9.34528527171957607540e2,
    1.02755188689515710272e3,
    5.57535335369399327526e2,
)
_Q = (
    1.0,
    1.32281951154744992508e1,
    8.67072140885989742329e1,
    3.54937778887819891062e2,
    9.75708501743205489753e2,
    1.82390916687909736289e3,
    2.24633760818710981792e3,
    1.65666309194161350182e3,
    5.57535340817727675546e2,
)


def erf(site: Site, x: str) -> str:
    """The error function to the last bits of float64 (4e-16, measured from -9 to 9)."""
    one = site.number(1.0)
    small = site.part("Clip", x, site.number(-1.0), one)
    square = site.part("Mul", small, small)
    near = site.part("Mul", small, _quotient(site, _T, _U, square))
    size = site.part("Abs", x)
    # Beyond 6 the rest is less than a last bit; clipped, nothing overflows.
    large = site.part("Clip", size, one, site.number(8.0))
    power = site.part("Exp", site.part("Neg", site.part("Mul", large, large)))
    rest = site.part("Mul", power, _quotient(site, _P, _Q, large))
    far = site.part("Mul", site.part("Sign", x), site.part("Sub", one, rest))
    return site.part("Where", site.part("Less", size, one), near, far)


def _quotient(site: Site, over: Sequence[float], under: Sequence[float], x: str) -> str:
    return site.part("Div", _polynomial(site, over, x), _polynomial(site, under, x))


def _polynomial(site: Site, coefficients: Sequence[float], x: str) -> str:
    """Horner's scheme."""
    first, second, *others = coefficients
    start = x if first == 1.0 else site.part("Mul", x, site.number(first))
    result = site.part("Add", start, site.number(second))
    for coefficient in others:
        result = site.part("Add", site.part("Mul", result, x), site.number(coefficient))
    return result
