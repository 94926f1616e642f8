"""Keras rules of resizing."""

from __future__ import annotations

from collections.abc import Sequence

from resdsl.codegen.plan import OpLayer, SymbolicOp
from resdsl.codegen.python.layout import Doc, Group
from resdsl.codegen.python.operations import each, one_or_each, rank, shared, tuple_of
from resdsl.codegen.python.target import Scribe
from resdsl.ops.resize import NEAREST, Upsample

from .tables import FUNCTIONS, ITEMS, helper_call, ops_call


@ITEMS.emits(Upsample)
def _upsample_item(layer: OpLayer, scribe: Scribe) -> Doc | None:
    if shared(layer.op, "mode") != NEAREST:
        return None
    by = one_or_each(each(layer.op, "by"), scribe.text)
    return Group(f"layers.UpSampling{rank(layer.op)}D(", (by,))


@FUNCTIONS.emits(Upsample)
def _upsample(op: SymbolicOp, arguments: Sequence[str], scribe: Scribe) -> str:
    x, *like = arguments
    nearest = shared(op, "mode") == NEAREST
    if not like:
        name = "upsample" if nearest else "upsample_linear"
        return helper_call(name, [x, tuple_of(each(op, "by"), scribe.text)], scribe)
    name = "repeated" if nearest else "interpolated"
    return helper_call(name, [x, f"{ops_call('shape', like[:1], scribe)}[1:-1]"], scribe)
