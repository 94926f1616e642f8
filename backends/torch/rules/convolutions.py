"""PyTorch rules of convolutions and linear layers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import as_given, is_one, padding, rank
from resdsl.codegen.python.target import Scribe
from resdsl.ops.conv import Conv
from resdsl.ops.linear import Linear

from .tables import LAYERS, each_text, given, sides_text


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    items: list[Doc] = [
        scribe.text(layer.channels),
        scribe.text(op.attributes["out"]),
        as_given(op, "kernel", scribe.text),
    ]
    if not is_one(op, "stride"):
        items.append(Keyword("stride", as_given(op, "stride", scribe.text)))
    pads = padding(op)
    name = f"nn.Conv{rank(op)}d"
    if pads.symmetric is not None:
        if not pads.is_none:
            items.append(Keyword("padding", each_text(pads.symmetric, scribe)))
    elif pads.sides is None:
        name = f"SameConv{rank(op)}d"
        scribe.uses.helpers |= {name, "same_pad"}
    else:
        name = f"PaddedConv{rank(op)}d"
        scribe.uses.helpers.add(name)
        items.append(Keyword("sides", sides_text(pads.sides, scribe)))
    if not is_one(op, "dilation"):
        items.append(Keyword("dilation", as_given(op, "dilation", scribe.text)))
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
