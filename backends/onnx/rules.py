"""Emit rules of the operations with weights or without windows; `pooling` and `norm` hold the rest.

A rule gets the bound operation and its `Site`, and writes the nodes that compute it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from resdsl.codegen.rules import RuleSet
from resdsl.ops.activation import Relu, Softmax
from resdsl.ops.conv import Conv
from resdsl.ops.joins import Add, Concat, Mul, Sub
from resdsl.ops.linear import Linear
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Subsample
from resdsl.ops.stochastic import Dropout
from resdsl.ops.windows import Pads, both

from .builder import Site

Rule = Callable[[Any, Site], None]
rules: RuleSet[Rule] = RuleSet("onnx")


def onnx_pads(pads: Pads) -> list[int]:
    """Ours go around the image, ONNX's start with all beginnings."""
    top, bottom, left, right = pads
    return [top, left, bottom, right]


@rules.emits(Conv)
def conv(op: Conv, site: Site) -> None:
    attributes: dict[str, Any] = {
        "kernel_shape": both(op.kernel),
        "strides": both(op.stride),
        "pads": onnx_pads(op.pads(site.type)),
    }
    if both(op.dilation) != (1, 1):
        attributes["dilations"] = both(op.dilation)
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


@rules.emits(Relu)
def relu(op: Relu, site: Site) -> None:
    site.emit("Relu", site.x)


@rules.emits(Softmax)
def softmax(op: Softmax, site: Site) -> None:
    site.emit("Softmax", site.x, axis=1)


@rules.emits(Dropout)
def dropout(op: Dropout, site: Site) -> None:
    if not site.form.training:
        # ONNX's own operation keeps the rate in the file; without a training flag it is a copy.
        site.emit("Dropout", site.x, site.number(op.rate))
        return
    kept = site.part("Mul", site.x, site.mask())
    site.emit("Div", kept, site.number(1 - op.rate))


@rules.emits(Identity)
def identity(op: Identity, site: Site) -> None:
    site.emit("Identity", site.x)


@rules.emits(Flatten)
def flatten(op: Flatten, site: Site) -> None:
    site.emit("Flatten", site.x, axis=1)


@rules.emits(Pad)
def pad(op: Pad, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    emit_frame(site, op.pads(), op.value, last=True)


def emit_frame(site: Site, pads: Pads, value: float, *, last: bool = False) -> str:
    """A frame of one number around an image; `last` where it is the operation's result."""
    before_and_after = site.ints(0, 0, pads[0], pads[2], 0, 0, pads[1], pads[3])
    inputs = (site.x, before_and_after, site.number(value))
    if last:
        site.emit("Pad", *inputs)
        return site.output
    return site.part("Pad", *inputs)


@rules.emits(Subsample)
def subsample(op: Subsample, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    starts, ends, axes = site.ints(0, 0), site.ints(*site.type.spatial), site.ints(2, 3)
    site.emit("Slice", site.x, starts, ends, axes, site.ints(*both(op.by)))


@rules.emits(PadChannels)
def pad_channels(op: PadChannels, site: Site) -> None:
    if op.is_identity(site.type):
        site.emit("Identity", site.x)
        return
    none = [0] * site.type.rank
    counts = site.ints(0, 0, *none, 0, op.to - site.type.channels, *none)
    site.emit("Pad", site.x, counts, site.number(0.0))


@rules.emits(Add)
def add(op: Add, site: Site) -> None:
    match site.inputs:
        case (only,):
            site.emit("Identity", only)
        case (first, second):
            site.emit("Add", first, second)
        case several:
            site.emit("Sum", *several)


@rules.emits(Sub)
def sub(op: Sub, site: Site) -> None:
    site.emit("Sub", *site.inputs)


@rules.emits(Mul)
def mul(op: Mul, site: Site) -> None:
    first, *others = (
        name
        if type.rank == site.result.rank
        else site.part("Unsqueeze", name, site.ints(*range(2, 2 + site.result.rank)))
        for name, type in zip(site.inputs, site.types, strict=True)
    )
    if not others:
        site.emit("Identity", first)
        return
    for other in others[:-1]:
        first = site.part("Mul", first, other)
    site.emit("Mul", first, others[-1])


@rules.emits(Concat)
def concat(op: Concat, site: Site) -> None:
    site.emit("Concat", *site.inputs, axis=1)
