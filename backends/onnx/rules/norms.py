"""Emit rules of the normalizations, in their three forms: layer, elementary, training."""

from __future__ import annotations

from operator import index

import numpy as np

from resdsl.diagnostics import error
from resdsl.ops.norm import BatchNorm, GroupNorm, LayerNorm, LocalResponseNorm

from ..builder import Site
from .tables import rules


@rules.emits(BatchNorm)
def batch_norm(op: BatchNorm, site: Site) -> None:
    if site.form.training:
        _batch_norm_training(op, site)
    elif site.form.elementary:
        _batch_norm_elementary(op, site)
    else:
        names, channels = site.weights, site.type.channels
        site.emit(
            "BatchNormalization",
            site.x,
            names["weight"] if op.affine else site.filled(1.0, channels),
            names["bias"] if op.affine else site.filled(0.0, channels),
            names["running_mean"],
            names["running_var"],
            epsilon=op.eps,
            momentum=1 - op.momentum,  # inference does not read it; what ONNX keeps is the rest
        )


def _batch_norm_elementary(op: BatchNorm, site: Site) -> None:
    centred = site.part("Sub", site.x, site.over_positions(site.weights["running_mean"]))
    _normalize(op, site, centred, site.over_positions(site.weights["running_var"]))


def _batch_norm_training(op: BatchNorm, site: Site) -> None:
    """From the batch's own statistics. ONNX's layer has a training mode, but its running variance
    is the population's and its momentum a float32."""
    count = (site.form.batch or 1) * index(site.type.size // site.type.channels)
    unbiased = op.variance == "unbiased"
    if unbiased and count == 1:
        raise error(
            "R0507",
            f"batch norm `{site.path}` sees one value per channel, which has no unbiased variance",
            help="a larger batch or a larger input",
        )
    axes = site.ints(0, *range(2, 2 + site.type.rank))
    mean = site.part("ReduceMean", site.x, axes, keepdims=1)
    centred = site.part("Sub", site.x, mean)
    variance = site.part("ReduceMean", site.part("Mul", centred, centred), axes, keepdims=1)
    _normalize(op, site, centred, variance)
    _update(op, site, "running_mean", site.part("Squeeze", mean, axes))
    new = site.part("Squeeze", variance, axes)
    if unbiased:
        new = site.part("Mul", new, site.number(count / (count - 1)))
    _update(op, site, "running_var", new)


def _normalize(op: BatchNorm, site: Site, centred: str, variance: str) -> None:
    deviation = site.part("Sqrt", site.part("Add", variance, site.number(op.eps)))
    if not op.affine:
        site.emit("Div", centred, deviation)
        return
    normal = site.part("Div", centred, deviation)
    scaled = site.part("Mul", normal, site.over_positions(site.weights["weight"]))
    site.emit("Add", scaled, site.over_positions(site.weights["bias"]))


def _update(op: BatchNorm, site: Site, name: str, new: str) -> None:
    old = site.part("Mul", site.statistic(name), site.number(1 - op.momentum))
    site.new_statistic(name, "Add", old, site.part("Mul", new, site.number(op.momentum)))


@rules.emits(LayerNorm)
def layer_norm(op: LayerNorm, site: Site) -> None:
    if site.form.elementary:
        normal = _normalized(site, site.x, (1,), op.eps)
        _affine(op, site, normal)
        return
    channels = site.type.channels
    scale = site.weights["weight"] if op.affine else site.filled(1.0, channels)
    bias = (site.weights["bias"],) if op.affine else ()
    rank = site.type.rank
    if not rank:
        site.emit("LayerNormalization", site.x, scale, *bias, axis=1, epsilon=op.eps)
        return
    # ONNX's layer is over the last axes.
    last = site.part("Transpose", site.x, perm=[0, *range(2, rank + 2), 1])
    normal = site.part("LayerNormalization", last, scale, *bias, axis=-1, epsilon=op.eps)
    site.emit("Transpose", normal, perm=[0, rank + 1, *range(1, rank + 1)])


@rules.emits(GroupNorm)
def group_norm(op: GroupNorm, site: Site) -> None:
    """By hand in both forms: ONNX's own layer of this operator set was withdrawn for an error."""
    groups = site.part("Reshape", site.x, site.ints(0, op.groups, -1))
    if site.form.elementary:
        normal = _normalized(site, groups, (2,), op.eps)
    else:
        filled = site.filled(1.0, op.groups), site.filled(0.0, op.groups)
        normal = site.part("InstanceNormalization", groups, *filled, epsilon=op.eps)
    shape = site.ints(0, *site.type.shape)
    if op.affine:
        _affine(op, site, site.part("Reshape", normal, shape))
    else:
        site.emit("Reshape", normal, shape)


def _normalized(site: Site, x: str, axes: tuple[int, ...], eps: float) -> str:
    """Minus the mean over some axes and divided by the deviation."""
    over = site.ints(*axes)
    centred = site.part("Sub", x, site.part("ReduceMean", x, over, keepdims=1))
    variance = site.part("ReduceMean", site.part("Mul", centred, centred), over, keepdims=1)
    deviation = site.part("Sqrt", site.part("Add", variance, site.number(eps)))
    return site.part("Div", centred, deviation)


def _affine(op: GroupNorm | LayerNorm, site: Site, normal: str) -> None:
    """Scaled and shifted by channel, where that is learned."""
    if not op.affine:
        site.emit("Identity", normal)
        return
    scaled = site.part("Mul", normal, site.over_positions(site.weights["weight"]))
    site.emit("Add", scaled, site.over_positions(site.weights["bias"]))


@rules.emits(LocalResponseNorm)
def local_response_norm(op: LocalResponseNorm, site: Site) -> None:
    if not site.form.elementary and site.type.rank == 2:
        # ONNX divides alpha by the size as we do, and an odd window lies in the same place; but
        # runtimes have it for images alone.
        site.emit("LRN", site.x, size=op.size, alpha=op.alpha, beta=op.beta, bias=op.k)
        return
    squares = site.part("Mul", site.x, site.x)
    # The sum over neighbouring channels is a 1x1 convolution with a band of ones around the
    # diagonal; the band carries alpha / size, and the bias k.
    channels = np.arange(site.type.channels)
    near = np.abs(channels[:, None] - channels) <= op.size // 2
    ones = [1] * site.type.rank
    band = site.table("band", near.reshape(*near.shape, *ones) * (op.alpha / op.size))
    sums = site.part("Conv", squares, band, site.filled(op.k, len(channels)), kernel_shape=ones)
    site.emit("Div", site.x, site.part("Pow", sums, site.number(op.beta)))
