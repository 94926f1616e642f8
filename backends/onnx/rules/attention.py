"""ONNX rules of attention, of matrix products and softmax in every form."""

from __future__ import annotations

from resdsl.ops.attention import Attend, ChannelConv

from ..builder import Site
from .tables import rules


@rules.emits(Attend)
def attend(op: Attend, site: Site) -> None:
    query, key, value = (
        site.part("Reshape", x, site.ints(0, op.heads, type.channels // op.heads, -1))
        for x, type in zip(site.inputs, site.types, strict=True)
    )
    rows = site.part("Transpose", query, perm=[0, 1, 3, 2])
    logits = site.part("MatMul", rows, key)
    if op.relative:
        logits = site.part("Add", logits, _distances(op, site, rows))
    scale = site.number((site.type.channels // op.heads) ** -0.5)
    shares = site.part("Softmax", site.part("Mul", logits, scale), axis=3)
    # Of each query's position, a column: values are channels x positions.
    columns = site.part("Transpose", shares, perm=[0, 1, 3, 2])
    found = site.part("MatMul", value, columns)
    site.emit("Reshape", found, site.ints(0, *site.result.shape))


def _distances(op: Attend, site: Site, rows: str) -> str:
    """What queries make of the distances to all positions, heads x positions x positions."""
    _, height, width = site.type.numbers
    image = site.part("Reshape", rows, site.ints(0, op.heads, height, width, -1))
    down = site.part("MatMul", image, _vectors(site, "rel_height", height))
    turned = site.part("Transpose", image, perm=[0, 1, 3, 2, 4])
    turned = site.part("MatMul", turned, _vectors(site, "rel_width", width))
    across = site.part("Transpose", turned, perm=[0, 1, 3, 2, 4])
    down = site.part("Unsqueeze", down, site.ints(5))
    across = site.part("Unsqueeze", across, site.ints(4))
    both = site.part("Add", down, across)
    return site.part("Reshape", both, site.ints(0, op.heads, height * width, height * width))


def _vectors(site: Site, name: str, size: int) -> str:
    """For each position, `d x size`: the vectors of the distances to all positions."""
    numbers = [j - i + size - 1 for i in range(size) for j in range(size)]
    rows = site.part("Gather", site.weights[name], site.ints(*numbers), axis=0)
    table = site.part("Reshape", rows, site.ints(size, size, -1))
    return site.part("Transpose", table, perm=[0, 2, 1])


@rules.emits(ChannelConv)
def channel_conv(op: ChannelConv, site: Site) -> None:
    """A convolution with a single channel, whose positions are the channels."""
    row = site.part("Reshape", site.x, site.ints(0, 1, -1))
    side = op.kernel // 2
    kernel = site.weights["weight"]
    found = site.part("Conv", row, kernel, kernel_shape=[op.kernel], pads=[side, side])
    site.emit("Reshape", found, site.ints(0, *site.type.shape))
