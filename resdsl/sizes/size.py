"""Sizes known at run time: whole-number expressions over the dimensions of a network's input.

A `Size` is a polynomial with whole coefficients over atoms: a dimension of the input divided by the
multiple that it is known to be of, or a floor division of another such expression. Every operation
keeps one normal form, so that `(32 * k + 6 - 7) // 2 + 1` is `16 * k`; what comes to a plain number
is an `int` and no `Size`. Shape rules use plain arithmetic and need not know which they have.

Such an expression is a polynomial on each class of residues, which makes questions about all of its
values finite ones: equality is decided on as many points as determine it, not by how it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from math import gcd, lcm, prod
from typing import NoReturn, TypeAlias

from resdsl.records import dataclass

#: Points at which two sizes are compared; sizes that would need more are not shown to be equal.
MOST_POINTS = 20_000
#: Terms of what is divided, and quotients in quotients. Shapes of networks have a handful.
MOST_TERMS = 32
MOST_LEVELS = 6
#: Factors of a term: two positions over an image have four.
MOST_FACTORS = 12


class UnknownSize(Exception):
    """The answer depends on a size known at run time."""

    def __init__(self, size: Size) -> None:
        super().__init__(size.in_words())
        self.size = size


class EndlessSize(Exception):
    """A size has become too long an expression to work with."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """The atom `name / multiple`, a whole number of 1 or more."""

    name: str
    multiple: int = 1


@dataclass(frozen=True, slots=True)
class Quotient:
    """The atom `over // by`: rounded down, and not to be simplified further."""

    over: Size
    by: int


Atom: TypeAlias = Dimension | Quotient
Monomial: TypeAlias = tuple[Atom, ...]
#: A size of a shape: a number, or an expression known at run time.
Dim: TypeAlias = "int | Size"


@dataclass(frozen=True, slots=True, eq=False)
class Size:
    """A sum of `terms`, each a product of atoms with its factor, and a constant.

    Made by `dimension` and by arithmetic. Comparisons and truth hold for all values of the
    dimensions, or raise `UnknownSize`; `==` alone is false where equality cannot be shown.
    """

    terms: tuple[tuple[Monomial, int], ...]
    constant: int = 0

    # ---- arithmetic ----------------------------------------------------------------------------

    def __add__(self, other: Dim) -> Dim:
        return _sum(self, other) if isinstance(other, int | Size) else NotImplemented

    __radd__ = __add__

    def __neg__(self) -> Dim:
        return _made({monomial: -factor for monomial, factor in self.terms}, -self.constant)

    def __sub__(self, other: Dim) -> Dim:
        return _sum(self, -other) if isinstance(other, int | Size) else NotImplemented

    def __rsub__(self, other: int) -> Dim:
        return -self + other

    def __mul__(self, other: Dim) -> Dim:
        return _product(self, other) if isinstance(other, int | Size) else NotImplemented

    __rmul__ = __mul__

    def __floordiv__(self, other: Dim) -> Dim:
        return _floor(self, other) if isinstance(other, int | Size) else NotImplemented

    def __rfloordiv__(self, other: int) -> Dim:
        return _floor(other, self)

    def __mod__(self, other: Dim) -> Dim:
        return self - other * (self // other)

    def __rmod__(self, other: int) -> Dim:
        return other - self * (other // self)

    # ---- questions about all values ------------------------------------------------------------

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, int | Size) or isinstance(other, bool):
            return NotImplemented
        if isinstance(other, Size) and self.terms == other.terms:
            return self.constant == other.constant
        return is_zero(self - other)

    def __hash__(self) -> int:
        # Equal sizes have equal values everywhere, whatever their form: also at this point.
        return hash(
            self.at({d.name: d.multiple * sum(map(ord, d.name)) * 101 for d in dimensions(self)})
        )

    def __lt__(self, other: Dim) -> bool:
        return _is_positive(other - self)

    def __gt__(self, other: Dim) -> bool:
        return _is_positive(self - other)

    def __le__(self, other: Dim) -> bool:
        return not _is_positive(self - other)

    def __ge__(self, other: Dim) -> bool:
        return not _is_positive(other - self)

    def __bool__(self) -> bool:
        low, high = bounds(self)
        if (low is not None and low > 0) or (high is not None and high < 0):
            return True
        if self == 0:
            return False
        raise UnknownSize(self)

    def __index__(self) -> NoReturn:
        raise UnknownSize(self)

    # ---- values and text -----------------------------------------------------------------------

    def at(self, values: Mapping[str, int]) -> int:
        """The number it is where the dimensions have these sizes."""
        return self.constant + sum(
            factor * prod(_value(atom, values) for atom in monomial)
            for monomial, factor in self.terms
        )

    def text(self, rename: Callable[[str], str] = str) -> str:
        """As an author would write it: `h / 32`, `(h + 1) // 2`."""
        from resdsl.sizes.text import text_of

        return text_of(self, rename)

    def in_words(self) -> str:
        """For messages, to stand after "this is "."""
        return f"`{self}`, which is known at run time"

    def __str__(self) -> str:
        return self.text()

    def __format__(self, specification: str) -> str:
        return str(self)


# ---- making sizes ------------------------------------------------------------------------------


def dimension(name: str, multiple: int = 1) -> Size:
    """A size of the input, a multiple of `multiple`."""
    return Size((((Dimension(name, multiple),), multiple),))


def total(sizes: Iterable[Dim]) -> Dim:
    """The sum."""
    result: Dim = 0
    for size in sizes:
        result = result + size
    return result


def _made(terms: Mapping[Monomial, int], constant: int) -> Dim:
    kept = [(monomial, factor) for monomial, factor in terms.items() if factor]
    if not kept:
        return constant
    if len(kept) > 1:
        kept.sort(key=lambda t: (-len(t[0]), repr(t[0])))
    return Size(tuple(kept), constant)


def _parts(size: Dim) -> tuple[dict[Monomial, int], int]:
    return ({}, size) if isinstance(size, int) else (dict(size.terms), size.constant)


def _sum(one: Dim, other: Dim) -> Dim:
    (terms, constant), (more, rest) = _parts(one), _parts(other)
    for monomial, factor in more.items():
        terms[monomial] = terms.get(monomial, 0) + factor
    return _made(terms, constant + rest)


def _product(one: Dim, other: Dim) -> Dim:
    (terms, constant), (more, rest) = _parts(one), _parts(other)
    result: dict[Monomial, int] = {}
    for left, a in [*terms.items(), ((), constant)]:
        for right, b in [*more.items(), ((), rest)]:
            if len(left) + len(right) > MOST_FACTORS:
                raise EndlessSize
            monomial = tuple(sorted((*left, *right), key=repr)) if left and right else left or right
            result[monomial] = result.get(monomial, 0) + a * b
    return _made({m: f for m, f in result.items() if m}, result.get((), 0))


def _floor(over: Dim, by: Dim) -> Dim:
    """`over // by` in normal form."""
    if isinstance(by, Size):
        return _exact_quotient(over, by)
    if isinstance(over, int):
        return over // by
    if by == 0:
        raise ZeroDivisionError
    if by < 0:
        return _floor(-over, -by)
    rest = [(m, f) for m, f in over.terms if f % by]
    if rest and rest[0][1] < 0:
        # Rounding up is rounding down from further up: one form for both.
        return -_floor(-over + (by - 1), by)
    # What divides leaves the quotient; of the rest nothing stays negative.
    out = {m: f // by for m, f in over.terms if f % by == 0 or f < 0}
    whole = _made(out, over.constant // by)
    kept, constant = {m: f if f > 0 else f % by for m, f in rest}, over.constant % by
    if not kept:
        return whole
    common = gcd(by, *kept.values())
    kept = {m: f // common for m, f in kept.items()}
    return whole + _irreducible(kept, constant // common, by // common)


def _irreducible(terms: dict[Monomial, int], constant: int, by: int) -> Dim:
    """A floor division whose factors are less than the divisor and have nothing in common."""
    inner = [m for m, f in terms.items() if f == 1 and len(m) == 1 and isinstance(m[0], Quotient)]
    if len(inner) == 1:
        # (x // a + n) // b is (x + n * a) // (a * b).
        quotient = inner[0][0]
        assert isinstance(quotient, Quotient)
        others = _made({m: f for m, f in terms.items() if m != inner[0]}, constant)
        return _floor(quotient.over + others * quotient.by, quotient.by * by)
    over = _made(terms, constant)
    assert isinstance(over, Size)
    if len(terms) > MOST_TERMS or _depth(over) >= MOST_LEVELS:
        raise EndlessSize
    return Size((((Quotient(over, by),), 1),))


def _depth(size: Size) -> int:
    return 1 + max((_depth(a.over) for a in _atoms(size) if isinstance(a, Quotient)), default=0)


def _exact_quotient(over: Dim, by: Size) -> Dim:
    """A size divided by another one, where that leaves nothing; only the plain cases are seen."""
    if isinstance(over, int):
        if over == 0:
            return 0
        raise UnknownSize(by)
    if not by.constant and not over.constant and len(by.terms) == 1:
        ((monomial, factor),) = by.terms
        terms = [(_without(m, monomial), f) for m, f in over.terms]
        if all(m is not None and f % factor == 0 for m, f in terms):
            found = {m: f // factor for m, f in terms if m is not None}
            return _made({m: f for m, f in found.items() if m}, found.get((), 0))
    times = over.terms[0][1] // by.terms[0][1]
    if over == by * times:
        return times
    raise UnknownSize(by)


def _without(monomial: Monomial, atoms: Monomial) -> Monomial | None:
    """What is left of a product without some of its factors, if it has them."""
    left = list(monomial)
    for atom in atoms:
        if atom not in left:
            return None
        left.remove(atom)
    return tuple(left)


# ---- what is known of all values ----------------------------------------------------------------


def dimensions(size: Dim) -> list[Dimension]:
    """The dimensions of the input that it depends on, by name."""
    found: dict[str, Dimension] = {}
    for atom in _atoms(size):
        for inner in [atom] if isinstance(atom, Dimension) else dimensions(atom.over):
            found[inner.name] = inner
    return [found[name] for name in sorted(found)]


def _atoms(size: Dim) -> Iterator[Atom]:
    if isinstance(size, Size):
        for monomial, _ in size.terms:
            yield from monomial


def period(size: Dim) -> int:
    """After how many steps of its dimensions it is the same polynomial again."""
    return lcm(*(1 if isinstance(a, Dimension) else a.by * period(a.over) for a in _atoms(size)))


def _degree(size: Dim) -> int:
    if isinstance(size, int):
        return 0
    return max(
        sum(1 if isinstance(a, Dimension) else _degree(a.over) for a in m) for m, _ in size.terms
    )


def _value(atom: Atom, values: Mapping[str, int]) -> int:
    if isinstance(atom, Quotient):
        return atom.over.at(values) // atom.by
    return values[atom.name] // atom.multiple


def _points(found: list[Dimension], steps: Iterable[int]) -> Iterator[dict[str, int]]:
    rows = list(steps)
    for counts in product(rows, repeat=len(found)):
        yield {d.name: d.multiple * n for d, n in zip(found, counts, strict=True)}


def is_zero(size: Dim) -> bool:
    """Whether it is 0 at all values; no, where that would take too long to find out."""
    if isinstance(size, int):
        return size == 0
    found = dimensions(size)
    if any(size.at(point) for point in _points(found, (1, 2, 7))):
        return False
    steps = period(size) * (_degree(size) + 1)
    if steps ** len(found) > MOST_POINTS:
        return False
    return not any(size.at(point) for point in _points(found, range(1, steps + 1)))


def _is_positive(size: Dim) -> bool:
    low, high = bounds(size)
    if low is not None and low > 0:
        return True
    if high is not None and high <= 0:
        return False
    assert isinstance(size, Size)
    raise UnknownSize(size)


def bounds(size: Dim) -> tuple[int | None, int | None]:
    """The least and the largest value, or less and more than these; `None` where there is none."""
    if isinstance(size, int):
        return size, size
    groups: dict[tuple[Dimension, ...], dict[Monomial, int]] = {}
    for monomial, factor in size.terms:
        one = Size(((monomial, factor),))
        groups.setdefault(tuple(dimensions(one)), {})[monomial] = factor
    ends = [_group_bounds(Size(tuple(terms.items()))) for terms in groups.values()]
    low = [e[0] for e in ends]
    high = [e[1] for e in ends]
    return (
        None if None in low else size.constant + sum(v for v in low if v is not None),
        None if None in high else size.constant + sum(v for v in high if v is not None),
    )


def _group_bounds(size: Size) -> tuple[int | None, int | None]:
    """Bounds of terms over the same dimensions."""
    found, steps = dimensions(size), period(size)
    if len(found) == 1 and _degree(size) == 1 and steps <= MOST_POINTS:
        values = [size.at(point) for point in _points(found, range(1, steps + 2))]
        slope = values[-1] - values[0]
        return (None if slope < 0 else min(values), None if slope > 0 else max(values))
    # Every atom is 0 or more: dimensions are 1 or more, and so is what a quotient divides.
    lows = [f * prod(_least(a) for a in m) for m, f in size.terms if f > 0]
    highs = [f * prod(_least(a) for a in m) for m, f in size.terms if f < 0]
    return (None if highs else sum(lows), None if lows else sum(highs))


def _least(atom: Atom) -> int:
    if isinstance(atom, Dimension):
        return 1
    return max((bounds(atom.over)[0] or 0) // atom.by, 0)
