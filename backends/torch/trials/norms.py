"""Normalizations."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from .call import Call, along, interleaved


def normalized(call: Call, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """Minus the mean, divided by the deviation, with the epsilon where the twist puts it."""
    eps = call.op.eps
    if call.twist("mean") == "kept":
        mean = torch.zeros_like(mean)
    if call.twist("eps") == "outside":
        return (x - mean) / (variance.sqrt() + eps)
    if call.twist("eps") == "at least":
        return (x - mean) / variance.clamp(min=eps).sqrt()
    if call.twist("deviation") == "variance":
        return (x - mean) / (variance + eps)
    return (x - mean) / torch.sqrt(variance + eps)


def moments(call: Call, x: Tensor, axes: Sequence[int]) -> tuple[Tensor, Tensor, int]:
    """Mean, variance divided by n (or n - 1), and n."""
    axes = list(axes)
    mean = x.mean(axes, keepdim=True)
    count = x.numel() // mean.numel()
    centred = x if call.twist("mean") == "kept" else x - mean
    total = (centred**2).sum(axes, keepdim=True)
    divisor = count - 1 if call.twist("variance") == "unbiased" else count
    return mean, total / max(divisor, 1), count


def affine(call: Call, y: Tensor) -> Tensor:
    weight, bias = call.weight("weight"), call.weight("bias")
    if weight is not None:
        y = y * along(weight + (1.0 if call.twist("weight") == "plus one" else 0.0), y)
    return y if bias is None else y + along(bias, y)


def batch_norm(call: Call, x: Tensor) -> Tensor:
    if call.twist("axes") == "last":
        return _over_last_axis(call, x)
    axes = [axis for axis in range(x.dim()) if axis != 1]
    running_mean, running_var = call.given("running_mean"), call.given("running_var")
    if call.twist("statistics swapped"):
        running_mean, running_var = running_var, running_mean
    uses_batch = call.twist("uses", "batch" if call.training else "running") == "batch"
    mean, variance, count = moments(call, x, axes)
    if call.training:
        _track(call, mean.flatten(), x, axes, count)
    if not uses_batch:
        mean, variance = along(running_mean, x), along(running_var, x)
    return affine(call, normalized(call, x, mean, variance))


def _track(call: Call, mean: Tensor, x: Tensor, axes: list[int], count: int) -> None:
    """The running statistics after one batch."""
    op, m = call.op, call.op.momentum
    centred = x - along(mean, x)
    total = (centred**2).sum(axes)
    mean, total = mean.detach(), total.detach()
    shown = total / (count if op.variance == "population" else max(count - 1, 1))
    if call.twist("tracks") == "deviation":
        shown = shown.sqrt()
    for _ in range(int(call.twist("updates", 1))):
        for name, new in (("running_mean", mean), ("running_var", shown)):
            old = call.given(name)
            share = call.twist(f"momentum of {name}", m)
            call.keep(name, (1 - share) * old + share * new)


def _over_last_axis(call: Call, x: Tensor) -> Tensor:
    """As if the channels stood last."""
    names = ("running_mean", "running_var", "weight", "bias")
    mean, variance, weight, bias = (call.weight(name) for name in names)
    assert mean is not None and variance is not None
    if call.training:
        axes = list(range(x.dim() - 1))
        mean, variance = x.mean(axes), x.var(axes, unbiased=False)
    y = (x - mean) / torch.sqrt(variance + call.op.eps)
    if weight is not None:
        y = y * weight
    return y if bias is None else y + bias


def group_norm(call: Call, x: Tensor) -> Tensor:
    groups = call.op.groups
    dealt = interleaved(x, x.shape[1] // groups) if call.twist("channels") else x
    flat = dealt.reshape(x.shape[0], groups, -1)
    mean, variance, _ = moments(call, flat, [2])
    y = normalized(call, flat, mean, variance).reshape(x.shape)
    return affine(call, interleaved(y, groups) if call.twist("channels") else y)


def layer_norm(call: Call, x: Tensor) -> Tensor:
    axes = {
        "channels": [1],
        "sample": list(range(1, x.dim())),
        "positions": list(range(2, x.dim())),
        "last": [x.dim() - 1],
    }[call.twist("axes", "channels")]
    mean, variance, _ = moments(call, x, axes)
    return affine(call, normalized(call, x, mean, variance))


def lrn(call: Call, x: Tensor) -> Tensor:
    op = call.op
    before = after = op.size // 2
    if call.twist("size") == "radius":
        before = after = op.size
    elif call.twist("size") == "ahead":
        before, after = 0, op.size - 1
    squares = torch.nn.functional.pad((x**2).flatten(2), (0, 0, before, after))
    total = squares.unfold(1, before + after + 1, 1).sum(-1).reshape(x.shape)
    alpha = op.alpha if call.twist("alpha") == "not divided" else op.alpha / op.size
    return x / (op.k + alpha * total) ** op.beta
