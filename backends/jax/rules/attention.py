"""Flax NNX rules of attention."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword, flat
from resdsl.codegen.python.operations import initial, size_text
from resdsl.codegen.python.target import Scribe
from resdsl.ops.attention import Attend, ChannelConv

from ..functions import RNGS
from ..initial_values import weight_init
from .tables import FUNCTIONS, LAYERS, Common, given


@LAYERS.emits(Attend)
def _relative(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    scribe.uses.helpers.add("RelativeAttention")
    items: list[Doc] = [
        scribe.text(layer.channels),
        size_text(layer.size, scribe.text),
        *given(scribe, 1, heads=layer.op.attributes["heads"]),
    ]
    return Group("RelativeAttention(", (*items, RNGS))


@FUNCTIONS.emits(Attend)
def _attend(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("attend")
    heads = given(scribe, 1, heads=op.attributes["heads"])
    return flat(Group("attend(", (*arguments, *heads)))


@LAYERS.emits(ChannelConv)
def _channel_conv(layer: OpLayer, scribe: Scribe, common: Common) -> Doc:
    scribe.uses.helpers.add("ChannelConv")
    start = flat(weight_init(initial(layer.op, "init"), scribe.uses))
    kernel_init = Keyword("kernel_init", scribe.uses.constant("channel_conv_init", start))
    kernel = scribe.text(layer.op.attributes["kernel"])
    return Group("ChannelConv(", (kernel, kernel_init, RNGS))
