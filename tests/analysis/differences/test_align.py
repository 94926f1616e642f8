"""Two sequences side by side."""

from resdsl.analysis.differences.align import aligned


def score(a: str, b: str) -> float:
    return 2.0 if a == b else float(a.lower() == b.lower())


def pairs(one: str, other: str) -> list[tuple[str | None, str | None]]:
    return aligned(one, other, score, lambda c: c)


def test_equal_ones_go_together_and_the_rest_stands_alone() -> None:
    assert pairs("abd", "bcd") == [("a", None), ("b", "b"), (None, "c"), ("d", "d")]


def test_the_better_fit_wins() -> None:
    assert pairs("A", "aA") == [(None, "a"), ("A", "A")]


def test_nothing_fits() -> None:
    assert pairs("a", "b") == [("a", None), (None, "b")]


def test_long_ones_go_by_name() -> None:
    found = pairs("ab" * 1000, "b" + "ab" * 1000)
    assert sum(a is not None and b is not None for a, b in found) == 2000
