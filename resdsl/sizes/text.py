"""Sizes as text."""

from __future__ import annotations

from collections.abc import Callable
from math import gcd, lcm, prod

from resdsl.sizes.size import Dim, Dimension, Monomial, Quotient, Size


def text_of(size: Size, rename: Callable[[str], str]) -> str:
    """The sum as an author would write it, with other names for the dimensions."""
    shown = ""
    for monomial, factor in sorted(size.terms, key=lambda t: t[1] < 0):
        term = _term_text(monomial, abs(factor), rename)
        if shown:
            shown += f" {'-' if factor < 0 else '+'} {term}"
        elif factor < 0:
            # `-h // 2` would round the other way.
            shown = f"-({term})" if "//" in term else f"-{term}"
        else:
            shown = term
    if size.constant:
        shown += f" {'-' if size.constant < 0 else '+'} {abs(size.constant)}"
    return shown


def short(size: Dim, rename: Callable[[str], str] = str) -> str:
    """A size among others, as in `64 x h/2 x w/2`: without blanks."""
    return str(size) if isinstance(size, int) else text_of(size, rename).replace(" ", "")


def _under(monomial: Monomial) -> int:
    """What a product is divided by when it is written with the dimensions themselves."""
    return prod(a.multiple for a in monomial if isinstance(a, Dimension))


def _term_text(monomial: Monomial, factor: int, rename: Callable[[str], str]) -> str:
    under = _under(monomial)
    common = gcd(factor, under)
    factor, under = factor // common, under // common
    names = [rename(a.name) for a in monomial if isinstance(a, Dimension)]
    quotients = [_quotient_text(a, rename) for a in monomial if isinstance(a, Quotient)]
    is_alone = factor == 1 and len(monomial) == 1
    factors = [str(factor)] if factor != 1 else []
    factors += [*names, *(q if is_alone else f"({q})" for q in quotients)]
    return " * ".join(factors) + (f" / {under}" if under > 1 else "")


def _quotient_text(quotient: Quotient, rename: Callable[[str], str]) -> str:
    """`(h + 32) // 64`: without fractions inside."""
    unders = ((_under(monomial), factor) for monomial, factor in quotient.over.terms)
    whole = lcm(*(under // gcd(under, factor) for under, factor in unders))
    over = quotient.over * whole
    assert isinstance(over, Size)
    shown = text_of(over, rename)
    is_simple = len(over.terms) == 1 and not over.constant and len(over.terms[0][0]) == 1
    return f"{shown if is_simple else f'({shown})'} // {quotient.by * whole}"
