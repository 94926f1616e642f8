"""The catalogue of causes: what else an operation means, in frameworks and in papers.

    variant    what a variant is          norms, windows, entries, shapes    those of operations

Framework-free. `variants_of` lists the variants of one bound operation, the commonest first; what
they compute is found out by `resdsl.codegen.trial`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from resdsl.ops import Op
from resdsl.parity.causes import entries, norms, shapes, windows
from resdsl.parity.causes.variant import (
    BACKWARD,
    FORWARD,
    STATISTICS,
    TRAIN,
    Variant,
    number_text,
    twisted,
    value_text,
)
from resdsl.types import TensorType

Lister: TypeAlias = Callable[[Any, tuple[TensorType, ...], str], Iterator[Variant]]

ACTIVATIONS = (
    *("relu", "relu6", "leaky_relu", "silu", "gelu", "sigmoid", "tanh"),
    *("hard_swish", "hard_sigmoid"),
)

LISTS: Mapping[str, Lister] = {
    **dict.fromkeys(ACTIVATIONS, entries.activation),
    **dict.fromkeys(("conv", "depthwise"), windows.conv),
    **dict.fromkeys(("dropout", "drop_path"), entries.dropout),
    **dict.fromkeys(("scale", "offset"), entries.scalars),
    **dict.fromkeys(("global_avg_pool", "global_max_pool"), windows.global_pool),
    **dict.fromkeys(("add", "sub", "mul", "concat"), shapes.join),
    **dict.fromkeys(("flatten", "reshape"), shapes.flatten),
    "softmax": entries.softmax,
    "batch_norm": norms.batch_norm,
    "group_norm": norms.group_norm,
    "layer_norm": norms.layer_norm,
    "lrn": norms.lrn,
    "conv_transpose": windows.conv_transpose,
    "max_pool": windows.max_pool,
    "avg_pool": windows.avg_pool,
    "blur_pool": windows.blur_pool,
    "adaptive_avg_pool": windows.adaptive_avg_pool,
    "pad": windows.pad,
    "subsample": windows.subsample,
    "upsample": windows.upsample,
    "channel_conv": windows.channel_conv,
    "linear": shapes.linear,
    "transpose": shapes.transpose,
    "token": shapes.token,
    "pick": shapes.pick,
    "split": shapes.split,
    "pad_channels": shapes.pad_channels,
    "attend": shapes.attend,
}

#: Operations that multiply and add, which a GPU may do in less precision than the tensors have.
PRODUCTS = frozenset({"conv", "depthwise", "conv_transpose", "linear", "attend", "channel_conv"})

PRECISIONS = (
    (
        "tf32",
        "TF32",
        "inputs and weights are rounded to 10 bits of fraction",
        "NVIDIA GPUs since Ampere, unless TF32 is switched off",
    ),
    (
        "bfloat16",
        "bfloat16",
        "it is computed in bfloat16",
        "mixed precision, JAX's default on TPUs",
    ),
    ("float16", "float16", "it is computed in float16", "mixed precision"),
    (
        "float32",
        "float32",
        "it is computed in float32",
        "a layer without `dtype=float64`, constants cast through float32, JAX without x64",
    ),
)
#: How exactly a computation of so few bits can be reproduced, its sums being in any order.
LOOSE = {"tf32": 1e-5, "bfloat16": 1e-2, "float16": 1e-3, "float32": 1e-6}


def variants_of(op: Op, inputs: tuple[TensorType, ...], phase: str) -> list[Variant]:
    """What else the operation means on inputs of these types, the commonest first.

    `phase` says what differs: the forward pass in eval or train mode, the running statistics after
    it, or the backward pass.
    """
    lister = LISTS.get(op.name)
    found = [] if lister is None else list(lister(op, inputs, phase))
    if phase != STATISTICS:
        found.extend(_general(op, inputs, phase))
    return found


def _general(op: Op, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    """What may happen to any operation."""
    if op.infer(*inputs) == inputs[0]:
        yield twisted(
            f"{op.name} left out",
            "the operation is not there, and its input goes on",
            "a line left out",
            missing=True,
        )
    after = ("relu", "silu", "gelu", "sigmoid", "tanh")
    if op.name not in ACTIVATIONS:
        for curve in after:
            yield twisted(
                f"followed by {curve}",
                f"its result goes through {curve}",
                "an activation fused into the layer, or one too many",
                then=curve,
            )
    yield twisted(
        "preceded by relu",
        "its input goes through relu",
        "pre-activation order",
        twist={"input through": "relu"},
    )
    for key, name, says, who in PRECISIONS:
        if key in ("bfloat16", "float16", "float32") or op.name in PRODUCTS:
            yield Variant(
                f"precision = {name}", says, who, twist={"precision": key}, loose=LOOSE[key]
            )
    factor = "gradient times" if phase == BACKWARD else "times"
    says = "the gradient is multiplied" if phase == BACKWARD else "the result is multiplied"
    yield Variant(f"{factor} a number", says, twist={factor: 1.0}, fit=factor, starts=(1.0,))


__all__ = [
    "BACKWARD",
    "FORWARD",
    "STATISTICS",
    "TRAIN",
    "Variant",
    "number_text",
    "value_text",
    "variants_of",
]
