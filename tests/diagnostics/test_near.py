"""Near misses, and diagnostics that are the same mistake."""

import time

import pytest

from resdsl.diagnostics import Bag, Source, Span, error
from resdsl.diagnostics.near import clipped, did_you_mean, listed, nearest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("widht", "width"),
        ("Width", "width"),
        ("batchNorm", "batch_norm"),
        ("cnv", "conv"),
        ("xyz", None),
        ("foo", None),
        ("", None),
        ("w" * 1000, None),
    ],
)
def test_nearest(name: str, expected: str | None) -> None:
    assert nearest(name, ["width", "batch_norm", "conv", "floor"]) == expected


def test_help_is_a_question_or_nothing() -> None:
    assert did_you_mean("widht", ["width"]) == "did you mean `width`?"
    assert did_you_mean("widht", []) is None


def test_many_names_take_no_longer() -> None:
    start = time.monotonic()
    for number in range(100):
        nearest(f"some_nam_{number}", (f"some_name_{n}" for n in range(100_000)))
    assert time.monotonic() - start < 20


def test_names_for_messages_are_short() -> None:
    assert listed(["a", "b"]) == "`a`, `b`"
    assert listed([f"n{n}" for n in range(20)], most=2) == "`n0`, `n1` and 18 more"
    assert len(clipped("x" * 100_000)) < 100


def test_a_bag_gives_one_mistake_once() -> None:
    source = Source("net.res", "a b")
    first, second = Span(source, 0, 1), Span(source, 2, 3)
    bag = Bag()
    for code, span in [("R1", first), ("R1", first), ("R1", second), ("R2", first)]:
        bag.add(error(code, "wrong", span, notes=[str(len(bag.items))]))
    with pytest.raises(Exception) as caught:
        bag.raise_errors()
    found = getattr(caught.value, "diagnostics", ())
    assert [(d.code, d.primary.span) for d in found] == [
        ("R1", first),
        ("R1", second),
        ("R2", first),
    ]
