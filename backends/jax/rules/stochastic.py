"""Flax NNX rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, Group, Keyword, call
from resdsl.codegen.python.operations import rank
from resdsl.codegen.python.target import Scribe
from resdsl.ops.stochastic import Dropout, DropPath

from ..functions import RNGS
from .tables import (
    LAYERS,
    Common,
)


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return call("nnx.Dropout", scribe.text(layer.op.attributes["rate"]), RNGS)


@LAYERS.emits(DropPath)
def _drop_path(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    # One number for each sample is repeated over everything else.
    axes = tuple(range(1, rank(layer.op) + 2))
    rate = scribe.text(layer.op.attributes["rate"])
    return Group("nnx.Dropout(", (rate, Keyword("broadcast_dims", repr(axes)), RNGS))
