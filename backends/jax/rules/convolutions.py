"""Flax NNX rules of convolutions and linear layers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc
from resdsl.codegen.python.target import Scribe
from resdsl.ops.conv import Conv, ConvTranspose, Depthwise
from resdsl.ops.linear import Linear

from .tables import (
    LAYERS,
    Common,
)


@LAYERS.emits(Conv, Depthwise)
def _conv(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.convs.call(layer, scribe)


@LAYERS.emits(ConvTranspose)
def _conv_transpose(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.transposes.call(layer, scribe)


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    return common.linears.call(layer, scribe)
