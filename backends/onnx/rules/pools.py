"""Emit rules of the pools.

`ceil` never reaches ONNX: runtimes disagreed for years about the windows that hang over the edge.
The overhang becomes padding at the end, worked out at run time where the size is known only there.
"""

from __future__ import annotations

import math
from operator import index

import numpy as np
from onnx import helper

from resdsl.codegen.runtime import Array
from resdsl.ops.pooling import (
    AdaptiveAvgPool,
    AvgPool,
    BlurPool,
    GlobalAvgPool,
    GlobalMaxPool,
    MaxPool,
    WindowPool,
)
from resdsl.ops.windows import Pads, afters, befores, each, padded
from resdsl.sizes import Dim, at_least_none

from ..builder import ONNX_TYPES, Site
from ..sizes import known
from .tables import emit_frame, onnx_pads, rules


def _covering_pads(op: WindowPool, site: Site) -> Pads:
    """Padding with which the windows of a `ceil` pool end where the padded input does."""
    declared, rank = op.pads(site.type), site.type.rank
    if not op.ceil:
        return declared
    covering: list[Dim] = []
    for windows, step, kernel, size, before in zip(
        site.result.spatial,
        each(op.step(), rank),
        each(op.kernel, rank),
        site.type.spatial,
        befores(declared),
        strict=True,
    ):
        covering += [before, at_least_none((windows - 1) * step + kernel - size - before)]
    return tuple(covering)


@rules.emits(MaxPool)
def max_pool(op: MaxPool, site: Site) -> None:
    x, pads = site.x, _covering_pads(op, site)
    if site.form.elementary:
        _max_pool_elementary(op, site, pads)
        return
    if not known(pads):
        x, pads = emit_frame(site, pads, float("-inf")), (0, 0) * site.type.rank
    site.emit(
        "MaxPool",
        x,
        kernel_shape=each(op.kernel, site.type.rank),
        strides=each(op.step(), site.type.rank),
        pads=onnx_pads(pads),
    )


def _max_pool_elementary(op: MaxPool, site: Site, pads: Pads) -> None:
    """The larger of shifted copies, one dimension after the other."""
    x, rank = emit_frame(site, pads, float("-inf")) if any(pads) else site.x, site.type.rank
    windows_of = zip(each(op.kernel, rank), each(op.step(), rank), site.result.spatial, strict=True)
    for axis, (kernel, step, windows) in enumerate(windows_of, start=2):
        copies = [
            site.part(
                "Slice",
                x,
                site.ints(first),
                site.ints(first + (windows - 1) * step + 1),
                site.ints(axis),
                site.ints(step),
            )
            for first in range(kernel)
        ]
        if axis == 1 + rank:
            site.emit("Max", *copies)
        else:
            x = site.part("Max", *copies)


@rules.emits(AvgPool)
def avg_pool(op: AvgPool, site: Site) -> None:
    if site.form.elementary:
        _emit_shares(site, _window_shares(op, site))
        return
    declared, covering = op.pads(site.type), _covering_pads(op, site)
    if not known((*declared, *covering)):
        _avg_pool_counted(op, site, declared)
        return
    x, counts = site.x, op.count_pad
    if counts and covering != declared and any(declared):
        # Declared padding counts and overhang does not: an operation has one answer for both, so
        # the declared zeros become part of the input.
        x, counts = emit_frame(site, declared, 0.0), False
        covering = tuple(at_least_none(b - a) for a, b in zip(declared, covering, strict=True))
    elif counts and covering != declared:
        counts = False
    attributes = {"pads": onnx_pads(covering), "count_include_pad": int(counts)}
    site.emit(
        "AveragePool",
        x,
        kernel_shape=each(op.kernel, site.type.rank),
        strides=each(op.step(), site.type.rank),
        **(attributes if any(covering) else {}),
    )


def _avg_pool_counted(op: AvgPool, site: Site, declared: Pads) -> None:
    """Means over windows, divided by the means of what counts there: one where it does, else zero.
    For padding that is known at run time only."""
    rank = site.type.rank
    one = helper.make_tensor("value", ONNX_TYPES[site.form.dtype], [1], [1.0])
    ones = site.part("ConstantOfShape", site.ints(1, 1, *site.type.spatial), value=one)
    x = emit_frame(site, declared, 0.0)
    counts = emit_frame(site, declared, float(op.count_pad), x=ones)
    if op.ceil:
        over: list[Dim] = []
        for size, windows, step, kernel in zip(
            padded(site.type, declared),
            site.result.spatial,
            each(op.step(), rank),
            each(op.kernel, rank),
            strict=True,
        ):
            over += [0, at_least_none((windows - 1) * step + kernel - size)]
        x = emit_frame(site, tuple(over), 0.0, x=x)
        counts = emit_frame(site, tuple(over), 0.0, x=counts)
    windows_of = {"kernel_shape": each(op.kernel, rank), "strides": each(op.step(), rank)}
    sums = site.part("AveragePool", x, **windows_of)
    site.emit("Div", sums, site.part("AveragePool", counts, **windows_of))


def _window_shares(op: AvgPool, site: Site) -> list[Array]:
    """What each position gives to each window, in each dimension."""
    declared, rank = tuple(map(index, op.pads(site.type))), site.type.rank
    return [
        _shares(
            size,
            [(start, start + kernel) for start in range(-before, windows * step - before, step)],
            after if op.count_pad else None,
        )
        for size, windows, kernel, step, before, after in zip(
            map(index, site.type.spatial),
            map(index, site.result.spatial),
            each(op.kernel, rank),
            each(op.step(), rank),
            befores(declared),
            afters(declared),
            strict=True,
        )
    ]


