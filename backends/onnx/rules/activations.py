"""ONNX rules of activations.

Several of ONNX's own operations hold their constants as float32, and the reference evaluator's
`Erf` computes float32: the elementary form is made of others.
"""

from __future__ import annotations

import math

from resdsl.ops.activation import (
    Gelu,
    HardSigmoid,
    HardSwish,
    LeakyRelu,
    Relu,
    Relu6,
    Sigmoid,
    Silu,
    Softmax,
    Tanh,
)

from ..builder import Site
from .special import erf
from .tables import rules


@rules.emits(Relu)
def relu(op: Relu, site: Site) -> None:
    site.emit("Relu", site.x)


@rules.emits(Relu6)
def relu6(op: Relu6, site: Site) -> None:
    site.emit("Clip", site.x, site.number(0.0), site.number(6.0))


@rules.emits(LeakyRelu)
def leaky_relu(op: LeakyRelu, site: Site) -> None:
    if not site.form.elementary:
        site.emit("LeakyRelu", site.x, alpha=op.slope)
        return
    above = site.part("Greater", site.x, site.number(0.0))
    site.emit("Where", above, site.x, site.part("Mul", site.x, site.number(op.slope)))


@rules.emits(Silu)
def silu(op: Silu, site: Site) -> None:
    site.emit("Mul", site.x, site.part("Sigmoid", site.x))


@rules.emits(Gelu)
def gelu(op: Gelu, site: Site) -> None:
    x = site.x
    if op.approximate == "tanh":
        cube = site.part("Mul", site.part("Mul", x, x), x)
        inner = site.part("Add", x, site.part("Mul", cube, site.number(0.044715)))
        share = site.part("Tanh", site.part("Mul", inner, site.number(math.sqrt(2 / math.pi))))
    else:
        scaled = site.part("Mul", x, site.number(math.sqrt(0.5)))
        share = erf(site, scaled) if site.form.elementary else site.part("Erf", scaled)
    half = site.part("Mul", x, site.number(0.5))
    site.emit("Mul", half, site.part("Add", share, site.number(1.0)))


@rules.emits(Sigmoid)
def sigmoid(op: Sigmoid, site: Site) -> None:
    site.emit("Sigmoid", site.x)


@rules.emits(Tanh)
def tanh(op: Tanh, site: Site) -> None:
    site.emit("Tanh", site.x)


@rules.emits(HardSwish)
def hard_swish(op: HardSwish, site: Site) -> None:
    if not site.form.elementary:
        site.emit("HardSwish", site.x)
        return
    gate = site.part("Div", _shifted_relu6(site), site.number(6.0))
    site.emit("Mul", site.x, gate)


@rules.emits(HardSigmoid)
def hard_sigmoid(op: HardSigmoid, site: Site) -> None:
    if not site.form.elementary:
        site.emit("HardSigmoid", site.x, alpha=1 / 6, beta=0.5)
        return
    site.emit("Div", _shifted_relu6(site), site.number(6.0))


def _shifted_relu6(site: Site) -> str:
    shifted = site.part("Add", site.x, site.number(3.0))
    return site.part("Clip", shifted, site.number(0.0), site.number(6.0))


@rules.emits(Softmax)
def softmax(op: Softmax, site: Site) -> None:
    if op.slices is None:
        site.emit("Softmax", site.x, axis=1)
        return
    # Over slices, which are tensors of their own here: so no size has to be known but channels.
    size = site.type.channels // op.slices
    axis = site.ints(1)
    parts = [
        site.part("Slice", site.x, site.ints(start), site.ints(start + size), axis)
        for start in range(0, site.type.channels, size)
    ]
    largest = site.part("Max", *parts)
    powers = [site.part("Exp", site.part("Sub", part, largest)) for part in parts]
    total = site.part("Sum", *powers)
    site.emit("Concat", *(site.part("Div", power, total) for power in powers), axis=1)
