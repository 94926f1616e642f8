"""Operations that move entries, linear maps, attention, joins."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .call import Call, along, interleaved, type_of


def channels_last(x: Tensor) -> Tensor:
    return x.movedim(1, -1)


def linear(call: Call, x: Tensor) -> Tensor:
    weight = call.given("weight")
    if call.twist("kernel") == "turned over":
        weight = weight.T
    if call.twist("kernel") == "reshaped":
        weight = weight.T.reshape(weight.shape)
    y = torch.tensordot(x, weight, ([1], [1])).movedim(-1, 1)
    bias = call.weight("bias")
    return y if bias is None else y + along(bias, y)


def flatten(call: Call, x: Tensor) -> Tensor:
    order = call.twist("order")
    if order == "channels last":
        return channels_last(x).flatten(1)
    return x.transpose(-1, -2).flatten(1) if order == "columns" else x.flatten(1)


def reshape(call: Call, x: Tensor) -> Tensor:
    sizes = call.op.sizes
    order = call.twist("order")
    if order == "channels last":
        # Both the entries and the result are read with the channels behind.
        known = call.op.result(type_of(x)).numbers
        y = channels_last(x).reshape(x.shape[0], *known[1:], known[0])
        return y.movedim(-1, 1)
    if order == "columns":
        x = x.transpose(-1, -2)
    return x.reshape(x.shape[0], *sizes)


def transpose(call: Call, x: Tensor) -> Tensor:
    if call.twist("order") == "reshaped":
        moved = x.transpose(call.op.one + 1, call.op.other + 1)
        return x.reshape(moved.shape)
    return x.transpose(call.op.one + 1, call.op.other + 1)


def token(call: Call, x: Tensor) -> Tensor:
    learned = call.given("").expand(x.shape[0], -1, -1)
    return torch.cat([x, learned] if call.twist("place") == "end" else [learned, x], 2)


def pick(call: Call, x: Tensor) -> Tensor:
    return x.mean(2) if call.twist("reduce") == "mean" else x[:, :, call.op.position]


def split(call: Call, x: Tensor) -> tuple[Tensor, ...]:
    counts = call.op.channels(type_of(x))
    if call.twist("order") == "interleaved":
        x = interleaved(x, x.shape[1] // len(counts))
    parts = tuple(torch.split(x, list(counts), 1))
    return parts[::-1] if call.twist("order") == "reversed" else parts


def pad_channels(call: Call, x: Tensor) -> Tensor:
    missing = call.op.to - x.shape[1]
    before = {"before": missing, "both": missing // 2}.get(call.twist("sides", ""), 0)
    after = missing - before
    return F.pad(x, (*(0 for _ in range(2 * (x.dim() - 2))), before, after))


def channel_conv(call: Call, x: Tensor) -> Tensor:
    side = call.op.kernel // 2
    weight = call.given("weight")
    if call.twist("kernel") == "flipped":
        weight = weight.flip(2)
    row = F.pad(x.flatten(1)[:, None], (side, side), call.twist("frame", "constant"))
    return F.conv1d(row, weight).reshape(x.shape)


# ---- attention -----------------------------------------------------------------------------------


def attend(call: Call, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    op = call.op
    if call.twist("operands") == "query and key":
        query, key = key, query
    heads = op.heads
    dealt = call.twist("heads") == "interleaved"
    q, k, v = (_heads(t, heads, dealt) for t in (query, key, value))
    logits = torch.einsum("nhdi,nhdj->nhij", q, k)
    if op.relative and call.twist("relative") != "missing":
        logits = logits + _distances(call, q, query.shape[2:])
    width = q.shape[2]
    divisor = {
        "root": math.sqrt(width),
        "none": 1.0,
        "width": float(width),
        "all channels": math.sqrt(query.shape[1]),
    }[call.twist("divides by", "root")]
    weights = torch.softmax(logits / divisor, 2 if call.twist("axis") == "query" else 3)
    y = torch.einsum("nhij,nhdj->nhdi", weights, v)
    if dealt:
        y = y.transpose(1, 2)
    return y.reshape(query.shape[0], -1, *query.shape[2:])


def _heads(x: Tensor, heads: int, dealt: bool) -> Tensor:
    """As samples x heads x channels of one head x positions."""
    flat = x.flatten(2)
    if dealt:
        return flat.reshape(x.shape[0], -1, heads, flat.shape[2]).transpose(1, 2)
    return flat.reshape(x.shape[0], heads, -1, flat.shape[2])


def _distances(call: Call, q: Tensor, sizes: torch.Size) -> Tensor:
    """Logits of how far apart positions are, down and across."""
    height, width = sizes
    down, across = call.given("rel_height"), call.given("rel_width")
    if call.twist("relative") == "reversed":
        down, across = down.flip(0), across.flip(0)
    rows = torch.arange(height)[:, None].expand(height, width).reshape(-1)
    columns = torch.arange(width)[None].expand(height, width).reshape(-1)
    vectors = (
        down[rows[None] - rows[:, None] + height - 1]
        + across[columns[None] - columns[:, None] + width - 1]
    )
    return torch.einsum("nhdi,ijd->nhij", q, vectors)


# ---- joins ---------------------------------------------------------------------------------------


def joined(call: Call, *inputs: Tensor) -> Tensor:
    name = call.twist("join", call.op.name)
    parts = list(inputs)
    left_out = call.twist("leaves out")
    if left_out is not None:
        del parts[left_out]
    if call.twist("order") == "reversed":
        parts.reverse()
    return _joined(call, name, parts)


def _joined(call: Call, name: str, parts: list[Tensor]) -> Tensor:
    if name == "concat":
        if call.twist("order") == "interleaved":
            return torch.stack(parts, 2).flatten(1, 2)
        return torch.cat(parts, 1)
    rank = max(t.dim() for t in parts)
    y, *others = (t.reshape(*t.shape, *(1 for _ in range(rank - t.dim()))) for t in parts)
    for other in others:
        match name:
            case "add" | "mean":
                y = y + other
            case "sub":
                y = y - other
            case "mul":
                y = y * other
            case "max":
                y = torch.maximum(y, other)
    return y / len(parts) if name == "mean" else y
