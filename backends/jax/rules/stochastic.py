"""Flax NNX rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, call
from resdsl.codegen.python.target import Scribe
from resdsl.ops.stochastic import Dropout

from ..functions import RNGS
from .tables import (
    LAYERS,
    Common,
)


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return call("nnx.Dropout", scribe.text(layer.op.attributes["rate"]), RNGS)
