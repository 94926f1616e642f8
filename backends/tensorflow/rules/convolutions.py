"""Keras rules of convolutions and linear layers."""

from __future__ import annotations

from operator import index

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group, Keyword
from resdsl.codegen.python.operations import (
    Padding,
    Sides,
    as_given,
    channel_counts,
    each,
    is_one,
    is_standardized,
    is_zero,
    padding,
    rank,
)
from resdsl.codegen.python.target import Scribe
from resdsl.diagnostics import error
from resdsl.expressions.nodes import Literal
from resdsl.ops.conv import Conv, Convolution, ConvTranspose, Depthwise
from resdsl.ops.linear import Linear
from resdsl.sizes import UnknownSize
from resdsl.types import TensorType

from ..layer_classes import Style, has_stride_and_dilation
from .tables import (
    LAYERS,
    each_text,
    given,
    sides_text,
)


@LAYERS.emits(Conv, Depthwise)
def _conv(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    out, groups = channel_counts(layer)
    items: list[Doc] = [scribe.text(out), as_given(op, "kernel", scribe.text)]
    name, pads = style.conv(rank(op)), padding(op)
    if has_stride_and_dilation(layer):
        name, pads = f"StridedConv{rank(op)}D", _fixed(op, pads)
        scribe.uses.helpers.add(name)
        items.append(Keyword("every", each_text(each(op, "stride"), scribe)))
    elif not is_one(op, "stride"):
        items.append(Keyword("strides", as_given(op, "stride", scribe.text)))
    if pads.sides is None:
        items.append(Keyword("padding", '"same"'))
    elif not pads.is_none:
        items.append(Keyword("padding", _frame(pads.sides, scribe)))
    if not is_one(op, "dilation"):
        items.append(Keyword("dilation_rate", as_given(op, "dilation", scribe.text)))
    items += given(scribe, 1, groups=groups)
    items += given(scribe, True, use_bias=op.attributes["bias"])
    items += style.values.arguments(op, scribe.uses)
    if is_standardized(op):
        name = f"Std{name.removeprefix('layers.')}"
        scribe.uses.helpers.add(name)
        items += given(scribe, 1e-8, eps=op.attributes["standardize_eps"])
    return Group(f"{name}(", tuple(items))


@LAYERS.emits(ConvTranspose)
def _conv_transpose(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    op = layer.op
    out, kernel = scribe.text(op.attributes["out"]), as_given(op, "kernel", scribe.text)
    items: list[Doc] = [out, kernel]
    for name, keyword in (("stride", "strides"), ("dilation", "dilation_rate")):
        if not is_one(op, name):
            items.append(Keyword(keyword, as_given(op, name, scribe.text)))
    for name, keyword in (("pad", "padding"), ("output_pad", "extra")):
        if not is_zero(op, name):
            items.append(Keyword(keyword, as_given(op, name, scribe.text)))
    items += given(scribe, 1, groups=op.attributes["groups"])
    items += given(scribe, True, use_bias=op.attributes["bias"])
    items += style.values.arguments(op, scribe.uses)
    if style.transposes[rank(op)]:
        scribe.uses.helpers.add(f"ExactConv{rank(op)}DTranspose")
    return Group(f"{style.transposed(rank(op))}(", tuple(items))


def _fixed(op: SymbolicOp, pads: Padding) -> Padding:
    """TensorFlow's padding in numbers, for a convolution that is not done in TensorFlow's way."""
    if pads.sides is not None:
        return pads
    found = {_numbers(i.op, i.inputs[0]) for i in op.instances if isinstance(i.op, Convolution)}
    if len(found) > 1 or None in found:
        raise error(
            "R0503",
            '`pad = "tf_same"` with stride and dilation comes to different numbers here',
            op.attributes["pad"].span or op.span,
            help="give the padding in numbers",
        )
    return Padding(tuple(map(Literal, found.pop() or ())))


def _numbers(op: Convolution, x: TensorType) -> tuple[int, ...] | None:
    """A padding, unless it depends on a size that is known at run time only."""
    try:
        return tuple(map(index, op.pads(x)))
    except UnknownSize:
        return None


def _frame(sides: Sides, scribe: Scribe) -> str:
    """Padding as Keras's `ZeroPadding` takes it: over a length, the two numbers alone."""
    text = sides_text(sides, scribe)
    return text[1:-2] if len(sides) == 2 and text.endswith(",)") else text


@LAYERS.emits(Linear)
def _linear(layer: OpLayer, scribe: Scribe, style: Style) -> Doc:
    items: list[Doc] = [
        scribe.text(layer.op.attributes["out"]),
        *given(scribe, True, use_bias=layer.op.attributes["bias"]),
        *style.values.arguments(layer.op, scribe.uses),
    ]
    return Group(f"{style.dense}(", tuple(items))
