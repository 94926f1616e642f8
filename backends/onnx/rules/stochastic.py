"""ONNX rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.ops.stochastic import Dropout, DropPath

from ..builder import Site
from .tables import rules


@rules.emits(Dropout)
def dropout(op: Dropout, site: Site) -> None:
    if not site.form.training:
        # ONNX's own operation keeps the rate in the file; without a training flag it is a copy.
        site.emit("Dropout", site.x, site.number(op.rate))
        return
    _masked(op, site)


@rules.emits(DropPath)
def drop_path(op: DropPath, site: Site) -> None:
    if not site.form.training:
        site.emit("Identity", site.x)
        return
    _masked(op, site)


def _masked(op: Dropout | DropPath, site: Site) -> None:
    kept = site.part("Mul", site.x, site.mask(op.mask_shape(site.type)))
    site.emit("Div", kept, site.number(1 - op.rate))
