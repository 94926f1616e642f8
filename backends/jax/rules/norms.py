"""Flax NNX rules of normalizations."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc
from resdsl.codegen.python.target import Scribe
from resdsl.ops.norm import BatchNorm, LocalResponseNorm

from .tables import (
    APPLICATIONS,
    LAYERS,
    Application,
    Common,
    given,
)


@LAYERS.emits(BatchNorm)
def _batch_norm(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.norms.call(layer, scribe)


@APPLICATIONS.emits(LocalResponseNorm)
def _lrn(op: SymbolicOp, scribe: Scribe) -> Application:
    scribe.uses.helpers.add("local_response_norm")
    a = op.attributes
    arguments = (
        *given(scribe, 5, size=a["size"]),
        *given(scribe, 1e-4, alpha=a["alpha"]),
        *given(scribe, 0.75, beta=a["beta"]),
        *given(scribe, 1.0, k=a["k"]),
    )
    return Application("local_response_norm", arguments)
