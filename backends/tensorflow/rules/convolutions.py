"""Keras rules of convolutions and linear layers."""

from __future__ import annotations

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    Padding,
    padding,
    pair,
)
from resdsl.codegen.python.target import Scribe
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Literal
from resdsl.ops.conv import Conv
from resdsl.ops.linear import Linear

from ..layer_classes import Style, has_stride_and_dilation
from .tables import (
    LAYERS,
    ONES,
    given,
    one_or_pair,
    pair_text,
    sides_text,
)


@LAYERS.emits(Conv)
def _conv(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    kernel, stride, dilation = (pair(op, n) for n in ("kernel", "stride", "dilation"))
    items: list[Doc] = [scribe.text(op.attributes["out"]), one_or_pair(kernel, scribe)]
    name, pads = style.conv, padding(op)
    if has_stride_and_dilation(layer):
        name, pads = "StridedConv2D", _fixed(op, pads)
        scribe.uses.helpers.add(name)
        items.append(Keyword("every", pair_text(stride, scribe)))
    elif stride != ONES:
        items.append(Keyword("strides", one_or_pair(stride, scribe)))
    if pads.sides is None:
        items.append(Keyword("padding", '"same"'))
    elif not pads.is_none:
        items.append(Keyword("padding", sides_text(pads.sides, scribe)))
    if dilation != ONES:
        items.append(Keyword("dilation_rate", one_or_pair(dilation, scribe)))
    items += given(scribe, 1, groups=op.attributes["groups"])
    items += given(scribe, True, use_bias=op.attributes["bias"])
    items += style.values.arguments(op, scribe.uses)
    return Group(f"{name}(", tuple(items))


def _fixed(op: SymbolicOp, pads: Padding) -> Padding:
    """TensorFlow's padding in numbers, for a convolution that is not done in TensorFlow's way."""
    if pads.sides is not None:
        return pads
    found = {i.op.pads(i.inputs[0]) for i in op.instances if isinstance(i.op, Conv)}
    if len(found) > 1:
        raise error(
            "R0503",
            '`pad = "tf_same"` with stride and dilation comes to different numbers here',
            op.attributes["pad"].span,
            help="give the padding in numbers",
        )
    top, bottom, left, right = map(Literal, found.pop())
    return Padding((top, bottom, left, right))


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    items: list[Doc] = [
        scribe.text(layer.op.attributes["out"]),
        *given(scribe, True, use_bias=layer.op.attributes["bias"]),
        *style.values.arguments(layer.op, scribe.uses),
    ]
    return Group(f"{style.dense}(", tuple(items))
