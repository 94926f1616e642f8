"""Flax NNX rules of normalizations."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import initial
from resdsl.codegen.python.target import Scribe
from resdsl.ops import Constant
from resdsl.ops.norm import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

from ..functions import RNGS
from ..initial_values import vector_init
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


@LAYERS.emits(GroupNorm, LayerNorm)
def _norm(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    op = layer.op
    name = "GroupNorm" if op.kind is GroupNorm else "LayerNorm"
    scribe.uses.helpers.add(name)
    channels, affine = scribe.text(layer.channels), op.attributes["affine"]
    items: list[Doc] = [
        channels,
        *([scribe.text(op.attributes["groups"])] if op.kind is GroupNorm else []),
        *given(scribe, 1e-5, epsilon=op.attributes["eps"]),
        *given(scribe, True, use_scale=affine, use_bias=affine),
    ]
    for keyword, attribute, start in (("scale_init", "init", 1.0), ("bias_init", "bias_init", 0.0)):
        value = initial(op, attribute)
        if value != Constant(start):
            items.append(Keyword(keyword, vector_init(value, channels, scribe.uses)))
    return Group(f"{name}(", (*items, RNGS))


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
