"""PyTorch rules of convolutions and linear layers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    padding,
    pair,
    rank,
)
from resdsl.codegen.python.target import Scribe
from resdsl.expressions.nodes import Literal
from resdsl.ops.conv import Conv
from resdsl.ops.linear import Linear

from .tables import LAYERS, given, pair_text, sides_text


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    kernel, stride, dilation = (pair(op, n) for n in ("kernel", "stride", "dilation"))
    items: list[Doc] = [
        scribe.text(layer.channels),
        scribe.text(op.attributes["out"]),
        pair_text(kernel, scribe),
    ]
    if stride != (Literal(1), Literal(1)):
        items.append(Keyword("stride", pair_text(stride, scribe)))
    pads = padding(op)
    name = "nn.Conv2d"
    if pads.symmetric is not None:
        if not pads.is_none:
            items.append(Keyword("padding", pair_text(pads.symmetric, scribe)))
    elif pads.sides is None:
        name = "SameConv2d"
        scribe.uses.helpers |= {"SameConv2d", "same_pad"}
    else:
        name = "PaddedConv2d"
        scribe.uses.helpers.add(name)
        items.append(Keyword("sides", sides_text(pads.sides, scribe)))
    if dilation != (Literal(1), Literal(1)):
        items.append(Keyword("dilation", pair_text(dilation, scribe)))
    items += given(scribe, 1, groups=op.attributes["groups"])
    items += given(scribe, True, bias=op.attributes["bias"])
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe) -> Doc:
    name = "nn.Linear"
    if rank(layer.op) > 0:
        name = "PositionwiseLinear"
        scribe.uses.helpers.add(name)
    items = [scribe.text(layer.channels), scribe.text(layer.op.attributes["out"])]
    items_: list[Doc] = [*items, *given(scribe, True, bias=layer.op.attributes["bias"])]
    return Group(f"{name}(", tuple(items_))
