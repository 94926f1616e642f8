"""ONNX rules of convolutions and linear layers."""

from __future__ import annotations

from typing import Any

from resdsl.ops.conv import Conv
from resdsl.ops.linear import Linear
from resdsl.ops.windows import each

from ..builder import Site
from .tables import onnx_pads, rules


@rules.emits(Conv)
def conv(op: Conv, site: Site) -> None:
    attributes: dict[str, Any] = {
        "kernel_shape": each(op.kernel, site.type.rank),
        "strides": each(op.stride, site.type.rank),
        "pads": onnx_pads(op.pads(site.type)),
    }
    dilations = each(op.dilation, site.type.rank)
    if any(d != 1 for d in dilations):
        attributes["dilations"] = dilations
    if op.groups != 1:
        attributes["group"] = op.groups
    site.emit("Conv", site.x, *site.weights.values(), **attributes)


@rules.emits(Linear)
def linear(op: Linear, site: Site) -> None:
    weight, *bias = site.weights.values()
    if not site.type.rank:
        site.emit("Gemm", site.x, weight, *bias, transB=1)
        return
    kernel = site.part("Unsqueeze", weight, site.ints(*range(2, 2 + site.type.rank)))
    site.emit("Conv", site.x, kernel, *bias, kernel_shape=[1] * site.type.rank)
