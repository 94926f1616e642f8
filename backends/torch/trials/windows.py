"""Operations with windows: convolutions, pools, blurs, frames, resizing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from resdsl.ops.windows import each, window_counts

from .call import Call, along, interleaved, type_of

CONVOLUTIONS = (F.conv1d, F.conv2d, F.conv3d)
TRANSPOSED = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)
MAXIMA = (F.max_pool1d, F.max_pool2d, F.max_pool3d)
MEANS = (F.avg_pool1d, F.avg_pool2d, F.avg_pool3d)
ADAPTIVE = (F.adaptive_avg_pool1d, F.adaptive_avg_pool2d, F.adaptive_avg_pool3d)


def framed(x: Tensor, around: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """`x` in a frame: `around` has before and after for each dimension, in their order."""
    pairs = [around[i : i + 2] for i in range(0, len(around), 2)]
    flat = [int(n) for pair in reversed(pairs) for n in pair]
    if not any(flat):
        return x
    return F.pad(x, flat, mode, value if mode == "constant" else None)


def around(call: Call, x: Tensor) -> list[int]:
    """The padding of a convolution or pool, unless the twist puts it elsewhere."""
    pads = [int(n) for n in call.op.pads(type_of(x))]
    if call.twist("sides") == "before":  # What "SAME" would add at the end stands at the beginning.
        return [n for i in range(0, len(pads), 2) for n in (pads[i + 1], pads[i])]
    if call.twist("sides") == "turned":  # Rows and columns change places.
        return [n for i in range(len(pads) - 2, -1, -2) for n in pads[i : i + 2]]
    return pads


def kernel(call: Call, weight: Tensor) -> Tensor:
    """The kernel as the twist has it."""
    axes = tuple(range(2, weight.dim()))
    if call.twist("kernel") == "flipped":
        return weight.flip(axes)
    if call.twist("kernel") == "transposed":
        return weight.transpose(-1, -2)
    if call.twist("kernel") == "turned over":
        return weight.transpose(0, 1)
    if call.twist("kernel") == "reshaped":  # The numbers of `height x width x in x out`, misread.
        last_first = weight.permute(*axes, 1, 0)
        return last_first.reshape(weight.shape)
    if call.twist("order") == "multiplier first":
        multiplier = call.op.multiplier
        return interleaved(weight, multiplier, 0)
    return weight


def standardized(call: Call, weight: Tensor) -> Tensor:
    """Each output channel's kernel minus its mean, divided by its deviation."""
    flat = weight.flatten(1)
    centred = flat - flat.mean(1, keepdim=True)
    count = flat.shape[1] - (1 if call.twist("variance") == "unbiased" else 0)
    variance = (centred**2).sum(1, keepdim=True) / count
    return (centred / (variance + call.op.standardize_eps).sqrt()).reshape(weight.shape)


