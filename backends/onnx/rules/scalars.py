"""ONNX rules of learned numbers, and of constants."""

from __future__ import annotations

from resdsl.diagnostics import InternalError
from resdsl.ops import Initializer
from resdsl.ops.scalars import Offset, Scalars, Scale

from ..builder import Site
from .tables import rules


@rules.emits(Scale)
def scale(op: Scale, site: Site) -> None:
    site.emit("Mul", site.x, _numbers(op, site))


@rules.emits(Offset)
def offset(op: Offset, site: Site) -> None:
    site.emit("Add", site.x, _numbers(op, site))


def _numbers(op: Scalars, site: Site) -> str:
    """The weight, so shaped that it repeats over what it has no number for; or a constant."""
    for weight in site.weights.values():
        return site.over_positions(weight) if op.per == "channel" else weight
    if isinstance(op.value, Initializer):
        raise InternalError(f"the constant `{site.path}` is drawn")
    return site.number(op.value)
