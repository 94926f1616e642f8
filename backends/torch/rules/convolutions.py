"""PyTorch rules of convolutions and linear layers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    as_given,
    channel_counts,
    is_one,
    is_standardized,
    is_zero,
    padding,
    rank,
)
from resdsl.codegen.python.target import Scribe
from resdsl.ops.conv import Conv, ConvTranspose, Depthwise
from resdsl.ops.linear import Linear

from .tables import LAYERS, each_text, given, sides_text


@LAYERS.emits(Conv, Depthwise)
def _conv(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    out, groups = channel_counts(layer)
    items: list[Doc] = [scribe.text(layer.channels), scribe.text(out)]
    items += [as_given(op, "kernel", scribe.text), *_steps(op, scribe, "stride")]
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
    items += _steps(op, scribe, "dilation")
    items += given(scribe, 1, groups=groups)
    items += given(scribe, True, bias=op.attributes["bias"])
    if is_standardized(op):
        name = f"Std{name.removeprefix('nn.')}"
        scribe.uses.helpers |= {name, "standardized"}
        items += given(scribe, 1e-8, eps=op.attributes["standardize_eps"])
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(ConvTranspose)
def _conv_transpose(layer: OpLayer, scribe: Scribe) -> Doc:
    op = layer.op
    items: list[Doc] = [scribe.text(layer.channels), scribe.text(op.attributes["out"])]
    items += [as_given(op, "kernel", scribe.text), *_steps(op, scribe, "stride")]
    for name, keyword in (("pad", "padding"), ("output_pad", "output_padding")):
        if not is_zero(op, name):
            items.append(Keyword(keyword, as_given(op, name, scribe.text)))
    items += given(scribe, 1, groups=op.attributes["groups"])
    items += given(scribe, True, bias=op.attributes["bias"])
    items += _steps(op, scribe, "dilation")
    return Group(f"nn.ConvTranspose{rank(op)}d(", tuple(items))


def _steps(op: SymbolicOp, scribe: Scribe, name: str) -> list[Doc]:
    """A stride or dilation, where it is not one."""
    return [] if is_one(op, name) else [Keyword(name, as_given(op, name, scribe.text))]


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe) -> Doc:
    name = "nn.Linear"
    if rank(layer.op) > 0:
        name = "PositionwiseLinear"
        scribe.uses.helpers.add(name)
    items = [scribe.text(layer.channels), scribe.text(layer.op.attributes["out"])]
    items_: list[Doc] = [*items, *given(scribe, True, bias=layer.op.attributes["bias"])]
    return Group(f"{name}(", tuple(items_))
