"""Checks on input types that several operations share, with the texts an author sees."""

from __future__ import annotations

from resdsl.expressions.run_time import multiple_that_would_do
from resdsl.ops.attributes import MOST_AXES
from resdsl.ops.base import Op, OpError
from resdsl.sizes import Dim
from resdsl.types import TensorType

#: The spatial dimensions of each rank, and the sides of an input of that rank.
AXES = ((), ("length",), ("height", "width"), ("depth", "height", "width"))
SIDES = (
    (),
    ("before", "after"),
    ("top", "bottom", "left", "right"),
    ("front", "back", "top", "bottom", "left", "right"),
)


def expect_positions(operation: Op, x: TensorType) -> None:
    """Raise `OpError` if `x` is a vector."""
    if x.rank == 0:
        raise OpError(
            f"`{operation.name}` works on positions, and gets {describe(x)}",
            "`flatten` and the global pools leave a vector; `global_avg_pool(keep = true)` leaves "
            "one position",
        )


def expect_axes(operation: Op, x: TensorType, *names: str, sides: str | None = None) -> None:
    """Raise `OpError` unless `x` has one to three spatial dimensions, and the attributes `names`
    give one number for each, or one for all; `sides` gives two for each."""
    expect_positions(operation, x)
    if x.rank > MOST_AXES:
        raise OpError(
            f"`{operation.name}` works on {MOST_AXES} spatial dimensions at most, and gets {x}"
        )
    for name in names:
        _expect_count(name, getattr(operation, name), x.rank, AXES[x.rank])
    if sides is not None:
        _expect_count(sides, getattr(operation, sides), x.rank, SIDES[x.rank])


def _expect_count(name: str, value: object, rank: int, wanted: tuple[str, ...]) -> None:
    if isinstance(value, tuple) and len(value) != len(wanted):
        numbers = "1 number" if len(value) == 1 else f"{len(value)} numbers"
        raise OpError(
            f"`{name}` gives {numbers}, and a {rank}-d input takes {len(wanted)}: "
            f"[{', '.join(wanted)}]",
            f"one number alone is for every {'side' if wanted is SIDES[rank] else 'dimension'}",
        )


def expect_sequence(operation: Op, x: TensorType) -> None:
    """Raise `OpError` unless `x` has positions in one direction."""
    if x.rank != 1:
        raise OpError(
            f"`{operation.name}` wants a sequence, channels x positions, and gets {describe(x)}",
            "`reshape(in.channels, -1)` puts the positions of an image in a row",
        )


def expect_known_vector(operation: Op, x: TensorType) -> None:
    """Raise `OpError` where all entries in one vector would be a number known at run time only."""
    if not x.is_known:
        raise OpError(
            f"`{operation.name}` would leave a vector of {x.size}, which is known at run time only",
            "`global_avg_pool` leaves a vector whatever the size, and "
            "`adaptive_avg_pool(7)` a known number of positions; or give the input numbers",
        )


def would_do(x: TensorType, y: TensorType) -> str | None:
    """The multiples of sizes known at run time with which positions would be equal, for help."""
    if x.rank != y.rank or x.spatial == y.spatial:
        return None
    return multiple_that_would_do(*zip(x.spatial, y.spatial, strict=True))


def describe(x: TensorType) -> str:
    """A type in words: `64 x 56 x 56`, or `a vector of 512`."""
    return str(x) if x.rank else f"a vector of {x}"


def covering(sizes: tuple[Dim, ...]) -> str:
    """Sizes in words: `7 x 7`."""
    return " x ".join(map(str, sizes))