def _shares(size: int, windows: list[tuple[int, int]], counted_after: int | None) -> Array:
    """A row per window. Padding counts, up to `counted_after` positions behind the input, or not
    at all if that is `None`."""
    rows = np.zeros((len(windows), size))
    for row, (start, end) in zip(rows, windows, strict=True):
        inside = slice(max(start, 0), min(end, size))
        if counted_after is None:
            row[inside] = 1 / (inside.stop - inside.start)
        else:
            row[inside] = 1 / (min(end, size + counted_after) - start)
    return rows


def _emit_shares(site: Site, shares: list[Array]) -> None:
    """Windows separate into dimensions, so that means over them are one matrix product for each."""
    names = _TABLES[-len(shares) :]
    _emit_products(
        site,
        [
            site.table(name, rows if name == "down" else rows.T)
            for name, rows in zip(names, shares, strict=True)
        ],
    )


#: What the tables of the dimensions are called, the last ones of fewer.
_TABLES = ("deep", "down", "across")


def _emit_products(site: Site, tables: list[str]) -> None:
    """The products of each dimension: the last from the right, the one before it from the left, a
    depth behind the others, from the right again. Those from the right are columns of shares."""
    *before, across = tables
    if not before:
        site.emit("MatMul", site.x, across)
        return
    *before, down = before
    columns = site.part("MatMul", site.x, across)
    if not before:
        site.emit("MatMul", down, columns)
        return
    (deep,) = before
    planes = site.part("MatMul", down, columns)
    moved = site.part("Transpose", planes, perm=[0, 1, 3, 4, 2])
    pooled = site.part("MatMul", moved, deep)
    site.emit("Transpose", pooled, perm=[0, 1, 4, 2, 3])


@rules.emits(BlurPool)
def blur_pool(op: BlurPool, site: Site) -> None:
    row = np.array([math.comb(op.kernel - 1, i) for i in range(op.kernel)]) / 2 ** (op.kernel - 1)
    rank, channels = site.type.rank, site.type.channels
    pads = op.pads(site.type)
    if site.form.elementary:
        sizes = zip(site.type.numbers[1:], site.result.numbers[1:], strict=True)
        _emit_shares(site, [_blurs(size, count, row, op.stride) for size, count in sizes])
        return
    blur = row
    for _ in range(rank - 1):
        blur = blur[..., None] * row
    framed = site.part(
        "Pad", site.x, site.ints(0, 0, *befores(pads), 0, 0, *afters(pads)), mode="reflect"
    )
    site.emit(
        "Conv",
        framed,
        site.table("blur", np.broadcast_to(blur, (channels, 1, *blur.shape))),
        kernel_shape=blur.shape,
        strides=[op.stride] * rank,
        group=channels,
    )


def _blurs(size: int, count: int, row: Array, stride: int) -> Array:
    """A row per window, with the positions beyond the edges mirrored."""
    shares = np.zeros((count, size))
    for window in range(count):
        for i, share in enumerate(row):
            position = abs(window * stride + i - (len(row) - 1) // 2)
            shares[window, min(position, 2 * (size - 1) - position)] += share
    return shares


def _run_time_shares(site: Site, size: Dim, count: int) -> str:
    """As `_shares` for a grid of `count` windows, worked out from the size."""
    windows = np.arange(count)[:, None]
    length, by = site.ints(size), site.ints(count)
    covered = site.part("Mul", site.whole(f"windows_{count}", windows), length)
    start = site.part("Div", covered, by)
    # Rounded up: where the next window would begin, at the latest.
    beyond = site.part("Add", covered, site.part("Add", length, site.ints(count - 1)))
    stop = site.part("Div", beyond, by)
    zero, one = site.whole("zero", np.array(0)), site.whole("one", np.array(1))
    position = site.part("Range", zero, site.part("Squeeze", length), one)
    begun = site.part("GreaterOrEqual", position, start)
    inside = site.part("And", begun, site.part("Less", position, stop))
    rows = site.part("Cast", inside, to=ONNX_TYPES[site.form.dtype])
    return site.part("Div", rows, site.part("ReduceSum", rows, site.ints(1), keepdims=1))


@rules.emits(AdaptiveAvgPool)
def adaptive_avg_pool(op: AdaptiveAvgPool, site: Site) -> None:
    sizes = site.type.spatial
    counts = each(op.size, site.type.rank)
    if counts == sizes:
        site.emit("Identity", site.x)
    elif not known(sizes):
        rows = [_run_time_shares(site, size, n) for size, n in zip(sizes, counts, strict=True)]
        names = zip(_TABLES[-len(rows) :], rows, strict=True)
        _emit_products(
            site,
            [r if name == "down" else site.part("Transpose", r, perm=[1, 0]) for name, r in names],
        )
    elif site.form.elementary or any(s % n for s, n in zip(sizes, counts, strict=True)):
        shares = [
            _shares(size, [(i * size // n, -(-(i + 1) * size // n)) for i in range(n)], None)
            for size, n in zip(map(index, sizes), counts, strict=True)
        ]
        _emit_shares(site, shares)
    else:
        kernel = [size // n for size, n in zip(sizes, counts, strict=True)]
        site.emit("AveragePool", site.x, kernel_shape=kernel, strides=kernel)


@rules.emits(GlobalAvgPool)
def global_avg_pool(op: GlobalAvgPool, site: Site) -> None:
    site.emit("ReduceMean", site.x, _positions(site), keepdims=int(op.keep))


@rules.emits(GlobalMaxPool)
def global_max_pool(op: GlobalMaxPool, site: Site) -> None:
    site.emit("ReduceMax", site.x, _positions(site), keepdims=int(op.keep))


def _positions(site: Site) -> str:
    return site.ints(*range(2, 2 + site.type.rank))
