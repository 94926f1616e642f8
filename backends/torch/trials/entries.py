"""Operations entry by entry: activations, stochastic ones, learned numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from .call import Call, along


def relu(x: Tensor) -> Tensor:
    return torch.where(x > 0, x, 0.0)


def relu6(x: Tensor) -> Tensor:
    return torch.where(x < 6, relu(x), 6.0)


def gelu(x: Tensor) -> Tensor:
    return x * (1 + torch.erf(x / math.sqrt(2))) / 2


def gelu_tanh(x: Tensor) -> Tensor:
    return x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2


def gelu_single(x: Tensor) -> Tensor:
    """With the square root of 2 as a float32."""
    root = float(torch.tensor(math.sqrt(2), dtype=torch.float32))
    return x * (1 + torch.erf(x / root)) / 2


#: What an activation may be taken for, each a function of the entry alone.
CURVES: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": relu,
    "relu6": relu6,
    "silu": lambda x: x * torch.sigmoid(x),
    "gelu": gelu,
    "gelu tanh": gelu_tanh,
    "gelu quick": lambda x: x * torch.sigmoid(1.702 * x),
    "gelu single": gelu_single,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "hard_swish": lambda x: x * relu6(x + 3) / 6,
    "hard_sigmoid": lambda x: relu6(x + 3) / 6,
    "hard_sigmoid keras 2": lambda x: (0.2 * x + 0.5).clamp(0, 1),
    "elu": lambda x: torch.where(x > 0, x, torch.expm1(x.clamp(max=0))),
    "selu": torch.selu,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "mish": lambda x: x * torch.tanh(torch.logaddexp(x, torch.zeros_like(x))),
    "absolute": torch.abs,
    "log sigmoid": lambda x: -torch.logaddexp(-x, torch.zeros_like(x)),
}


def activation(call: Call, x: Tensor) -> Tensor:
    """The curve of its name, or the twist's, with the derivative at bends that the twist gives."""
    name = call.op.name
    if name == "leaky_relu":
        y = torch.where(x > 0, x, call.op.slope * x)
    elif name == "gelu" and call.op.approximate == "tanh":
        y = gelu_tanh(x)
    else:
        y = CURVES[name](x)
    if call.twist("curve") is not None:
        y = CURVES[call.twist("curve")](x)
    for bend, slope in call.twist("derivative", {}).items():
        at, now = float(bend), call.op.slope if name == "leaky_relu" else 0.0
        # Adds nothing but to the derivative at that very entry.
        y = y + (slope - now) * torch.where(x == at, x - at, 0.0)
    return y


def softmax(call: Call, x: Tensor) -> Tensor:
    if call.twist("curve") is not None:
        return CURVES[call.twist("curve")](x)
    if call.twist("axis") is not None:
        axes = {"positions": 2, "last": x.dim() - 1, "batch": 0}
        if call.twist("axis") == "all positions":
            return torch.softmax(x.flatten(2), 2).reshape(x.shape)
        return torch.softmax(x, axes[call.twist("axis")])
    slices = call.op.slices or x.shape[1]
    if call.twist("slices") == "interleaved":
        parts = x.reshape(x.shape[0], -1, slices, *x.shape[2:])
        return torch.softmax(parts, 2).reshape(x.shape)
    y = torch.softmax(x.reshape(x.shape[0], slices, -1, *x.shape[2:]), 1).reshape(x.shape)
    return y.log() if call.twist("log") else y


def dropout(call: Call, x: Tensor) -> Tensor:
    if not call.training and not call.twist("always"):
        return x
    if not call.training:
        return x * (1 - call.op.rate)
    kept = call.mask
    if call.twist("mask") == "inverted":
        kept = 1 - kept
    share = {"keep": 1 - call.op.rate, "rate": call.op.rate, "none": 1.0}
    return x * kept / share[call.twist("divides by", "keep")]


def scalars(call: Call, x: Tensor) -> Tensor:
    numbers = _numbers(call, x)
    if numbers is None:
        return x
    if call.op.name == "scale":
        return x * numbers
    return x - numbers if call.twist("sign") == "minus" else x + numbers


def _numbers(call: Call, x: Tensor) -> Tensor | float | None:
    if not call.op.learned:
        return float(call.op.value)
    numbers = call.weight("")
    if numbers is None:
        return None
    if call.op.per == "channel" and call.twist("axis") != "last":
        numbers = along(numbers, x)
    if call.twist("order") == "channels last":
        numbers = numbers.permute(*range(1, numbers.dim()), 0).reshape(numbers.shape)
    return numbers
