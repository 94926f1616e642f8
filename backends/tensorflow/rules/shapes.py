"""Keras rules of operations that only move, drop or add entries."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.joins import cuts
from resdsl.codegen.python.layout import Doc, Keyword, atom, step
from resdsl.codegen.python.operations import each, sides_of
from resdsl.codegen.python.target import Scribe
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Split, Subsample

from .tables import (
    FUNCTIONS,
    ITEMS,
    given,
    helper_call,
    ops_call,
    padded_call,
    positions,
    sides_text,
)


@ITEMS.emits(Identity)
def _identity_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "layers.Identity()"


@ITEMS.emits(Flatten)
def _flatten_item(layer: OpLayer, scribe: Scribe) -> Doc:
    if _is_single(layer.op):
        return "layers.Flatten()"
    scribe.uses.helpers.add("flatten")
    return "layers.Lambda(flatten)"


@FUNCTIONS.emits(Identity)
def _identity(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(Flatten)
def _flatten(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if all(i.inputs[0].rank == 0 for i in op.instances):
        return arguments[0]
    if _is_single(op):
        return ops_call("squeeze", [arguments[0], Keyword("axis", positions(op))], scribe)
    return helper_call("flatten", arguments, scribe)


def _is_single(op: SymbolicOp) -> bool:
    """Whether there is but one position, so that the order of entries is the channels'."""
    return all(set(i.inputs[0].spatial) <= {1} for i in op.instances)


@FUNCTIONS.emits(Pad)
def _pad(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    value = given(scribe, 0.0, value=op.attributes["value"])
    sides = sides_text(sides_of(op, "amount"), scribe)
    return padded_call(arguments[0], sides, value, scribe)


@FUNCTIONS.emits(Split)
def _split(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return ops_call("split", [arguments[0], cuts(op, scribe), Keyword("axis", "-1")], scribe)


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if all(i.inputs[0].rank == 0 for i in op.instances):
        return arguments[0]  # every position of a vector, which has none
    steps = [step(scribe.text(e)) for e in each(op, "by")]
    return f"{atom(arguments[0])}[{', '.join([':', *steps])}]"


@FUNCTIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return helper_call("pad_channels", [arguments[0], scribe.text(op.attributes["to"])], scribe)
