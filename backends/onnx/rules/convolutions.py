"""ONNX rules of convolutions and linear layers."""

from __future__ import annotations

from typing import Any

from resdsl.ops.conv import Conv, Convolution, ConvTranspose, Depthwise
from resdsl.ops.conv import reach as reach_of
from resdsl.ops.linear import Linear
from resdsl.ops.windows import each

from ..builder import Site
from ..sizes import known
from .tables import emit_frame, onnx_pads, rules


@rules.emits(Conv, Depthwise)
def conv(op: Convolution, site: Site) -> None:
    x, pads = site.x, op.pads(site.type)
    if not known(pads):
        # An attribute cannot hold what depends on the input.
        x, pads = emit_frame(site, pads, 0.0), (0, 0) * site.type.rank
    attributes: dict[str, Any] = {
        "kernel_shape": each(op.kernel, site.type.rank),
        "strides": each(op.stride, site.type.rank),
        "pads": onnx_pads(pads),
    }
    dilations = each(op.dilation, site.type.rank)
    if any(d != 1 for d in dilations):
        attributes["dilations"] = dilations
    _, groups = op.counts(site.type)
    if groups != 1:
        attributes["group"] = groups
    weight, *bias = site.weights.values()
    if isinstance(op, Conv) and op.standardize:
        weight = _standardized(weight, op.standardize_eps, site)
    site.emit("Conv", x, weight, *bias, **attributes)


def _standardized(weight: str, eps: float, site: Site) -> str:
    axes = site.ints(*range(1, 2 + site.type.rank))
    centred = site.part("Sub", weight, site.part("ReduceMean", weight, axes, keepdims=1))
    variance = site.part("ReduceMean", site.part("Mul", centred, centred), axes, keepdims=1)
    deviation = site.part("Sqrt", site.part("Add", variance, site.number(eps)))
    return site.part("Div", centred, deviation)


@rules.emits(ConvTranspose)
def conv_transpose(op: ConvTranspose, site: Site) -> None:
    if site.form.elementary:
        _transposed_elementary(op, site)
        return
    rank = site.type.rank
    attributes: dict[str, Any] = {
        "kernel_shape": each(op.kernel, rank),
        "strides": each(op.stride, rank),
        "pads": onnx_pads(op.pads(site.type)),
    }
    for name, values, default in (
        ("dilations", each(op.dilation, rank), 1),
        ("output_padding", each(op.output_pad, rank), 0),
    ):
        if any(value != default for value in values):
            attributes[name] = values
    if op.groups != 1:
        attributes["group"] = op.groups
    site.emit("ConvTranspose", site.x, *site.weights.values(), **attributes)


def _transposed_elementary(op: ConvTranspose, site: Site) -> None:
    """A convolution with the mirrored kernel over the input with zeros between its positions; the
    reference evaluator transposes neither dilations nor groups rightly."""
    rank = site.type.rank
    around: list[int] = []
    for reach, pad, more in zip(
        reach_of(op.kernel, op.dilation, rank),
        each(op.pad, rank),
        each(op.output_pad, rank),
        strict=True,
    ):
        around += [reach - pad, reach - pad + more]
    pads = site.ints(0, 0, *around[::2], 0, 0, *around[1::2])
    framed = site.part("Pad", _spread(op, site), pads, site.number(0.0))
    weight, *bias = site.weights.values()
    site.emit(
        "Conv",
        framed,
        _mirrored(weight, op, site),
        *bias,
        kernel_shape=each(op.kernel, rank),
        dilations=each(op.dilation, rank),
        group=op.groups,
    )


def _spread(op: ConvTranspose, site: Site) -> str:
    """The input with zeros between its positions, which are a stride apart."""
    channels, rank, sizes = site.type.channels, site.type.rank, site.type.spatial
    strides = each(op.stride, rank)
    if all(stride == 1 for stride in strides):
        return site.x
    alone = site.ints(0, channels, *(n for size in sizes for n in (size, 1)))
    behind = site.ints(*[0] * (4 + 2 * rank), *(n for s in strides for n in (0, s - 1)))
    spaced = site.part("Pad", site.part("Reshape", site.x, alone), behind, site.number(0.0))
    pairs = list(zip(sizes, strides, strict=True))
    wide = site.part("Reshape", spaced, site.ints(0, channels, *(n * s for n, s in pairs)))
    ends = site.ints(*((n - 1) * s + 1 for n, s in pairs))
    return site.part("Slice", wide, site.ints(*[0] * rank), ends, site.ints(*range(2, 2 + rank)))


def _mirrored(weight: str, op: ConvTranspose, site: Site) -> str:
    """The weight of the convolution: outputs first, every kernel the other way round."""
    rank, groups = site.type.rank, op.groups
    kernel, inputs, outputs = each(op.kernel, rank), site.type.channels, op.out // op.groups
    split = site.part("Reshape", weight, site.ints(groups, inputs // groups, outputs, *kernel))
    turned = site.part("Transpose", split, perm=[0, 2, 1, *range(3, 3 + rank)])
    joined = site.part("Reshape", turned, site.ints(op.out, inputs // groups, *kernel))
    backwards, ends = site.ints(*[-1] * rank), site.ints(*(-k - 1 for k in kernel))
    return site.part("Slice", joined, backwards, ends, site.ints(*range(2, 2 + rank)), backwards)


@rules.emits(Linear)
def linear(op: Linear, site: Site) -> None:
    weight, *bias = site.weights.values()
    if not site.type.rank:
        site.emit("Gemm", site.x, weight, *bias, transB=1)
        return
    kernel = site.part("Unsqueeze", weight, site.ints(*range(2, 2 + site.type.rank)))
    site.emit("Conv", site.x, kernel, *bias, kernel_shape=[1] * site.type.rank)
