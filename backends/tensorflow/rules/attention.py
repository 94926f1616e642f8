"""Keras rules of attention."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.target import Scribe
from resdsl.ops.attention import Attend, ChannelConv

from ..layer_classes import Style
from .tables import FUNCTIONS, LAYERS, given, helper_call


@LAYERS.emits(Attend)
def _relative(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    scribe.uses.helpers.add("RelativeAttention")
    heads = given(scribe, 1, heads=layer.op.attributes["heads"])
    return Group("RelativeAttention(", tuple(heads))


@FUNCTIONS.emits(Attend)
def _attend(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    heads = given(scribe, 1, heads=op.attributes["heads"])
    return helper_call("attend", [*arguments, *heads], scribe)


@LAYERS.emits(ChannelConv)
def _channel_conv(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    scribe.uses.helpers.add("ChannelConv")
    kernel = scribe.text(layer.op.attributes["kernel"])
    return Group("ChannelConv(", (kernel, *style.values.arguments(layer.op, scribe.uses)))
