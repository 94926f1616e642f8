"""With which multiples of the input's dimensions two sizes would be the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import lcm

from resdsl.sizes.size import (
    MOST_POINTS,
    Atom,
    Dim,
    Quotient,
    dimension,
    dimensions,
    is_zero,
    period,
)


def with_multiples(size: Dim, multiples: Mapping[str, int]) -> Dim:
    """The size where dimensions are known to be multiples of more than they were."""
    if isinstance(size, int):
        return size
    total: Dim = size.constant
    for monomial, factor in size.terms:
        part: Dim = factor
        for atom in monomial:
            part = part * _with_multiples(atom, multiples)
        total = total + part
    return total


def _with_multiples(atom: Atom, multiples: Mapping[str, int]) -> Dim:
    if isinstance(atom, Quotient):
        return with_multiples(atom.over, multiples) // atom.by
    multiple = multiples.get(atom.name, atom.multiple)
    return dimension(atom.name, multiple) // atom.multiple


def settling(*pairs: tuple[Dim, Dim]) -> dict[str, int] | None:
    """The least multiples of dimensions with which the sizes in each pair are equal, if any are."""
    found: dict[str, int] = {}
    for one, other in pairs:
        difference = one - other
        if is_zero(difference):
            continue
        if isinstance(difference, int):
            return None
        for times in _divisors(period(difference)):
            multiples = {d.name: d.multiple * times for d in dimensions(difference)}
            if is_zero(with_multiples(difference, multiples)):
                found |= {n: lcm(m, found.get(n, 1)) for n, m in multiples.items()}
                break
        else:
            return None
    return found


def _divisors(number: int) -> Iterator[int]:
    return (n for n in range(2, min(number, MOST_POINTS) + 1) if number % n == 0)
