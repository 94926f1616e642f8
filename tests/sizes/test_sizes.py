"""Sizes known at run time: whatever is said of an expression holds at every number."""

import random
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from resdsl.sizes import (
    Dim,
    EndlessSize,
    Size,
    UnknownSize,
    at_least_none,
    bounds,
    dimension,
    dimensions,
    equal,
    is_void,
    settling,
    short,
    with_multiples,
)
from resdsl.sizes.size import MOST_POINTS, period

#: Dimensions and what each is a multiple of.
MULTIPLES = {"h": 1, "w": 8, "d": 3}


class Both:
    """A size and the same thing computed with numbers, for each of several inputs."""

    POINTS = tuple(
        {"h": h, "w": 8 * w, "d": 3 * d}
        for h, w, d in [(1, 1, 1), (2, 3, 1), (7, 2, 5), (12, 8, 4), (31, 5, 2), (64, 16, 9)]
    )

    def __init__(self, size: Dim, numbers: list[int]) -> None:
        self.size = size
        self.numbers = numbers

    @staticmethod
    def of(name: str) -> "Both":
        return Both(dimension(name, MULTIPLES[name]), [point[name] for point in Both.POINTS])

    def with_(self, operation: Callable[[Dim, Dim], Dim], other: "Both | int") -> "Both":
        if isinstance(other, int):
            other = Both(other, [other] * len(self.numbers))
        pairs = zip(self.numbers, other.numbers, strict=True)
        return Both(operation(self.size, other.size), [operation(a, b) for a, b in pairs])  # type: ignore[misc]

    def check(self) -> None:
        found = [at(self.size, point) for point in self.POINTS]
        assert found == self.numbers, str(self.size)


def at(size: Dim, point: dict[str, int]) -> int:
    return size if isinstance(size, int) else size.at(point)


OPERATIONS: list[Callable[[Dim, Dim], Dim]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a // b,
    lambda a, b: a % b,
]


def expressions(seed: int, count: int) -> Iterator[Both]:
    numbers = random.Random(seed)
    made = 0
    while made < count:
        value = Both.of(numbers.choice("hwd"))
        try:
            for _ in range(numbers.randrange(1, 8)):
                operation = numbers.choice(OPERATIONS)
                other: Both | int = numbers.choice([-4, -1, 1, 2, 3, 4, 6, 7, 8, 16])
                if operation in OPERATIONS[:3] and numbers.random() < 0.25:
                    other = Both.of(numbers.choice("hwd"))
                value = value.with_(operation, other)
        except EndlessSize:
            continue
        made += 1
        yield value


@pytest.mark.parametrize("seed", range(20))
def test_arithmetic_is_that_of_numbers(seed: int) -> None:
    for value in expressions(seed, 50):
        value.check()


@pytest.mark.parametrize("seed", range(10))
def test_text_means_the_size(seed: int) -> None:
    for value in expressions(100 + seed, 40):
        for point, number in zip(Both.POINTS, value.numbers, strict=True):
            assert eval(str(value.size), {}, point) == number, str(value.size)
            if isinstance(value.size, Size):
                compact = short(value.size)
                assert " " not in compact
                assert eval(compact, {}, point) == number


@pytest.mark.parametrize("seed", range(10))
def test_bounds_hold(seed: int) -> None:
    for value in expressions(200 + seed, 40):
        low, high = bounds(value.size)
        for number in value.numbers:
            assert low is None or low <= number
            assert high is None or number <= high


@pytest.mark.parametrize("seed", range(10))
def test_comparisons_hold_at_every_number_or_are_refused(seed: int) -> None:
    values = list(expressions(300 + seed, 30))
    for one, other in pairwise(values):
        comparisons: list[Callable[[Dim, Dim], bool]] = [
            lambda a, b: a < b,
            lambda a, b: a <= b,
            lambda a, b: a > b,
            lambda a, b: a >= b,
            equal,
        ]
        for compare in comparisons:
            try:
                answer = compare(one.size, other.size)
            except UnknownSize:
                continue
            for a, b in zip(one.numbers, other.numbers, strict=True):
                assert compare(a, b) is answer, f"{one.size} and {other.size}"


@pytest.mark.parametrize("seed", range(10))
def test_equal_sizes_are_equal_whatever_their_form(seed: int) -> None:
    for value in expressions(400 + seed, 30):
        assert value.size == value.size * 3 - value.size * 2
        assert value.size != value.size + 1
        try:
            halves = value.size // 2 + (value.size + 1) // 2
        except EndlessSize:
            continue
        if halves == value.size:
            assert hash(halves) == hash(value.size)
        else:
            # It would take too many points to show.
            assert period(halves) ** len(dimensions(halves)) > MOST_POINTS // 8


h, w = dimension("h"), dimension("w", 32)


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (h, "h"),
        (w, "w"),
        ((w + 2 * 3 - 7) // 2 + 1, "w / 2"),
        ((h + 2 * 3 - 7) // 2 + 1, "(h + 1) // 2"),
        (-(-h // 2), "(h + 1) // 2"),
        ((h - 1) // 2 + 1, "(h + 1) // 2"),
        (h // 2 // 2 // 2, "h // 8"),
        (w // 64, "w // 64"),
        ((w + 32) // 64, "(w + 32) // 64"),
        (w // 32, "w / 32"),
        (3 * w // 64 * 2, "2 * (3 * w // 64)"),
        (h * w, "h * w"),
        (h * (w // 2) * 5, "5 * h * w / 2"),
        (h % 2, "h - 2 * (h // 2)"),
        (7 - h, "-h + 7"),
        (h * h // h, "h"),
    ],
)
def test_text(size: Dim, text: str) -> None:
    assert str(size) == text


def test_plain_numbers_are_numbers() -> None:
    for size in (w % 32, h - h, h * 0, (h * 4) % 2, h // h, (h + h) // h, 0 * w // 3):
        assert isinstance(size, int)


def test_what_is_known_of_sizes() -> None:
    assert h >= 1
    assert h > 0
    assert not h < 1
    assert h // 2 >= 0
    assert h % 2 < 2
    assert bool(h)
    assert not is_void(h - 6)
    assert is_void(1 - h)
    assert at_least_none(h // 2) == h // 2
    assert at_least_none(-h) == 0
    for ask in (
        lambda: h > 1,
        lambda: h < w,
        lambda: bool(h % 2),
        lambda: h // w,
        lambda: at_least_none(h - 3),
        lambda: range(h),  # type: ignore[arg-type]
        lambda: equal(h, 7),
        lambda: equal(h, w),
    ):
        with pytest.raises(UnknownSize):
            ask()
    assert not equal(w, 7)
    assert not equal(h, h + 1)
    assert equal(h // 2 + (h + 1) // 2, h)


def test_multiples_that_make_sizes_equal() -> None:
    # A U-Net that halves four times, and doubles as often.
    assert settling((h // 16 * 2, h // 8)) == {"h": 16}
    assert settling((h // 4 * 2, h // 2), (w // 64 * 2, w // 32)) == {"h": 4, "w": 64}
    assert settling((h, h)) == {}
    assert settling((h, w)) is None
    assert settling((h, h + 1)) is None
    assert settling((h // 3 * 3, h), (h // 2 * 2, h)) == {"h": 6}
    assert with_multiples(h // 16 * 2, {"h": 16}) == with_multiples(h // 8, {"h": 16})


def test_sizes_that_grow_without_end_are_refused() -> None:
    def grow() -> Dim:
        size: Dim = h
        for _ in range(100):
            size = size * 3 // 2
        return size

    with pytest.raises(EndlessSize):
        grow()
