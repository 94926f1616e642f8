"""Checks on input types that several operations share, with the texts an author sees."""

from __future__ import annotations

from resdsl.ops.base import Op, OpError
from resdsl.types import TensorType


def expect_image(operation: Op, x: TensorType) -> None:
    """Raise `OpError` unless `x` has a height and a width."""
    if x.rank == 2:
        return
    help = None
    if x.rank == 0:
        help = "`flatten` and the global pools leave a vector; `global_avg_pool(keep = true)` 1 x 1"
    raise OpError(
        f"`{operation.name}` wants an image, channels x height x width, and gets {describe(x)}",
        help,
    )


def expect_positions(operation: Op, x: TensorType) -> None:
    """Raise `OpError` if `x` is a vector."""
    if x.rank == 0:
        raise OpError(
            f"`{operation.name}` works on positions, and gets {describe(x)}",
            "there are none after `flatten` or a global pool",
        )


def describe(x: TensorType) -> str:
    """A type in words: `64 x 56 x 56`, or `a vector of 512`."""
    return str(x) if x.rank else f"a vector of {x.channels}"
