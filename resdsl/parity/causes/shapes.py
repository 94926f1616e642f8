"""Other meanings of operations that move entries, of linear maps, of attention, of joins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from resdsl.parity.causes.variant import Variant, other, twisted
from resdsl.parity.causes.windows import biases
from resdsl.types import TensorType

NHWC = "Keras, TensorFlow and Flax, which store channels last"


def linear(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield from biases(op)
    if op.out == inputs[0].channels:
        yield twisted(
            "weight transposed",
            "the weight is read as in x out",
            "Keras and Flax, which store kernels so",
            kernel="turned over",
        )
    yield twisted(
        "weight reshaped",
        "the weight's numbers are read in the order of in x out",
        "a reshape in the place of a transpose",
        kernel="reshaped",
    )


def flatten(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "order = channels last",
        "entries are counted position by position, and channel by channel within one",
        NHWC,
        order="channels last",
        help="move the channels to the front before, or permute the weight of the layer behind",
    )
    if inputs[0].rank > 1:
        yield twisted(
            "order = columns first",
            "entries are counted column by column",
            "Fortran order, MATLAB",
            order="columns",
        )


def transpose(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "reshaped",
        "entries are read in another shape, and none moves",
        "a reshape in the place of a transpose",
        order="reshaped",
    )


def token(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted("token at the end", "the learned positions stand behind the others", place="end")


def pick(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    for position in (0, -1, 1):
        if position != op.position:
            yield other(op, f"it reads position {position}", position=position)
    yield twisted(
        "mean over positions",
        "it takes the mean of all positions",
        "vision transformers without a class token",
        reduce="mean",
    )


def split(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    counts = op.channels(inputs[0])
    if len(set(counts)) == 1:
        yield twisted(
            "parts interleaved",
            "channels are dealt out to the parts in turn",
            "a reshape with the parts behind",
            order="interleaved",
        )
    yield twisted("parts reversed", "the parts come in the reverse order", order="reversed")


def pad_channels(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "zeros on both sides",
        "half of the new channels stands in front",
        "the CIFAR ResNets of Lua and Lasagne, and their many ports",
        sides="both",
    )
    yield twisted("zeros in front", "the new channels stand in front", sides="before")


def attend(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    yield twisted(
        "not scaled",
        "logits are not divided by the root of the head's width",
        "BoTNet's first code, multiplicative attention",
        twist={"divides by": "none"},
    )
    if op.heads > 1:
        yield twisted(
            "scaled by all channels",
            "logits are divided by the root of all channels",
            "code that forgets the heads",
            twist={"divides by": "all channels"},
        )
        yield twisted(
            "heads interleaved",
            "channels are dealt out to the heads in turn",
            '`rearrange("(d h) -> h d")`',
            heads="interleaved",
        )
        yield other(op, "there is one head", heads=1)
    yield twisted(
        "divided by the width",
        "logits are divided by the width and not by its root",
        twist={"divides by": "width"},
    )
    yield twisted("softmax over queries", "weights add up to one over the queries", axis="query")
    if inputs[0] == inputs[1]:
        yield twisted(
            "query and key swapped",
            "the key asks, and the query is compared",
            operands="query and key",
        )
    if op.relative:
        yield twisted("relative = false", "distances do not count", relative="missing")
        yield twisted(
            "distances reversed",
            "the learned vectors are read farthest below first",
            relative="reversed",
        )


#: What a join is taken for.
_JOINS = {
    "add": (
        ("sub", "subtracted"),
        ("mean", "averaged"),
        ("mul", "multiplied"),
        ("max", "compared"),
    ),
    "sub": (("add", "added"),),
    "mul": (("add", "added"), ("max", "compared")),
    "concat": (),
}


def join(op: Any, inputs: tuple[TensorType, ...], phase: str) -> Iterator[Variant]:
    count = len(inputs)
    alike = len(set(inputs)) == 1
    if count > 1 and op.name != "concat":
        for place in range(count):
            which = f"operand {place + 1}"
            yield twisted(
                f"without {which}",
                f"{which} of {count} is left out",
                "a residual without its shortcut, or without its branch",
                twist={"leaves out": place},
            )
    if op.name in ("sub", "concat") and count > 1:
        yield twisted(
            "operands reversed", "the operands come in the reverse order", order="reversed"
        )
    if op.name == "concat" and alike and count > 1:
        yield twisted(
            "channels interleaved",
            "the inputs' channels alternate",
            "a stack and a reshape",
            order="interleaved",
        )
    # A gate may have fewer positions than what it multiplies, in whatever it is taken for.
    if alike or op.name == "mul":
        for name, how in _JOINS[op.name]:
            yield twisted(name, f"the operands are {how}", join=name)
