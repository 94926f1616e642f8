"""ONNX rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.ops.stochastic import Dropout

from ..builder import Site
from .tables import rules


@rules.emits(Dropout)
def dropout(op: Dropout, site: Site) -> None:
    if not site.form.training:
        # ONNX's own operation keeps the rate in the file; without a training flag it is a copy.
        site.emit("Dropout", site.x, site.number(op.rate))
        return
    kept = site.part("Mul", site.x, site.mask())
    site.emit("Div", kept, site.number(1 - op.rate))
