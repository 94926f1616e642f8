"""Other meanings of normalizations, and of running statistics."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.ops import Op
from resdsl.parity.causes.variant import (
    BACKWARD,
    STATISTICS,
    TRAIN,
    Variant,
    changed,
    fitted,
    number_text,
    other,
    twisted,
)
from resdsl.types import TensorType

#: Epsilons in use, the commonest first, and who uses them.
EPSILONS = (
    (1e-3, "Keras and TensorFlow, and MobileNet, Inception and EfficientNet made with them"),
    (1e-5, "PyTorch, Caffe and Flax's BatchNorm"),
    (1e-6, "Flax's LayerNorm and GroupNorm, and vision transformers"),
    (1.001e-5, "the ResNets of keras.applications"),
    (2e-5, "MXNet's ResNets"),
    (1e-12, "BERT's layer norm"),
    (1e-8, "weight standardization, and RMSProp-like code"),
    (1e-7, "`keras.backend.epsilon()`"),
    (1e-4, "Lasagne and cuDNN's old minimum"),
    (1e-2, "hand-written code"),
    (0.0, "an epsilon left out"),
)

#: Shares of the new batch in use.
MOMENTA = (
    (0.1, "PyTorch"),
    (0.01, "Keras and Flax, which write 0.99"),
    (0.001, "Caffe and EfficientNet's first Keras ports, which write 0.999"),
    (0.003, "TensorFlow's ResNets, which write 0.997"),
    (0.0003, "TensorFlow-Slim's Inception, which writes 0.9997"),
    (0.2, "code that writes 0.8"),
    (0.05, "code that writes 0.95"),
    (0.0, "statistics that are never updated"),
    (1.0, "statistics that are those of the last batch alone"),
)


def epsilons(op: Op, own: str = "eps") -> Iterator[Variant]:
    """Other numbers added to the variance."""
    mine = getattr(op, own)
    for eps, who in EPSILONS:
        if eps != mine:
            says = f"{number_text(eps)} is added to the variance, and not {number_text(mine)}"
            yield Variant(f"{own} = {number_text(eps)}", says, who, op=changed(op, {own: eps}))


def normalized(op: Any) -> Iterator[Variant]:
    """What batch, group and layer norms share."""
    yield from epsilons(op)
    yield twisted(
        "variance = unbiased",
        "it divides by the root of the variance with n - 1, and not with n",
        "`torch.var` and `ddof=1`",
        variance="unbiased",
    )
    if op.affine:
        yield twisted(
            "affine = false", "neither scale nor shift is applied", without=["weight", "bias"]
        )
        yield twisted(
            "scale left out",
            "the learned scale is not applied",
            "Keras's `scale=False`",
            without=["weight"],
        )
        yield twisted(
            "shift left out",
            "the learned shift is not applied",
            "Keras's `center=False`",
            without=["bias"],
        )
        yield twisted(
            "scale = 1 + weight",
            "the scale counts from one",
            "zero-centred scales, as in Gemma",
            weight="plus one",
        )
    yield twisted(
        "eps outside of the root",
        "it divides by `sqrt(var) + eps`",
        "Torch7-like and hand-written code",
        eps="outside",
    )
    yield twisted("eps as a lower bound", "it divides by `sqrt(max(var, eps))`", eps="at least")
    yield twisted(
        "mean not subtracted",
        "the mean is left where it is, as in RMS norm",
        "RMSNorm",
        mean="kept",
    )
    yield twisted(
        "root left out",
        "it divides by `var + eps` and not by the root of that",
        deviation="variance",
    )
    yield fitted(op, "eps", "another number is added to the variance", 1e-5, 1e-3, 1e-1)


def batch_norm(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    """Statistics have variants of their own; in eval and train mode others can be seen."""
    if phase == STATISTICS:
        yield from _statistics(op)
        return
    if phase in (TRAIN, BACKWARD):
        yield twisted(
            "training uses running statistics",
            "the layer stays in eval mode while the network trains",
            "Keras's `training=False` and frozen layers",
            uses="running",
        )
    else:
        yield twisted(
            "eval uses batch statistics",
            "the layer stays in train mode while the network is evaluated",
            "a forgotten `model.eval()`, `use_running_average=False`, `track_running_stats=False`",
            uses="batch",
        )
        yield twisted(
            "mean and variance swapped",
            "the running mean is taken for the variance",
            "weights loaded by position",
            twist={"statistics swapped": True},
        )
    yield from normalized(op)
    yield twisted(
        "axis = last",
        "the last axis is taken for the channels",
        "channels-last code on a channels-first tensor",
        axes="last",
    )


def _statistics(op: Any) -> Iterator[Variant]:
    m = op.momentum
    weighs_old = "frameworks that give the share of the old: Keras, Flax, Caffe, ONNX"
    for share, who in {1 - m: weighs_old, **dict(MOMENTA)}.items():
        if share != m:
            inverted = " (inverted)" if share == 1 - m else ""
            yield other(
                op,
                f"the batch has a share of {number_text(share)} in the running statistics, "
                f"and not {number_text(m)}",
                who,
                name=f"momentum = {number_text(share)}{inverted}",
                momentum=share,
            )
    flipped = "population" if op.variance == "unbiased" else "unbiased"
    divisor = "n" if flipped == "population" else "n - 1"
    yield other(
        op,
        f"the running variance takes the batch's divided by {divisor}",
        "Keras, Flax and ONNX" if flipped == "population" else "PyTorch and Caffe",
        variance=flipped,
    )
    for share, who in ((1 - m, "Keras, Flax"), (0.01, "Keras and Flax")):
        if share != m:
            yield other(
                op,
                "both the share of the batch and the variance are another tradition's",
                who,
                momentum=share,
                variance=flipped,
            )
    yield twisted(
        "updated twice",
        "one step updates the statistics twice",
        "a forward pass that runs again, as for checkpoints",
        updates=2,
    )
    yield twisted(
        "running deviation", "the running variance takes the batch's root of it", tracks="deviation"
    )
    single = _float32(m)
    if single != m:
        yield other(
            op,
            "the share went through float32 on its way",
            "`tf.cast(0.1, tf.float64)`, ONNX's attributes",
            name="momentum in float32",
            momentum=single,
        )
        yield other(
            op,
            "one minus the share went through float32 on its way",
            "ONNX's attributes",
            name="1 - momentum in float32",
            momentum=1 - _float32(1 - m),
        )
    yield fitted(op, "momentum", "the batch has another share in the running statistics", 0.1, 0.5)


def _float32(value: float) -> float:
    import numpy as np

    return float(np.float32(value))


def group_norm(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    channels = inputs[0].channels
    yield from normalized(op)
    counts = {1: "layer norm over everything", channels: "instance norm", 32: "Wu and He 2018"}
    near = (op.groups * 2, op.groups // 2, channels // op.groups, 16, 8, 4, 2)
    for groups in dict.fromkeys((*counts, *near)):
        if groups and groups != op.groups and channels % groups == 0:
            says = f"there are {groups} groups of channels, and not {op.groups}"
            yield other(op, says, counts.get(groups, ""), groups=groups)
    if 1 < op.groups < channels:
        yield twisted(
            "groups interleaved",
            "channels are dealt out to the groups in turn",
            channels="interleaved",
        )


def layer_norm(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield from normalized(op)
    if inputs[0].rank:
        yield twisted(
            "axes = everything",
            "it normalizes over the whole sample at once",
            "`nn.LayerNorm([C, H, W])`",
            axes="sample",
        )
        yield twisted(
            "axes = positions",
            "it normalizes each channel over its positions",
            "instance norm",
            axes="positions",
        )
        yield twisted(
            "axis = last",
            "it normalizes over the last axis, which are no channels",
            "channels-last code on a channels-first tensor",
            axes="last",
        )


def lrn(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "alpha not divided by size",
        "the sum of squares is weighed by alpha alone",
        "the paper (Krizhevsky et al. 2012) and TensorFlow",
        alpha="not divided",
    )
    yield other(
        op,
        "alpha is divided by the size twice",
        alpha=op.alpha / op.size,
        name="alpha divided by size twice",
    )
    yield twisted(
        "size = radius",
        f"the sum has {2 * op.size + 1} channels",
        "TensorFlow's `depth_radius`",
        size="radius",
    )
    yield twisted(
        "size = radius, alpha not divided",
        f"the sum has {2 * op.size + 1} channels, and its weight is alpha alone",
        "TensorFlow's `depth_radius`",
        size="radius",
        alpha="not divided",
    )
    for k in (1.0, 2.0):
        if k != op.k:
            yield other(op, f"{k:g} is added", "Caffe and PyTorch" if k == 1 else "the paper", k=k)
    for beta in (0.75, 0.5, 1.0):
        if beta != op.beta:
            yield other(op, f"the exponent is {beta:g}", beta=beta)
    for size in (3, 5, 7, 9):
        if size != op.size:
            yield other(op, f"the sum has {size} channels", size=size)
    yield twisted(
        "window ahead", "the window begins at the channel and does not surround it", size="ahead"
    )
    for attribute in ("alpha", "k", "beta"):
        yield fitted(op, attribute, "another number", getattr(op, attribute))