def conv(call: Call, x: Tensor) -> Tensor:
    op, rank = call.op, x.dim() - 2
    weight = kernel(call, call.given("weight"))
    if getattr(op, "standardize", False):
        weight = standardized(call, weight)
    groups = x.shape[1] if op.name == "depthwise" else op.groups
    pads = around(call, x)
    if call.twist("channels") in ("in", "both"):
        x = interleaved(x, x.shape[1] // groups)
    y = CONVOLUTIONS[rank - 1](
        framed(x, pads, call.twist("frame", "constant")),
        weight,
        call.weight("bias"),
        stride=op.stride,
        dilation=op.dilation,
        groups=groups,
    )
    return interleaved(y, groups) if call.twist("channels") in ("out", "both") else y


def conv_transpose(call: Call, x: Tensor) -> Tensor:
    op, rank = call.op, x.dim() - 2
    extra = each(op.output_pad, rank)
    early = call.twist("sides") == "before" and any(extra)
    y: Tensor = TRANSPOSED[rank - 1](
        x,
        kernel(call, call.given("weight")),
        None,
        stride=op.stride,
        padding=op.pad,
        output_padding=op.output_pad,
        groups=op.groups,
        dilation=op.dilation,
    )
    if early:
        # The first position comes from what stood one further out.
        y = torch.roll(y, tuple(extra), tuple(range(2, y.dim())))
    bias = call.weight("bias")
    return y if bias is None else y + along(bias, y)


def _hanging(call: Call, x: Tensor) -> tuple[list[int], list[int], list[int]]:
    """Padding, how much further the last windows reach, and the number of windows."""
    op, rank = call.op, x.dim() - 2
    pads = around(call, x)
    counts = window_counts(type_of(x), op.pad, op.kernel, op.step(), ceil=op.ceil)
    numbers = [int(n) for n in counts]
    kernels, steps = each(op.kernel, rank), each(op.step(), rank)
    windows = zip(x.shape[2:], pads[::2], pads[1::2], kernels, steps, numbers, strict=True)
    beyond = [max(0, (n - 1) * s + k - (b + size + a)) for size, b, a, k, s, n in windows]
    return pads, [n for far in beyond for n in (0, far)], numbers


def _pooled(call: Call, x: Tensor, functions: Sequence[Callable[..., Tensor]]) -> Tensor:
    op = call.op
    return functions[x.dim() - 3](x, op.kernel, op.step())


def _cut(x: Tensor, counts: Sequence[int]) -> Tensor:
    return x[(..., *(slice(0, n) for n in counts))]


def max_pool(call: Call, x: Tensor) -> Tensor:
    if call.twist("reduce") == "mean":
        return _mean(call, x, counts_pads=False)
    pads, beyond, counts = _hanging(call, x)
    value = call.twist("frame value", -math.inf)
    whole = framed(framed(x, pads, value=float(value)), beyond, value=-math.inf)
    return _cut(_pooled(call, whole, MAXIMA), counts)


def avg_pool(call: Call, x: Tensor) -> Tensor:
    if call.twist("reduce") == "max":
        pads, beyond, counts = _hanging(call, x)
        whole = framed(framed(x, pads, value=-math.inf), beyond, value=-math.inf)
        return _cut(_pooled(call, whole, MAXIMA), counts)
    return _mean(call, x, counts_pads=call.op.count_pad)


def _mean(call: Call, x: Tensor, counts_pads: bool) -> Tensor:
    pads, beyond, counts = _hanging(call, x)
    sums = _cut(_pooled(call, framed(framed(x, pads), beyond), MEANS), counts)
    if call.twist("counts", "inside") == "window":  # The overhang counts, too.
        return sums
    ones = framed(x.new_ones((1, 1, *x.shape[2:])), pads, value=1.0 if counts_pads else 0.0)
    shares = _cut(_pooled(call, framed(ones, beyond), MEANS), counts)
    return sums / shares


def blur_pool(call: Call, x: Tensor) -> Tensor:
    size, rank = call.op.kernel, x.dim() - 2
    numbers = [1.0] * size if call.twist("blur") == "box" else _binomial(size)
    blur = x.new_tensor(numbers) / sum(numbers)
    before, after = (size - 1) // 2, size // 2
    if call.twist("sides") == "before":
        before, after = after, before
    x = framed(x, [before, after] * rank, call.twist("frame", "reflect"))
    for axis in range(rank):
        shape = [1] * rank
        shape[axis] = size
        weight = blur.reshape(1, 1, *shape).expand(x.shape[1], 1, *shape)
        stride = [call.op.stride if i == axis else 1 for i in range(rank)]
        x = CONVOLUTIONS[rank - 1](x, weight, stride=stride, groups=x.shape[1])
    return x


def _binomial(size: int) -> list[float]:
    return [float(math.comb(size - 1, i)) for i in range(size)]


def adaptive_avg_pool(call: Call, x: Tensor) -> Tensor:
    rank = x.dim() - 2
    if call.twist("windows") == "equal":
        pairs = zip(x.shape[2:], each(call.op.size, rank), strict=True)
        windows = [(n - (m - 1) * (n // m), n // m) for n, m in pairs]
        return MEANS[rank - 1](x, [size for size, _ in windows], [step for _, step in windows])
    return ADAPTIVE[rank - 1](x, call.op.size)


def global_pool(call: Call, x: Tensor) -> Tensor:
    flat = x.flatten(2)
    kind = call.twist("reduce", "mean" if call.op.name == "global_avg_pool" else "max")
    reductions: dict[str, Callable[[Tensor], Tensor]] = {
        "mean": lambda t: t.mean(-1),
        "max": lambda t: t.amax(-1),
        "sum": lambda t: t.sum(-1),
    }
    y = reductions[kind](flat)
    return y.reshape(*y.shape, *(1 for _ in x.shape[2:])) if call.op.keep else y


def pad(call: Call, x: Tensor) -> Tensor:
    return framed(x, around(call, x), call.twist("frame", "constant"), call.op.value)


def subsample(call: Call, x: Tensor) -> Tensor:
    rank = x.dim() - 2
    steps = each(call.op.by, rank)
    if call.twist("reduce") == "mean":
        return MEANS[rank - 1](x, steps, steps)
    start = 1 if call.twist("first") == "second" else 0
    return x[(..., *(slice(start, None, step) for step in steps))]


# ---- resizing ------------------------------------------------------------------------------------

#: Where position `i` of `m` lies among `n` before.
COORDINATES: dict[str, Callable[[int, int, int], float]] = {
    "half pixel": lambda i, n, m: (i + 0.5) * n / m - 0.5,
    "asymmetric": lambda i, n, m: i * n / m,
    "align corners": lambda i, n, m: i * (n - 1) / (m - 1) if m > 1 else 0.0,
}


def upsample(call: Call, x: Tensor, *like: Tensor) -> Tensor:
    op, rank = call.op, x.dim() - 2
    if like:
        sizes = tuple(like[0].shape[2:])
    else:
        sizes = tuple(n * k for n, k in zip(x.shape[2:], each(op.by, rank), strict=True))
    nearest = op.mode == "nearest"
    place = COORDINATES[call.twist("coordinates", "asymmetric" if nearest else "half pixel")]
    rounding: Any = {"floor": math.floor, "round": lambda v: math.floor(v + 0.5)}
    whole = rounding[call.twist("rounding", "floor")]
    for axis, m in enumerate(sizes, start=2):
        n = x.shape[axis]
        mixing = x.new_zeros((m, n))
        for i in range(m):
            at = min(max(place(i, n, m), 0.0), n - 1.0)
            low = i * n // m if nearest and not call.step.twist else int(whole(at))
            share = 0.0 if nearest else at - int(at)
            low = min(low if nearest else int(at), n - 1)
            mixing[i, low] += 1 - share
            mixing[i, min(low + 1, n - 1)] += share
        x = torch.tensordot(x, mixing, ([axis], [1])).movedim(-1, axis)
    return x
