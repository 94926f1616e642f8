"""ONNX rules of sequences."""

from __future__ import annotations

from resdsl.ops.sequence import Pick, Reshape, Token, Transpose

from ..builder import Site
from .tables import rules


@rules.emits(Reshape)
def reshape(op: Reshape, site: Site) -> None:
    site.emit("Reshape", site.x, site.ints(0, *site.result.shape))


@rules.emits(Transpose)
def transpose(op: Transpose, site: Site) -> None:
    axes = list(range(site.type.rank + 2))
    one, other = op.one + 1, op.other + 1
    axes[one], axes[other] = other, one
    site.emit("Transpose", site.x, perm=axes)


@rules.emits(Token)
def token(op: Token, site: Site) -> None:
    """As many copies as there are sequences, which is known when they come."""
    (weight,) = site.weights.values()
    batch = site.part("Shape", site.x, start=0, end=1)
    shape = site.part("Concat", batch, site.ints(site.type.channels, op.count), axis=0)
    site.emit("Concat", site.part("Expand", weight, shape), site.x, axis=2)


@rules.emits(Pick)
def pick(op: Pick, site: Site) -> None:
    position = site.part("Squeeze", site.ints(op.position))
    site.emit("Gather", site.x, position, axis=2)
