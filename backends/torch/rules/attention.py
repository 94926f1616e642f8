"""PyTorch rules of attention."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.operations import size_text
from resdsl.codegen.python.target import Scribe
from resdsl.ops.attention import Attend, ChannelConv

from .tables import FUNCTIONS, LAYERS, call_text, given


@LAYERS.emits(Attend)
def _relative(layer: OpLayer, scribe: Scribe) -> Doc:
    scribe.uses.helpers.add("RelativeAttention")
    items: list[Doc] = [
        scribe.text(layer.channels),
        size_text(layer.size, scribe.text),
        *given(scribe, 1, heads=layer.op.attributes["heads"]),
    ]
    return Group("RelativeAttention(", tuple(items))


@FUNCTIONS.emits(Attend)
def _attend(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("attend")
    return call_text("attend", [*arguments, *given(scribe, 1, heads=op.attributes["heads"])])


@LAYERS.emits(ChannelConv)
def _channel_conv(layer: OpLayer, scribe: Scribe) -> Doc:
    scribe.uses.helpers.add("ChannelConv")
    return Group("ChannelConv(", (scribe.text(layer.op.attributes["kernel"]),))
