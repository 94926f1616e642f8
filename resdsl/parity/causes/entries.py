"""Other meanings of activations, dropout and learned numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.parity.causes.variant import BACKWARD, Variant, fitted, other, twisted
from resdsl.types import TensorType

#: What activations are taken for: the twist's curve, its name, and where that comes from.
CURVES = (
    ("gelu tanh", "gelu, approximate = tanh", "Flax's and JAX's default, GPT-2's"),
    ("gelu", "gelu, approximate = none", "PyTorch's and Keras's default"),
    ("gelu quick", "gelu, x * sigmoid(1.702 x)", "CLIP's"),
    ("gelu single", "gelu, its constant in float32", "`tf.nn.gelu` and `keras.ops.gelu`"),
    ("relu", "relu", ""),
    ("relu6", "relu6", "MobileNets"),
    ("silu", "silu (swish)", "EfficientNets"),
    ("hard_swish", "hard_swish", "MobileNetV3"),
    ("sigmoid", "sigmoid", ""),
    ("hard_sigmoid", "hard_sigmoid", "MobileNetV3"),
    ("hard_sigmoid keras 2", "hard_sigmoid, clip(0.2 x + 0.5)", "Keras before version 3"),
    ("tanh", "tanh", ""),
    ("elu", "elu", ""),
    ("selu", "selu", ""),
    ("softplus", "softplus", ""),
    ("mish", "mish", ""),
    ("absolute", "the absolute value", ""),
)

SLOPES = (
    (0.01, "PyTorch's and Flax's default"),
    (0.2, "`tf.nn.leaky_relu`, GANs"),
    (0.3, "Keras's `LeakyReLU`"),
    (0.1, "YOLO"),
    (0.25, "PReLU's start"),
    (0.0, "a relu"),
)


def activation(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    if phase == BACKWARD:
        yield from _derivatives(op)
    if op.name == "leaky_relu":
        for slope, who in SLOPES:
            if slope != op.slope:
                yield other(op, f"the slope below zero is {slope:g}", who, slope=slope)
        import numpy as np

        single = float(np.float32(op.slope))
        if single != op.slope:
            yield other(
                op,
                "the slope went through float32 on its way",
                "the attribute of `tf.nn.leaky_relu`, ONNX's attributes",
                name="slope in float32",
                slope=single,
            )
        yield fitted(op, "slope", "the slope below zero is another", op.slope)
    mine = "gelu tanh" if op.name == "gelu" and op.approximate == "tanh" else op.name
    for curve, name, who in CURVES:
        if curve != mine:
            yield twisted(name, f"it computes {name}", who, curve=curve)


def _derivatives(op: Any) -> Iterator[Variant]:
    """What no forward pass can show: the derivative where the curve bends."""
    bends = {"relu": (0.0,), "relu6": (0.0, 6.0), "leaky_relu": (0.0,)}.get(op.name, ())
    if op.name in ("hard_swish", "hard_sigmoid"):
        bends = (-3.0, 3.0)
    for bend in bends:
        for slope, who in (
            (0.5, "`jnp.maximum(x, 0)` and `jnp.clip`"),
            (1.0, "`tf.maximum(x, 0)`, `nnx.leaky_relu`"),
            (-0.5, ""),
        ):
            yield twisted(
                f"derivative at {bend:g} = {slope:g}",
                f"the derivative at exactly {bend:g} is another by {slope:g}",
                who,
                derivative={f"{bend:g}": slope},
            )
    if len(bends) == 2:
        for slope in (0.5, 1.0):
            yield twisted(
                f"derivative at {bends[0]:g} and {bends[1]:g} = {slope:g}",
                "the derivative at both bends is another",
                "`jnp.minimum`, `jnp.clip`, `tf.clip_by_value`",
                derivative={f"{bend:g}": slope for bend in bends},
            )


def softmax(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    if inputs[0].rank:
        yield twisted(
            "axis = last",
            "the sum is over the last axis, which are no channels",
            "the default of JAX, TensorFlow and Keras",
            axis="last",
        )
        yield twisted("axis = positions", "the sum is over the rows", axis="positions")
        yield twisted(
            "axis = all positions",
            "the sum is over all positions of a channel",
            axis="all positions",
        )
    if op.slices is not None:
        yield other(op, "single channels are compared, and not slices", slices=None)
        yield twisted(
            "slices interleaved",
            "channels are dealt out to the slices in turn",
            slices="interleaved",
        )
    yield twisted("axis = batch", "the sum is over the samples", axis="batch")
    yield twisted(
        "log_softmax", "it leaves the logarithm", "a loss that takes logarithms", log=True
    )
    for curve in ("sigmoid", "hard_sigmoid"):
        yield twisted(curve, f"it computes {curve} of the logits", curve=curve)


def dropout(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "not scaled",
        "what is kept is not divided by 1 - rate",
        "dropout as in the paper, which scales in evaluation",
        twist={"divides by": "none"},
    )
    yield twisted(
        "divided by rate",
        "what is kept is divided by the rate",
        "code that gives the share to keep, as TensorFlow 1's `keep_prob`",
        twist={"divides by": "rate"},
    )
    yield twisted("mask inverted", "it drops what is to be kept", mask="inverted")
    yield twisted(
        "scaled in eval",
        "evaluation multiplies by 1 - rate",
        "dropout as in the paper, stochastic depth as in the paper",
        always=True,
    )
    yield fitted(op, "rate", "it scales by another rate", 0.3, 0.7)


def scalars(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    if op.name == "offset":
        yield twisted("sign = minus", "it is subtracted", sign="minus")
    if op.learned and op.per == "entry" and inputs[0].rank:
        yield twisted(
            "numbers in channels-last order",
            "the numbers are read as height x width x channels",
            "a reshape in the place of a transpose",
            order="channels last",
        )
    if op.learned and op.per == "channel" and inputs[0].shape[-1] == inputs[0].channels:
        yield twisted(
            "axis = last",
            "the numbers meet the last axis, which are no channels",
            "NumPy's broadcasting",
            axis="last",
        )
    if not op.learned:
        yield fitted(op, "value", "another number", float(op.value) or 1.0)
