"""Keras rules of operations that draw random numbers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, Group, Keyword, call
from resdsl.codegen.python.operations import rank
from resdsl.codegen.python.target import Scribe
from resdsl.ops.stochastic import Dropout, DropPath

from ..layer_classes import Style
from .tables import (
    LAYERS,
)


@LAYERS.emits(Dropout)
def _dropout(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    return call("layers.Dropout", scribe.text(layer.op.attributes["rate"]))


@LAYERS.emits(DropPath)
def _drop_path(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    # One number for each sample is repeated over everything else.
    shape = (None, *(1,) * (rank(layer.op) + 1))
    rate = scribe.text(layer.op.attributes["rate"])
    return Group("layers.Dropout(", (rate, Keyword("noise_shape", repr(shape))))
