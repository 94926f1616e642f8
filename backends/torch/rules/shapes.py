"""PyTorch rules of operations that only move, drop or add entries."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, atom, step
from resdsl.codegen.python.operations import each, sides_of
from resdsl.codegen.python.target import Scribe
from resdsl.ops.shape import Flatten, Identity, Pad, PadChannels, Split, Subsample

from .tables import FUNCTIONS, ITEMS, call_text, functional, given, sides_text


@ITEMS.emits(Flatten)
def _flatten_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Flatten()"


@ITEMS.emits(Identity)
def _identity_item(layer: OpLayer, scribe: Scribe) -> Doc:
    return "nn.Identity()"


@FUNCTIONS.emits(Flatten)
def _flatten(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return f"{atom(arguments[0])}.flatten(1)"


@FUNCTIONS.emits(Identity)
def _identity(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    return arguments[0]


@FUNCTIONS.emits(Pad)
def _pad(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    functional(scribe)
    value = given(scribe, 0.0, value=op.attributes["value"])
    return call_text("F.pad", [arguments[0], sides_text(sides_of(op, "amount"), scribe), *value])


@FUNCTIONS.emits(Split)
def _split(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    parts = op.attributes["parts"]
    if op.forms("parts") == {int}:
        return f"{atom(arguments[0])}.chunk({scribe.text(parts)}, dim=1)"
    return f"{atom(arguments[0])}.split({scribe.text(parts)}, dim=1)"


@FUNCTIONS.emits(Subsample)
def _subsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    if all(i.inputs[0].rank == 0 for i in op.instances):
        return arguments[0]  # every position of a vector, which has none
    steps = [step(scribe.text(e)) for e in each(op, "by")]
    return f"{atom(arguments[0])}[{', '.join([':', ':', *steps])}]"


@FUNCTIONS.emits(PadChannels)
def _pad_channels(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    scribe.uses.helpers.add("pad_channels")
    return f"pad_channels({arguments[0]}, {scribe.text(op.attributes['to'])})"
